// SPDX-License-Identifier: EUPL-1.2
// What a recipient spends on one delivery, by the client's own code: the ten steps of
// docs/formats/envelope.md with everything they need in memory, against the least that any such scheme has to
// do, one signature and one HPKE opening. And what checking a whole directory costs, as every `status` does,
// and starting a broker that holds a large one, against one signature for each of its objects.
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "bench/report.h"
#include "client/mail/examine.h"
#include "client/profile/prekeys.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "crypto/sign.h"
#include "envelope/core.h"
#include "envelope/open.h"
#include "envelope/part_crypto.h"
#include "tests/server/harness.h"
#include "tests/testing/live.h"
#include "trust/labels.h"
#include "trust/objects.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {

constexpr size_t kDeliveries = 300;  // in one go, then as many of the other side
constexpr int kGoes = 5;             // in one round
constexpr size_t kObjects = 10'000;  // in the directory of a whole round

constexpr size_t kStored = 100'000;  // in that of a broker that starts

constexpr char kDelivery[] = "recipient's ten steps / (verify + HPKE open)";
constexpr char kDirectory[] = "check a directory / as many verifies";
constexpr char kStart[] = "start with a large directory / as many verifies";
constexpr char kStatus[] = "check a large directory / as many verifies";

template <typename Function>
absl::Duration TimeOf(size_t times, Function function) {
  const absl::Time begin = absl::Now();
  for (size_t i = 0; i < times; ++i) function();
  return absl::Now() - begin;
}

double MicrosecondsEach(absl::Duration time, size_t times) {
  return absl::ToDoubleMicroseconds(time) / static_cast<double>(times);
}

// A delivery as it lies in the profile of its recipient, whose session is open.
class Recipient {
 public:
  static absl::StatusOr<std::unique_ptr<Recipient>> Make() {
    auto made = std::unique_ptr<Recipient>(new Recipient());
    RETURN_IF_ERROR(made->Prepare());
    return made;
  }

  // Steps 1 to 8.
  absl::StatusOr<client::Examined> Verify() {
    return client::Examine(*session_, delivery_, data_, client::Examination::kStored);
  }
  // Steps 9 and 10.
  absl::Status Open(const client::Examined& examined) {
    return envelope::OpenPart(
               examined.header, examined.header.parts()[0], session_->own_device_id(), wraps_,
               [this](ByteView prekey_id) { return session_->profile().FindPrekey(prekey_id); },
               delivery_.parts(0).ciphertext())
        .status();
  }
  absl::Status VerifyAndOpen() {
    ASSIGN_OR_RETURN(const client::Examined examined, Verify());
    return Open(examined);
  }
  const v1::Delivery& delivery() const { return delivery_; }

 private:
  Recipient() = default;

  absl::Status Prepare() {
    const std::string id = sender_.Send(test::kReader, std::string(500, 'x'));
    reader_.List();
    ASSIGN_OR_RETURN(session_, client::Session::Open(context_));
    ASSIGN_OR_RETURN(data_, session_->state().Load());
    ASSIGN_OR_RETURN(const Bytes signal_id, FromHex(id));
    ASSIGN_OR_RETURN(delivery_, session_->state().GetDelivery(signal_id));
    return Release();
  }

  // The wraps, as the broker releases them on a signed request.
  absl::Status Release() {
    ASSIGN_OR_RETURN(const v1::Core core, envelope::ParseCore(delivery_.header()));
    v1::OpenStatement statement;
    statement.set_convenant_id(core.convenant_id());
    statement.set_header_hash(ToBytes(crypto::Sha256(delivery_.header())));
    statement.set_signal_id(core.signal_id());
    statement.set_part(delivery_.parts(0).index());
    statement.set_purpose(core.purpose());
    statement.set_device_id(session_->own_device_id());
    statement.set_time(absl::ToUnixSeconds(broker_.clock().Now()));
    statement.set_nonce(Bytes(16, 'n'));
    v1::OpenRequest request;
    request.set_statement(statement.SerializeAsString());
    request.set_signature(
        crypto::Sign(session_->profile().device_key(), trust::kOpenLabel, request.statement()));
    ASSIGN_OR_RETURN(const v1::OpenReply reply, test::Await<v1::OpenReply>([&](const auto& done) {
                       broker_.test().broker().reading().Open(
                           {core.convenant_id(), session_->own_device_id()}, request, done);
                     }));
    for (const v1::ReleasedWrap& wrap : reply.wraps()) {
      wraps_.push_back({.group = wrap.group(), .prekey_id = wrap.prekey_id(), .bytes = wrap.wrap()});
    }
    return absl::OkStatus();
  }

