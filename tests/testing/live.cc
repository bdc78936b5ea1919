// SPDX-License-Identifier: EUPL-1.2
#include "tests/testing/live.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/command_line/command_line.h"
#include "client/profile/prekeys.h"
#include "server/program/tls_certificate.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

constexpr char kMemberPassphrase[] = "vier fietsen in de regen";
constexpr size_t kMaxLogBytes = 1 << 20;
constexpr absl::Duration kCertificateLife = absl::Hours(24 * 364);

void Check(const absl::Status& status, absl::string_view what) {
  if (status.ok()) return;
  std::cerr << "live test: " << what << ": " << status << std::endl;
  std::abort();
}

template <typename T>
T Get(absl::StatusOr<T> value, absl::string_view what) {
  Check(value.status(), what);
  return *std::move(value);
}

std::unique_ptr<server::GrpcServer> Serve(server::Broker& broker, const std::string& listen) {
  const LiveTls& tls = TheTls();
  return Get(server::GrpcServer::Start(broker, {listen, tls.certificate_pem, tls.key_pem}), "serve");
}

TestBrokerOptions OnDisk(TestBrokerOptions options) {
  if (options.file_system == nullptr) options.file_system = MakeCrashingEnv(0)->handle();  // never crashes
  return options;
}

constexpr char kAnyPort[] = "127.0.0.1:0";

}  // namespace

const LiveTls& TheTls() {
  static const auto* const tls = [] {
    const server::TlsCertificate made =
        Get(server::MakeSelfSignedCertificate({"127.0.0.1"}, absl::Now()), "TLS certificate");
    return new LiveTls{made.certificate_pem, made.key_pem};
  }();
  return *tls;
}

LiveFork::LiveFork(const TestNetwork& network, std::string directory, const Clock& clock)
    : convenant_id_(network.convenant().id()), directory_(std::move(directory)) {
  broker_ = Get(server::Broker::Open(OptionsIn(network, directory_), clock), "open the fork");
  Check(broker_->Writable(), "the fork");
  server_ = Serve(*broker_, kAnyPort);
  door_ = {server_->address(), TheTls().certificate_pem};
}

