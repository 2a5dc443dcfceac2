#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a command with a session bus and an unlocked, empty GNOME keyring of its own. Exit status 77
# (skipped) where they are not installed.
set -euo pipefail

if [ "${1:-}" != --inside ]; then
    for tool in dbus-run-session gnome-keyring-daemon; do
        command -v "$tool" >/dev/null || { echo "$tool is not installed: skipped"; exit 77; }
    done
    home=$(mktemp -d)
    trap 'rm -rf "$home"' EXIT
    mkdir -m 700 "$home/run"
    env HOME="$home" XDG_RUNTIME_DIR="$home/run" XDG_DATA_HOME="$home/data" XDG_CURRENT_DESKTOP=GNOME \
        dbus-run-session -- "$0" --inside "$@"
    exit
fi

shift
printf 'test' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
status=0
KIROTRAY_TEST_KEYRING=1 "$@" || status=$?
# The daemon ends with its session bus, but not when that is gone before it has found it.
daemon=$(dbus-send --session --print-reply=literal --dest=org.freedesktop.DBus / \
    org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets | awk '{print $2}') || true
[ -z "$daemon" ] || kill "$daemon"
exit $status
