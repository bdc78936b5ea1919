// SPDX-License-Identifier: EUPL-1.2
#include "client/broker/log_view.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "audit/signed_note.h"
#include "client/broker/clock_check.h"
#include "client/broker/fork_evidence.h"
#include "client/broker/grpc_status.h"
#include "client/terminal/texts.h"
#include "crypto/merkle.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// How old the last word of a log may be; one that stands still signs anew every five minutes.
constexpr absl::Duration kOldestCheckpoint = absl::Minutes(10);

absl::StatusOr<std::vector<Digest>> Hashes(const google::protobuf::RepeatedPtrField<std::string>& hashes) {
  std::vector<Digest> proof;
  for (const std::string& hash : hashes) {
    ASSIGN_OR_RETURN(proof.emplace_back(), ToFixed<32>(hash, "hash of a proof"));
  }
  return proof;
}

int64_t WholeMinutes(absl::Duration duration) {
  return absl::ToInt64Minutes(absl::AbsDuration(duration) + absl::Seconds(30));
}

}  // namespace

const trust::LogIdentity* IdentityOf(const trust::Directory& directory, absl::string_view origin,
                                     uint64_t directory_size) {
  const trust::LogIdentity* found = nullptr;
  for (const trust::LogIdentity& identity : directory.log_identities()) {
    if (identity.origin != origin) continue;
    if (found == nullptr || identity.seq < directory_size) found = &identity;
  }
  return found;
}

std::vector<trust::LogIdentity> IdentitiesAtLeaf(const trust::Directory& directory, uint64_t index) {
  const trust::DirSize before = directory.SizeAtLeaf(index);
  std::vector<trust::LogIdentity> identities = {directory.LogIdentityAsOf(before)};
  for (const trust::LogIdentity& identity : directory.log_identities()) {
    if (identity.seq == before && before > 0 && before < directory.leaf_indexes().size() &&
        directory.leaf_indexes()[before] == index) {
      identities.push_back(identity);
    }
  }
  return identities;
}

absl::StatusOr<audit::Checkpoint> VerifyNoteOfLog(ByteView note, const trust::Directory& directory) {
  ASSIGN_OR_RETURN(const audit::SignedNote parsed, audit::SignedNote::Parse(note));
  ASSIGN_OR_RETURN(const audit::Checkpoint said, audit::ParseCheckpointText(parsed.text));
  const trust::LogIdentity* identity =
      IdentityOf(directory, said.origin, said.directory.has_value() ? said.directory->seq : 0);
  if (identity == nullptr) return absl::PermissionDeniedError("it is of another log");
  return audit::VerifyCheckpoint(note, audit::LogKey(identity->origin, identity->key));
}

bool SpeaksOfLostTail(const trust::Directory& directory, const audit::Checkpoint& checkpoint) {
  const trust::LogIdentity* identity = IdentityOf(directory, checkpoint.origin, trust::kNewest);
  if (identity == nullptr) return false;
  return std::any_of(
      directory.lost_tails().begin(), directory.lost_tails().end(),
      [&](const trust::LostTail& tail) { return tail.seq > identity->seq && checkpoint.size > tail.first; });
}

absl::Status LogView::Load(const StateData& data, const trust::Directory& directory) {
  if (data.checkpoint.empty()) return absl::OkStatus();
  absl::StatusOr<audit::Checkpoint> checkpoint = VerifyNoteOfLog(data.checkpoint, directory);
  if (!checkpoint.ok()) {
    return WithExit(absl::DataLossError(
                        absl::StrCat("the stored checkpoint is damaged: ", checkpoint.status().message())),
                    kUsage);
  }
  note_ = data.checkpoint;
  checkpoint_ = *std::move(checkpoint);
  return absl::OkStatus();
}

