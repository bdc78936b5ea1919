// SPDX-License-Identifier: EUPL-1.2
#include "client/broker/directory_sync.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "audit/commitment.h"
#include "audit/signed_note.h"
#include "client/broker/grpc_status.h"
#include "client/terminal/texts.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "trust/objects.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

v1::ObjectKind KindOf(const Bytes& object) {
  const absl::StatusOr<v1::SignedObject> parsed = trust::ParseSignedObject(object);
  return parsed.ok() ? parsed->kind() : v1::OBJECT_KIND_UNSPECIFIED;
}

// Objects after which less is allowed than before: where they stand in the log decides about signals.
bool Binds(v1::ObjectKind kind) {
  switch (kind) {
    case v1::OBJECT_KIND_REVOCATION:
    case v1::OBJECT_KIND_CONVENANT:
    case v1::OBJECT_KIND_PROPOSAL:
    case v1::OBJECT_KIND_TRUST_UPDATE:
    case v1::OBJECT_KIND_RESTRICTION_ORDER:
    case v1::OBJECT_KIND_LOG_EPOCH:
      return true;
    default:
      return false;
  }
}

// The first line of a note; empty if there is none.
std::string OriginOf(ByteView note) { return std::string(note.substr(0, note.find('\n'))); }

}  // namespace

HeldDirectory::HeldDirectory(const ConvenantEntry& entry)
    : directory(trust::Pin{entry.version, entry.hash}, absl::StrCat(entry.id, ".yaml")) {}

absl::Status HeldDirectory::Add(HeldObject held, absl::Time now) {
  RETURN_IF_ERROR(directory.Add(held.object, now));
  objects.push_back(std::move(held));
  return directory.SetLeafIndex(objects.size() - 1, objects.back().leaf_index);
}

absl::StatusOr<HeldDirectory> LoadHeld(const State& state, const ConvenantEntry& entry) {
  ASSIGN_OR_RETURN(std::vector<HeldObject> objects, state.LoadDirectory());
  HeldDirectory held(entry);
  for (HeldObject& object : objects) {
    const absl::Status added = held.Add(std::move(object), absl::InfinitePast());
    if (!added.ok()) {
      return WithExit(absl::DataLossError(absl::StrCat("the stored directory is damaged: ", added.message())),
                      kUsage);
    }
  }
  return held;
}

absl::StatusOr<DirectorySync::Fetched> DirectorySync::Fetch(uint64_t from) {
  Fetched fetched;
  RETURN_IF_ERROR(connection_.GetDirectory(from, [&](const v1::GetDirectoryReply& reply) -> absl::Status {
    if (reply.objects_size() > 0 && reply.first_seq() != from + fetched.objects.size()) {
      return TamperedError(TextOf(Text::kDirectoryGap, context_.language));
    }
    if (reply.leaf_indexes_size() != reply.objects_size()) {
      return TamperedError(
          absl::Substitute(TextOf(Text::kLeafOutOfPlace, context_.language), from + fetched.objects.size()));
    }
    for (int i = 0; i < reply.objects_size(); ++i) {
      fetched.objects.push_back({.object = reply.objects(i), .leaf_index = reply.leaf_indexes(i)});
    }
    if (!reply.checkpoint().empty()) fetched.note = reply.checkpoint();
    return absl::OkStatus();
  }));
  if (fetched.note.empty()) return TamperedError(TextOf(Text::kDirectoryNoCheckpoint, context_.language));
  return fetched;
}

absl::Status DirectorySync::Append(std::vector<HeldObject> objects) {
  if (objects.empty()) return absl::OkStatus();
  if (!next_.has_value()) next_.emplace(held_);
  for (HeldObject& object : objects) {
    const size_t place = next_->objects.size();
    const v1::ObjectKind kind = KindOf(object.object);
    // An object may be older than this device's last visit, a certificate in it may have run out since: it
    // was checked against the time when the log took it in, and whatever has run out counts for nothing
    // anyway. But a convenant may show no evidence of times yet to come.
    const absl::Time now = kind == v1::OBJECT_KIND_CONVENANT ? context_.clock.Now() : absl::InfinitePast();
    const absl::Status added = next_->Add(std::move(object), now);
    if (added.ok()) continue;
    if (next_->objects.size() > place) {
      return TamperedError(absl::Substitute(TextOf(Text::kLeafOutOfPlace, context_.language), place));
    }
    return TamperedError(absl::Substitute(
        TextOf(kind == v1::OBJECT_KIND_CONVENANT ? Text::kConvenantForged : Text::kDirectoryObject,
               context_.language),
        added.message()));
  }
  return absl::OkStatus();
}

absl::Status DirectorySync::Run() {
  absl::StatusOr<Fetched> fetched = Fetch(held_.objects.size());
  // Fewer objects than this device holds: a log that lost its tail, or one that was rolled back.
  const bool fewer = fetched.status().code() == absl::StatusCode::kOutOfRange;
  if (!fetched.ok() && !fewer) return fetched.status();
  if (fewer || IsOfOtherLog(*fetched)) {
    RETURN_IF_ERROR(StartOver());
  } else {
    note_ = std::move(fetched->note);
    RETURN_IF_ERROR(CheckHistory());
    RETURN_IF_ERROR(Append(std::move(fetched->objects)));
  }
  if (directory().directory.convenant() == nullptr) return CheckPin();
  const trust::LogIdentity& identity = directory().directory.LogIdentityAsOf();
  absl::StatusOr<audit::Checkpoint> checkpoint =
      audit::VerifyCheckpoint(note_, audit::LogKey(identity.origin, identity.key));
  if (!checkpoint.ok()) {
    return TamperedError(
        absl::Substitute(TextOf(Text::kCheckpointForged, context_.language), checkpoint.status().message()));
  }
  checkpoint_ = *std::move(checkpoint);
  if (!joined_) {
    RETURN_IF_ERROR(
        log_.CheckGoesOn(note_, checkpoint_, directory().directory, held_.directory.lost_tails().size()));
  }
  if (replaced_) RETURN_IF_ERROR(CheckLost());
  RETURN_IF_ERROR(CheckHead());
  RETURN_IF_ERROR(log_.CheckFresh(checkpoint_));
  RETURN_IF_ERROR(CheckLeaves(replaced_ ? 0 : held_.objects.size()));
  return CheckPin();
}