  test::LiveBroker broker_;
  test::LiveMember sender_{broker_, test::kSender};
  test::LiveMember reader_{broker_, test::kReader};
  std::istringstream in_;
  std::ostringstream out_, err_;
  client::Context context_{.in = in_,
                           .out = out_,
                           .err = err_,
                           .clock = broker_.clock(),
                           .profile_dir = reader_.profile_directory(),
                           .passphrase = {.file = reader_.passphrase_file(), .prompt = false}};
  std::unique_ptr<client::Session> session_;
  client::StateData data_;
  v1::Delivery delivery_;
  std::vector<envelope::Wrap> wraps_;
};

// One Ed25519 verification of a header of that size, and one HPKE opening of a wrapped key.
class Least {
 public:
  explicit Least(size_t header_bytes)
      : message_(header_bytes, 'm'), signature_(crypto::SignRaw(key_, message_)) {
    absl::StatusOr<Bytes> sealed = crypto::SealBase(View(pair_.public_key), kInfo, kAad, Bytes(32, 'k'));
    if (sealed.ok()) sealed_ = *std::move(sealed);
  }
  absl::Status VerifyAndOpen() const {
    RETURN_IF_ERROR(crypto::VerifyRaw(View(key_.public_key()), message_, signature_));
    return crypto::OpenBase(pair_, kInfo, kAad, sealed_).status();
  }
  absl::Status Verify() const { return crypto::VerifyRaw(View(key_.public_key()), message_, signature_); }

 private:
  static constexpr absl::string_view kInfo = "seinpost/v1/bench", kAad = "bench";
  const crypto::SigningKey key_ = crypto::SigningKey::Generate();
  const crypto::HpkeKeyPair pair_ = crypto::HpkeKeyPair::Generate();
  const Bytes message_, signature_;
  Bytes sealed_;
};

absl::Status RunDelivery(const Options& options, Report& report) {
  const size_t deliveries = options.Times(kDeliveries);
  ASSIGN_OR_RETURN(const std::unique_ptr<Recipient> recipient, Recipient::Make());
  const Least least(recipient->delivery().header().size());
  std::vector<double> lefts, rights;
  absl::Status status;
  for (int round = 0; round < options.rounds; ++round) {
    absl::Duration left, right;
    for (int go = 0; go < kGoes; ++go) {
      left += TimeOf(deliveries, [&] { status.Update(recipient->VerifyAndOpen()); });
      right += TimeOf(deliveries, [&] { status.Update(least.VerifyAndOpen()); });
    }
    lefts.push_back(MicrosecondsEach(left, kGoes * deliveries));
    rights.push_back(MicrosecondsEach(right, kGoes * deliveries));
  }
  RETURN_IF_ERROR(status);
  ASSIGN_OR_RETURN(const client::Examined examined, recipient->Verify());
  const absl::Duration opening = TimeOf(deliveries, [&] { status.Update(recipient->Open(examined)); });
  RETURN_IF_ERROR(status);
  report.Note(
      absl::StrFormat("a delivery of %zu bytes with a header of %zu; no network and no disk; steps 9 and 10 "
                      "take %.1f us of it",
                      recipient->delivery().ByteSizeLong(), recipient->delivery().header().size(),
                      MicrosecondsEach(opening, deliveries)));
  report.Add(kDelivery, lefts, rights);
  return absl::OkStatus();
}

// Members with a device and its prekeys until there are as many objects.
test::TestNetwork LargeNetwork(size_t objects) {
  test::TestNetwork network = test::TestNetwork::Example(test::TestNetwork::AnyTime());
  for (int i = 0; network.objects().size() < objects; ++i) {
    network.AddDevice(absl::StrCat("school/mentor-", i));
  }
  return network;
}

absl::Status RunDirectory(const Options& options, Report& report) {
  const size_t objects = options.Times(kObjects);
  const test::TestNetwork network = LargeNetwork(objects);
  size_t bytes = 0;
  for (size_t i = 0; i < objects; ++i) bytes += network.objects()[i].size();
  const Least least(bytes / objects);
  std::vector<double> lefts, rights;
  for (int round = 0; round < options.rounds; ++round) {
    absl::Status status;
    trust::Directory directory;
    size_t next = 0;
    lefts.push_back(absl::ToDoubleMilliseconds(
        TimeOf(objects, [&] { status.Update(directory.Add(network.objects()[next++], network.now())); })));
    rights.push_back(absl::ToDoubleMilliseconds(TimeOf(objects, [&] { status.Update(least.Verify()); })));
    RETURN_IF_ERROR(status);
  }
  report.Note(absl::StrFormat("the directory holds %zu objects, %zu bytes", objects, bytes));
  report.Add(kDirectory, lefts, rights);
  return absl::OkStatus();
}

