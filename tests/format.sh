#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fails when a C++ file of ours is not as clang-format 14 writes it (other releases write otherwise).
# Ends with 77, which ctest takes for skipped, where that is not installed.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v clang-format-14 >/dev/null; then
    echo "Not checked: there is no clang-format-14."
    exit 77
fi
mapfile -d '' files < <(find app ui tests -name node_modules -prune -o \
    -type f \( -name '*.h' -o -name '*.cpp' -o -name '*.mm' \) -print0)
if [ "${#files[@]}" -eq 0 ]; then
    echo "There is nothing to check here." >&2
    exit 1
fi
clang-format-14 --dry-run -Werror "${files[@]}"
echo "${#files[@]} files are formatted."
