#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tray icon in a real tray on a screen of its own, then the desktop program in it.
# Usage: tray_test.sh <tst_traydock> <kirotray>
set -euo pipefail
if [ -z "${KIROTRAY_TRAY_SCREEN:-}" ]; then
    export KIROTRAY_TRAY_SCREEN=1
    exec xvfb-run -a -s "-screen 0 800x700x24" dbus-run-session -- "$0" "$@"
fi
export QT_QPA_PLATFORM=xcb
export LC_ALL=C.UTF-8
unset LANGUAGE
"$1"

folder=$(mktemp -d)
export XDG_RUNTIME_DIR=$folder
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT
fail() {
    echo "FAIL: $*" >&2
    cat "$folder"/*.log >&2
    exit 1
}
# Asks again until the command succeeds, for ten seconds.
eventually() {
    local tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || return 1
        sleep 0.1
    done
}
window() { xdotool search --onlyvisible --name '^KiroTray$' | tail -1; }
hasWindow() { [ -n "$(window)" ]; }
hasNoWindow() { ! hasWindow; }
ended() { ! kill -0 "$1"; }

trayer --edge top --align right --widthtype request --height 28 &
"$2" --demo --minimized --data-dir "$folder/data" 2>"$folder/first.log" &
program=$!
address() { grep -o 'listening url=http://[^ ]*' "$folder/first.log" | cut -d= -f2; }
eventually address || fail "the proxy does not listen"
eventually curl -fsS "$(address)/health" || fail "the proxy does not answer"
hasNoWindow || fail "a window in spite of --minimized"

"$2" --demo --minimized --data-dir "$folder/data" 2>"$folder/second.log" ||
    fail "the second copy ended with $?"
hasNoWindow || fail "the second copy's --minimized raised the window"
"$2" --demo --data-dir "$folder/data" 2>"$folder/third.log" || fail "the third copy ended with $?"
eventually hasWindow || fail "another start does not show the window"
if [ -n "${KIROTRAY_PICTURES:-}" ]; then
    import -window root "$KIROTRAY_PICTURES/program.png"
fi

xdotool windowfocus --sync "$(window)" key ctrl+w
eventually hasNoWindow || fail "closing does not hide the window"
kill -0 $program || fail "closing ended the program"
"$2" --demo --data-dir "$folder/data" 2>"$folder/fourth.log" || fail "the fourth copy ended with $?"
eventually hasWindow || fail "the window does not come back"
xdotool windowfocus --sync "$(window)" key ctrl+q
eventually ended $program || fail "Ctrl+Q does not end the program"
wait $program || fail "the program ended with $?"
[ ! -e "$folder/data" ] || fail "the demo stored something"
echo "PASS: the desktop program in a tray"
