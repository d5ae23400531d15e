"""A storage and picking robot that speaks WWKS 2.0, as the server, over a robot of the plant (`firmware_protocols/wwks2`).

`client` is one connection, `station` the robot's end of all of them; the other modules are the dialogs. What is said of packs and
orders comes out of the plant's robot, message by message; nothing is prepared.
"""
