#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# ./demo.sh [--keep DIR]    plays scenario S1, a knife at school, on a network of its own on this machine: who sends
# what to whom, what each can see, what the convenant refuses and what it offers instead; then searches everything the
# broker holds for what was sent. Ends with "demo: S1 passed" and exit 0, or with another exit code.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. tools/sh/prepare.sh

keep=
case "${1:-}" in
  '') ;;
  --keep) keep=${2:?--keep needs a folder that is new or empty} ;;
  *) sed -n '3,5s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
install_packages "${packages_build[@]}" "${packages_demo[@]}"
build release seinpost seinpostd seinpost-leak-search
bin=$PWD/build/release/bin
work=$(mktemp -d)
lab=${keep:-$work/lab}

finish() {
  local code=$?
  "$bin/seinpost" lab down --dir "$lab" >/dev/null 2>&1 || true
  rm -rf "$work"
  [ $code -eq 0 ] || say "demo: failed"
  exit $code
}
trap finish EXIT
fail() { say "demo: $*"; exit 1; }

bash tools/sh/s1.sh "$bin" "$lab" "$work"
