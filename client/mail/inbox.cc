// SPDX-License-Identifier: EUPL-1.2
#include "client/mail/inbox.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/mail/delivered.h"
#include "client/mail/examine.h"
#include "client/terminal/texts.h"
#include "envelope/core.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// How long fetching what is there may take before the broker counts as gone.
constexpr absl::Duration kBacklogPatience = absl::Seconds(60);

// Parts that have expired are not among what there is to open.
Letter Describe(const Session& session, const v1::Delivery& delivery, const v1::Core& core,
                const StateData& data) {
  const absl::Time now = session.context().clock.Now();
  Letter letter;
  letter.signal_id = core.signal_id();
  letter.core = core;
  letter.cursor = delivery.cursor();
  const trust::Device* sender = session.directory().FindDevice(core.sender_device());
  const trust::Device* self = session.directory().FindDevice(session.own_device_id());
  if (sender != nullptr) letter.sender = sender->address();
  letter.own = sender != nullptr && self != nullptr && sender->member_ref == self->member_ref;
  const auto read = data.read.find(core.signal_id());
  for (const v1::Part& part : delivery.parts()) {
    v1::PartDescriptor descriptor;
    if (!descriptor.ParseFromString(part.descriptor_bytes())) continue;
    if (absl::FromUnixSeconds(descriptor.expires()) <= now) continue;
    letter.parts.push_back({.index = part.index(),
                            .kind = descriptor.kind(),
                            .expires = absl::FromUnixSeconds(descriptor.expires()),
                            .read = read != data.read.end() && read->second.count(part.index()) > 0});
  }
  letter.unread = !letter.own && std::any_of(letter.parts.begin(), letter.parts.end(),
                                             [](const Letter::Part& part) { return !part.read; });
  return letter;
}

// Of all its parts, whatever a clock says of them now.
absl::Time LatestExpiry(const v1::Delivery& delivery) {
  absl::Time latest = absl::UnixEpoch();
  for (const v1::Part& part : delivery.parts()) {
    v1::PartDescriptor descriptor;
    if (!descriptor.ParseFromString(part.descriptor_bytes())) continue;
    latest = std::max(latest, absl::FromUnixSeconds(descriptor.expires()));
  }
  return latest;
}

// Refuses a delivery: the reason goes to the local log, the cursor moves on, so that it cannot stop the mail
// behind it, and the caller gets the same sentence whatever the reason. kOutOfRange: there is nothing left to
// read of it.
absl::Status Reject(Session& session, const v1::Delivery& delivery, const absl::Status& why) {
  if (!IsVerdict(why)) return why;
  session.state().Log(session.context().clock.Now(),
                      absl::StrCat("delivery ", delivery.cursor(), " refused: ", why.message()));
  RETURN_IF_ERROR(session.state().Update([&](StateData& data) {
    data.cursor = std::max(data.cursor, delivery.cursor());
    return absl::OkStatus();
  }));
  if (why.code() == absl::StatusCode::kOutOfRange) {
    return Verdict(absl::OutOfRangeError("a signal that has expired"));
  }
  return Verdict(TamperedError(TextOf(Text::kSignalRefused, session.context().language)));
}

bool IsExpired(const absl::Status& status) { return status.code() == absl::StatusCode::kOutOfRange; }

// `delivery` with those parts of `stored`, of the same signal, that it lacks.
v1::Delivery Merged(v1::Delivery delivery, const v1::Delivery& stored) {
  if (delivery.header() != stored.header()) return delivery;
  std::map<uint32_t, v1::Part> parts;
  for (const v1::Delivery* of : {&stored, static_cast<const v1::Delivery*>(&delivery)}) {
    for (const v1::Part& part : of->parts()) parts[part.index()] = part;
  }
  delivery.clear_parts();
  for (const auto& [index, part] : parts) *delivery.add_parts() = part;
  delivery.set_cursor(std::max(delivery.cursor(), stored.cursor()));
  return delivery;
}

