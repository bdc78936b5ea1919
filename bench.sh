#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# ./bench.sh [NAME…] [--json] [--rounds N | --short]
#                      builds the release and runs the named benchmarks (all without a name); each prints ratios to
#                      ceilings measured in the same run
# ./bench.sh --list    names them
# ./bench.sh --table   runs all of them and writes what they say between the two markers of docs/performance.md
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. tools/sh/prepare.sh
install_packages "${packages_build[@]}" "${packages_bench[@]}"
build release seinpost_bench

bench=build/release/bin/seinpost_bench
report=docs/performance.md
begin='<!-- bench table begin -->'
end='<!-- bench table end -->'

# The commit, and whether something else than the report differs from it.
commit() {
  git rev-parse --short HEAD
  git diff --quiet HEAD -- . ":!$report" || echo 'with changes'
}

# Figures, one JSON object a line, as a table.
table() {
  local cpu
  cpu=$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
  printf '%s, commit %s. %s, %s cores, Linux %s. Written by `./bench.sh --table`.\n\n' \
    "$(date -u +%F)" "$(commit | paste -sd ' ')" "$cpu" "$(nproc)" "$(uname -r)"
  printf '| %s | %s | %s | %s | %s | %s | %s |\n' Figure Ratio Floor Goal Left Right Unit
  printf '|---|---|---|---|---|---|---|\n'
  jq -r '
    def short: if . >= 100 then round elif . >= 10 then . * 10 | round / 10 else . * 1000 | round / 1000 end;
    def bar: if . == 0 then "" else . end;
    "| \(.name) | **\(.ratio | short)** | \(.floor | bar) | \(.goal | bar) | \(.left | short) | \(.right | short) | \(.unit) |"'
}

if [ "${1:-}" != --table ]; then exec $bench "$@"; fi
[ $# = 1 ] || { say "usage: ./bench.sh --table"; exit 2; }
[ "$(grep -cxF -e "$begin" -e "$end" $report)" = 2 ] || { say "$report lacks a marker"; exit 1; }
say "measuring; this takes a minute"
$bench --json > build/figures.json
table < build/figures.json > build/table.md
awk -v begin="$begin" -v end="$end" '
  $0 == end { skip = 0 }
  !skip
  $0 == begin { while ((getline line < "build/table.md") > 0) print line; skip = 1 }' $report > build/performance.md
cat build/performance.md > $report
say "wrote the table of $report"
