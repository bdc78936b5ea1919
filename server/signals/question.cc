// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/question.h"

#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "envelope/limits.h"
#include "envelope/vocabulary.h"
#include "trust/facts.h"
#include "trust/fields.h"
#include "trust/levels.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

absl::StatusOr<policies::MemberId> FindMemberId(absl::string_view text, absl::string_view field,
                                                const trust::Directory& directory) {
  absl::StatusOr<policies::MemberId> id = policies::ParseMemberId(text);
  if (!id.ok()) return absl::InvalidArgumentError(absl::StrCat(field, ": not \"party/handle\""));
  if (id->convenant == directory.convenant()->id()) id->convenant.clear();
  if (!id->convenant.empty()) return id;
  if (const trust::Member* member = directory.FindMember(id->party, id->handle))
    return trust::ToMemberId(*member);
  return id;
}

absl::StatusOr<policies::PartRequest> ToPart(const v1::AskedPart& message,
                                             const trust::Directory& directory) {
  if (!envelope::IsKnown(message.kind())) return absl::InvalidArgumentError("parts.kind: unknown");
  if (message.recipients_size() > kMaxNamesPerPart || message.justifies_size() > kMaxNamesPerPart) {
    return absl::InvalidArgumentError("parts.recipients: over 400");
  }
  policies::PartRequest part;
  part.kind = envelope::PartKindFromProto(message.kind());
  part.broadcast = message.broadcast();
  part.kept = message.kept();
  part.retention_class = message.retention_class();
  for (const std::string& name : message.recipients()) {
    ASSIGN_OR_RETURN(policies::MemberId id, FindMemberId(name, "parts.recipients", directory));
    part.recipients.push_back(std::move(id));
  }
  for (const std::string& name : message.justifies()) {
    ASSIGN_OR_RETURN(const policies::MemberId id, FindMemberId(name, "parts.justifies", directory));
    part.justifies.push_back(id.ref.empty() ? policies::ToString(id) : id.ref);
  }
  return part;
}

// Before anything is looked up.
absl::Status CheckCounts(const v1::DecideSendRequest& message) {
  if (message.parts_size() > static_cast<int>(envelope::kPlaces)) {
    return absl::InvalidArgumentError("parts: over 16");
  }
  int names = 0;
  for (const v1::AskedPart& part : message.parts()) names += part.recipients_size() + part.justifies_size();
  if (names > kMaxNamesInQuestion) return absl::InvalidArgumentError("parts: over 1000 names");
  if (message.identifier_hits_size() > kMaxIdentifierHits) {
    return absl::InvalidArgumentError("identifier_hits: over 64");
  }
  for (const std::string& hit : message.identifier_hits()) {
    if (hit.size() > kMaxIdentifierHitBytes) return absl::InvalidArgumentError("identifier_hits: too long");
  }
  return absl::OkStatus();
}

// Everybody in the parties that the question speaks of, since a misspelt handle is answered with what exists;
// for a kept identity also in those that approve of revealing it, since R6 asks for all of them.
std::vector<const trust::Member*> MembersAddressed(const policies::SendRequest& request,
                                                   const trust::Directory& directory) {
  std::set<std::string> parties = {request.sender.party};
  const std::optional<policies::Reveal>& reveal = directory.convenant()->reveal();
  for (const policies::PartRequest& part : request.parts) {
    if (part.kept && reveal.has_value()) {
      for (const auto& [name, group] : reveal->groups)
        parties.insert(group.parties.begin(), group.parties.end());
    }
    for (const policies::MemberId& recipient : part.recipients) {
      if (recipient.convenant.empty()) parties.insert(recipient.party);
    }
  }
  std::vector<const trust::Member*> members;
  for (const std::string& party : parties) {
    for (const trust::Member* member : directory.MembersOf(party)) members.push_back(member);
  }
  return members;
}

}  // namespace

