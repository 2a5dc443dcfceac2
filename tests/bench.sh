#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Prints the benchmark table of this machine beside the budgets. Absolute figures are for orientation: compare within one
# run. Needs a finished build/ (or the build folder given as argument) and about two minutes on a quiet machine.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}

idle_desktop() { # resident memory of the tray program, its window hidden
    QT_QPA_PLATFORM=offscreen "$build"/ui/kirotray --demo --minimized >/dev/null 2>&1 &
    local process=$!
    sleep 4
    awk '/^VmRSS/ { printf "idle_desktop_resident_mb\t%.1f\tMB (demo, offscreen)\n", $2 / 1024 }' "/proc/$process/status"
    kill "$process"
    wait "$process" 2>/dev/null || true
}

{
    "$build"/tests/bench_translate
    "$build"/tests/bench_translate peak 5
    "$build"/tests/bench_proxy "$build"/app/cli/kirotrayctl "$build"/tests/kirotray-simulator
    idle_desktop
} | awk -F '\t' '
    BEGIN {
        budget["request_1mb_ms_per_mb"] = "3"; budget["request_5mb_ms_per_mb"] = "3"
        budget["request_peak_times_body"] = "4"
        budget["start_to_listening_ms"] = "200"
        budget["idle_resident_mb"] = "25"; budget["idle_desktop_resident_mb"] = "45"; budget["idle_wakeups_per_s"] = "1"
        budget["first_byte_16_added_p50_ms"] = "0.5"; budget["first_byte_16_added_p99_ms"] = "3"
        budget["cpu_per_event_us"] = "60"
        budget["streams_all_live_after_s"] = "3"; budget["memory_per_stream_kb"] = "200"
        budget["client_gone_to_abort_ms"] = "50"
        print "| what | value | unit | budget | |\n| --- | --- | --- | --- | --- |"
    }
    NF == 3 {
        known = $1 in budget
        print "| " $1 " | " $2 " | " $3 " | " (known ? "≤ " budget[$1] : "") " | " (known ? ($2 <= budget[$1] + 0 ? "met" : "missed") : "") " |"
    }'
