// SPDX-License-Identifier: EUPL-1.2
#include "client/device/pass_on.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/mail/inbox.h"
#include "client/mail/key_release.h"
#include "client/mail/sync.h"
#include "client/session/logged.h"
#include "client/session/session.h"
#include "client/terminal/arguments.h"
#include "crypto/hash.h"
#include "envelope/rewrap.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// One part that a device asks for.
struct Asked {
  Bytes signal_id;
  uint32_t part = 0;
  envelope::SignedStatement request;
};

// A device that asks, and what for.
struct Asker {
  const trust::Device* device = nullptr;
  std::vector<Asked> parts;
  std::set<Bytes> signals;
};
using Askers = std::map<Bytes, Asker>;  // by device id

// Checks a request against the signal as this device holds it. kNotFound: it is of another device than the
// one chosen. kPermissionDenied and the like: it does not hold.
absl::Status TakeRequest(Session& session, const v1::RewrapRequested& requested, const Bytes& chosen,
                         Askers& askers) {
  v1::RewrapRequest claimed;
  if (!claimed.ParseFromString(requested.request())) return absl::InvalidArgumentError("malformed");
  ASSIGN_OR_RETURN(const OpenableLetter letter, FindLetter(session, claimed.signal_id()));
  const envelope::VerifiedPart* part = letter.header.FindPart(claimed.part());
  if (part == nullptr) return absl::PermissionDeniedError("part: not one of this device");
  const envelope::SignedStatement request{requested.request(), requested.signature()};
  ASSIGN_OR_RETURN(const envelope::CheckedRewrapRequest checked,
                   envelope::CheckRewrapRequest(request, letter.header, *part, session.directory(),
                                                session.context().clock.Now()));
  const Bytes& device = checked.prekey.device_id();
  if (!chosen.empty() && device != chosen) return absl::OkStatus();
  Asker& asker = askers[device];
  asker.device = session.directory().FindDevice(device);
  asker.parts.push_back({letter.letter.signal_id, part->index, request});
  asker.signals.insert(letter.letter.signal_id);
  return absl::OkStatus();
}

absl::StatusOr<Askers> FindAskers(Session& session, const Bytes& chosen) {
  std::vector<v1::RewrapRequested> requests;
  RETURN_IF_ERROR(session.connection().ListRewrapRequests([&](const v1::RewrapRequested& requested) {
    requests.push_back(requested);
    return absl::OkStatus();
  }));
  Askers askers;
  for (const v1::RewrapRequested& requested : requests) {
    const absl::Status taken = TakeRequest(session, requested, chosen, askers);
    if (taken.ok()) continue;
    // Nobody is asked to decide about what does not hold.
    session.state().Log(session.context().clock.Now(),
                        absl::StrCat("request for a key refused: ", taken.message()));
  }
  return askers;
}

AskingDevice Described(const Asker& asker) {
  AskingDevice device;
  device.device_id = asker.device->id;
  device.member = asker.device->address();
  device.device_key = asker.device->sig_pk;
  device.since = asker.device->not_before;
  device.signals = asker.signals.size();
  device.asked = asker.parts.size();
  return device;
}

absl::Status PassOn(Session& session, const Asked& asked) {
  ASSIGN_OR_RETURN(const OpenableLetter letter, FindLetter(session, asked.signal_id));
  const envelope::VerifiedHeader& header = letter.header;
  const envelope::VerifiedPart& part = *header.FindPart(asked.part);
  const absl::Time now = session.context().clock.Now();
  ASSIGN_OR_RETURN(const envelope::CheckedRewrapRequest request,
                   envelope::CheckRewrapRequest(asked.request, header, part, session.directory(), now));
  ASSIGN_OR_RETURN(const ReleasedKeys keys, ReleaseKeys(session, header, part.index, ""));
  const auto prekeys = [&](ByteView prekey_id) { return session.profile().FindPrekey(prekey_id); };
  ASSIGN_OR_RETURN(const envelope::SignedStatement rewrap,
                   envelope::MakeRewrap(request, header, part, session.own_device_id(),
                                        session.profile().device_key(), keys.wraps, prekeys, now));
  ASSIGN_OR_RETURN(const v1::Receipt receipt,
                   session.connection().GiveRewrap(rewrap.statement, rewrap.signature));
  return CheckLogged(session, receipt, crypto::Sha256(rewrap.statement),
                     {.name = "passed on",
                      .types = {audit::EventType::kKeyReleased},
                      .signal_id = asked.signal_id,
                      .part = asked.part})
      .status();
}

// A part may not be passed on (the rules), not any more (it was answered or has expired), or not by this
// device (its own key is gone): the others still are.
bool IsAboutOnePart(const absl::Status& status) {
  return IsRefusal(status) || status.code() == absl::StatusCode::kNotFound ||
         status.code() == absl::StatusCode::kFailedPrecondition;
}

}  // namespace

absl::StatusOr<KeysPassedOn> PassKeysOn(const Context& context, const DevicePassOnArgs& args,
                                        absl::FunctionRef<absl::Status(const AskingDevice&)> confirm) {
  Bytes chosen;
  if (!args.device.empty()) {
    ASSIGN_OR_RETURN(chosen, ParseId(args.device, "--device: not an id of 32 hexadecimal digits"));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  KeysPassedOn keys;
  keys.unverified = FetchMail(*session);
  if (!keys.unverified.ok() && ExitCodeOf(keys.unverified) != kTampered) return keys.unverified;
  ASSIGN_OR_RETURN(const Askers askers, FindAskers(*session, chosen));
  for (const auto& [device_id, asker] : askers) {
    AskingDevice device = Described(asker);
    if (!args.yes) keys.stopped = confirm(device);
    for (const Asked& asked : asker.parts) {
      if (!keys.stopped.ok()) break;
      const absl::Status done = PassOn(*session, asked);
      if (!done.ok() && !IsAboutOnePart(done)) keys.stopped = done;
      if (done.ok()) ++device.passed_on;
    }
    if (keys.stopped.ok() || device.passed_on > 0) keys.devices.push_back(std::move(device));
    if (!keys.stopped.ok()) break;
  }
  const bool some = std::any_of(keys.devices.begin(), keys.devices.end(),
                                [](const AskingDevice& device) { return device.passed_on > 0; });
  if (!keys.stopped.ok() && !some) return keys.stopped;
  return keys;
}

}  // namespace seinpost::client
