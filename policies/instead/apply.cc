// SPDX-License-Identifier: EUPL-1.2
// What a change does to a request, and what it is called.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policies/decide/decide.h"
#include "policies/decide/rules.h"
#include "policies/instead/alternatives.h"
#include "policies/instead/moves.h"

namespace seinpost::policies {
namespace {

Text Describe(const Change& change) {
  const Text part = PartName(change.part);
  switch (change.kind) {
    case Change::Kind::kSetLevel:
      return {absl::StrCat("deel op niveau ", ToString(change.level)),
              absl::StrCat("share at level ", ToString(change.level))};
    case Change::Kind::kSetChannel:
      return {absl::StrCat("gebruik het kanaal ", change.value),
              absl::StrCat("use the channel ", change.value)};
    case Change::Kind::kSetPurpose:
      return {absl::StrCat("gebruik het doel ", change.value, ", als dat werkelijk het doel is"),
              absl::StrCat("use the purpose ", change.value, ", if that truly is the purpose")};
    case Change::Kind::kSetInformed:
      return {"leg vast of ouders of leerling zijn geïnformeerd (ja, nee met reden, of nog niet)",
              "state whether parents or pupil were informed (yes, no with a reason, or not yet)"};
    case Change::Kind::kDropRecipient:
      return {absl::StrCat("stuur ", part.nl, " niet naar ", ToString(change.member)),
              absl::StrCat("do not send ", part.en, " to ", ToString(change.member))};
    case Change::Kind::kDropPart:
      return {absl::StrCat("laat ", part.nl, " weg"), absl::StrCat("leave out ", part.en)};
    case Change::Kind::kAddJustification:
      return {"onderbouw voor elke ontvanger van iets op naam waarom hij het krijgt",
              "justify for every recipient of something named why he gets it"};
    case Change::Kind::kExpandBroadcast: {
      std::vector<std::string> names;
      names.reserve(change.members.size());
      for (const MemberId& member : change.members) names.push_back(ToString(member));
      const std::string list = absl::StrJoin(names, ", ");
      return {absl::StrCat("kies voor ", part.nl, " de ontvangers bij naam, uit: ", list),
              absl::StrCat("choose the recipients of ", part.en, " by name, out of: ", list)};
    }
    case Change::Kind::kAskOriginalSender:
      return {absl::StrCat("vraag ", ToString(change.member), " om dit zelf te delen"),
              absl::StrCat("ask ", ToString(change.member), " to share this himself")};
    case Change::Kind::kNewCase:
      return {"begin een eigen casus, zonder dit kenmerk", "begin a case of its own, without this reference"};
    case Change::Kind::kKeepIdentity:
      return {
          "bewaar de identiteit bij de goedkeuringsgroepen; wie haar nodig heeft, vraagt een onthulling aan",
          "keep the identity with the approval groups; whoever needs it asks for a reveal"};
    case Change::Kind::kAskEmergencyCall:
      return {"vermeld of 112 is gebeld", "state whether 112 was called"};
  }
  return {};
}

void DropMember(PartRequest& part, const MemberId& member) {
  part.recipients.erase(std::remove(part.recipients.begin(), part.recipients.end(), member),
                        part.recipients.end());
  part.broadcast = false;
}

void DropRecipient(SendRequest& request, const Change& change) {
  for (PartRequest& part : request.parts) {
    const bool everywhere = change.part == PartKind::kNarrative && part.kind != PartKind::kJustification;
    if (everywhere || part.kind == change.part) DropMember(part, change.member);
  }
  request.parts.erase(std::remove_if(request.parts.begin(), request.parts.end(),
                                     [](const PartRequest& part) {
                                       return part.kind != PartKind::kNarrative && part.recipients.empty();
                                     }),
                      request.parts.end());
}

void DropParts(SendRequest& request, PartKind kind) {
  request.parts.erase(std::remove_if(request.parts.begin(), request.parts.end(),
                                     [&](const PartRequest& part) { return part.kind == kind; }),
                      request.parts.end());
}

void AddJustification(SendRequest& request, const Facts& facts, absl::Time now) {
  PartRequest justification;
  justification.kind = PartKind::kJustification;
  justification.recipients = JustificationOfficers(request.sender, facts, now);
  for (const PartRequest& part : request.parts) {
    if (!NeedsL2(part.kind) || part.kind == PartKind::kJustification) continue;
    for (const MemberId& member : part.recipients) {
      justification.justifies.push_back(member.ref.empty() ? ToString(member) : member.ref);
    }
  }
  request.parts.push_back(std::move(justification));
}

void KeepIdentity(SendRequest& request, const Facts& facts, absl::Time now) {
  for (PartRequest& part : request.parts) {
    if (part.kind != PartKind::kIdentity) continue;
    part.kept = true;
    part.broadcast = false;
    part.recipients.clear();
    for (const std::vector<MemberId>& group : ApproversOf(request.sender, facts, now)) {
      part.recipients.insert(part.recipients.end(), group.begin(), group.end());
    }
  }
}

void ApplyOne(SendRequest& request, const Change& change, const Facts& facts, absl::Time now) {
  switch (change.kind) {
    case Change::Kind::kSetLevel:
      request.level = change.level;
      request.has_case_ref = change.level != Level::kL0;
      if (change.level == Level::kL0) request.has_match_tag = false;
      break;
    case Change::Kind::kSetChannel:
      request.channel = change.value;
      break;
    case Change::Kind::kSetPurpose:
      request.purpose = change.value;
      break;
    case Change::Kind::kSetInformed:
      request.informed = change.informed;
      break;
    case Change::Kind::kDropRecipient:
      DropRecipient(request, change);
      break;
    case Change::Kind::kDropPart:
      DropParts(request, change.part);
      break;
    case Change::Kind::kAddJustification:
      AddJustification(request, facts, now);
      break;
    case Change::Kind::kExpandBroadcast:
      for (PartRequest& part : request.parts) {
        if (part.kind != change.part) continue;
        part.broadcast = false;
        part.recipients = change.members;
      }
      break;
    case Change::Kind::kAskOriginalSender:
      request.sender = change.member;
      request.forwards = false;
      break;
    case Change::Kind::kNewCase:
      request.new_case = true;
      break;
    case Change::Kind::kKeepIdentity:
      KeepIdentity(request, facts, now);
      break;
    case Change::Kind::kAskEmergencyCall:
      request.emergency_called = true;
      break;
  }
}

}  // namespace

bool NeedsL2(PartKind kind) {
  return kind == PartKind::kIdentity || kind == PartKind::kCare || kind == PartKind::kAttachment ||
         kind == PartKind::kJustification;
}

Alternative Describe(const std::vector<Change>& changes) {
  std::vector<std::string> nl, en;
  for (const Change& change : changes) {
    Text text = Describe(change);
    nl.push_back(std::move(text.nl));
    en.push_back(std::move(text.en));
  }
  return {absl::StrJoin(nl, "; "), absl::StrJoin(en, "; "), changes};
}

SendRequest Apply(const SendRequest& request, const std::vector<Change>& changes, const Facts& facts,
                  absl::Time now) {
  SendRequest result = request;
  result.sealed = false;  // Another request would be sealed anew.
  for (const Change& change : changes) ApplyOne(result, change, facts, now);
  return result;
}

}  // namespace seinpost::policies
