# SPDX-License-Identifier: EUPL-1.2
# Sourced by test.sh, demo.sh and bench.sh: installs what is missing with apt, and configures and builds one
# preset. Progress goes to stderr.

packages_build=(g++ cmake ninja-build pkg-config ccache mold
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libabsl-dev libsodium-dev libjemalloc-dev librocksdb-dev
  libyaml-cpp-dev nlohmann-json3-dev libcli11-dev libspdlog-dev prometheus-cpp-dev libssl-dev libicu-dev
  libgtest-dev libgmock-dev libbenchmark-dev)
packages_check=(clang-format-19)
packages_full=(clang-19 clang-tidy-19 libclang-rt-19-dev)
packages_demo=(gdb jq)
packages_bench=(jq)

say() { printf '%s\n' "$*" >&2; }

# install_packages PACKAGE…: asks apt only for what dpkg does not know as installed.
install_packages() {
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { say "these packages are missing and need root to install: ${missing[*]}"; return 1; }
    root=(sudo)
  fi
  say "installing: ${missing[*]}"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# build PRESET [TARGET…]: configures where needed and builds. Paths are relative for ccache, so that a second checkout
# somewhere else finds what the first one compiled.
build() {
  local preset=$1
  shift
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=true
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
  local options=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  [ "$preset" = fuzz ] || options+=(-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=mold)
  say "configuring $preset"
  local log
  log=$(cmake --preset "$preset" "${options[@]}" 2>&1) || { say "$log"; return 1; }
  say "building $preset"
  # One job per core: a second one would wait for memory, not for the processor.
  ninja -C "build/$preset" "$@" >&2
}
