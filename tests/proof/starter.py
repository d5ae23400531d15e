"""`python -m tests.proof.starter`: for each line of JSON (site file, address, state folder) one daemon, in a process forked
from this one, which has everything imported already; its number on standard output, and a line when it has ended."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from api.serve import run

if __name__ == "__main__":
    for line in sys.stdin:
        site, listen, state = json.loads(line)
        daemon = os.fork()
        if daemon == 0:
            os._exit(run(Path(site), [listen], Path(state), exit_on_error=True))
        print(f"daemon {daemon}", flush=True)
        _, status = os.waitpid(daemon, 0)
        print(f"ended {status}", flush=True)