absl::Status LogView::CheckGoesOn(ByteView next_note, const audit::Checkpoint& next,
                                  const trust::Directory& directory, size_t known_tails) {
  if (!checkpoint_.has_value()) return absl::OkStatus();
  const std::vector<trust::LostTail>& tails = directory.lost_tails();
  if (known_tails < tails.size() && checkpoint_->size > tails[known_tails].first) {
    const trust::LostTail& tail = tails[known_tails];
    // What this device saw is gone, as far as the parties have signed that it is.
    if (checkpoint_->size < tail.end ||
        (checkpoint_->size == tail.end && checkpoint_->root == tail.last_root)) {
      return absl::OkStatus();
    }
    return Fork(
        note_, next_note, "own", 0, 0, v1::ProveConsistencyReply(),
        absl::Substitute(TextOf(Text::kTailLostMore, context_.language), checkpoint_->size, tail.end, "$0"));
  }
  return CheckJoined(note_, *checkpoint_, next_note, next, "own");
}

absl::Status LogView::CheckJoined(ByteView first_note, const audit::Checkpoint& first, ByteView second_note,
                                  const audit::Checkpoint& second, absl::string_view found) {
  const auto sentence = [&](Text own) {
    const Text text = found == "own" ? own : (found == "sender" ? Text::kGossipSender : Text::kGossipProfile);
    return TextOf(text, context_.language);
  };
  const absl::StatusOr<v1::ProveConsistencyReply> nothing = v1::ProveConsistencyReply();
  if (first.size == second.size) {
    if (first.root == second.root && first.directory == second.directory) return absl::OkStatus();
    return Fork(first_note, second_note, found, 0, 0, nothing,
                found == "own" ? absl::Substitute(sentence(Text::kLogTwoRoots), first.size, "$0")
                               : std::string(sentence(Text::kLogTwoRoots)));
  }
  if (found == "own" && second.size < first.size) {
    return Fork(first_note, second_note, found, 0, 0, nothing,
                absl::Substitute(sentence(Text::kLogShrunk), first.size, second.size, "$0"));
  }
  const audit::Checkpoint& less = first.size < second.size ? first : second;
  const audit::Checkpoint& more = first.size < second.size ? second : first;
  if (less.size == 0) return absl::OkStatus();  // an empty log proves nothing, and contradicts nothing
  const absl::StatusOr<v1::ProveConsistencyReply> reply = connection_.ProveConsistency(less.size, more.size);
  if (IsNoAnswer(reply.status())) return reply.status();
  if (!reply.ok()) {
    return Fork(first_note, second_note, found, less.size, more.size, reply, sentence(Text::kLogNoProof));
  }
  const absl::StatusOr<std::vector<Digest>> proof = Hashes(reply->hashes());
  if (proof.ok() && crypto::VerifyConsistency(less.size, more.size, less.root, more.root, *proof).ok()) {
    return absl::OkStatus();
  }
  return Fork(first_note, second_note, found, less.size, more.size, reply, sentence(Text::kLogBadProof));
}

absl::Status LogView::Fork(ByteView first, ByteView second, absl::string_view found, uint64_t size1,
                           uint64_t size2, const absl::StatusOr<v1::ProveConsistencyReply>& answer,
                           absl::string_view what) {
  ForkEvidence evidence{.convenant = convenant_id_,
                        .time = context_.clock.Now(),
                        .found = std::string(found),
                        .first = Bytes(first),
                        .second = Bytes(second),
                        .size1 = size1,
                        .size2 = size2};
  if (answer.ok()) {
    evidence.answer = *answer;
  } else {
    evidence.error = std::string(answer.status().message());
  }
  // A disk that refuses must not hide what was found.
  const absl::StatusOr<std::string> path = KeepEvidence(state_.directory(), evidence);
  return TamperedError(
      absl::Substitute(what, path.ok() ? *path : absl::StrCat("(", path.status().message(), ")")));
}

