// SPDX-License-Identifier: EUPL-1.2
#include "tests/server/harness.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "audit/checkpoint.h"
#include "crypto/hash.h"
#include "server/realm/key_files.h"
#include "trust/labels.h"

namespace seinpost::test {

namespace {

constexpr int kObjectsAtOnce = 64;

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

server::FreeSpace::Measure AnyFreeSpace() {
  return [] { return uint64_t{1} << 40; };
}

server::BrokerOptions OptionsIn(const TestNetwork& network, const std::string& place,
                                std::shared_ptr<FileSystemHandle> files) {
  server::BrokerOptions options;
  options.data_dir = place + "/data";
  options.keys_dir = place + "/keys";
  options.anchor_dir = place + "/anchor";
  options.convenants = {HostedOf(network)};
  options.store.file_system = std::move(files);
  options.free_space = AnyFreeSpace();
  options.maintenance_every = absl::InfiniteDuration();
  return options;
}

std::vector<std::string> CodesOf(const absl::Status& status) {
  std::vector<std::string> codes;
  if (const std::optional<v1::Decision> refusal = server::RefusalOf(status)) {
    for (const v1::Reason& reason : refusal->reasons()) codes.push_back(reason.code());
  }
  return codes;
}

v1::DecideSendRequest SmallQuestion() {
  v1::DecideSendRequest request;
  request.set_convenant_id("plaats");
  request.set_convenant_version(1);
  request.set_channel("core@school-a");
  request.set_category("wapen");
  request.set_purpose("dreiging");
  request.set_level(v1::LEVEL_L1);
  v1::AskedPart& narrative = *request.add_parts();
  narrative.set_kind(v1::PART_KIND_NARRATIVE);
  narrative.add_recipients(kReader);
  return request;
}

v1::Core CoreOf(const v1::Envelope& envelope) {
  v1::Header header;
  v1::Core core;
  if (!header.ParseFromString(envelope.header()) || !core.ParseFromString(header.core())) std::abort();
  return core;
}

envelope::VerifiedHeader Verified(const v1::Envelope& envelope, const trust::Directory& directory) {
  const v1::Core core = CoreOf(envelope);
  const absl::StatusOr<audit::SignedNote> note = audit::SignedNote::Parse(core.checkpoint());
  Check(note.status(), "checkpoint");
  const absl::StatusOr<audit::Checkpoint> checkpoint = audit::ParseCheckpointText(note->text);
  Check(checkpoint.status(), "checkpoint");
  const trust::DirSize seen = checkpoint->directory->seq;
  absl::StatusOr<envelope::VerifiedHeader> header = envelope::VerifyEnvelope(
      envelope, directory,
      {envelope::Verifier::kBroker, {}, absl::FromUnixSeconds(core.created()), {seen, seen}});
  Check(header.status(), "verify");
  return *std::move(header);
}

crypto::HpkeKeyPair OneOffPair() {
  return crypto::HpkeKeyPair::FromSecret(TestNetwork::SecretNamed("one-off prekey"));
}

v1::AskRewrapRequest MakeAsk(const v1::Envelope& envelope, v1::PartKind kind,
                             const trust::Directory& directory, const TestDevice& device, absl::Time now) {
  const envelope::VerifiedHeader header = Verified(envelope, directory);
  const absl::StatusOr<envelope::SignedStatement> made = envelope::MakeRewrapRequest(
      header, *header.FindPart(PlaceOf(envelope, kind)), directory, device.id, device.key, OneOffPair(), now);
  Check(made.status(), "rewrap request");
  v1::AskRewrapRequest request;
  request.set_request(made->statement);
  request.set_signature(made->signature);
  return request;
}

v1::GiveRewrapRequest MakeGive(const v1::AskRewrapRequest& asked, const v1::Envelope& envelope,
                               v1::PartKind kind, const trust::Directory& directory, const TestDevice& giver,
                               absl::Time now) {
  const envelope::VerifiedHeader header = Verified(envelope, directory);
  const uint32_t place = PlaceOf(envelope, kind);
  const absl::StatusOr<envelope::CheckedRewrapRequest> checked = envelope::CheckRewrapRequest(
      {asked.request(), asked.signature()}, header, *header.FindPart(place), directory, now);
  Check(checked.status(), "check the rewrap request");
  const absl::StatusOr<envelope::SignedStatement> made = envelope::MakeRewrap(
      *checked, header, *header.FindPart(place), giver.id, giver.key, WrapsFor(envelope, place, giver),
      [&](ByteView prekey_id) { return giver.FindPrekey(prekey_id); }, now);
  Check(made.status(), "rewrap");
  v1::GiveRewrapRequest request;
  request.set_rewrap(made->statement);
  request.set_signature(made->signature);
  return request;
}

TestBroker::TestBroker(const TestBrokerOptions& options)
    : network_(options.network ? options.network() : TestNetwork::Example(TestNetwork::AnyTime())),
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
  server::BrokerOptions options = OptionsIn(network_, directory_, file_system_);
  options.limits = options_.limits;
  if (options_.free_space) options.free_space = options_.free_space;
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

server::Session TestBroker::SessionOf(const TestDevice& device) const {
  return {network_.convenant().id(), device.id};
}

absl::Status TestBroker::Publish(const std::vector<Bytes>& objects) {
  v1::PublishRequest request;
  request.set_convenant_id(network_.convenant().id());
  const auto flush = [&] {
    if (request.objects().empty()) return absl::OkStatus();
    const absl::Status published =
        Await<v1::PublishReply>([&](auto done) { broker_->publication().Publish(request, done); }).status();
    request.clear_objects();
    return published;
  };
  for (const Bytes& object : objects) {
    v1::SignedObject parsed;
    if (parsed.ParseFromString(object) && parsed.kind() == v1::OBJECT_KIND_CONVENANT) {
      if (const absl::Status published = flush(); !published.ok()) return published;
      v1::ActivateRequest activate;
      activate.set_object(object);
      const absl::Status activated = Await<v1::PublishReply>([&](auto done) {
                                       broker_->publication().Activate(activate, done);
                                     }).status();
      if (!activated.ok()) return activated;
      continue;
    }
    request.add_objects(object);
    if (request.objects_size() < kObjectsAtOnce) continue;
    if (const absl::Status published = flush(); !published.ok()) return published;
  }
  return flush();
}

absl::Status TestBroker::PutInForce(const Bytes& object) {
  const absl::Status published = Publish({object});
  if (published.ok()) network_.Add(object);
  return published;
}

const TestDevice& TestBroker::AddDevice(absl::string_view profile) {
  const size_t before = network_.objects().size();
  const TestDevice& device = network_.AddDevice(profile);
  const std::vector<Bytes>& objects = network_.objects();
  Check(Publish({objects.begin() + static_cast<std::ptrdiff_t>(before), objects.end()}), "enrol a device");
  return device;
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
                                              const TestDevice& device) {
  const v1::Core core = CoreOf(envelope);
  v1::OpenStatement statement;
  statement.set_convenant_id(core.convenant_id());
  statement.set_header_hash(ToBytes(crypto::Sha256(envelope.header())));
  statement.set_signal_id(core.signal_id());
  statement.set_part(part);
  statement.set_purpose(core.purpose());
  statement.set_device_id(device.id);
  statement.set_time(absl::ToUnixSeconds(clock_.Now()));
  statement.set_nonce(crypto::RandomBytes(16));
  return statement;
}

absl::StatusOr<v1::OpenReply> TestBroker::Open(const v1::OpenStatement& statement, const TestDevice& device) {
  const auto request = Signed<v1::OpenRequest>(statement, trust::kOpenLabel, device);
  return Await<v1::OpenReply>([&](auto done) { broker_->reading().Open(SessionOf(device), request, done); });
}

v1::DeliveredStatement TestBroker::DeliveredOf(const v1::Envelope& envelope, const TestDevice& device) {
  const v1::Core core = CoreOf(envelope);
  v1::DeliveredStatement statement;
  statement.set_convenant_id(core.convenant_id());
  statement.set_signal_id(core.signal_id());
  statement.set_header_hash(ToBytes(crypto::Sha256(envelope.header())));
  statement.set_device_id(device.id);
  statement.set_time(absl::ToUnixSeconds(clock_.Now()));
  return statement;
}

absl::StatusOr<v1::ConfirmDeliveryReply> TestBroker::Confirm(
    const std::vector<v1::DeliveredStatement>& statements, const TestDevice& device) {
  v1::ConfirmDeliveryRequest request;
  request.set_convenant_id(network_.convenant().id());
  for (const v1::DeliveredStatement& statement : statements) {
    *request.add_statements() = Signed<v1::SignedDelivered>(statement, trust::kDeliveredLabel, device);
  }
  return Await<v1::ConfirmDeliveryReply>(
      [&](auto done) { broker_->deliveries().Confirm(SessionOf(device), request, done); });
}

absl::StatusOr<v1::AskRewrapReply> TestBroker::Ask(const v1::AskRewrapRequest& request,
                                                   const TestDevice& device) {
  return Await<v1::AskRewrapReply>(
      [&](auto done) { broker_->rewraps().Ask(SessionOf(device), request, done); });
}

absl::StatusOr<v1::GiveRewrapReply> TestBroker::Give(const v1::GiveRewrapRequest& request,
                                                     const TestDevice& device) {
  return Await<v1::GiveRewrapReply>(
      [&](auto done) { broker_->rewraps().Give(SessionOf(device), request, done); });
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