// A prekey of a calendar month whose secret nobody keeps: so many secrets do not fit into locked memory.
Bytes PrekeyOf(const test::TestNetwork& network, const test::TestDevice& device,
               const std::string& retention_class, absl::Duration cap, int months) {
  const absl::CivilMonth month = absl::ToCivilMonth(network.now(), absl::UTCTimeZone()) + months;
  const absl::Time until = absl::FromCivil(month + 1, absl::UTCTimeZone());
  v1::Prekey prekey;
  prekey.set_version(1);
  prekey.set_suite_id(network.convenant().trust()->suite);
  prekey.set_convenant_id(network.convenant().id());
  prekey.set_device_id(device.id);
  prekey.set_hpke_pk(crypto::RandomBytes(32));
  prekey.set_retention_class(retention_class);
  prekey.set_seal_from(absl::ToUnixSeconds(absl::FromCivil(month, absl::UTCTimeZone())));
  prekey.set_seal_until(absl::ToUnixSeconds(until));
  prekey.set_delete_after(absl::ToUnixSeconds(until + cap));
  return trust::SignObject(v1::OBJECT_KIND_PREKEY, trust::StrictSerialize(prekey), ToHex(device.id),
                           device.key);
}

test::TestNetwork StoredNetwork(size_t objects) {
  test::TestNetwork network = test::TestNetwork::Example(test::TestNetwork::AnyTime());
  for (int i = 0; network.objects().size() < objects; ++i) {
    const test::TestDevice& device = network.AddDevice(absl::StrCat("school/mentor-", i), false);
    for (const auto& [name, retention] : network.convenant().retention()) {
      for (int month = 0; month < client::kPrekeyMonths; ++month) {
        network.Add(PrekeyOf(network, device, name, retention.cap, month));
      }
    }
  }
  return network;
}

// The goal of both is at most 2.
absl::Status RunStart(const Options& options, Report& report) {
  const size_t wanted = options.Times(kStored);
  test::TestBrokerOptions broker_options;
  broker_options.limits.publications = 0;
  broker_options.limits.grants = 0;
  broker_options.network = [wanted] { return StoredNetwork(wanted); };
  test::TestBroker broker(broker_options);
  const std::vector<Bytes>& objects = broker.network().objects();
  size_t bytes = 0;
  for (const Bytes& object : objects) bytes += object.size();
  const Least least(bytes / objects.size());
  std::vector<double> starts, checks, rights;
  for (int round = 0; round < options.rounds; ++round) {
    absl::Status status;
    broker.Stop();
    starts.push_back(absl::ToDoubleMilliseconds(TimeOf(1, [&] { status.Update(broker.Restart()); })));
    trust::Directory directory;
    size_t next = 0;
    checks.push_back(absl::ToDoubleMilliseconds(TimeOf(
        objects.size(), [&] { status.Update(directory.Add(objects[next++], absl::InfinitePast())); })));
    rights.push_back(
        absl::ToDoubleMilliseconds(TimeOf(objects.size(), [&] { status.Update(least.Verify()); })));
    RETURN_IF_ERROR(status);
  }
  report.Note(absl::StrFormat("the broker that starts holds %zu objects, %zu bytes", objects.size(), bytes));
  report.Add(kStart, starts, rights);
  report.Add(kStatus, checks, rights);
  return absl::OkStatus();
}

absl::Status RunVerify(const Options& options, Report& report) {
  RETURN_IF_ERROR(RunDelivery(options, report));
  RETURN_IF_ERROR(RunDirectory(options, report));
  return RunStart(options, report);
}

}  // namespace

Benchmark VerifyBenchmark() {
  return {.name = "verify",
          .figures = {{.name = kDelivery, .unit = "us", .smaller_is_better = true},
                      {.name = kDirectory, .unit = "ms", .smaller_is_better = true},
                      {.name = kStart, .unit = "ms", .smaller_is_better = true},
                      {.name = kStatus, .unit = "ms", .smaller_is_better = true}},
          .run = RunVerify};
}

}  // namespace seinpost::bench
