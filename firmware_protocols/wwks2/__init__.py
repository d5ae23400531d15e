"""WWKS 2.0: XML messages between a pharmacy IT system (PIS) and a storage and picking robot.

Who speaks it: storage and picking robots of several makers. The robot is normally the TCP server (port 6050), the PIS the client;
the roles of the dialogs do not depend on who connected. An external feeder speaks to a robot too: its messages stand on the PIS's
side here, in `host.py`, for what it says goes to the robot.

Line: UTF-8 XML, one envelope `<WWKS Version TimeStamp>` with exactly one child a message, one behind the other with nothing
between them. `stream.py` finds the ends. There are dialogs by Id, both ways at once, and unsolicited messages.

Source: WWKS 2 reference manual V6.0 (2016) and "WWKS2 for Storage Systems" V6.22 (2024), as gathered in the project's device
notes, part 1; values of the frames in `vectors.toml` are ours. Never yet met steel here.

Traps
- A message quoted in CDATA holds `</WWKS>`; a comment may hold `<![CDATA[`.
- Numbers that are not set are sent as 0 (PackId, SubItemQuantity, OutputPoint), texts that are not set as "".
- Booleans are written with a capital and sent by some in lower case. `PackingUnit` and `PackagingUnit` are the same thing.
- Control characters stand as `\\x1D` in texts, in either case.
- A robot answers with the number of its part (777, 40), not with that of its Hello: answers go to whoever asked.
- Nobody answers an UnprocessedMessage, or two programs would answer each other's for ever.
- Robots send OutputMessages nobody asked for, with Id 1: no order has this Id.
"""
