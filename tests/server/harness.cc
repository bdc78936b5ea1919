// SPDX-License-Identifier: EUPL-1.2
#include "tests/server/harness.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "crypto/hash.h"
#include "server/broker/key_files.h"
#include "trust/labels.h"

namespace seinpost::test {

namespace {

constexpr size_t kObjectsAtOnce = 64;

void Check(const absl::Status& status, absl::string_view what) {
  if (status.ok()) return;
  std::cerr << "test broker: " << what << ": " << status << std::endl;
  std::abort();
}

}  // namespace

std::string MakeTemporaryDirectory() {
  // In memory where there is such a place: what a crash loses is simulated, so real syncs would only cost
  // time.
  std::error_code ignored;
  const std::string memory = "/dev/shm";
  const bool use_memory = std::filesystem::is_directory(memory, ignored) && access(memory.c_str(), W_OK) == 0;
  std::string name =
      (use_memory ? memory : std::filesystem::temp_directory_path().string()) + "/seinpost-test-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) std::abort();
  return name;
}

void WriteBrokerKeys(const TestNetwork& network, const std::string& directory) {
  const std::string keys = directory + "/keys";
  Check(server::WriteKeyFile(server::IdentityKeyPath(keys), network.broker_key()), "identity key");
  Check(server::WriteKeyFile(server::LogKeyPath(keys, network.convenant().id()), network.log_key()),
        "log key");
}

server::HostedConvenant HostedOf(const TestNetwork& network) {
  const policies::Convenant& convenant = network.convenant();
  return {convenant.id(), *convenant.SignatoryOf(convenant.host()).root};
}

std::vector<std::string> CodesOf(const absl::Status& status) {
  std::vector<std::string> codes;
  if (const std::optional<v1::Decision> refusal = server::RefusalOf(status)) {
    for (const v1::Reason& reason : refusal->reasons()) codes.push_back(reason.code());
  }
  return codes;
}

TestBroker::TestBroker(const TestBrokerOptions& options)
    : network_(TestNetwork::Arnhem(TestNetwork::AnyTime())),
      clock_(network_.now()),
      options_(options),
      directory_(MakeTemporaryDirectory()),
      file_system_(options.file_system != nullptr ? options.file_system : MakeInMemoryFileSystem()) {
  WriteBrokerKeys(network_, directory_);
  Check(Restart(), "open");
  if (options.enrolled) Check(Publish(network_.objects()), "enrol");
}

TestBroker::~TestBroker() {
  broker_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

server::BrokerOptions TestBroker::BrokerOptionsNow() const {
  server::BrokerOptions options;
  options.data_dir = directory_ + "/data";
  options.keys_dir = directory_ + "/keys";
  options.anchor_dir = directory_ + "/anchor";
  options.convenants = {HostedOf(network_)};
  options.limits = options_.limits;
  options.store.file_system = file_system_;
  options.error_log = [](absl::string_view what, const absl::Status& status) {
    std::cerr << "broker: " << what << ": " << status << std::endl;
  };
  return options;
}

absl::Status TestBroker::Restart() {
  broker_.reset();
  absl::StatusOr<std::unique_ptr<server::Broker>> opened = server::Broker::Open(BrokerOptionsNow(), clock_);
  if (opened.ok()) broker_ = *std::move(opened);
  return opened.status();
}

server::Session TestBroker::SessionOf(absl::string_view profile) const {
  return {network_.convenant().id(), network_.device(profile).id};
}

absl::Status TestBroker::Publish(const std::vector<Bytes>& objects) {
  size_t next = 0;
  if (realm().directory()->convenant() == nullptr) {
    v1::ActivateRequest request;
    request.set_object(objects[next++]);
    const absl::Status activated =
        Await<v1::PublishReply>([&](auto done) { broker_->publication().Activate(request, done); }).status();
    if (!activated.ok()) return activated;
  }
  while (next < objects.size()) {
    v1::PublishRequest request;
    request.set_convenant_id(network_.convenant().id());
    for (size_t i = 0; i < kObjectsAtOnce && next < objects.size(); ++i) request.add_objects(objects[next++]);
    const absl::Status published =
        Await<v1::PublishReply>([&](auto done) { broker_->publication().Publish(request, done); }).status();
    if (!published.ok()) return published;
  }
  return absl::OkStatus();
}

Bytes TestBroker::Checkpoint() {
  broker_->PublishCheckpoints();
  return realm().published()->note;
}

envelope::SealedSignal TestBroker::Seal(envelope::SignalPlan plan, absl::string_view profile) {
  plan.core.set_created(absl::ToUnixSeconds(clock_.Now()));
  plan.core.set_checkpoint(Checkpoint());
  for (envelope::PartPlan& part : plan.parts) {
    // A justification is kept as long as its class says, counted from now.
    if (part.kind != v1::PART_KIND_JUSTIFICATION) continue;
    const policies::RetentionClass* retention = network_.convenant().FindRetention(part.retention_class);
    part.expires = clock_.Now() + retention->cap;
  }
  const TestDevice& device = network_.device(profile);
  absl::StatusOr<envelope::SealedSignal> sealed =
      envelope::Seal(plan, network_.directory(), device.id, device.key);
  Check(sealed.status(), "seal");
  return *std::move(sealed);
}

absl::StatusOr<v1::SubmitReply> TestBroker::Submit(const v1::Envelope& envelope, absl::string_view profile) {
  v1::SubmitRequest request;
  *request.mutable_envelope() = envelope;
  return Await<v1::SubmitReply>(
      [&](auto done) { broker_->submission().Submit(SessionOf(profile), request, done); });
}

absl::Status TestBroker::Upload(const Bytes& ct_hash, const Bytes& bytes, absl::string_view profile) {
  auto upload = broker_->attachments().StartUpload(SessionOf(profile));
  if (!upload.ok()) return upload.status();
  constexpr size_t kChunk = 100'000;
  v1::UploadAttachmentRequest message;
  message.set_ct_hash(ct_hash);
  for (size_t at = 0; at < bytes.size(); at += kChunk) {
    message.set_chunk(bytes.substr(at, kChunk));
    const absl::Status added = (*upload)->Add(message);
    if (!added.ok()) return added;
    message.clear_ct_hash();
  }
  return Await<v1::UploadAttachmentReply>([&](auto done) { (*upload)->Finish(done); }).status();
}

v1::OpenStatement TestBroker::OpenStatementOf(const v1::Envelope& envelope, uint32_t part,
                                              absl::string_view profile) {
  v1::Header header;
  v1::Core core;
  if (!header.ParseFromString(envelope.header()) || !core.ParseFromString(header.core())) std::abort();
  v1::OpenStatement statement;
  statement.set_convenant_id(core.convenant_id());
  statement.set_header_hash(ToBytes(crypto::Sha256(envelope.header())));
  statement.set_signal_id(core.signal_id());
  statement.set_part(part);
  statement.set_purpose(core.purpose());
  statement.set_device_id(network_.device(profile).id);
  statement.set_time(absl::ToUnixSeconds(clock_.Now()));
  statement.set_nonce(crypto::RandomBytes(16));
  return statement;
}

absl::StatusOr<v1::OpenReply> TestBroker::Open(const v1::OpenStatement& statement,
                                               absl::string_view profile) {
  const auto request = Signed<v1::OpenRequest>(statement, trust::kOpenLabel, network_.device(profile));
  return Await<v1::OpenReply>([&](auto done) { broker_->reading().Open(SessionOf(profile), request, done); });
}

absl::StatusOr<std::shared_ptr<server::Source<v1::Delivery>>> TestBroker::Subscribe(absl::string_view profile,
                                                                                    uint64_t cursor) {
  v1::SubscribeRequest request;
  request.set_convenant_id(network_.convenant().id());
  request.set_cursor(cursor);
  return broker_->mailbox().Subscribe(SessionOf(profile), request);
}

std::vector<v1::Delivery> TestBroker::Backlog(absl::string_view profile, uint64_t cursor) {
  auto stream = Subscribe(profile, cursor);
  Check(stream.status(), "subscribe");
  std::vector<v1::Delivery> backlog;
  while (true) {
    absl::StatusOr<std::optional<v1::Delivery>> next = Pull(**stream);
    Check(next.status(), "delivery");
    if ((*next)->header().empty()) return backlog;
    backlog.push_back(**std::move(next));
  }
}

std::optional<audit::Event> TestBroker::EventAt(uint64_t index) {
  const absl::StatusOr<audit::Opening> opening = realm().log().ReadOpening(index);
  if (absl::IsNotFound(opening.status())) return std::nullopt;
  Check(opening.status(), "opening");
  return opening->event();
}

std::string TestBroker::LastEvent() {
  const std::optional<audit::Event> event = EventAt(LogSize() - 1);
  if (!event) return "directory";
  return absl::StrJoin(
      {audit::EventTypeName(*event->Type()),
       absl::StrJoin(event->Texts(audit::Tag::kRules).value_or(std::vector<std::string>()), " ")},
      " ");
}

}  // namespace seinpost::test
