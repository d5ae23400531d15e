"""Faults on demand: each kind is a small model that says what it is aimed at, and how it begins and ends.

A fault stays until it is lifted, except what is over in a moment (`force`, `key`, `uncommanded`, `reboot`, `noise`) and what
counts down by itself (`lose`, `garble`, `late`, `duplicate`). Cases are named as in the test catalogue where there is one.
"""
