"""GRBL 1.1: firmware of many gantries and small mills. Lines of G-code in, `ok` or `error:n` out, single bytes at any moment.

Who speaks it: any board with GRBL 1.1 and its ports. The host sends a line, the board answers it once; it also speaks unasked
(its banner after a reset, `ALARM:n`, notes in brackets).

Line: ASCII lines ended by LF or CR, 115200 8N1 or TCP. Real-time bytes need no line end, give no `ok`, and are taken out of the
stream wherever they stand: `?` status, `!` feed hold, `~` resume, 18 soft reset, 84 door, 85 jog cancel, 90 to 9D overrides.

Timing: `ok` within 10 s; of a motion it says that the motion was taken in, never that it has ended. `?` every 100 to 200 ms.

Source: GRBL 1.1 interface notes, as gathered in the project's device notes 10.2 and 11.1. Frames in `vectors.toml`. Never yet
met steel here.

Status: `<state|MPos:x,y,z|...>` with the fields Bf (planner blocks, receive bytes free), Ln, FS, Pn, WCO, Ov and A, each only
when there is something to tell, in any order.

Traps
- `ok` is politeness: a motion has ended when `ok` was received, the state is Idle and Bf shows an empty planner; or when the
  barrier `G4 P0` has its `ok`.
- There is no checksum and no number in an answer. A field that is not known is therefore refused (`Pn` with a flipped bit would
  else read as "no pin"), positions have exactly three decimals, and a driver looks where the head is after each motion.
- A line of no known kind is `Other`: tolerated, never an answer. One that begins like a known kind and is none is refused.
- `ALARM:3` (reset while moving): the steps are lost, and so is the position.
- A soft reset turns the vacuum (coolant) off: what hangs there falls.
- `$X` unlocks without knowing where the machine is. The host half cannot say it; homing is the way out of an alarm.
- Which letters `A:` may hold is not in our notes: capitals are read and nothing is made of them.
- The numbers of probe (4, 5) and homing (6 to 9) alarms are told apart by no notes of ours: one word each.
"""