LiveFork::~LiveFork() {
  server_.reset();
  broker_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

absl::Status LiveFork::Publish(const std::vector<Bytes>& objects) {
  v1::PublishRequest request;
  request.set_convenant_id(convenant_id_);
  for (const Bytes& object : objects) request.add_objects(object);
  return Await<v1::PublishReply>([&](auto done) { broker_->publication().Publish(request, done); }).status();
}

LiveBroker::LiveBroker(TestBrokerOptions options) : test_(OnDisk(std::move(options))) {
  server_ = Serve(test_.broker(), kAnyPort);
  door_ = {server_->address(), TheTls().certificate_pem};
}

LiveBroker::~LiveBroker() { Stop(); }

void LiveBroker::Advance(absl::Duration by) {
  clock().Advance(by);
  test_.broker().PublishCheckpoints();
}

void LiveBroker::Add(const std::vector<Bytes>& objects) {
  for (const Bytes& object : objects) network().Add(object);
  Check(test_.Publish(objects), "publish");
}

void LiveBroker::Stop() {
  server_.reset();
  test_.Stop();
}

void LiveBroker::Start() {
  Check(test_.Restart(), "restart");
  server_ = Serve(test_.broker(), door_.address);
}

// What is on the disk while nothing is written is what a crash would leave, and that opens.
std::unique_ptr<LiveFork> LiveBroker::Fork() {
  test_.broker().PublishCheckpoints();
  const std::string copy = MakeTemporaryDirectory();
  std::filesystem::copy(test_.directory(), copy, std::filesystem::copy_options::recursive);
  return std::make_unique<LiveFork>(network(), copy, clock());
}

ParsedJson Ran::json() const {
  ParsedJson parsed = ParsedJson::parse(out, nullptr, false);
  return parsed.is_discarded() ? ParsedJson() : parsed;
}

LiveMember::LiveMember(LiveBroker& broker, absl::string_view address)
    : LiveMember(broker, address, broker.door()) {}

LiveMember::LiveMember(LiveBroker& broker, absl::string_view address, const Door& door)
    : broker_(broker),
      address_(address),
      directory_(MakeTemporaryDirectory()),
      profile_(directory_ + "/profile"),
      passphrase_file_(directory_ + "/passphrase") {
  TestNetwork& network = broker_.network();
  const std::pair<std::string, std::string> name = absl::StrSplit(address_, absl::MaxSplits('/', 1));
  Check(WriteFileAtomically(passphrase_file_, kMemberPassphrase), "passphrase");
  client::Profile profile = Get(client::Profile::Create(profile_, name.first, name.second, kMemberPassphrase,
                                                        crypto::PassphraseStrength::kInteractive),
                                "profile");
  client::ConvenantEntry entry;
  entry.id = network.convenant().id();
  entry.version = network.convenant().version();
  entry.hash = network.directory().convenant_hash();
  entry.broker = door.address;
  entry.tls_ca_pem = door.tls_ca_pem;
  Check(profile.Update([&](client::Profile& newest) { return newest.AddConvenant(entry); }), "pin");
  device_id_ = profile.device_id();

  const trust::Member* member = network.directory().FindMember(name.first, name.second);
  if (member == nullptr) Check(absl::NotFoundError(address_), "no such member");
  const absl::Time now = broker_.clock().Now();
  const trust::SignedDeviceRequest request =
      trust::MakeDeviceRequest(name.first, name.second, now, profile.device_key());
  broker_.Add({Get(trust::IssueDeviceCertificate(
                       request, member->ref, network.directory().NextCertificateSerial(name.first),
                       now - absl::Hours(1), now + kCertificateLife, network.issuer(name.first)),
                   "certificate")});
  broker_.Add(Get(client::RenewPrekeys(profile, network.directory(), now), "prekeys"));
}

LiveMember::~LiveMember() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Ran LiveMember::Run(std::vector<std::string> arguments, const std::string& input) {
  arguments.insert(arguments.end(), {"--profile", profile_, "--passphrase-file", passphrase_file_});
  std::istringstream in(input);
  std::ostringstream out, err;
  const auto publish = [&] {
    if (broker_.serving()) broker_.test().broker().PublishCheckpoints();
  };
  publish();
  Ran ran;
  ran.code = client::RunCommandLine(arguments, in, out, err, broker_.clock(), &stop_);
  publish();
  ran.out = out.str();
  ran.err = err.str();
  return ran;
}

std::string LiveMember::Send(absl::string_view to, absl::string_view text) {
  return Send({"--channel", "core@school-a", "--level", "L1", "--category", "wapen", "--purpose", "dreiging",
               "--to", std::string(to), "--text", std::string(text)});
}

std::string LiveMember::Send(std::vector<std::string> flags) {
  flags.insert(flags.begin(), {"--json", "signal", "send"});
  const Ran ran = Run(std::move(flags));
  if (ran.code != client::kOk) Check(absl::UnknownError(ran.out + ran.err), "signal send");
  return ran.json().at("signal_id");
}

ParsedJson LiveMember::List() {
  const Ran ran = Run({"--json", "signal", "list"});
  if (ran.code != client::kOk) Check(absl::UnknownError(ran.out + ran.err), "signal list");
  return ran.json();
}

Ran LiveMember::Open(const std::string& signal_id) { return Run({"--json", "signal", "open", signal_id}); }

client::Profile LiveMember::OpenProfile() const {
  return Get(client::Profile::Open(profile_, kMemberPassphrase), "open the profile");
}

client::State LiveMember::OpenState() const {
  return Get(client::State::Open(absl::StrCat(profile_, "/", broker_.network().convenant().id())), "state");
}

std::string LiveMember::LocalLog() const {
  return ReadFile(OpenState().directory() + "/log", kMaxLogBytes).value_or("");
}

}  // namespace seinpost::test
