#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# ./bench.sh [NAME…] [--json]    builds the release and runs the named benchmarks (all without a name); each prints a
#                                ratio to a ceiling measured in the same run. --list names them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. tools/sh/prepare.sh
install_packages "${packages_build[@]}" "${packages_bench[@]}"
build release seinpost_bench seinpost seinpostd
exec build/release/bin/seinpost_bench "$@"
