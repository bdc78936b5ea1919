// SPDX-License-Identifier: EUPL-1.2
#include "server/directory/publication.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "server/commit/read_only.h"
#include "server/directory/directory_pages.h"
#include "server/directory/object_body.h"
#include "server/directory/object_event.h"
#include "server/directory/publish_operation.h"
#include "server/directory/published.h"
#include "server/directory/signers.h"
#include "server/gate/caller.h"
#include "server/gate/watched_source.h"
#include "trust/log_identity.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr int kMaxObjects = 64;
constexpr size_t kMaxPublishBytes = 1024 * 1024;
// What waits or is at work, of all convenants. A place is held until the answer.
constexpr Lane::Bounds kOrdinaryLane = {64, 16 * 1024 * 1024};
constexpr Lane::Bounds kUrgentLane = {128, 2 * 1024 * 1024};
// 64 objects, of which a revocation or an order has some 300 bytes.
constexpr size_t kMaxUrgentBytes = 64 * 1024;
// Clients believe no older checkpoint (client/broker/log_view.cc).
constexpr absl::Duration kOldestInReadOnly = absl::Minutes(10);

// What an object that the directory took asks of this broker besides.
absl::Status CheckHere(const v1::SignedObject& object, Realm& realm, bool activation) {
  if (object.kind() == v1::OBJECT_KIND_CONVENANT && !activation) {
    return absl::FailedPreconditionError("a convenant is activated, not published");
  }
  if (object.kind() == v1::OBJECT_KIND_TRUST_UPDATE) {
    ASSIGN_OR_RETURN(const auto update, BodyOf<v1::TrustUpdate>(object, "trust update"));
    if (!update.log_key().empty()) return realm.PrepareLogKey(update.log_key());
  }
  if (object.kind() == v1::OBJECT_KIND_LOG_EPOCH) {
    ASSIGN_OR_RETURN(const auto epoch, BodyOf<v1::LogEpoch>(object, "log epoch"));
    return realm.CheckEpoch(epoch);
  }
  return absl::OkStatus();
}

// Whether these may be added to a log that is not writable: the one epoch that makes it so again.
bool IsOneEpoch(const std::vector<Bytes>& objects) {
  if (objects.size() != 1) return false;
  const absl::StatusOr<v1::SignedObject> object = trust::ParseSignedObject(objects[0]);
  return object.ok() && object->kind() == v1::OBJECT_KIND_LOG_EPOCH;
}

bool IsUrgent(v1::ObjectKind kind) {
  return kind == v1::OBJECT_KIND_REVOCATION || kind == v1::OBJECT_KIND_RESTRICTION_ORDER;
}

// Whether it begins as the one encoding of such an object does: its kind is field 1, a varint of one byte.
bool ClaimsUrgency(ByteView object) {
  return object.size() > 2 && object[0] == 0x08 && IsUrgent(static_cast<v1::ObjectKind>(object[1]));
}

// Names the object. What is too large is so for good, and not exhausted.
absl::Status At(size_t i, const absl::Status& status) {
  if (status.ok()) return status;
  const bool for_good = absl::IsResourceExhausted(status) && RetryAfter(status) == absl::ZeroDuration();
  absl::Status named(for_good ? absl::StatusCode::kInvalidArgument : status.code(),
                     absl::StrCat("objects[", i, "]: ", status.message()));
  status.ForEachPayload(
      [&named](absl::string_view url, const absl::Cord& payload) { named.SetPayload(url, payload); });
  return named;
}

// What an object that is there already is answered with.
v1::PublishReply NothingNew(const trust::Directory& directory) {
  v1::PublishReply reply;
  reply.set_dir_size(directory.size());
  return reply;
}

}  // namespace

Publication::Publication(const Context& context, Mailbox& mailbox, const crypto::PublicKey& identity,
                         const PublicationLimits& limits)
    : context_(context),
      mailbox_(mailbox),
      identity_(identity),
      allowances_(limits),
      urgent_(kUrgentLane),
      ordinary_(kOrdinaryLane) {}

