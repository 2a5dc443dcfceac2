#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a fresh Debian 12 to a running KiroTray: installs the packages, builds, starts.
#   installer/start.sh [--demo] [options of kirotrayctl serve]
# With a display and no options: the tray program. Otherwise: kirotrayctl serve on the console.
# --demo: a demo account on a built-in simulator; no Kiro account, no network; prints curl lines to paste.
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."
source installer/packages.sh

case "${1:-}" in
    -h | --help) sed -n '3,6s/^# \{0,1\}//p' installer/start.sh; exit 0 ;;
esac

install_packages "${build_packages[@]}" "${runtime_packages[@]}"

say "Building (the first time takes a few minutes)"
cmake -S . -B build-release -G Ninja -DCMAKE_BUILD_TYPE=Release -DKIROTRAY_TESTS=OFF -DKIROTRAY_WERROR=OFF >/dev/null
cmake --build build-release
programs=$PWD/build-release
cd "$here" # relative paths among the options are the caller's

if [ -n "${WAYLAND_DISPLAY:-}${DISPLAY:-}" ] && [ $# -eq 0 ]; then
    say "Starting the tray program"
    exec "$programs/ui/kirotray"
fi

has_keychain() { # some program offers the Secret Service, or can be started for it
    local bus='--session --dest=org.freedesktop.DBus --print-reply /org/freedesktop/DBus org.freedesktop.DBus'
    [ -n "${DBUS_SESSION_BUS_ADDRESS:-}" ] || return 1
    { dbus-send $bus.ListNames; dbus-send $bus.ListActivatableNames; } 2>/dev/null | grep -qE 'org.freedesktop.secrets|org.kde.kwalletd'
}

vault=()
if [[ " $* " != *" --demo "* && " $* " != *" --vault"* ]] && ! has_keychain; then
    echo "No keychain here: secrets go into a file sealed with a passphrase."
    vault=(--vault file)
fi
say "Starting the console server; Ctrl+C ends it"
if [[ " $* " != *" --demo "* ]]; then
    echo "Clients need a key: $programs/app/cli/kirotrayctl key ${vault[*]} prints it while the server is stopped."
fi
exec "$programs/app/cli/kirotrayctl" serve "${vault[@]}" "$@"