absl::Status LogView::ClockError(absl::Duration ahead) const {
  const absl::Time now = context_.clock.Now();
  const ClockCheck check = CheckClock(now, checkpoint_.has_value() ? checkpoint_->time : std::nullopt, ahead);
  Text text = ahead > absl::ZeroDuration() ? Text::kClockAhead : Text::kClockBehind;
  if (check.broker_behind_log && !check.behind_log) {
    text = Text::kBrokerClockBehind;
    ahead -= *check.ahead_of_checkpoint;
  }
  return WithExit(
      absl::FailedPreconditionError(absl::Substitute(TextOf(text, context_.language), WholeMinutes(ahead))),
      kFailed);
}

absl::Status LogView::CheckFresh(const audit::Checkpoint& next) {
  const absl::Duration age = context_.clock.Now() - next.time.value_or(absl::InfinitePast());
  if (age <= kOldestCheckpoint && age >= -kOldestCheckpoint) return absl::OkStatus();
  // Whose clock is it? The broker's word only decides which of two refusals this is.
  RETURN_IF_ERROR(connection_.AskTime());
  const absl::Duration ahead = connection_.ahead_of_broker().value_or(absl::ZeroDuration());
  if (absl::AbsDuration(ahead) > trust::kClockSkew) return ClockError(ahead);
  return TamperedError(absl::Substitute(
      TextOf(age > absl::ZeroDuration() ? Text::kLogStale : Text::kLogFromFuture, context_.language),
      WholeMinutes(age)));
}

absl::Status LogView::Keep(ByteView note, const audit::Checkpoint& checkpoint) {
  if (checkpoint_.has_value() && note == note_) return absl::OkStatus();
  note_ = Bytes(note);
  const uint64_t before = checkpoint_.has_value() ? checkpoint_->size : 0;
  checkpoint_ = checkpoint;
  return state_.Update([&](StateData& data) -> absl::Status {
    // Another command may have come further meanwhile, unless the log lost its tail.
    const absl::StatusOr<audit::SignedNote> stored = audit::SignedNote::Parse(data.checkpoint);
    const absl::StatusOr<audit::Checkpoint> said =
        stored.ok() ? audit::ParseCheckpointText(stored->text) : stored.status();
    const bool further =
        said.ok() && said->origin == checkpoint.origin && said->size > checkpoint.size && said->size > before;
    if (!further) data.checkpoint = note_;
    return absl::OkStatus();
  });
}

absl::Status LogView::CheckSameHistory(ByteView other_note, const audit::Checkpoint& other,
                                       const trust::Directory& directory, absl::string_view found) {
  if (!checkpoint_.has_value() || other_note == note_ || SpeaksOfLostTail(directory, other)) {
    return absl::OkStatus();
  }
  const SeenCheckpoint seen{.size = other.size, .root = other.root};
  ASSIGN_OR_RETURN(const StateData data, state_.Load());
  if (std::find(data.seen.begin(), data.seen.end(), seen) != data.seen.end()) return absl::OkStatus();
  RETURN_IF_ERROR(CheckJoined(other_note, other, note_, *checkpoint_, found));
  return state_.Update([&](StateData& newest) {
    newest.seen.push_back(seen);
    if (newest.seen.size() > kMaxSeen) {
      newest.seen.erase(newest.seen.begin(),
                        newest.seen.begin() + static_cast<std::ptrdiff_t>(newest.seen.size() - kMaxSeen));
    }
    return absl::OkStatus();
  });
}

absl::Status LogView::CheckIncluded(uint64_t index, const Digest& leaf_hash,
                                    const audit::Checkpoint& checkpoint) {
  ASSIGN_OR_RETURN(const v1::ProveInclusionReply reply, connection_.ProveInclusion(index, checkpoint.size));
  const absl::StatusOr<std::vector<Digest>> proof = Hashes(reply.hashes());
  if (!proof.ok()) return absl::DataLossError(proof.status().message());
  const absl::Status included =
      crypto::VerifyInclusion(index, checkpoint.size, leaf_hash, *proof, checkpoint.root);
  return included.ok() ? included : absl::DataLossError(included.message());
}

}  // namespace seinpost::client
