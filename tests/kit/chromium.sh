#!/usr/bin/env bash
# Puts Chromium on this machine for the tests of the console, where that may be done: the browser the cabinet's own screen runs,
# without its window, which nobody would see.
# Each worker of the tests starts one of its own, out of a temporary folder.
set -euo pipefail
if command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null; then exit 0; fi
if [ "${GALENIC_NO_BROWSER:-}" = 1 ]; then
    echo "GALENIC_NO_BROWSER=1: no Chromium here, so the tests in a real browser are left out." >&2
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need a browser (Debian package chromium-headless-shell, or chromium), and this user may not install it." >&2
    echo "Install it, or leave those tests out with GALENIC_NO_BROWSER=1." >&2
    exit 1
fi
echo "Installing Chromium for the tests, once ..." >&2
export DEBIAN_FRONTEND=noninteractive
said=$(mktemp)
if ! { apt-get update && apt-get install -y --no-install-recommends chromium-headless-shell fonts-dejavu-core; } >"$said" 2>&1; then
    cat "$said" >&2
    rm -f "$said"
    echo "Chromium (Debian package chromium-headless-shell) could not be installed; see above." >&2
    echo "Install it, or leave the tests that need it out with GALENIC_NO_BROWSER=1." >&2
    exit 1
fi
rm -f "$said"
