// SPDX-License-Identifier: EUPL-1.2
// An installation outside a lab: key directories of parties, a broker with a configuration of its own, and
// the commands of docs/ceremony.md, run as they stand there.
#ifndef SEINPOST_TESTS_INTEGRATION_SITE_H_
#define SEINPOST_TESTS_INTEGRATION_SITE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/lab/process.h"
#include "tests/integration/programs.h"
#include "tests/integration/simulated/shared_clock.h"

namespace seinpost::test {

// Of all key directories and profiles of a site.
inline constexpr char kSitePassphrase[] = "correct horse";

// The lines of the block "```sh name=NAME" in a document. Aborts if there is none.
std::vector<std::string> Commands(const std::string& name, const std::string& document = "docs/ceremony.md");

// The convenant of docs/formats/convenant.md, with one party more, in a temporary directory. Not thread-safe.
class Site {
 public:
  // kSimulated: programs that live by clock(), instead of those that live by the machine's.
  enum class Time { kReal, kSimulated };
  explicit Site(Time time = Time::kReal);
  ~Site();
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }
  std::string Read(const std::string& name) const { return ReadWholeFile(Path(name)); }
  std::string Write(const std::string& name, const std::string& content) const;

  // What $NAME stands for from now on.
  void Set(const std::string& name, const std::string& value) { variables_[name] = value; }
  std::string Value(const std::string& name) const { return variables_.at(name); }
  // One line in a shell, in the directory of the site.
  Ran Line(const std::string& line) const;
  // All lines of a block, each of which must succeed.
  void Run(const std::string& name, const std::string& document = "docs/ceremony.md");
  // $PARTY as key directories of this name have it: the next root key if there is one.
  void SetRoot(const std::string& variable, const std::string& keys);
  // $FINGERPRINT and $CODE, as the administrator tells and the member reads them.
  void SetFingerprint(const std::string& invitation);
  void SetCode(const std::string& request);

  // "Signing version 1", up to and including its activation. kQuick: the same with key directories that are
  // sealed as weakly as in a lab, and an issuer of politie alone: every key that is sealed well costs a
  // second.
  enum class How { kAsWritten, kQuick };
  void MakeFirstVersion(How how);

  SharedClock& clock() { return clock_; }
  // The broker is reached at another $BROKER each time it starts, its metrics at $METRICS.
  void StartBroker();
  void StopBroker() { broker_.reset(); }

 private:
  void MakeKeysQuickly();

  const std::string directory_, programs_;
  SharedClock clock_;
  std::map<std::string, std::string> variables_;
  std::optional<client::DaemonProcess> broker_;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_INTEGRATION_SITE_H_
