# SPDX-License-Identifier: MIT
# Sourced by start.sh and tests/run.sh: the Debian 12 packages that building, testing and running need.

# Compiler, Qt, libraries of the README's table.
build_packages=(
    build-essential ccache cmake ninja-build pkg-config
    qt6-base-dev qt6-tools-dev qt6-tools-dev-tools qt6-l10n-tools qt6-svg-dev
    qtkeychain-qt6-dev libsimdjson-dev libsodium-dev libzstd-dev zlib1g-dev node-llhttp
)
# What the programs load or call at run time beside their libraries: TLS roots, the keychain's client, SQLite, icons, Chinese;
# curl for the lines that the demo prints.
runtime_packages=(ca-certificates curl dbus libsecret-1-0 libqt6sql6-sqlite libqt6svg6 qt6-qpa-plugins fonts-noto-cjk)
# Second compiler, its sanitizers and fuzzer, a screen without a screen, a tray, a keychain, curl.
test_packages=(
    clang-14 clang-format-14 libclang-rt-14-dev llvm-14
    xvfb xauth trayer xdotool imagemagick gnome-keyring python3
)

say() { printf '\n== %s\n' "$*"; }

# The installed ones are not asked for again, so that a second run needs neither network nor root.
install_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if ! command -v apt-get >/dev/null; then
        echo "This script installs packages on Debian and its relatives only. Needed here: ${missing[*]}" >&2
        exit 1
    fi
    say "Installing ${#missing[@]} packages: ${missing[*]}"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "Run this as root, or install sudo first." >&2; exit 1; }
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# Node is needed for the official SDKs only; one that is there already is taken, whoever installed it.
install_node() {
    command -v node >/dev/null && command -v npm >/dev/null || install_packages nodejs npm
}
