// SPDX-License-Identifier: EUPL-1.2
#include "client/inbox.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "envelope/limits.h"
#include "envelope/vocabulary.h"
#include "trust/facts.h"
#include "trust/levels.h"
#include "trust/log_identity.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

using policies::RefusalCode;

// How long fetching what is there may take before the broker counts as gone.
constexpr absl::Duration kBacklogPatience = absl::Seconds(60);

v1::Envelope EnvelopeOf(const v1::Delivery& delivery) {
  v1::Envelope envelope;
  envelope.set_header(delivery.header());
  envelope.set_header_sig(delivery.header_sig());
  for (const v1::Part& part : delivery.parts()) *envelope.add_parts() = part;
  return envelope;
}

bool ParseCore(const v1::Delivery& delivery, v1::Core& core) {
  v1::Header header;
  return header.ParseFromString(delivery.header()) && core.ParseFromString(header.core());
}

// The refusals that hold whatever else is in the signal: a recipient sees his own parts only, so he cannot
// judge that one is missing; and the directory has grown since the signal was made, so key sets are the
// broker's to judge.
bool IsJudgedByRecipient(const policies::Reason& reason) {
  if (reason.decided_by_broker) return false;
  switch (reason.code) {
    case RefusalCode::kNoConvenant:
    case RefusalCode::kLevelExceeded:
    case RefusalCode::kNotAParty:
    case RefusalCode::kNoMandate:
    case RefusalCode::kSubjectAtThematic:
    case RefusalCode::kIdentifierInPseudonymous:
    case RefusalCode::kGuestLevel:
    case RefusalCode::kSourceProtected:
    case RefusalCode::kPurposeNotAllowed:
    case RefusalCode::kCategoryNotAllowed:
    case RefusalCode::kTooManyRecipients:
    case RefusalCode::kInformedMissing:
      return true;
    case RefusalCode::kPartNotAllowed:
      return reason.part.has_value() && reason.recipient.empty();
    default:
      return false;
  }
}

// (7) permitted by the rules that need only public facts, as of when it was made. A mandate that was
// withdrawn since does not make what was sent under it wrong.
absl::Status CheckRules(const envelope::VerifiedHeader& header, const trust::Directory& directory) {
  const policies::SendRequest request = envelope::ToSendRequest(header, directory);
  policies::Facts facts = envelope::LoadFacts(header, directory, request.created);
  for (auto& [id, member] : facts.members) {
    member.known = true;
    member.revoked = false;
    member.mandates.clear();
    for (const trust::MandateEntry* mandate : directory.MandatesOf(id.ref)) {
      member.mandates.push_back({.function = mandate->function,
                                 .scopes = mandate->scopes,
                                 .max_level = mandate->max_level,
                                 .from = mandate->from,
                                 .until = mandate->until});
    }
  }
  const policies::Decision decision = policies::DecideSend(request, facts, request.created);
  for (const policies::Reason& reason : decision.reasons) {
    if (!IsJudgedByRecipient(reason)) continue;
    return absl::PermissionDeniedError(
        absl::StrCat("step 7: ", policies::ToString(reason.code), " by ", reason.clause.path));
  }
  return absl::OkStatus();
}

// (5) the sender's checkpoint is one of this log, of before the signal was logged.
absl::Status CheckSenderCheckpoint(const Session& session, const v1::Core& core, uint64_t leaf_index) {
  ASSIGN_OR_RETURN(const FixedBytes<32> log_key, trust::LogKey(session.convenant()));
  const absl::StatusOr<audit::Checkpoint> checkpoint = audit::VerifyCheckpoint(
      core.checkpoint(), audit::LogKey(trust::LogOrigin(session.convenant().id()), log_key));
  if (!checkpoint.ok())
    return absl::UnauthenticatedError(absl::StrCat("step 5: ", checkpoint.status().message()));
  if (checkpoint->size > leaf_index) {
    return absl::UnauthenticatedError(
        "step 5: the sender's checkpoint is newer than the signal's place in the log");
  }
  return absl::OkStatus();
}

absl::StatusOr<envelope::VerifiedHeader> VerifySteps(const Session& session, const v1::Delivery& delivery,
                                                     const audit::ReceiptBody& receipt) {
  ASSIGN_OR_RETURN(envelope::VerifiedHeader header,
                   envelope::VerifyEnvelope(EnvelopeOf(delivery), session.directory(),
                                            {.verifier = envelope::Verifier::kRecipient,
                                             .own_device = session.own_device_id(),
                                             .now = receipt.time}));
  RETURN_IF_ERROR(CheckSenderCheckpoint(session, header.core(), receipt.index));
  RETURN_IF_ERROR(CheckRules(header, session.directory()));
  return header;
}