// Stores what was examined. All of it under the lock, since another command may have taken the same signal
// in, or another one under its id, meanwhile. The file first: a crash before the state is written leaves a
// file that was not taken in (CheckTakenIn), and a cursor that does not pass it.
absl::StatusOr<Letter> Keep(Session& session, const Examined& examined, v1::Delivery delivery,
                            Examination examination) {
  const absl::Time now = session.context().clock.Now();
  const v1::Core& core = examined.header.core();
  const uint64_t cursor = delivery.cursor();  // what was restored has none; it takes the place of its leaf
  if (cursor == 0) delivery.set_cursor(examined.receipt.index);
  Letter letter;
  const absl::Status kept = session.state().Update([&](StateData& data) -> absl::Status {
    const auto known = data.replay.find(core.signal_id());
    const bool seen = known != data.replay.end();
    if (seen && known->second.header_hash != examined.header.header_hash()) {
      return Verdict(absl::UnauthenticatedError("step 6: another signal under a known id"));
    }
    const absl::StatusOr<v1::Delivery> stored = session.state().GetDelivery(core.signal_id());
    if (stored.ok()) delivery = Merged(std::move(delivery), *stored);
    letter = Describe(session, delivery, core, data);
    RETURN_IF_ERROR(session.state().PutDelivery(letter.signal_id, delivery));
    data.cursor = std::max(data.cursor, cursor);
    data.replay[letter.signal_id] = {.header_hash = examined.header.header_hash(),
                                     .forget_after = LatestExpiry(delivery)};
    if (seen) return absl::OkStatus();
    data.pending.push_back(PromiseOf(examined.receipt, session.context().clock.Now()));
    if (letter.own) {
      RememberSent(data, letter.signal_id,
                   SentOf(session.directory(), core, examined.header.header_hash(), delivery.parts(),
                          examined.receipt.index));
    } else if (examination == Examination::kArriving) {
      data.to_confirm.push_back(
          {.signal_id = letter.signal_id, .header_hash = examined.header.header_hash(), .time = now});
    }
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(kept);
  return letter;
}

absl::Status NotHere(ByteView signal_id) {
  return absl::NotFoundError(absl::StrCat("no signal ", ToHex(signal_id), " in this mailbox"));
}

}  // namespace

absl::StatusOr<Letter> Accept(Session& session, const v1::Delivery& delivery) {
  ASSIGN_OR_RETURN(const StateData before, session.state().Load());
  const absl::StatusOr<Examined> examined = Examine(session, delivery, before, Examination::kArriving);
  if (!examined.ok()) return Reject(session, delivery, examined.status());
  absl::StatusOr<Letter> kept = Keep(session, *examined, delivery, Examination::kArriving);
  if (!kept.ok()) return Reject(session, delivery, kept.status());
  return kept;
}

absl::StatusOr<envelope::VerifiedHeader> AcceptRestorable(Session& session, const v1::Delivery& delivery) {
  ASSIGN_OR_RETURN(const StateData before, session.state().Load());
  absl::StatusOr<Examined> examined = Examine(session, delivery, before, Examination::kRestoring);
  if (!examined.ok()) return Reject(session, delivery, examined.status());
  const absl::Status kept = Keep(session, *examined, delivery, Examination::kRestoring).status();
  if (!kept.ok()) return Reject(session, delivery, kept);
  return std::move(examined->header);
}

absl::Status FetchMail(Session& session) {
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  bool complete = false;
  absl::Status first_bad;
  const absl::Time until = session.context().clock.Now() + kBacklogPatience;
  RETURN_IF_ERROR(session.connection().Subscribe(
      data.cursor, until, [&](const v1::Delivery& delivery) -> absl::StatusOr<bool> {
        if (delivery.header().empty()) {
          complete = true;
          return false;
        }
        const absl::StatusOr<Letter> letter = Accept(session, delivery);
        if (letter.ok() || IsExpired(letter.status())) return true;
        if (!IsVerdict(letter.status())) return letter.status();
        first_bad.Update(letter.status());
        return true;
      }));
  if (!complete) return UnreachableError("the broker does not tell what mail there is");
  return first_bad;
}

absl::Status CheckTakenIn(Session& session, ByteView signal_id) {
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  RETURN_IF_ERROR(session.state().GetDelivery(signal_id).status());
  if (data.replay.count(Bytes(signal_id)) > 0) return absl::OkStatus();
  return NotHere(signal_id);
}

absl::StatusOr<std::vector<Letter>> ReadInbox(Session& session) {
  const absl::Time settled = session.settled();
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  ASSIGN_OR_RETURN(const std::vector<Bytes> ids, session.state().ListDeliveries());
  std::vector<Letter> letters;
  std::set<Bytes> expired;
  for (const Bytes& id : ids) {
    if (data.replay.count(id) == 0) continue;  // it is delivered again
    const absl::StatusOr<v1::Delivery> delivery = session.state().GetDelivery(id);
    if (delivery.status().code() == absl::StatusCode::kNotFound)
      continue;  // another command has just deleted it
    if (!delivery.ok()) return delivery.status();
    const absl::StatusOr<v1::Core> core = envelope::ParseCore(delivery->header());
    if (!core.ok()) {
      return WithExit(absl::DataLossError(absl::StrCat("file is damaged: inbox/", ToHex(id))), kUsage);
    }
    Letter letter = Describe(session, *delivery, *core, data);
    if (LatestExpiry(*delivery) <= settled) expired.insert(id);
    if (!letter.parts.empty()) letters.push_back(std::move(letter));
  }
  std::sort(letters.begin(), letters.end(),
            [](const Letter& a, const Letter& b) { return a.cursor < b.cursor; });
  const auto is_over = [settled](const auto& entry) { return entry.second.forget_after <= settled; };
  const bool stale = std::any_of(data.sent.begin(), data.sent.end(), is_over) ||
                     std::any_of(data.replay.begin(), data.replay.end(), is_over);
  if (expired.empty() && !stale) return letters;
  const absl::Status forgotten = session.state().Update([&](StateData& newest) -> absl::Status {
    for (const Bytes& id : expired) {
      // Another command may have added a part that lasts longer.
      const absl::StatusOr<v1::Delivery> delivery = session.state().GetDelivery(id);
      if (delivery.ok() && LatestExpiry(*delivery) > settled) continue;
      RETURN_IF_ERROR(session.state().DeleteDelivery(id));
      newest.read.erase(id);
    }
    std::erase_if(newest.replay, is_over);
    std::erase_if(newest.sent, is_over);
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(forgotten);
  return letters;
}

absl::StatusOr<OpenableLetter> FindLetter(Session& session, ByteView signal_id) {
  RETURN_IF_ERROR(CheckTakenIn(session, signal_id));
  ASSIGN_OR_RETURN(v1::Delivery delivery, session.state().GetDelivery(signal_id));
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  absl::StatusOr<Examined> examined = Examine(session, delivery, data, Examination::kStored);
  if (!examined.ok() || examined->header.core().signal_id() != signal_id) {
    session.state().Log(
        session.context().clock.Now(),
        absl::StrCat("stored signal ", ToHex(signal_id), " refused: ", examined.status().message()));
    return TamperedError(TextOf(Text::kStoredRefused, session.context().language));
  }
  Letter letter = Describe(session, delivery, examined->header.core(), data);
  if (letter.parts.empty()) return NotHere(signal_id);  // expired, and soon deleted
  return OpenableLetter{
      .letter = std::move(letter), .delivery = std::move(delivery), .header = std::move(examined->header)};
}

absl::StatusOr<policies::OriginalFacts> OriginalOf(Session& session, ByteView signal_id) {
  ASSIGN_OR_RETURN(const OpenableLetter found, FindLetter(session, signal_id));
  const policies::SendRequest request = envelope::ToSendRequest(found.header, session.directory());
  policies::OriginalFacts original{.sender = request.sender,
                                   .channel = request.channel,
                                   .category = request.category,
                                   .purpose = request.purpose,
                                   .level = request.level,
                                   .created = request.created};
  for (const policies::PartRequest& part : request.parts) {
    original.parts.push_back({.kind = part.kind,
                              .expires = part.expires.value_or(absl::InfinitePast()),
                              .recipients = part.recipients});
  }
  return original;
}

}  // namespace seinpost::client