// The log goes on under another name, and what came does not say why: it went before.
bool DirectorySync::IsOfOtherLog(const Fetched& fetched) const {
  if (held_.directory.convenant() == nullptr) return false;
  return OriginOf(fetched.note) != held_.directory.LogIdentityAsOf().origin &&
         std::none_of(fetched.objects.begin(), fetched.objects.end(), [](const HeldObject& held) {
           return KindOf(held.object) == v1::OBJECT_KIND_LOG_EPOCH;
         });
}

// A log that does not go on from what it was is told as that, and kept as evidence, whatever else is wrong
// with its directory. Where the new objects say who signs the log, they come first.
absl::Status DirectorySync::CheckHistory() {
  if (held_.directory.convenant() == nullptr) return absl::OkStatus();
  const trust::LogIdentity& identity = held_.directory.LogIdentityAsOf();
  const absl::StatusOr<audit::Checkpoint> checkpoint =
      audit::VerifyCheckpoint(note_, audit::LogKey(identity.origin, identity.key));
  if (!checkpoint.ok()) return absl::OkStatus();
  RETURN_IF_ERROR(log_.CheckGoesOn(note_, *checkpoint, held_.directory, held_.directory.lost_tails().size()));
  joined_ = true;
  return absl::OkStatus();
}

// This device holds objects that the log lost: the whole directory again, of which everything that was left
// must be what this device holds (CheckLost).
absl::Status DirectorySync::StartOver() {
  ASSIGN_OR_RETURN(Fetched fetched, Fetch(0));
  note_ = std::move(fetched.note);
  next_.emplace(entry_);
  RETURN_IF_ERROR(Append(std::move(fetched.objects)));
  replaced_ = true;
  std::set<Bytes> there;
  for (const HeldObject& held : directory().objects) there.insert(held.object);
  for (const HeldObject& held : held_.objects) {
    if (there.count(held.object) == 0) lost_.push_back(held.object);
  }
  return absl::OkStatus();
}

const trust::LostTail* DirectorySync::lost_tail() const {
  const std::vector<trust::LostTail>& tails = directory().directory.lost_tails();
  const size_t known = held_.directory.lost_tails().size();
  return known < tails.size() ? &tails[known] : nullptr;
}

absl::Status DirectorySync::CheckLost() const {
  const std::vector<trust::LostTail>& tails = directory().directory.lost_tails();
  const size_t known = held_.directory.lost_tails().size();
  const auto refuse = [&] { return TamperedError(TextOf(Text::kDirectoryOther, context_.language)); };
  if (tails.size() <= known) return refuse();
  uint64_t left = held_.objects.size();
  for (size_t i = known; i < tails.size(); ++i) left = std::min(left, tails[i].directory_size);
  if (directory().objects.size() < left) return refuse();
  const auto end = held_.objects.begin() + static_cast<std::ptrdiff_t>(left);
  return std::equal(held_.objects.begin(), end, directory().objects.begin()) ? absl::OkStatus() : refuse();
}

absl::Status DirectorySync::CheckHead() const {
  const std::optional<audit::DirectoryHead>& head = checkpoint_.directory;
  if (!head.has_value() || head->seq != directory().directory.size() ||
      head->hash != directory().directory.chain_hash()) {
    return TamperedError(TextOf(Text::kDirectoryOther, context_.language));
  }
  return absl::OkStatus();
}

absl::Status DirectorySync::CheckLeaves(size_t from) {
  for (size_t i = from; i < directory().objects.size(); ++i) {
    const HeldObject& held = directory().objects[i];
    if (held.leaf_index >= checkpoint_.size) {
      return TamperedError(absl::Substitute(TextOf(Text::kLeafOutOfPlace, context_.language), i));
    }
    if (!Binds(KindOf(held.object))) continue;
    const absl::Status included = log_.CheckIncluded(
        held.leaf_index,
        audit::LeafHashOf(audit::LeafClass::kDirectory, *directory().directory.ChainHashAt(i + 1)),
        checkpoint_);
    if (IsNoAnswer(included)) return included;
    if (!included.ok()) {
      return TamperedError(absl::Substitute(TextOf(Text::kLeafNotThere, context_.language), i));
    }
  }
  return absl::OkStatus();
}

absl::Status DirectorySync::CheckPin() const {
  const policies::Convenant* newest = directory().directory.convenant();
  const uint32_t version = newest == nullptr ? 0 : newest->version();
  const trust::Version* pinned = directory().directory.FindVersion(View(entry_.hash));
  if (pinned != nullptr && pinned->convenant->version() == entry_.version) return absl::OkStatus();
  // What the lost tail held comes back when somebody publishes it again.
  const bool lost = std::any_of(lost_.begin(), lost_.end(), [](const Bytes& object) {
    return KindOf(object) == v1::OBJECT_KIND_CONVENANT;
  });
  if (lost) return absl::OkStatus();
  return TamperedError(
      absl::Substitute(TextOf(Text::kConvenantOld, context_.language), version, entry_.version));
}

}  // namespace seinpost::client
