// SPDX-License-Identifier: EUPL-1.2
// What is asked of Decide, and the facts it is judged by. Plain values without behaviour; the caller fills
// them from a command line, a signed envelope or a test.
#ifndef SEINPOST_POLICIES_DECIDE_REQUEST_H_
#define SEINPOST_POLICIES_DECIDE_REQUEST_H_

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/document/convenant.h"
#include "policies/document/vocabulary.h"

namespace seinpost::policies {

using DeviceId = std::string;  // opaque bytes

struct MemberId {
  std::string convenant;  // empty: this one
  std::string party;
  std::string ref;  // opaque member_ref bytes; empty when unknown
  std::string handle;

  // A key of Facts::members, so a request and its facts must agree on whether `ref` is filled.
  std::strong_ordering operator<=>(const MemberId& other) const;
  bool operator==(const MemberId& other) const = default;
};

// "party/handle", or "party/handle@convenant" for a member of another convenant. kInvalidArgument otherwise.
absl::StatusOr<MemberId> ParseMemberId(absl::string_view text);
std::string ToString(const MemberId& member);

struct PartRequest {
  PartKind kind = PartKind::kNarrative;
  std::vector<MemberId> recipients;  // the sender may stand among them and is never judged as a recipient
  bool broadcast = false;            // addressed as "@channel"; recipients holds the expansion
  bool kept = false;                 // an identity wrapped to approval groups only
  std::vector<DeviceId> devices;     // wrapped to; empty in a dry run
  std::vector<DeviceId> unreached;
  std::string retention_class;        // empty in a dry run
  std::optional<absl::Time> expires;  // absent: the class's cap
  // Justification parts only: the members it justifies, each by MemberId::ref, or by ToString where ref is
  // empty.
  std::vector<std::string> justifies;
  // Parts judged at L2: the tie that the sender claims for each recipient, by MemberId::ref, or by ToString
  // where ref is empty (R9). Empty in a dry run: any tie will do.
  std::map<std::string, Tie> ties;
};

// Whether a part names somebody to its recipients, who then need a tie and a justification (R9, R10):
// identities that are not kept, care and attachments.
bool IsNamed(const PartRequest& part);

struct SendRequest {
  SignalKind kind = SignalKind::kSignal;
  MemberId sender;
  DeviceId sender_device;
  std::string convenant_id;
  uint32_t convenant_version = 0;
  std::string channel;  // "core@school-a"
  std::string category;
  std::string purpose;
  Level level = Level::kL0;
  Informed informed = Informed::kNotStated;
  std::string informed_code;  // with kNo
  bool has_case_ref = false;  // also true when sealing will make a new one
  bool new_case = false;      // sealing will make a new one: no other scope has used it (R23)
  bool has_match_tag = false;
  std::vector<std::string> match_keys;  // of the tags, where known: "name_dob"
  bool queued = false;
  bool reply = false;
  bool forwards = false;
  absl::Time created;
  std::vector<PartRequest> parts;
  bool sealed = false;  // false in a dry run: devices and retention of parts are not judged
  // Filled by the client only, which alone sees the text: identity fields found in an L1-clean part
  // ("first_name").
  std::vector<std::string> identifier_hits;
  // Alerts only: whether 112 was called (R25). Absent: nobody asked.
  std::optional<bool> emergency_called;
};

// Asks to read one part of the signal in Facts::original.
struct OpenRequest {
  MemberId reader;
  DeviceId device;
  std::string purpose;  // empty: the signal's own
  PartKind part = PartKind::kNarrative;
  size_t part_index = 0;  // index in OriginalFacts::parts
};

struct MandateFacts {
  std::string function;
  std::vector<std::string> scopes;  // "*": the whole convenant
  Level max_level = Level::kL0;
  absl::Time from, until;  // from <= t < until
};

struct DeviceFacts {
  DeviceId id;  // of a valid, unrevoked certificate
  // Retention classes for which it has a valid prekey at the checkpoint the request was made on.
  std::vector<std::string> prekey_classes;
};

struct MemberFacts {
  bool known = false;  // certified by his organisation
  bool revoked = false;
  std::vector<MandateFacts> mandates;
  std::vector<DeviceFacts> devices;
};

// A signal that exists already: the one forwarded, or the one opened.
struct OriginalFacts {
  struct Part {
    PartKind kind = PartKind::kNarrative;
    absl::Time expires;
    std::vector<MemberId> recipients;
    bool kept = false;  // an identity wrapped to approval groups only
  };
  SignalKind kind = SignalKind::kSignal;
  MemberId sender;
  std::string channel, category, purpose;
  Level level = Level::kL0;
  absl::Time created;
  bool withdrawn = false;
  std::vector<Part> parts;
  // It was itself passed on: the channels that the signals before it were shared in (R14). Only the broker
  // knows all.
  std::vector<std::string> earlier_channels;
  bool earlier_unknown = false;  // one of those signals is not known any more
};

// A ceiling that the controller lowered for a channel or for a party (R31). Exactly one of the two is set.
struct Restriction {
  std::string channel;  // a channel's name, wherever it exists
  std::string party;
  Level ceiling = Level::kL0;
  uint64_t number = 0;  // of the order
};

// Another convenant, as far as a bridge to it is concerned (R13).
struct PeerFacts {
  const Convenant* convenant = nullptr;  // borrowed, never null
  bool active = false;                   // pinned, signed by all its parties, and not superseded
};

// What only the broker knows of the case and the sender of a request. Where nothing is known, nothing is
// allowed that rests on it.
struct BrokerFacts {
  std::set<MemberId> case_roles;  // members with an action or a role in the request's case (R4, R9)
  bool chair_approved = false;    // the chair approved of more recipients than the threshold (R9)
  bool alert_justification_overdue =
      false;  // the sender named somebody in an alert and did not say why (R24)
};

// What is true of the world, loaded before Decide. A rule whose fact is missing here denies.
struct Facts {
  const Convenant* convenant = nullptr;  // borrowed, never null
  bool convenant_active = false;         // pinned or activated, and not superseded
  bool all_signatures = false;
  std::map<MemberId, MemberFacts> members;  // sender, recipients and officers; more do no harm
  std::vector<MemberId> officers;           // every member with a privacy_officer mandate
  std::optional<OriginalFacts> original;
  // The version that `original` was made under, where that is not the one in force: a signal keeps its
  // ceilings and channels (R31). Borrowed.
  const Convenant* made_under = nullptr;
  std::map<std::string, PeerFacts> peers;  // by convenant id; members of theirs stand in `members`
  BrokerFacts broker;
  std::vector<Restriction> restrictions;  // in force
  // The scope of the channel in which the request's case reference was first used; empty: in a channel
  // without scope. Absent: used for the first time, or not known here. A broker fact (R23).
  std::optional<std::string> case_scope;
};

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_DECIDE_REQUEST_H_
