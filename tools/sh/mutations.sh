#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# mutations.sh [PATTERN]: removes the checks of tests/mutations/checks.txt one at a time, in a copy of the tree, and runs
# the tests that must then fail. Prints "N removed, N noticed" and every check whose removal nobody noticed; exit 1 if
# there is one. PATTERN, a regular expression, picks checks by file and name. Takes some ten seconds a check.
#
# MUTATIONS_DIR   where the copy lies and stays, so that the next run need not build it anew; else a temporary directory
# MUTATIONS_LOCK  a file that is locked while something is built, for machines on which others build too
set -euo pipefail
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
pattern=${1:-.}
# shellcheck source=tools/sh/prepare.sh
. "$tree/tools/sh/prepare.sh"

fail() { say "mutations: $*"; exit 1; }

# One entry per check in each array; the fields are told in tests/mutations/README.md.
names=() files=() finds=() withs=() tests=()
read_checks() {
  local line file='' name='' find='' with='' test='' number=0
  take() {
    [ -n "$name" ] || return 0
    if [ -z "$file" ] || [ -z "$find" ] || [ -z "$with" ] || [ -z "$test" ]; then
      fail "checks.txt:$number: \"$name\" lacks a field"
    fi
    if [[ "$file: $name" =~ $pattern ]]; then
      names+=("$name") files+=("$file") finds+=("$find") withs+=("$with") tests+=("$test")
    fi
    name='' find='' with='' test=''
  }
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    case $line in
      '#'*|'') ;;
      'file '*) take; file=${line#file } ;;
      'name '*) take; name=${line#name } ;;
      'find '*) find=${line#find } ;;
      'with '*) with=${line#with } ;;
      'test '*) test=${line#test } ;;
      *) fail "checks.txt:$number: no field of a check: $line" ;;
    esac
  done < "$tree/tests/mutations/checks.txt"
  take
  [ ${#names[@]} -gt 0 ] || fail "no check matches $pattern"
}

# The tree as it is, without what is built. Files that did not change keep their times.
copy_tree() {
  if [ -n "${MUTATIONS_DIR:-}" ]; then
    copy=$(mkdir -p "$MUTATIONS_DIR" && cd "$MUTATIONS_DIR" && pwd)
  else
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
  fi
  [ "$copy" != "$tree" ] || fail "the copy cannot be the tree itself"
  local path
  while IFS= read -r -d '' path; do
    cmp -s "$tree/$path" "$copy/$path" && continue
    mkdir -p "$copy/$(dirname "$path")"
    cp "$tree/$path" "$copy/$path"
  done < <(cd "$tree" && find . \( -path ./build -o -path ./.git \) -prune -o -type f -print0)
}

# in_turn COMMAND…: holds the lock meanwhile, if there is one.
in_turn() {
  if [ -n "${MUTATIONS_LOCK:-}" ]; then
    exec 9> "$MUTATIONS_LOCK"
    flock 9
  fi
  local code=0
  "$@" > "$log" 2>&1 || code=$?
  [ -z "${MUTATIONS_LOCK:-}" ] || exec 9>&-
  return $code
}

# runs_of TEXT: "BINARY FILTER" lines.
runs_of() { tr ';' '\n' <<< "$1" | awk 'NF { print $1, $2 }' | sort -u; }
binaries_of() { runs_of "$1" | awk '{ print $1 }' | sort -u; }
# Ten minutes are as good as a failure.
passes() { timeout 600 "build/release/bin/$1" --gtest_filter="$2" --gtest_fail_fast --gtest_brief=1 > "$log" 2>&1; }

# remove I: takes check I out of the copy.
remove() {
  local path=${files[$1]} text
  [ -f "$path" ] || fail "${names[$1]}: there is no $path"
  [ "$(grep -cF -- "${finds[$1]}" "$path")" -eq 1 ] ||
    fail "${names[$1]}: not on exactly one line of $path: ${finds[$1]}"
  cp "$path" "$saved"
  text=$(cat "$path"; printf x)
  text=${text%x}
  printf '%s' "${text/"${finds[$1]}"/"${withs[$1]}"}" > "$path"
}

# noticed I: whether one of its tests fails now.
noticed() {
  local binary filter
  while read -r binary filter; do
    passes "$binary" "$filter" || return 0
  done < <(runs_of "${tests[$1]}")
  return 1
}

read_checks
copy_tree
cd "$copy"
log=$copy/mutations.log saved=$copy/mutations.saved
all=$(printf '%s;' "${tests[@]}")
say "building the copy"
mapfile -t binaries < <(binaries_of "$all")
in_turn build release "${binaries[@]}" || { tail -40 "$log" >&2; fail "the tree does not build"; }

say "running the tests with every check in place"
while read -r binary filter; do
  count=$("build/release/bin/$binary" --gtest_filter="$filter" --gtest_list_tests | grep -c '^  ') || true
  [ "$count" -gt 0 ] || fail "there is no such test: $binary $filter"
done < <(runs_of "$all")
for binary in "${binaries[@]}"; do
  filters=$(runs_of "$all" | awk -v binary="$binary" '$1 == binary { printf "%s:", $2 }')
  passes "$binary" "${filters%:}" || { tail -40 "$log" >&2; fail "fails with every check in place: $binary"; }
done

seen=0
unnoticed=()
for i in "${!names[@]}"; do
  remove "$i"
  mapfile -t binaries < <(binaries_of "${tests[$i]}")
  if ! in_turn ninja -C build/release "${binaries[@]}"; then
    tail -20 "$log" >&2
    unnoticed+=("${files[$i]}: ${names[$i]}, which does not compile")
    printf '\rdoes not compile: %s\n' "${names[$i]}"
  elif noticed "$i"; then
    seen=$((seen + 1))
  else
    unnoticed+=("${files[$i]}: ${names[$i]}")
    printf '\rnot noticed: %s\n' "${unnoticed[-1]}"
  fi
  cp "$saved" "${files[$i]}"
  printf '\r%d of %d, %d noticed' $((i + 1)) ${#names[@]} $seen >&2
done
printf '\n' >&2
printf '%d removed, %d noticed\n' ${#names[@]} $seen
[ ${#unnoticed[@]} -eq 0 ]
