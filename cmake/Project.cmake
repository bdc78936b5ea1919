# SPDX-License-Identifier: EUPL-1.2
# The few functions every folder's CMakeLists.txt is written in.

# Instrumented code makes GCC 12 warn of overflows that are not there, so only plain builds fail on a warning.
set(warnings_are_errors -Werror)
if("${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_DEBUG}" MATCHES "-fsanitize" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(warnings_are_errors)
endif()

# The allocator of what serves (docs/performance.md). Sanitizers bring their own.
add_library(allocator INTERFACE)
if(NOT "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_DEBUG}" MATCHES "-fsanitize")
  target_link_libraries(allocator INTERFACE PkgConfig::JEMALLOC)
endif()

# The presets compile several sources of a target as one (CMAKE_UNITY_BUILD): most of the time of a build from nothing
# goes into reading the same headers again, docs/decisions/0016-several-sources-as-one.md. `tidy`, `fuzz` and
# `debug` compile each alone.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)

add_library(project_options INTERFACE)
target_include_directories(project_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(project_options INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers ${warnings_are_errors}
  # GCC 12 sees overlapping copies in std::string that are not there (GCC bug 105651). It collects its garbage for the
  # first time at 1 GiB, which most sources never reach: a twelfth less processor time.
  # A type of a source is local to it, though GCC takes the source for a header where several are compiled as one.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>
  $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=1048576>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
target_link_libraries(project_options INTERFACE Threads::Threads)
# Functions are bound at the start. Bound at their first call, the registers of that moment, which may have copied a
# key, stay on the stack (tests/crypto/key_file_test.cc found one), and the table of addresses stays writable.
target_link_options(project_options INTERFACE LINKER:-z,relro,-z,now)

# Of a function that many sources define, an inline one of the standard library above all, the linker keeps the first
# it meets. Libraries come first, so that a program of tests, whose own sources are not optimised, does not slow down
# what it tests by their copies. Only mold finds what libraries need whatever the order.
if(CMAKE_EXE_LINKER_FLAGS MATCHES "mold")
  set(CMAKE_CXX_LINK_EXECUTABLE
    "<CMAKE_CXX_COMPILER> <FLAGS> <CMAKE_CXX_LINK_FLAGS> <LINK_FLAGS> <LINK_LIBRARIES> <OBJECTS> -o <TARGET>")
endif()

# Precompiled headers, by what a target says of itself: GRPC (gRPC, and the generated messages), CLIENT (the
# messages), and for tests GoogleTest, with gRPC or without. GCC takes one only at its own level of optimisation.
# Sources of tests are not optimised: they are compiled more often than they run, and what they test is. The
# client waits for the network and for Argon2id, so -O1 is enough for its own code.
set(message_headers <algorithm> <functional> <map> <memory> <optional> <set> <string> <vector>
  <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/strings/str_join.h> <absl/strings/str_split.h>
  <absl/time/time.h> <seinpost/v1/audit.pb.h> <seinpost/v1/common.pb.h> <seinpost/v1/device.pb.h>
  <seinpost/v1/directory.pb.h> <seinpost/v1/envelope.pb.h> <seinpost/v1/session.pb.h> <seinpost/v1/signal.pb.h>
  <seinpost/v1/trust.pb.h>)
set(grpc_headers <grpcpp/grpcpp.h>)
set(test_headers <gmock/gmock.h> <gtest/gtest.h> <map> <optional> <set> <string> <vector>
  <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/time/time.h>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(project_options INTERFACE -fpch-preprocess)
endif()
set(client_optimisation $<$<CONFIG:Release>:-O1>)
# project_pch(name OPTIONS compile options… DEPS targets… HEADERS …)
function(project_pch name)
  cmake_parse_arguments(ARG "" "" "OPTIONS;DEPS;HEADERS" ${ARGN})
  add_library(${name} OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch.cc)
  target_link_libraries(${name} PUBLIC project_options ${ARG_DEPS})
  target_compile_options(${name} PRIVATE ${ARG_OPTIONS})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()
set(grpc_libraries gRPC::grpc++ protobuf::libprotobuf absl::statusor)
project_pch(grpc_pch DEPS proto ${grpc_libraries} HEADERS ${message_headers} ${grpc_headers})
project_pch(client_pch OPTIONS ${client_optimisation} DEPS proto ${grpc_libraries} HEADERS ${message_headers})
project_pch(test_pch OPTIONS -O0 DEPS GTest::gmock absl::statusor absl::strings absl::time HEADERS ${test_headers})
project_pch(grpc_test_pch OPTIONS -O0 DEPS GTest::gmock proto ${grpc_libraries} nlohmann_json::nlohmann_json
  HEADERS ${message_headers} ${grpc_headers} ${test_headers} <filesystem> <fstream> <sstream> <nlohmann/json.hpp>)

# Parses the arguments that all of the functions below share into ARG_GRPC, ARG_CLIENT, ARG_SRCS, ARG_DEPS, ARG_PRIVATE_DEPS.
macro(project_arguments)
  cmake_parse_arguments(ARG "GRPC;CLIENT;TEST;RELEASE_ONLY" "TIMEOUT" "SRCS;DEPS;PRIVATE_DEPS" ${ARGN})
endmacro()

function(project_common target)
  project_arguments(${ARGN})
  target_link_libraries(${target} PUBLIC project_options ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  if(ARG_GRPC OR ARG_CLIENT)
    target_link_libraries(${target} PUBLIC ${grpc_libraries})
  endif()
  if(ARG_TEST)
    target_compile_options(${target} PRIVATE -O0)
  endif()
  if(ARG_CLIENT)
    target_compile_options(${target} PRIVATE ${client_optimisation})
    target_precompile_headers(${target} REUSE_FROM client_pch)
  elseif(ARG_GRPC AND ARG_TEST)
    target_precompile_headers(${target} REUSE_FROM grpc_test_pch)
  elseif(ARG_GRPC)
    target_precompile_headers(${target} REUSE_FROM grpc_pch)
  elseif(ARG_TEST)
    target_precompile_headers(${target} REUSE_FROM test_pch)
  endif()
endfunction()

# project_library(name [GRPC|CLIENT] SRCS a.cc … DEPS public… PRIVATE_DEPS private…)
function(project_library name)
  project_arguments(${ARGN})
  add_library(${name} STATIC ${ARG_SRCS})
  project_common(${name} ${ARGN})
endfunction()

# project_program(name [GRPC] SRCS … DEPS …): lands in build/<preset>/bin/.
function(project_program name)
  project_arguments(${ARGN})
  add_executable(${name} ${ARG_SRCS})
  project_common(${name} ${ARGN})
endfunction()

# Under ThreadSanitizer, tests tell it of Abseil's locks: tests/tsan_absl.cc.
if(CMAKE_CXX_FLAGS_DEBUG MATCHES "-fsanitize=thread")
  add_library(tsan_absl OBJECT ${CMAKE_SOURCE_DIR}/tests/tsan_absl.cc)
  foreach(symbol _ZN4absl7debian35Mutex4LockEv _ZN4absl7debian35Mutex6UnlockEv
      _ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE
      _ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE
      _ZN4absl7debian312Notification6NotifyEv _ZNK4absl7debian312Notification19WaitForNotificationEv)
    list(APPEND tsan_wraps -Wl,--wrap=${symbol})
  endforeach()
endif()

# project_test(name [GRPC] [RELEASE_ONLY] [TIMEOUT seconds] SRCS … DEPS …): a GoogleTest binary; each TEST is a ctest
# test, labelled `single`. Tests run with the source tree as working directory, so test data is opened as "tests/…".
# Starting an instrumented program takes longer than most tests, so under sanitizers each quarter of the program's
# tests is a ctest test as well, labelled `quarter`: test.sh runs the ones or the others.
# RELEASE_ONLY: long runs of code that other tests have under sanitizers too (CONTRIBUTING.md, "The budget of time").
function(project_test name)
  project_arguments(${ARGN})
  if(ARG_RELEASE_ONLY AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    return()
  endif()
  add_executable(${name} ${ARG_SRCS})
  project_common(${name} TEST ${ARGN})
  target_link_libraries(${name} PRIVATE test_main GTest::gmock)
  if(TARGET tsan_absl)
    target_sources(${name} PRIVATE $<TARGET_OBJECTS:tsan_absl>)
    target_link_options(${name} PRIVATE ${tsan_wraps})
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 900)
  endif()
  gtest_discover_tests(${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DISCOVERY_TIMEOUT 120
    PROPERTIES LABELS single TIMEOUT ${ARG_TIMEOUT})
  if(CMAKE_CXX_FLAGS_DEBUG MATCHES "-fsanitize" AND NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    foreach(quarter RANGE 3)
      add_test(NAME ${name}.${quarter} COMMAND ${name} --gtest_brief=1 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
      set_tests_properties(${name}.${quarter} PROPERTIES LABELS quarter TIMEOUT 1800
        ENVIRONMENT "GTEST_TOTAL_SHARDS=4;GTEST_SHARD_INDEX=${quarter}")
    endforeach()
  endif()
endfunction()

# project_fuzz(name SRCS … DEPS …): with SEINPOST_FUZZ a libFuzzer program, otherwise a ctest test that
# replays the corpus in tests/fuzz/corpus/<name>/ and truncations and bit flips of each file in it.
function(project_fuzz name)
  project_arguments(${ARGN})
  add_executable(${name} ${ARG_SRCS})
  project_common(${name} ${ARGN})
  if(SEINPOST_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay_main.cc)
    target_link_libraries(${name} PRIVATE crypto)
    add_test(NAME ${name} COMMAND ${name} tests/fuzz/corpus/${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  endif()
endfunction()

include(GoogleTest)