// Whether the directory holds everybody that a delivery speaks of.
bool KnowsEveryone(const trust::Directory& directory, const v1::Delivery& delivery) {
  v1::Core core;
  if (!ParseCore(delivery, core)) return true;  // no directory will help
  if (directory.FindDevice(core.sender_device()) == nullptr) return false;
  for (const v1::Part& part : delivery.parts()) {
    v1::PartDescriptor descriptor;
    if (!descriptor.ParseFromString(part.descriptor_bytes())) continue;
    for (const v1::Recipient& recipient : descriptor.recipients()) {
      if (directory.FindPrekey(recipient.prekey_id()) == nullptr) return false;
    }
  }
  return true;
}

// Somebody may have joined after this device looked last: then it looks again.
absl::StatusOr<envelope::VerifiedHeader> VerifyFresh(Session& session, const v1::Delivery& delivery) {
  ASSIGN_OR_RETURN(const Session::CheckedReceipt receipt,
                   session.VerifyReceipt(delivery.receipt(), crypto::Sha256(delivery.header()),
                                         Session::ReceiptKind::kDelivered));
  if (!KnowsEveryone(session.directory(), delivery)) RETURN_IF_ERROR(session.SyncDirectory());
  return VerifySteps(session, delivery, receipt.body);
}

Letter Describe(const Session& session, const v1::Delivery& delivery, const v1::Core& core,
                const StateData& data) {
  Letter letter;
  letter.signal_id = core.signal_id();
  letter.core = core;
  letter.cursor = delivery.cursor();
  const trust::Device* sender = session.directory().FindDevice(core.sender_device());
  const trust::Device* self = session.directory().FindDevice(session.own_device_id());
  if (sender != nullptr) letter.sender = absl::StrCat(sender->organisation, "/", sender->handle);
  letter.own = sender != nullptr && self != nullptr && sender->member_ref == self->member_ref;
  const auto read = data.read.find(core.signal_id());
  for (const v1::Part& part : delivery.parts()) {
    v1::PartDescriptor descriptor;
    if (!descriptor.ParseFromString(part.descriptor_bytes())) continue;
    letter.parts.push_back({.index = part.index(),
                            .kind = descriptor.kind(),
                            .expires = absl::FromUnixSeconds(descriptor.expires()),
                            .read = read != data.read.end() && read->second.count(part.index()) > 0});
  }
  letter.unread = !letter.own && std::any_of(letter.parts.begin(), letter.parts.end(),
                                             [](const Letter::Part& part) { return !part.read; });
  return letter;
}

absl::Time LatestExpiry(const Letter& letter) {
  absl::Time latest = absl::InfinitePast();
  for (const Letter::Part& part : letter.parts) latest = std::max(latest, part.expires);
  return latest;
}

// What does not verify is told apart from what went wrong on the way: only the first is tampering.
bool IsOurTrouble(const absl::Status& status) {
  const ExitCode code = ExitCodeOf(status);
  return code == kUnreachable || (code == kFailed && status.code() == absl::StatusCode::kUnavailable);
}

}  // namespace

absl::StatusOr<Letter> Accept(Session& session, const v1::Delivery& delivery) {
  const absl::Time now = session.context().clock.Now();
  const auto move_cursor = [&](StateData& data) { data.cursor = std::max(data.cursor, delivery.cursor()); };
  const auto reject = [&](const absl::Status& why) -> absl::Status {
    if (IsOurTrouble(why)) return why;
    session.state().Log(now, absl::StrCat("delivery ", delivery.cursor(), " refused: ", why.message()));
    RETURN_IF_ERROR(session.state().Update([&](StateData& data) {
      move_cursor(data);
      return absl::OkStatus();
    }));
    return TamperedError(
        "a signal was delivered that does not verify; it was not kept, the reason is in the local log");
  };
  const absl::StatusOr<envelope::VerifiedHeader> header = VerifyFresh(session, delivery);
  if (!header.ok()) return reject(header.status());
  ASSIGN_OR_RETURN(const StateData before, session.state().Load());
  const auto seen = before.replay.find(header->core().signal_id());
  if (seen != before.replay.end() && seen->second.header_hash != header->header_hash()) {
    return reject(absl::UnauthenticatedError("step 6: another signal under a known id"));
  }
  Letter letter = Describe(session, delivery, header->core(), before);
  RETURN_IF_ERROR(session.state().PutDelivery(letter.signal_id, delivery));
  const absl::StatusOr<audit::ReceiptBody> receipt = audit::ReceiptBody::Decode(delivery.receipt().body());
  RETURN_IF_ERROR(session.state().Update([&](StateData& data) -> absl::Status {
    move_cursor(data);
    data.replay[letter.signal_id] = {.header_hash = header->header_hash(),
                                     .forget_after = LatestExpiry(letter)};
    if (receipt.ok() && seen == before.replay.end()) {
      data.pending.push_back({.index = receipt->index, .leaf_hash = receipt->leaf_hash});
    }
    return absl::OkStatus();
  }));
  return letter;
}

