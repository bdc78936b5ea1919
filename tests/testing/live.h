// SPDX-License-Identifier: EUPL-1.2
// A real broker behind its real gRPC server, and real clients who reach it: everything in one process, over
// TLS on loopback, on ports that the system picks, with one simulated clock for both sides.
//
//   LiveBroker broker;
//   LiveMember sender(broker, kSender), reader(broker, kReader);
//   const std::string id = sender.Send(kReader, "een mes gevonden");
//   EXPECT_EQ(reader.Run({"signal", "open", id}).out, …);
//
// For tests only: aborts on what must not fail. A broker outlives its members. From one thread, but for Run()
// of distinct members.
#ifndef SEINPOST_TESTS_TESTING_LIVE_H_
#define SEINPOST_TESTS_TESTING_LIVE_H_

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "client/profile/profile.h"
#include "client/profile/state.h"
#include "client/session/session.h"
#include "client/terminal/context.h"
#include "client/terminal/interrupt.h"
#include "client/terminal/output.h"
#include "server/grpc/grpc_server.h"
#include "tests/server/harness.h"
#include "tests/testing/json.h"

namespace seinpost::test {

// Where a broker is reached, and the only certificate authority it is believed under.
struct Door {
  std::string address;  // "127.0.0.1:port"
  std::string tls_ca_pem;
};

// The TLS certificate of every broker in this process, honest or not. Its times are the machine's, since gRPC
// judges it by those.
struct LiveTls {
  std::string certificate_pem, key_pem;
};
const LiveTls& TheTls();

// A broker that serves what lies in a directory: a LiveBroker's own, or what a copy of it became.
class LiveFork {
 public:
  // Serves `directory` (keys/, data/, anchor/), which is deleted with everything in it at the end.
  LiveFork(const TestNetwork& network, std::string directory, const Clock& clock);
  ~LiveFork();

  const Door& door() const { return door_; }
  server::Broker& broker() { return *broker_; }
  absl::Status Publish(const std::vector<Bytes>& objects);

 private:
  const std::string convenant_id_;
  const std::string directory_;
  std::unique_ptr<server::Broker> broker_;
  std::unique_ptr<server::GrpcServer> server_;
  Door door_;
};

// TestBroker, reachable. Its disk is a real one (in memory where the machine has such a place), so that it
// can be copied.
class LiveBroker {
 public:
  explicit LiveBroker(TestBrokerOptions options = {});
  ~LiveBroker();

  TestBroker& test() { return test_; }
  TestNetwork& network() { return test_.network(); }
  SimulatedClock& clock() { return test_.clock(); }
  const Door& door() const { return door_; }
  bool serving() const { return server_ != nullptr; }

  // Lets time pass and publishes a checkpoint of then.
  void Advance(absl::Duration by);
  // Takes objects into the network's directory and publishes them.
  void Add(const std::vector<Bytes>& objects);
  // Nobody answers at the door any more, until Start() opens the broker anew from its disk, at the same
  // address.
  void Stop();
  void Start();

  // A second broker with the same keys and, so far, the same history. From here on each goes its own way:
  // this is how a broker forks its log.
  std::unique_ptr<LiveFork> Fork();

 private:
  TestBroker test_;
  std::unique_ptr<server::GrpcServer> server_;
  Door door_;
};

// What a command did.
struct Ran {
  int code = 0;  // exit code
  std::string out, err;
  ParsedJson json() const;  // of `out`; null if it is none
};

// A member with a client of his own: a profile in a directory of its own, whose device is enrolled at the
// broker.
class LiveMember {
 public:
  // The device is one more of "party/handle", who is in the lab file of the network. Reaches the broker
  // itself, or who stands at `door`.
  LiveMember(LiveBroker& broker, absl::string_view address);
  LiveMember(LiveBroker& broker, absl::string_view address, const Door& door);
  ~LiveMember();
  LiveMember(const LiveMember&) = delete;
  LiveMember& operator=(const LiveMember&) = delete;

  // Types `seinpost ARGUMENTS…` with this profile. The broker publishes a checkpoint before and after, so
  // that what was logged can be seen.
  Ran Run(std::vector<std::string> arguments, const std::string& input = "");

  // `signal send` of an L1 narrative about a case in core@school-a; its id in hexadecimal.
  std::string Send(absl::string_view to, absl::string_view text);
  // The same with any flags after `signal send`.
  std::string Send(std::vector<std::string> flags);
  ParsedJson List();                       // `signal list --json`
  Ran Open(const std::string& signal_id);  // `signal open --json`

  const std::string& address() const { return address_; }
  const std::string& profile_directory() const { return profile_; }
  const std::string& passphrase_file() const { return passphrase_file_; }
  const trust::DeviceId& device_id() const { return device_id_; }
  // What lies in the profile now.
  client::Profile OpenProfile() const;
  client::State OpenState() const;
  // What the client wrote for nobody but its user's administrator (State::Log); empty if nothing.
  std::string LocalLog() const;
  // Ends Run() from another thread, as Ctrl-C does.
  void Interrupt() { stop_.Raise(SIGINT); }

 private:
  LiveBroker& broker_;
  const std::string address_;
  const std::string directory_;
  const std::string profile_, passphrase_file_;
  trust::DeviceId device_id_;
  client::Interrupt stop_;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_TESTING_LIVE_H_
