#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a fresh Debian 12 to a running KiroTray: installs the packages, builds, starts.
#   installer/start.sh [--demo] [options of the program]
# With a display: the tray program. Without: kirotrayctl serve on the console.
# --demo: a demo account on a built-in simulator; no Kiro account, no network; prints curl lines to paste.
set -euo pipefail
cd "$(dirname "$0")/.."
source installer/packages.sh

case "${1:-}" in
    -h | --help) sed -n '3,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac

install_packages "${build_packages[@]}" "${desktop_packages[@]}"

say "Building (the first time takes a few minutes)"
cmake -S . -B build-release -G Ninja -DCMAKE_BUILD_TYPE=Release -DKIROTRAY_TESTS=OFF >/dev/null
cmake --build build-release

wants_demo=false
for argument in "$@"; do [ "$argument" = --demo ] && wants_demo=true; done

if [ -n "${WAYLAND_DISPLAY:-}${DISPLAY:-}" ] && ! $wants_demo; then
    say "Starting the tray program"
    exec build-release/ui/kirotray "$@"
fi
# The demo prints its lines to paste, so it runs on the console in any case.
say "Starting the console server; Ctrl+C ends it"
vault=()
if ! $wants_demo && [[ " $* " != *" --vault "* ]] && [ -z "${DBUS_SESSION_BUS_ADDRESS:-}" ]; then
    echo "No desktop session, so no keychain: secrets go into a file sealed with a passphrase."
    vault=(--vault file)
fi
exec build-release/app/cli/kirotrayctl serve "${vault[@]}" "$@"
