"""KERONG CU16 (sold also as KR-CU and KR-BU, and copied widely): a board with 16 locks, each with a hook switch.

Who speaks it: lock boards in cabinets and lockers, up to ten on one RS-485 line (boards 0 to 9). We are the only
master; a board speaks when spoken to. Each lock has a hook bit (the latch) and an infrared input, which the vendor
means for "article present" and we wire to the drawer switch.

Line: RS-485 half duplex, 8N1, 19200 baud by most deliveries (9600, 57600, 115200 exist). Over TCP the vendor's base
unit or a ZNE-100TL converter passes the same bytes.

Timing: an answer starts within 200 ms (our figure, no answer time is printed); after 37, 39 or 40 the board writes its
memory, so at least 500 ms of silence. The pulse is 550 ms as delivered, 0 to 60 s in steps of 10 ms; solenoids need
800 ms or more. Command 39 delays every unlock by up to 250 s and cannot be asked back.

Source: KERONG, "CU16 RS485 communication protocol" V1.6 (November 2024). Frames in `vectors.toml`. Never yet met steel
here.

Commands are `02 ADDR CMD [data] 03 SUM`, answers always nine bytes `02 ADDR CMD D1 D2 D3 D4 03 SUM`. ADDR is the board
in the high nibble and the lock, from 0, in the low one; F0 speaks to all boards. SUM is the low byte of the sum of all
bytes before it. Our messages count locks from 1.

Traps
- There is no error reply: a refused or unheard command is silence.
- Unlock (31) has no documented reply. Some boards are said to answer 35. Ask (30) afterwards, in any case.
- 33 opens all locks, F0 speaks to all boards: the host half has no message for either, the device half has.
- The sum is weak. Of the 780 two-bit flips of an unlock frame, four open another lock of board 0 to 15 and one opens all
  locks of a board, on average; exact counts in `tests/firmware_protocols/test_undetected.py`. Never send while noise is
  counted on the line.
- On the low nibble of ADDR in commands to a whole board nothing is written: the board's half does not look at it.
- 37 is a question in five bytes and a setting in seven, and a setting whose data begin with 03 starts like the
  question. The board decides by the silence after the frame (5 ms or more), then by the sum.
- One printed copy of the answers to "set pulse, all boards" ends in 4C and 4D. The sum says B0 and B1; 4C is refused.
- In the answers to 39 and 40 only D1, D2 and D4 are read: the document calls D3 now infrared bits, now data.
- Whether a hook bit of 1 means latched differs by lock: the site file says so.
- A second frame type beginning F5 (version, firmware update at 115200) is not spoken here; it is noise to both framers.
"""