void Publication::GetConvenant(const v1::GetConvenantRequest& request, Done<v1::GetConvenantReply> done) {
  const absl::StatusOr<Realm*> realm = FindRealm(context_.realms, request.convenant_id());
  if (!realm.ok()) return done(realm.status());
  const absl::StatusOr<DirectorySnapshot> directory = (*realm)->ActiveDirectory();
  if (!directory.ok()) return done(directory.status());
  v1::GetConvenantReply reply;
  reply.set_object((*directory)->convenant_object());
  reply.set_first((*directory)->versions().front().object);
  // The checkpoint may be a moment behind the directory, but never behind the convenant itself.
  (*realm)->WhenPublished(
      1,
      [reply = std::move(reply),
       done = std::move(done)](absl::StatusOr<CheckpointBoard::Published> published) mutable {
        if (!published.ok()) return done(published.status());
        reply.set_checkpoint((*published)->note);
        done(std::move(reply));
      },
      CheckpointBoard::InVain::kNewest);
}

void Publication::ProvePublished(const v1::ProvePublishedRequest& request,
                                 Done<v1::ProvePublishedReply> done) {
  const absl::StatusOr<Realm*> found = FindRealm(context_.realms, request.convenant_id());
  if (!found.ok()) return done(found.status());
  Realm* const realm = *found;
  if (const auto active = realm->ActiveDirectory(); !active.ok()) return done(active.status());
  realm->WhenPublished(1, [this, realm, request, done = std::move(done)](
                              const absl::StatusOr<CheckpointBoard::Published>& published) {
    if (!published.ok()) return done(published.status());
    context_.workers.Schedule([this, realm, request, done, published = *published] {
      done(server::ProvePublished(context_, *realm, *published, request));
    });
  });
}

// Whether the convenant may be put into force here. Whether it is signed, and the next version, the directory
// says when it is added.
absl::StatusOr<Realm*> Publication::CheckActivation(const Bytes& object) const {
  ASSIGN_OR_RETURN(const v1::SignedObject parsed, trust::ParseSignedObject(object));
  if (parsed.kind() != v1::OBJECT_KIND_CONVENANT)
    return absl::InvalidArgumentError("object: not a convenant");
  ASSIGN_OR_RETURN(const policies::Convenant convenant,
                   policies::Convenant::Parse(parsed.body(), "convenant.yaml"));
  const auto found = context_.realms.find(convenant.id());
  if (found == context_.realms.end()) {
    return absl::FailedPreconditionError("object: this broker does not host that convenant");
  }
  Realm& realm = *found->second;
  if (convenant.SignatoryOf(convenant.host()).root != realm.host_root()) {
    return absl::FailedPreconditionError("object: the host's root key is not the one this broker was given");
  }
  ASSIGN_OR_RETURN(const crypto::PublicKey log_key, trust::LogKey(convenant));
  if (log_key != realm.log_public_key()) {
    return absl::FailedPreconditionError("object: trust.log_key is not the key of this broker's log");
  }
  if (convenant.trust()->broker_key != View(identity_)) {
    return absl::FailedPreconditionError("object: trust.broker_key is not the identity of this broker");
  }
  return &realm;
}

void Publication::Activate(const v1::ActivateRequest& request, Done<v1::PublishReply> done,
                           absl::string_view address) {
  if (request.object().size() > trust::kMaxObjectBytes) {
    return done(absl::InvalidArgumentError("object: too large"));
  }
  absl::StatusOr<Lane::Place> place = ordinary_.Reserve(address, request.object().size());
  if (!place.ok()) return done(place.status());
  auto submitted = std::make_shared<const Submitted>(Submitted{nullptr, {request.object()}, std::move(done)});
  ordinary_.Schedule(*std::move(place),
                     [this, submitted](Lane::Place own) { CheckActivator(submitted, std::move(own)); });
}

