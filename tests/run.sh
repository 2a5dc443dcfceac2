#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# From a fresh Debian 12 to every test: installs the packages, builds twice (the product with g++, the unit tests and
# fuzz targets with Clang, ASan and UBSan), runs both. Ends with ctest's summary; fails when any test failed.
set -euo pipefail
cd "$(dirname "$0")/.."
source installer/packages.sh

case "${1:-}" in
    -h | --help) sed -n '3,4s/^# \{0,1\}//p' tests/run.sh; exit 0 ;;
esac

install_packages "${build_packages[@]}" "${runtime_packages[@]}" "${test_packages[@]}"
install_node

say "Fetching the official SDKs and the real clients (1.3 GB on disk) of the client tests"
(cd tests/e2e && npm ci --no-audit --no-fund --loglevel=error)

jobs=$(nproc)
say "Building"
cmake -S . -B build -G Ninja >/dev/null
cmake --build build --parallel "$jobs"

say "Building the tests with AddressSanitizer, UndefinedBehaviorSanitizer and libFuzzer"
cmake -S . -B build-sanitize -G Ninja -DCMAKE_BUILD_TYPE=Debug -DKIROTRAY_UNITY=ON -DKIROTRAY_FUZZ=ON \
    -DKIROTRAY_SANITIZE=address,undefined -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 >/dev/null
cmake --build build-sanitize --parallel "$jobs"

failed=0
say "Running the tests with sanitizers, and each fuzz target for a few seconds"
ctest --test-dir build-sanitize --parallel "$jobs" --output-on-failure -LE 'program' || failed=1
say "Running all tests"
ctest --test-dir build --parallel "$jobs" --output-on-failure || failed=1
if [ $failed -ne 0 ]; then
    echo "At least one test failed; see above." >&2
fi
exit $failed
