"""MT-SICS: Mettler-Toledo Standard Interface Command Set, spoken by balances and scales (and by many clones in part).

Who speaks it: laboratory and industrial balances. The host asks, the balance answers; it also speaks unasked at power
up (`I4 A`) and while a repeating command (SIR) of an earlier client runs.

Line: ASCII lines ended by CR LF, commands in capitals. Serial 9600 8N1 as delivered, weigh modules differ; over
Ethernet port 4305 on many instruments, 1701, 8000 or 4001 through gateways.

Timing: one command, then its whole answer, then the next: never pipeline. S, Z and T wait for stability as long as the
instrument is set to, so 5 s; SI and the others 500 ms.

Source: Mettler-Toledo, "MT-SICS Interface Commands" reference manual (levels 0 to 3), as gathered in the project's
device notes. Frames in `vectors.toml`. Never yet met steel here.

An answer is `ID status ...`. Status: S stable, D dynamic, A executed or last line, B more lines follow, I not
executable now, L wrong parameter, + overload, - underload. General errors are whole lines: ES syntax, ET transmission,
EL logical. A weight is `S`, status, ten characters right-aligned, unit.

Traps
- S, SI, SIR and SR all answer with ID `S`: an answer names no question. Only a stable weight may be booked.
- `S S Error 10b` stands in place of a weight: the `S` there does not say stable.
- There is no checksum. The ten characters of the weight are the only redundancy, so other widths are refused.
- `@` cancels everything and does not zero; send it first and drop lines until `I4 A`, for SIR may be running.
- `I4 A` in the middle of a dialogue is a power failure: the tare is gone.
- The unit may be switched at the balance (g, kg, oz, lb, PCS): it is part of the answer, never assumed.
- The number of decimals may change with the range; values are exact `Decimal`s as printed.
- REF, PW and PCS (counting) are known from hearsay only and differ by model: not spoken; pieces are computed by us.
"""