void Publication::Publish(const v1::PublishRequest& request, Done<v1::PublishReply> done,
                          absl::string_view address) {
  const size_t bytes = request.ByteSizeLong();
  if (request.objects_size() > kMaxObjects || bytes > kMaxPublishBytes) {
    return done(absl::InvalidArgumentError("objects: over 64, or over 1 MiB"));
  }
  if (request.objects().empty()) return done(absl::InvalidArgumentError("objects: none"));
  if (const absl::Status room = context_.space.CheckRoomFor(bytes); !room.ok()) {
    return done(room);
  }
  const absl::StatusOr<Realm*> realm = FindRealm(context_.realms, request.convenant_id());
  if (!realm.ok()) return done(realm.status());
  if (const absl::StatusOr<DirectorySnapshot> active = (*realm)->ActiveDirectory(); !active.ok()) {
    return done(active.status());
  }
  const bool urgent = bytes <= kMaxUrgentBytes &&
                      std::any_of(request.objects().begin(), request.objects().end(), ClaimsUrgency);
  Lane& lane = urgent ? urgent_ : ordinary_;
  absl::StatusOr<Lane::Place> place = lane.Reserve(address, bytes);
  if (!place.ok()) return done(place.status());
  auto submitted = std::make_shared<const Submitted>(
      Submitted{*realm, {request.objects().begin(), request.objects().end()}, std::move(done)});
  lane.Schedule(*std::move(place), [this, submitted, urgent](Lane::Place own) {
    if (urgent) return CheckUrgent(submitted, std::move(own));
    CheckObjects(submitted, std::move(own), /*urgent=*/false);
  });
}

void Publication::Answer(const Submitted& submitted, Lane::Place place,
                         const absl::StatusOr<v1::PublishReply>& reply) {
  place.reset();  // first: who has his answer may come again
  submitted.done(reply);
}

void Publication::CheckUrgent(const SubmittedPointer& submitted, Lane::Place place) {
  const DirectorySnapshot directory = submitted->realm->directory();
  for (const Bytes& bytes : submitted->objects) {
    if (!ClaimsUrgency(bytes) || directory->Contains(bytes)) continue;
    const absl::StatusOr<v1::SignedObject> object = trust::ParseSignedObject(bytes);
    if (!object.ok() || !SignerCheck(*directory).Check(*object).ok()) break;
    return CheckObjects(submitted, std::move(place), /*urgent=*/true);
  }
  absl::StatusOr<Lane::Place> other = ordinary_.Reserve(place->address, place->bytes);
  if (!other.ok()) return Answer(*submitted, std::move(place), other.status());
  ordinary_.Schedule(*std::move(other), [this, submitted](Lane::Place own) {
    CheckObjects(submitted, std::move(own), /*urgent=*/false);
  });
}

void Publication::CheckObjects(const SubmittedPointer& submitted, Lane::Place place, bool urgent) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<bool> admitted = AdmitObjects(*submitted, now);
  if (!admitted.ok()) return Answer(*submitted, std::move(place), admitted.status());
  if (!*admitted) {
    return Answer(*submitted, std::move(place), NothingNew(*submitted->realm->directory()));
  }
  judge_.Schedule(urgent, [this, submitted, now, place = std::move(place)]() mutable {
    Answer(*submitted, std::move(place),
           Add(*submitted->realm, submitted->objects, /*activation=*/false, now));
  });
}

