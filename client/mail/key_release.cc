// SPDX-License-Identifier: EUPL-1.2
#include "client/mail/key_release.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/session/logged.h"
#include "client/terminal/texts.h"
#include "crypto/hash.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr char kKeyGonePayload[] = "seinpost/key-gone";

// Whether this device could open what is released to it: it is not asked for, and not logged as read, what
// nobody will see.
absl::Status CheckHasKey(Session& session, const envelope::VerifiedHeader& header, uint32_t part) {
  const envelope::VerifiedPart* verified = header.FindPart(part);
  if (verified == nullptr) return absl::OkStatus();
  bool reloaded = false;
  for (const v1::Recipient& recipient : verified->descriptor.recipients()) {
    if (recipient.device_id() != session.own_device_id()) continue;
    if (session.profile().FindPrekey(recipient.prekey_id()) != nullptr) continue;
    // Another command may have made it since.
    if (!reloaded) RETURN_IF_ERROR(session.profile().Reload());
    reloaded = true;
    if (session.profile().FindPrekey(recipient.prekey_id()) == nullptr) {
      return KeyGoneError(session.context().language);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status KeyGoneError(Language language) {
  absl::Status status = WithExit(absl::FailedPreconditionError(TextOf(Text::kKeyGone, language)), kFailed);
  status.SetPayload(kKeyGonePayload, absl::Cord("1"));
  return status;
}

bool IsKeyGone(const absl::Status& status) { return status.GetPayload(kKeyGonePayload).has_value(); }

bool IsAddressedTo(const v1::PartDescriptor& descriptor, ByteView device_id) {
  return std::any_of(
      descriptor.recipients().begin(), descriptor.recipients().end(),
      [device_id](const v1::Recipient& recipient) { return recipient.device_id() == device_id; });
}

absl::StatusOr<ReleasedKeys> ReleaseKeys(Session& session, const envelope::VerifiedHeader& header,
                                         uint32_t part, const std::string& purpose) {
  RETURN_IF_ERROR(CheckHasKey(session, header, part));
  const v1::Core& core = header.core();
  v1::OpenStatement statement;
  statement.set_convenant_id(session.entry().id);
  statement.set_header_hash(ToBytes(header.header_hash()));
  statement.set_signal_id(core.signal_id());
  statement.set_part(part);
  statement.set_purpose(purpose.empty() ? core.purpose() : purpose);
  statement.set_device_id(session.own_device_id());
  statement.set_time(absl::ToUnixSeconds(session.context().clock.Now()));
  statement.set_nonce(crypto::RandomBytes(16));
  const Bytes bytes = trust::StrictSerialize(statement);
  ASSIGN_OR_RETURN(v1::OpenReply reply,
                   session.connection().Open(
                       bytes, crypto::Sign(session.profile().device_key(), trust::kOpenLabel, bytes)));
  const Deed opened{.name = "opened",
                    .types = {audit::EventType::kRead, audit::EventType::kKeyReleased},
                    .signal_id = core.signal_id(),
                    .part = part,
                    .also = {}};
  RETURN_IF_ERROR(CheckLogged(session, reply.receipt(), crypto::Sha256(bytes), opened).status());
  ReleasedKeys keys;
  for (const v1::ReleasedWrap& wrap : reply.wraps()) {
    keys.wraps.push_back({.group = wrap.group(), .prekey_id = wrap.prekey_id(), .bytes = wrap.wrap()});
  }
  keys.rewraps.assign(reply.rewraps().begin(), reply.rewraps().end());
  return keys;
}

std::vector<const PrekeySecret*> OwnRewrapRequests(const Profile& profile,
                                                   const envelope::VerifiedHeader& header, uint32_t part) {
  std::vector<const PrekeySecret*> requests;
  for (const PrekeySecret& prekey : profile.prekeys()) {
    v1::RewrapRequest request;
    if (prekey.request.empty() || !request.ParseFromString(prekey.request)) continue;
    if (request.header_hash() == View(header.header_hash()) && request.part() == part) {
      requests.push_back(&prekey);
    }
  }
  return requests;
}

envelope::SignedStatement SignedAgain(const Profile& profile, const PrekeySecret& request) {
  // The signature is always the same, so it is not kept.
  return {request.request, crypto::Sign(profile.device_key(), trust::kRewrapRequestLabel, request.request)};
}

absl::StatusOr<PassedOn> FindPassedOn(const Session& session, const envelope::VerifiedHeader& header,
                                      const envelope::VerifiedPart& part, const ReleasedKeys& keys) {
  const Profile& profile = session.profile();
  const std::vector<const PrekeySecret*> requests = OwnRewrapRequests(profile, header, part.index);
  if (requests.empty()) return KeyGoneError(session.context().language);
  if (keys.rewraps.size() != 1) return absl::UnauthenticatedError("step 8: not exactly one rewrap");
  const v1::ReleasedRewrap& released = keys.rewraps.front();
  // Whichever it says that it answers; if it is none of them, the check finds that out with any.
  v1::Rewrap claimed;
  claimed.ParseFromString(released.rewrap());
  const auto named = std::find_if(requests.begin(), requests.end(), [&](const PrekeySecret* request) {
    return View(crypto::Sha256(request->request)) == claimed.request_hash();
  });
  const PrekeySecret& asked = named == requests.end() ? *requests.back() : **named;
  absl::StatusOr<v1::Rewrap> rewrap =
      envelope::CheckOwnRewrap({released.rewrap(), released.signature()}, SignedAgain(profile, asked), header,
                               part, session.directory(), session.context().clock.Now());
  if (!rewrap.ok()) return absl::UnauthenticatedError(absl::StrCat("step 7: ", rewrap.status().message()));
  return PassedOn{*std::move(rewrap), &asked.pair};
}

}  // namespace seinpost::client
