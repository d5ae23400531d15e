#!/usr/bin/env bash
# Puts a Mosquitto broker on this machine for the tests of what goes outward, where that may be done; its service is not started.
# Each test runs a broker of its own, at a free port, out of a temporary folder.
set -euo pipefail
PATH=$PATH:/usr/sbin:/usr/local/sbin
if command -v mosquitto >/dev/null; then exit 0; fi
if [ "${GALENIC_NO_BROKER:-}" = 1 ]; then
    echo "GALENIC_NO_BROKER=1: no Mosquitto here, so the tests with a real broker are left out." >&2
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need a Mosquitto broker (program mosquitto, Debian package mosquitto), and this user may not install it." >&2
    echo "Install it (its service need not run), or leave those tests out with GALENIC_NO_BROKER=1." >&2
    exit 1
fi
echo "Installing the Mosquitto broker for the tests, once ..." >&2
# Debian asks this file whether a new service may start (101: no).
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    trap 'rm -f '$policy EXIT
fi
export DEBIAN_FRONTEND=noninteractive
said=$(mktemp)
if ! { apt-get update && apt-get install -y --no-install-recommends mosquitto; } >"$said" 2>&1; then
    cat "$said" >&2
    rm -f "$said"
    echo "The Mosquitto broker (Debian package mosquitto) could not be installed; see above." >&2
    echo "Install it, or leave the tests that need it out with GALENIC_NO_BROKER=1." >&2
    exit 1
fi
rm -f "$said"
if command -v systemctl >/dev/null; then systemctl disable --quiet mosquitto 2>/dev/null || true; fi