absl::StatusOr<bool> Publication::AdmitObjects(const Submitted& submitted, absl::Time now) {
  const Realm& realm = *submitted.realm;
  const DirectorySnapshot directory = realm.directory();
  struct Fresh {
    size_t at;
    v1::SignedObject object;
  };
  std::vector<Fresh> fresh;
  // Who has spent what is his is told so before anything is verified. He need not be the signer for that: it
  // spends nothing, and the signer would be told the same.
  std::map<std::pair<int, std::string>, uint32_t> claimed;
  for (size_t i = 0; i < submitted.objects.size(); ++i) {
    if (directory->Contains(submitted.objects[i])) continue;
    absl::StatusOr<v1::SignedObject> object = trust::ParseSignedObject(submitted.objects[i]);
    if (!object.ok()) return At(i, object.status());
    ++claimed[{object->kind(), object->signatures(0).signer()}];
    fresh.push_back({i, *std::move(object)});
  }
  for (const auto& [who, objects] : claimed) {
    RETURN_IF_ERROR(
        allowances_.Check(realm.prefix(), static_cast<v1::ObjectKind>(who.first), who.second, objects, now));
  }
  SignerCheck signers(*directory);
  for (const Fresh& one : fresh) {
    const absl::StatusOr<std::string> signer = signers.Check(one.object);
    if (!signer.ok()) return At(one.at, signer.status());
    RETURN_IF_ERROR(SpendOn(realm, one.object, *signer, now));
    RETURN_IF_ERROR(At(one.at, AdmitPrekey(*directory, one.object, now)));
  }
  return !fresh.empty();
}

// What several sign is counted against the first of them who is known, who need not be the one it begins
// with.
absl::Status Publication::SpendOn(const Realm& realm, const v1::SignedObject& object,
                                  absl::string_view signer, absl::Time now) {
  if (trust::TakesManySignatures(object.kind())) {
    RETURN_IF_ERROR(allowances_.Check(realm.prefix(), object.kind(), signer, 1, now));
  }
  allowances_.Spend(realm.prefix(), object.kind(), signer, now);
  return absl::OkStatus();
}

// What the directory would refuse too is refused here, where nobody waits for it.
absl::Status Publication::AdmitPrekey(const trust::Directory& directory, const v1::SignedObject& object,
                                      absl::Time now) const {
  if (object.kind() != v1::OBJECT_KIND_PREKEY) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto prekey, BodyOf<v1::Prekey>(object, "prekey"));
  RETURN_IF_ERROR(CheckPrekeyMonth(prekey, now));
  const trust::Device* device = directory.FindDevice(prekey.device_id());
  if (device == nullptr) return absl::OkStatus();  // of this publication
  if (device->revoked_at_seq) return absl::PermissionDeniedError("prekey: its device is revoked");
  if (directory.HasPrekey(device->id, prekey.retention_class(), absl::FromUnixSeconds(prekey.seal_from()))) {
    return absl::FailedPreconditionError("seal_from: this device has a prekey of this class from then on");
  }
  return absl::OkStatus();
}

// Whose convenant it is takes long to read, so who signed is asked of all that are hosted: of one in force a
// party of it, of one to come its host.
void Publication::CheckActivator(const SubmittedPointer& submitted, Lane::Place place) {
  const absl::Time now = context_.clock.Now();
  const Bytes& bytes = submitted->objects[0];
  const absl::StatusOr<v1::SignedObject> object = trust::ParseSignedObject(bytes);
  if (!object.ok()) return Answer(*submitted, std::move(place), object.status());
  if (object->kind() != v1::OBJECT_KIND_CONVENANT) {
    return Answer(*submitted, std::move(place), absl::InvalidArgumentError("object: not a convenant"));
  }
  absl::Status refusal = absl::PermissionDeniedError(
      "convenant: signed with no root key of a party or host of a convenant of this broker");
  for (const auto& [id, realm] : context_.realms) {
    const DirectorySnapshot directory = realm->directory();
    if (directory->Contains(bytes)) return Answer(*submitted, std::move(place), NothingNew(*directory));
    std::string signer = "host";
    if (directory->convenant() != nullptr) {
      absl::StatusOr<std::string> party = SignerCheck(*directory).Check(*object);
      if (!party.ok()) {
        refusal = party.status();
        continue;
      }
      signer = *std::move(party);
    } else if (!IsSignedBy(*object, realm->host_root())) {
      continue;
    }
    if (const absl::Status counted = SpendOn(*realm, *object, signer, now); !counted.ok()) {
      return Answer(*submitted, std::move(place), counted);
    }
    return judge_.Schedule(/*urgent=*/false, [this, submitted, now, place = std::move(place)]() mutable {
      const absl::StatusOr<Realm*> hosted = CheckActivation(submitted->objects[0]);
      if (!hosted.ok()) return Answer(*submitted, std::move(place), hosted.status());
      Answer(*submitted, std::move(place), Add(**hosted, submitted->objects, /*activation=*/true, now));
    });
  }
  Answer(*submitted, std::move(place), refusal);
}

