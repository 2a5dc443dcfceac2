#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Prints the benchmark table of this machine: figures are for comparison within one run. Needs a finished build/.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build}
{
    "$build"/tests/bench_translate
    "$build"/tests/bench_translate peak 5
    "$build"/tests/bench_proxy "$build"/app/cli/kirotrayctl "$build"/tests/kirotray-simulator
} | awk -F '\t' 'BEGIN { printf "| what | value | unit |\n| --- | --- | --- |\n" } { printf "| %s | %s | %s |\n", $1, $2, $3 }'
