#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# ./test.sh           release build, every test, replay of the fuzz corpora, format and ladder checks
# ./test.sh --asan    the same tests under AddressSanitizer and UndefinedBehaviorSanitizer
# ./test.sh --full    adds ThreadSanitizer on the core, the exhaustive tests, clang-tidy on everything, 60 s of each
#                     fuzz target, and every check of tests/mutations taken out once: some hours
# Further arguments go to ctest, e.g. ./test.sh -R Hpke
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. tools/sh/prepare.sh

preset=release
full=no
case "${1:-}" in
  --asan) preset=asan-ubsan; shift ;;
  --full) full=yes; shift ;;
  --help|-h) sed -n '3,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac
install_packages "${packages_build[@]}" "${packages_check[@]}" "${packages_demo[@]}"
[ $full = no ] || install_packages "${packages_full[@]}"

say "checking the format"
git ls-files -co --exclude-standard '*.cc' '*.h' | xargs clang-format-19 --dry-run -Werror

run_tests() {
  local preset=$1
  shift
  # Sanitizers abort at the first finding; leaks count.
  export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:allocator_may_return_null=1
  export UBSAN_OPTIONS=print_stacktrace=1
  # The whole of an instrumented build runs in quarters of programs, a choice of tests one by one (project_test).
  local leave_out=quarter
  [ "$preset" = release ] || [ $# -gt 0 ] || leave_out=single
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -LE "$leave_out" -j "$(nproc)" "$@"
}

build $preset
run_tests $preset "$@"
[ $full = yes ] || exit 0

say "ThreadSanitizer on the core: crash tests fork and gRPC is not instrumented, so both stay out"
export TSAN_OPTIONS="ignore_noninstrumented_modules=1 suppressions=$PWD/tests/tsan_suppressions.txt halt_on_error=1"
build tsan audit_test server_test
for name in audit_test server_test; do "build/tsan/bin/$name" --gtest_filter='-*Crash*:*Grpc*:*Program*' >&2; done

say "exhaustive tests"
SEINPOST_EXHAUSTIVE=1 run_tests release "$@"

say "clang-tidy"
build tidy proto
git ls-files '*.cc' | grep -v '^cmake/' | xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/tidy --quiet

say "fuzzing, 60 s a target"
mapfile -t fuzzers < <(sed -n 's/^ *project_fuzz(\([a-z0-9_]*\).*/\1/p' tests/fuzz/CMakeLists.txt)
build fuzz "${fuzzers[@]}"
for name in "${fuzzers[@]}"; do
  target=build/fuzz/bin/$name
  mkdir -p "build/fuzz/corpus/$name"
  say "fuzzing $name"
  "$target" -max_total_time=60 -rss_limit_mb=4096 -print_final_stats=1 "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" \
    > "build/fuzz/$name.log" 2>&1 || { tail -40 "build/fuzz/$name.log" >&2; exit 1; }
done
say "taking out the checks, one at a time"
MUTATIONS_DIR=build/mutations tools/sh/mutations.sh
say "all of --full passed"