void Publication::Stop() {
  urgent_.Stop();
  ordinary_.Stop();
  judge_.Stop();
}

absl::StatusOr<v1::PublishReply> Publication::Add(Realm& realm, const std::vector<Bytes>& objects,
                                                  bool activation, absl::Time now) {
  if (const absl::Status writable = realm.MayWrite(); !writable.ok() && !IsOneEpoch(objects)) return writable;
  // Only judge_ changes the directory, so it still is the committed one when the commit thread gets
  // here.
  auto next = std::make_shared<trust::Directory>(*realm.directory());
  std::vector<NewObject> added;
  bool new_log_key = false;
  for (size_t i = 0; i < objects.size(); ++i) {
    const uint64_t seq = next->size();
    absl::Status status = next->Add(objects[i], now);
    if (absl::IsAlreadyExists(status)) continue;
    const absl::StatusOr<v1::SignedObject> object = trust::ParseSignedObject(objects[i]);
    if (status.ok()) status = object.status();
    if (status.ok()) status = CheckHere(*object, realm, activation);
    if (!status.ok()) return At(i, status);
    new_log_key |=
        object->kind() == v1::OBJECT_KIND_TRUST_UPDATE || object->kind() == v1::OBJECT_KIND_LOG_EPOCH;
    ASSIGN_OR_RETURN(std::optional<PreparedEvent> event, EventOf(*object, objects[i], *next, now));
    added.push_back({objects[i], seq, next->chain_hash(), std::move(event)});
  }
  if (added.empty()) return NothingNew(*next);
  absl::Notification finished;
  absl::StatusOr<v1::PublishReply> result = absl::UnknownError("");
  context_.sequencer.Enqueue(std::make_unique<PublishOperation>(context_, mailbox_, realm, std::move(next),
                                                                added, now, finished, result));
  finished.WaitForNotification();
  if (result.ok() && new_log_key) {
    const absl::Status placed = realm.TakeOverLogKey();
    if (!placed.ok()) context_.metrics.UnexpectedError("taking over the log key", placed);
  }
  return result;
}

void Publication::GetDirectory(const Session& session, const v1::GetDirectoryRequest& request,
                               Done<std::shared_ptr<Source<v1::GetDirectoryReply>>> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = Admit(context_, context_.quotas.questions, session, now);
  if (!caller.ok()) return done(caller.status());
  if (const absl::Status own = CheckConvenant(session, request.convenant_id()); !own.ok()) return done(own);
  Realm& realm = *caller->realm;
  auto watched = Watch(context_, realm, session, done);
  if (!watched.ok()) return done(watched.status());
  done = *std::move(watched);
  realm.WhenPublished(
      realm.log().head().size,
      [this, &realm, from = request.from(),
       done = std::move(done)](absl::StatusOr<CheckpointBoard::Published> published) {
        if (!published.ok()) return done(published.status());
        const audit::Checkpoint& checkpoint = (*published)->checkpoint;
        const uint64_t limit = checkpoint.directory->seq;
        // Where nothing is signed any more: what a client must take for a broker that froze is no help, nor
        // is a checkpoint of objects or leaves that are lost, which it could not prove.
        if (!realm.MayWrite().ok() &&
            (limit > realm.directory()->size() || checkpoint.size > realm.log().head().size ||
             context_.clock.Now() - *checkpoint.time > kOldestInReadOnly)) {
          return done(ReadOnly());
        }
        if (from > limit) return done(absl::OutOfRangeError("from: past the end of the directory"));
        done(std::shared_ptr<Source<v1::GetDirectoryReply>>(
            std::make_shared<DirectoryPages>(context_, realm, from, limit, (*published)->note)));
      },
      CheckpointBoard::InVain::kNewest);
}

}  // namespace seinpost::server