absl::StatusOr<Question> MakeQuestion(const v1::DecideSendRequest& message, const trust::Directory& directory,
                                      const trust::Device& sender, absl::Time now) {
  if (message.level() < v1::LEVEL_L0 || message.level() > v1::LEVEL_L2) {
    return absl::InvalidArgumentError("level: unknown");
  }
  RETURN_IF_ERROR(CheckCounts(message));
  RETURN_IF_ERROR(trust::CheckSizeOrEmpty(message.in_reply_to(), trust::kIdBytes, "in_reply_to"));
  RETURN_IF_ERROR(trust::CheckSizeOrEmpty(message.forwards(), trust::kIdBytes, "forwards"));
  Question question;
  policies::SendRequest& request = question.request;
  request.sender = trust::ToMemberId(*directory.FindMember(sender.member_ref));
  request.sender_device = sender.id;
  request.convenant_id = message.convenant_id();
  request.convenant_version = message.convenant_version();
  request.channel = message.channel();
  request.category = message.category();
  request.purpose = message.purpose();
  request.level = trust::LevelFromProto(message.level());
  request.informed = envelope::InformedFromProto(message.informed());
  request.informed_code = message.informed_code();
  request.has_case_ref = message.has_case_ref();
  request.queued = message.queued();
  request.reply = !message.in_reply_to().empty();
  request.forwards = !message.forwards().empty();
  request.created = now;
  request.identifier_hits.assign(message.identifier_hits().begin(), message.identifier_hits().end());
  for (const v1::AskedPart& asked : message.parts()) {
    ASSIGN_OR_RETURN(policies::PartRequest part, ToPart(asked, directory));
    request.parts.push_back(std::move(part));
  }
  question.facts = trust::FactsAbout(directory, MembersAddressed(request, directory), now);
  return question;
}

bool KnowsAllRecipients(const Question& question) {
  for (const policies::PartRequest& part : question.request.parts) {
    for (const policies::MemberId& recipient : part.recipients) {
      const auto found = question.facts.members.find(recipient);
      if (found == question.facts.members.end() || !found->second.known) return false;
    }
  }
  return true;
}

OpenQuestion MakeOpenQuestion(const Original& original, const Holding& holding, absl::string_view purpose,
                              const trust::Device& device, const trust::Directory& directory,
                              absl::Time now) {
  const trust::Member& reader = *directory.FindMember(device.member_ref);
  OpenQuestion asked;
  asked.facts = trust::FactsAbout(directory, {&reader}, now);
  asked.facts.original = ToFacts(original, directory);
  for (const trust::Version& version : directory.versions()) {
    if (View(version.hash) == original.core.convenant_hash())
      asked.facts.made_under = version.convenant.get();
  }
  asked.request.reader = trust::ToMemberId(reader);
  asked.request.device = device.id;
  asked.request.purpose = std::string(purpose);
  std::vector<policies::OriginalFacts::Part>& parts = asked.facts.original->parts;
  if (!holding.part) {
    parts = {{policies::PartKind::kNarrative, absl::InfiniteFuture(), {}}};
    asked.facts.original->sender = {};  // he holds a key by his devices, as everybody
    return asked;
  }
  asked.request.part = envelope::PartKindFromProto(original.parts[*holding.part].descriptor.kind());
  asked.request.part_index = *holding.part;
  if (holding.rewrap) parts[*holding.part].recipients.push_back(asked.request.reader);
  return asked;
}

OpenQuestion MakeExpiredQuestion(absl::string_view channel, const trust::Device& device,
                                 const trust::Directory& directory, absl::Time now) {
  const trust::Member& reader = *directory.FindMember(device.member_ref);
  OpenQuestion asked;
  asked.facts = trust::FactsAbout(directory, {&reader}, now);
  asked.request.reader = trust::ToMemberId(reader);
  asked.request.device = device.id;
  asked.request.part = policies::PartKind::kNarrative;
  policies::OriginalFacts& original = asked.facts.original.emplace();
  original.channel = std::string(channel);
  original.parts = {{policies::PartKind::kNarrative, absl::InfinitePast(), {asked.request.reader}}};
  return asked;
}

}  // namespace seinpost::server
