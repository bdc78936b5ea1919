#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# ./demo.sh [--keep DIR]    plays scenario S1, a knife at school, on a network of its own on this machine: who sends
# what to whom, what each can see, what the convenant refuses and what it offers instead; then searches everything the
# broker holds for what was sent. Ends with "demo: S1 passed" and exit 0, or with another exit code. --keep leaves the
# network in DIR, running; without it nothing is left.
set -euo pipefail
from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
. tools/sh/prepare.sh

keep=
case "${1:-}" in
  '') ;;
  --keep) keep=$(cd "$from" && realpath -m "${2:?--keep needs a folder that is new or empty}") ;;
  *) sed -n '3,6s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
install_packages "${packages_build[@]}" "${packages_demo[@]}"
build release seinpost seinpostd seinpost-leak-search
bin=$PWD/build/release/bin
work=$(mktemp -d)
lab=${keep:-$work/lab}

finish() {
  local code=$?
  if [ -n "$keep" ] && [ $code -eq 0 ]; then
    say "the lab is left running; stop it with: build/release/bin/seinpost lab down --dir $lab"
  else
    "$bin/seinpost" lab down --dir "$lab" >/dev/null 2>&1 || true
  fi
  rm -rf "$work"
  [ $code -eq 0 ] || say "demo: failed"
  exit $code
}
trap finish EXIT

bash tools/sh/s1.sh "$bin" "$lab" "$work"
