// SPDX-License-Identifier: EUPL-1.2
// Running the built programs as a user does, and a lab that is taken down with its object.
#ifndef SEINPOST_TESTS_INTEGRATION_PROGRAMS_H_
#define SEINPOST_TESTS_INTEGRATION_PROGRAMS_H_

#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace seinpost::test {

using Json = nlohmann::json;

struct Ran {
  int code = -1;
  std::string out, err;
  // What --json printed. A discarded value if it is not exactly one JSON value.
  Json json() const { return Json::parse(out, nullptr, false); }
};

// The path of a built program.
std::string Program(const std::string& name);
// Runs it to its end with stdin closed; `environment` is "NAME=VALUE" words.
Ran Execute(const std::vector<std::string>& argv, const std::vector<std::string>& environment = {});

// A laboratory in a temporary directory. Aborts when it does not come up.
class Lab {
 public:
  // `environment` is "NAME=VALUE" words for `lab up`.
  explicit Lab(const std::string& convenant = "tests/testing/convenants/plaats.yaml",
               const std::vector<std::string>& environment = {});
  ~Lab();
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  const std::string& directory() const { return directory_; }
  const Json& info() const { return info_; }  // lab.json
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  // A file beside the lab.
  std::string Write(const std::string& name, const std::string& content) const;

  // `seinpost --json` with the lab's passphrase: as a member, or as an administrator (empty profile).
  Ran As(const std::string& profile, std::vector<std::string> arguments) const;
  Ran AsAdministrator(std::vector<std::string> arguments) const { return As("", std::move(arguments)); }
  Ran Down();

 private:
  std::string root_, directory_;
  Json info_;
};

std::string ReadWholeFile(const std::string& path);

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_INTEGRATION_PROGRAMS_H_
