// SPDX-License-Identifier: EUPL-1.2
// TestMember is a client without a broker: a real profile on disk whose device is enrolled in a TestNetwork,
// a context that prints into strings, and the network's directory as if it had been fetched.
//
// For tests only: it aborts on errors. Not thread-safe.
#ifndef SEINPOST_TESTS_CLIENT_TEST_MEMBER_H_
#define SEINPOST_TESTS_CLIENT_TEST_MEMBER_H_

#include <memory>
#include <sstream>
#include <string>

#include "client/profile/profile.h"
#include "client/session/session.h"
#include "client/terminal/context.h"
#include "tests/client/test_log.h"
#include "tests/testing/network.h"
#include "util/clock.h"

namespace seinpost::test {

// A fresh directory that is deleted with everything in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(absl::string_view name) const;

 private:
  std::string path_;
};

inline constexpr char kPassphrase[] = "vier fietsen in de regen";

class TestMember {
 public:
  // Adds a device with this profile's key and prekeys to the member `address` of `network`.
  TestMember(TestNetwork& network, absl::string_view address);

  client::Context& context() { return context_; }
  SimulatedClock& clock() { return clock_; }
  const std::string& directory() const { return context_.profile_dir; }
  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }

  // Writes the network's directory, and a checkpoint of it, where the client keeps what it has verified.
  void Synchronise(const TestNetwork& network, const TestLog& log);
  // With nobody where the broker should be, or with a broker that answers.
  std::unique_ptr<client::Session> OpenSession();
  std::unique_ptr<client::Session> OpenSession(FakeBroker& broker);
  client::Profile OpenProfile();

 private:
  TempDir temp_;
  SimulatedClock clock_;
  std::istringstream in_;
  std::ostringstream out_, err_;
  client::Context context_;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_CLIENT_TEST_MEMBER_H_
