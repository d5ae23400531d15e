"""KERONG CU16 / KR-CU / KR-BU: sixteen locks on RS-485, protocol V1.6 (November 2024).

Line: 19200, 115200 or 9600 baud by delivery, 8N1, half duplex, one master, no transaction number. Up to ten boards on a line.
Commands are 5, 6 or 7 bytes `02 ADDR CMD [data…] 03 SUM`, replies always 9: `02 ADDR CMD D1 D2 D3 D4 03 SUM`. ADDR is the board
(high nibble, 0-9) and the lock (low nibble, 0 is lock 1); SUM is the low byte of the sum of all bytes before it.

Timing: a status is answered within 200 ms; 500 ms of silence after a setting; a command frame ends after 5 ms of silence.

Traps: there is no error reply, a refused or unheard command is silence. Unlock has no documented reply: some firmware answers
with a status, most say nothing. The hook bit is the latch, the same lock's infrared input the drawer's switch. A byte sum is weak:
four two-bit flips of an unlock frame open another lock and one opens all of them. The printed replies to "set pulse, all boards"
end in 4C and 4D in one copy; B0 and B1 are right.
"""
