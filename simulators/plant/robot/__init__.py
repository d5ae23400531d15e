"""A storage and picking robot: where every pack really is, how long each move takes, and what the robot's own book says.

`steel` moves real packs and knows no book; `book`, `orders` and `inputs` are the robot's own computer, which knows only what
its scanner read and its gripper felt; `robot` puts both together. No bytes here.
"""