absl::Status FetchMail(Session& session) {
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  bool complete = false;
  absl::Status first_bad;
  const absl::Time until = session.context().clock.Now() + kBacklogPatience;
  RETURN_IF_ERROR(session.connection().Subscribe(
      data.cursor, until, session.context().stop, [&](const v1::Delivery& delivery) -> absl::StatusOr<bool> {
        if (delivery.header().empty()) {
          complete = true;
          return false;
        }
        const absl::StatusOr<Letter> letter = Accept(session, delivery);
        if (letter.ok()) return true;
        if (ExitCodeOf(letter.status()) != kTampered) return letter.status();
        first_bad.Update(letter.status());
        return true;
      }));
  if (!complete && !session.context().Stopped())
    return UnreachableError("the broker does not tell what mail there is");
  return first_bad;
}

absl::Status WatchMail(Session& session, absl::Time until, const std::function<bool(const Letter&)>& each) {
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  return session.connection().Subscribe(data.cursor, until, session.context().stop,
                                        [&](const v1::Delivery& delivery) -> absl::StatusOr<bool> {
                                          if (delivery.header().empty()) return true;
                                          ASSIGN_OR_RETURN(const Letter letter, Accept(session, delivery));
                                          return each(letter);
                                        });
}

absl::StatusOr<std::vector<Letter>> ReadInbox(Session& session) {
  const absl::Time now = session.context().clock.Now();
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  ASSIGN_OR_RETURN(const std::vector<Bytes> ids, session.state().ListDeliveries());
  std::vector<Letter> letters;
  std::set<Bytes> expired;
  for (const Bytes& id : ids) {
    const absl::StatusOr<v1::Delivery> delivery = session.state().GetDelivery(id);
    if (delivery.status().code() == absl::StatusCode::kNotFound)
      continue;  // another command has just deleted it
    if (!delivery.ok()) return delivery.status();
    v1::Core core;
    if (!ParseCore(*delivery, core)) {
      return WithExit(absl::DataLossError(absl::StrCat("file is damaged: inbox/", ToHex(id))), kUsage);
    }
    Letter letter = Describe(session, *delivery, core, data);
    if (LatestExpiry(letter) <= now) {
      RETURN_IF_ERROR(session.state().DeleteDelivery(id));
      expired.insert(id);
      continue;
    }
    letters.push_back(std::move(letter));
  }
  std::sort(letters.begin(), letters.end(),
            [](const Letter& a, const Letter& b) { return a.cursor < b.cursor; });
  if (!expired.empty()) {
    RETURN_IF_ERROR(session.state().Update([&](StateData& newest) {
      for (const Bytes& id : expired) newest.read.erase(id);
      for (auto it = newest.replay.begin(); it != newest.replay.end();) {
        it = it->second.forget_after <= now ? newest.replay.erase(it) : std::next(it);
      }
      return absl::OkStatus();
    }));
  }
  return letters;
}

absl::StatusOr<OpenableLetter> FindLetter(Session& session, ByteView signal_id) {
  ASSIGN_OR_RETURN(v1::Delivery delivery, session.state().GetDelivery(signal_id));
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  ASSIGN_OR_RETURN(const audit::ReceiptBody receipt, audit::ReceiptBody::Decode(delivery.receipt().body()));
  absl::StatusOr<envelope::VerifiedHeader> header = VerifySteps(session, delivery, receipt);
  const auto seen = data.replay.find(std::string(signal_id));
  if (!header.ok() || seen == data.replay.end() || seen->second.header_hash != header->header_hash() ||
      header->core().signal_id() != signal_id) {
    session.state().Log(session.context().clock.Now(), absl::StrCat("stored signal ", ToHex(signal_id),
                                                                    " refused: ", header.status().message()));
    return TamperedError("the stored signal does not verify");
  }
  Letter letter = Describe(session, delivery, header->core(), data);
  return OpenableLetter{
      .letter = std::move(letter), .delivery = std::move(delivery), .header = *std::move(header)};
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

Json ToJson(const Letter& letter) {
  Json parts = Json::array();
  for (const Letter::Part& part : letter.parts) parts.push_back(std::string(envelope::NameOf(part.kind)));
  const std::string case_ref = ToHex(letter.core.case_ref());
  return Json{{"signal_id", ToHex(letter.signal_id)},
              {"channel", letter.core.channel()},
              {"level", std::string(policies::ToString(trust::LevelFromProto(letter.core.level())))},
              {"category", letter.core.category()},
              {"purpose", letter.core.purpose()},
              {"sender", letter.sender},
              {"created", FormatUtc(absl::FromUnixSeconds(letter.core.created()))},
              {"case_ref", case_ref.empty() ? Json(nullptr) : Json(case_ref)},
              {"in_reply_to",
               letter.core.in_reply_to().empty() ? Json(nullptr) : Json(ToHex(letter.core.in_reply_to()))},
              {"unread", letter.unread},
              {"parts", std::move(parts)}};
}

}  // namespace seinpost::client
