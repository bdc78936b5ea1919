// SPDX-License-Identifier: EUPL-1.2
// What the tests of administrators' commands share.
#ifndef SEINPOST_TESTS_CLIENT_ADMIN_TESTING_H_
#define SEINPOST_TESTS_CLIENT_ADMIN_TESTING_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "client/terminal/context.h"
#include "client/terminal/output.h"
#include "tests/testing/json.h"
#include "util/clock.h"

namespace seinpost::client {

// A directory that is gone with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string path = testing::TempDir() + "/client_test.XXXXXX";
    path_ = mkdtemp(path.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string Path(const std::string& name) const { return path_ + "/" + name; }
  std::string Write(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name), std::ios::binary) << content;
    return Path(name);
  }

 private:
  std::string path_;
};

inline std::string ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A context that prints JSON into a string.
struct AdminBench {
  explicit AdminBench(absl::Time now) : clock(now) {}
  Context context() {
    Context made{.in = in, .out = out, .err = err, .clock = clock};
    made.json = true;
    made.passphrase.file = passphrase_file;
    made.passphrase.prompt = false;
    return made;
  }
  // What was printed since the last call.
  ParsedJson Printed() {
    const std::string text = out.str();
    out.str("");
    return ParsedJson::parse(text, nullptr, false);
  }

  std::istringstream in;
  std::ostringstream out, err;
  SimulatedClock clock;
  std::string passphrase_file;
};

}  // namespace seinpost::client

#endif  // SEINPOST_TESTS_CLIENT_ADMIN_TESTING_H_
