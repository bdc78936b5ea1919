// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/draft.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/signal/identity_json.h"
#include "client/signal/photo.h"
#include "client/terminal/arguments.h"
#include "crypto/hash.h"
#include "envelope/limits.h"
#include "envelope/vocabulary.h"
#include "policies/instead/alternatives.h"
#include "trust/facts.h"
#include "trust/levels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

using policies::Level;
using policies::MemberId;
using policies::PartKind;

constexpr size_t kIdBytes = 16;

absl::Status TakeId(absl::string_view flag, const std::string& text, Bytes& id) {
  if (text.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(id, ParseId(text, absl::StrCat(flag, " takes 32 hexadecimal digits")));
  return absl::OkStatus();
}

absl::Status Needs(absl::string_view flag, bool given) {
  return given ? absl::OkStatus() : UsageError(absl::StrCat(flag, " is missing"));
}

// What is wrong with the file of a flag. Too large keeps its own code, so that scripts can tell.
absl::Status FlagError(absl::string_view flag, const absl::Status& status) {
  return WithExit(absl::Status(status.code() == absl::StatusCode::kResourceExhausted
                                   ? absl::StatusCode::kResourceExhausted
                                   : absl::StatusCode::kInvalidArgument,
                               absl::StrCat(flag, ": ", status.message())),
                  kUsage);
}

absl::Status CheckTextSize(absl::string_view flag, const std::string& text) {
  if (text.size() <= envelope::kMaxTextBytes) return absl::OkStatus();
  return FlagError(
      flag, absl::ResourceExhaustedError(absl::StrCat("more than ", envelope::kMaxTextBytes, " bytes")));
}

// Builds a Draft step by step.
class Author {
 public:
  Author(const SendArgs& args, const Desk& desk) : args_(args), desk_(desk) {}

  absl::StatusOr<Draft> Write() {
    RETURN_IF_ERROR(CheckFlags());
    RETURN_IF_ERROR(WriteHead());
    draft_.facts = trust::AllFacts(desk_.directory, draft_.created);
    RETURN_IF_ERROR(CheckNames());
    RETURN_IF_ERROR(WriteNarrative());
    RETURN_IF_ERROR(WriteIdentity());
    KeepIdentity();
    RETURN_IF_ERROR(WriteTextPart(PartKind::kCare, "--care", args_.care, args_.care_to));
    RETURN_IF_ERROR(WriteSource());
    RETURN_IF_ERROR(WriteAttachments());
    RETURN_IF_ERROR(WriteJustifications());
    RETURN_IF_ERROR(CheckNames());  // of recipients, now that there are some
    if (draft_.plans.size() > envelope::kPlaces) return UsageError("a signal has at most 16 parts");
    if (!draft_.forwards.empty()) {
      absl::StatusOr<policies::OriginalFacts> original = desk_.original(draft_.forwards);
      if (!original.ok()) return UsageError(absl::StrCat("--forward: ", original.status().message()));
      draft_.facts.original = *std::move(original);
    }
    return std::move(draft_);
  }

 private:
  // Both halves of a part are given, or neither; a dry run asks about recipients only.
  absl::Status CheckPair(absl::string_view flag, bool content, absl::string_view to_flag, bool to) const {
    if (content == to || (to && desk_.dry_run)) return absl::OkStatus();
    return UsageError(
        absl::StrCat(content ? to_flag : flag, " is missing: ", flag, " and ", to_flag, " go together"));
  }

  absl::Status CheckFlags() const {
    RETURN_IF_ERROR(Needs("--channel", !args_.channel.empty()));
    RETURN_IF_ERROR(Needs("--level", !args_.level.empty()));
    RETURN_IF_ERROR(Needs("--category", !args_.category.empty()));
    RETURN_IF_ERROR(Needs("--purpose", !args_.purpose.empty()));
    RETURN_IF_ERROR(Needs("--to", !args_.to.empty()));
    RETURN_IF_ERROR(Needs("--text", !args_.text.empty() || desk_.dry_run));
    RETURN_IF_ERROR(
        CheckPair("--identity", !args_.identity.empty(), "--identity-to", !args_.identity_to.empty()));
    RETURN_IF_ERROR(CheckPair("--care", !args_.care.empty(), "--care-to", !args_.care_to.empty()));
    RETURN_IF_ERROR(CheckPair("--attach", !args_.attach.empty(), "--attach-to", !args_.attach_to.empty()));
    if (args_.source.empty() && !args_.source_to.empty()) return UsageError("--source is missing");
    if (!args_.kept_identity.empty() && !desk_.dry_run) {
      return UsageError(
          "--kept-identity: this version cannot seal to approval groups; may-i tells what the convenant "
          "allows");
    }
    return absl::OkStatus();
  }

  absl::Status WriteHead() {
    const policies::Convenant& convenant = *desk_.directory.convenant();
    policies::SendRequest& request = draft_.request;
    const absl::StatusOr<Level> level = policies::ParseLevel(args_.level);
    if (!level.ok()) return UsageError(absl::StrCat("--level: ", level.status().message()));
    request.level = *level;
    draft_.created = absl::FromUnixSeconds(absl::ToUnixSeconds(desk_.now));
    request.sender = trust::ToMemberId(desk_.self);
    request.sender_device = std::string(desk_.own_device);
    request.convenant_id = convenant.id();
    request.convenant_version = convenant.version();
    request.channel = args_.channel;
    request.category = args_.category;
    request.purpose = args_.purpose;
    request.queued = args_.queued;
    request.created = draft_.created;
    ASSIGN_OR_RETURN(const InformedArg informed, ParseInformed(args_.informed));
    if (informed.informed != policies::Informed::kNotStated && *level != Level::kL2) {
      return UsageError("--informed belongs to L2 only");
    }
    request.informed = informed.informed;
    request.informed_code = informed.code;
    RETURN_IF_ERROR(TakeId("--case", args_.case_ref, draft_.case_ref));
    RETURN_IF_ERROR(TakeId("--reply-to", args_.reply_to, draft_.in_reply_to));
    RETURN_IF_ERROR(TakeId("--forward", args_.forward, draft_.forwards));
    if (draft_.case_ref.empty() && *level != Level::kL0) {
      draft_.case_ref = crypto::RandomBytes(kIdBytes);
      draft_.new_case = true;
    }
    request.has_case_ref = !draft_.case_ref.empty();
    request.reply = !draft_.in_reply_to.empty();
    request.forwards = !draft_.forwards.empty();
    if (!args_.expires.empty()) {
      ASSIGN_OR_RETURN(draft_.expires, ParseExpires(args_.expires, draft_.created));
    }
    return absl::OkStatus();
  }

  absl::Status CheckNames() const { return policies::ValidateRequestNames(draft_.request, draft_.facts); }

  // Adds a part with its recipients; "@channel" stands for everyone in it.
  absl::StatusOr<policies::PartRequest*> AddPart(PartKind kind, const std::vector<std::string>& to,
                                                 Bytes content) {
    policies::PartRequest part;
    part.kind = kind;
    std::set<MemberId> members;
    for (const std::string& text : to) {
      ASSIGN_OR_RETURN(const Address address, ParseAddress(text, draft_.request.convenant_id, args_.channel));
      if (address.whole_channel) {
        part.broadcast = true;
        for (const MemberId& member : policies::ChannelMembers(
                 args_.channel, draft_.request.level, draft_.request.sender, draft_.facts, draft_.created)) {
          members.insert(member);
        }
        continue;
      }
      MemberId id = address.member;
      const trust::Member* known =
          id.convenant.empty() ? desk_.directory.FindMember(id.party, id.handle) : nullptr;
      members.insert(known == nullptr ? id : trust::ToMemberId(*known));
    }
    part.recipients.assign(members.begin(), members.end());
    Put(std::move(part), std::move(content));
    return &draft_.request.parts.back();
  }

  void Put(policies::PartRequest part, Bytes content) {
    envelope::PartPlan plan;
    plan.kind = envelope::PartKindToProto(part.kind);
    plan.content = std::move(content);
    draft_.plans.push_back(std::move(plan));
    if (draft_.expires.has_value() && part.kind != PartKind::kJustification) part.expires = draft_.expires;
    draft_.request.parts.push_back(std::move(part));
  }

  absl::StatusOr<Bytes> ReadTextOf(absl::string_view flag, const std::string& path) const {
    absl::StatusOr<Bytes> text = desk_.read(path, envelope::kMaxTextBytes);
    if (!text.ok()) return FlagError(flag, text.status());
    if (text->empty()) return UsageError(absl::StrCat(flag, ": the text is empty"));
    return text;
  }

  absl::Status WriteNarrative() {
    if (args_.text == "-") {
      ASSIGN_OR_RETURN(narrative_, ReadTextOf("--text", "-"));
    } else {
      narrative_ = args_.text;
      RETURN_IF_ERROR(CheckTextSize("--text", narrative_));
    }
    return AddPart(PartKind::kNarrative, args_.to, narrative_).status();
  }

  absl::Status WriteIdentity() {
    if (args_.identity_to.empty()) return absl::OkStatus();
    if (args_.identity.empty()) return AddPart(PartKind::kIdentity, args_.identity_to, Bytes()).status();
    absl::StatusOr<Bytes> file = desk_.read(args_.identity, kMaxIdentityFileBytes);
    if (!file.ok()) return FlagError("--identity", file.status());
    ASSIGN_OR_RETURN(const v1::Identity identity, ParseIdentity(*file));
    // R6, R7: who it is stands in the identity part and nowhere else.
    draft_.request.identifier_hits = IdentifierHits(identity, narrative_);
    return AddPart(PartKind::kIdentity, args_.identity_to, trust::StrictSerialize(identity)).status();
  }

  // R6: for exactly the approval groups.
  void KeepIdentity() {
    if (args_.kept_identity.empty()) return;
    policies::PartRequest part;
    part.kind = PartKind::kIdentity;
    part.kept = true;
    for (const std::vector<MemberId>& group :
         policies::ApproversOf(draft_.request.sender, draft_.facts, draft_.created)) {
      part.recipients.insert(part.recipients.end(), group.begin(), group.end());
    }
    Put(std::move(part), Bytes());
  }

  absl::Status WriteTextPart(PartKind kind, absl::string_view flag, const std::string& path,
                             const std::vector<std::string>& to) {
    if (to.empty()) return absl::OkStatus();
    Bytes text;
    if (!path.empty()) {
      ASSIGN_OR_RETURN(text, ReadTextOf(flag, path));
    }
    return AddPart(kind, to, std::move(text)).status();
  }

  // Unless said otherwise a source goes to the sender's own party on that channel (R21).
  absl::Status WriteSource() {
    std::vector<std::string> to = args_.source_to;
    if (to.empty() && !args_.source.empty()) {
      to.push_back(AddressOfSelf());
      for (const MemberId& member : policies::ChannelMembers(
               args_.channel, draft_.request.level, draft_.request.sender, draft_.facts, draft_.created)) {
        if (member.party == desk_.self.organisation) to.push_back(policies::ToString(member));
      }
    }
    return WriteTextPart(PartKind::kSource, "--source", args_.source, to);
  }

  std::string AddressOfSelf() const { return absl::StrCat(desk_.self.organisation, "/", desk_.self.handle); }

  absl::Status WriteAttachments() {
    if (args_.attach.empty() && !args_.attach_to.empty()) {
      return AddPart(PartKind::kAttachment, args_.attach_to, Bytes()).status();
    }
    for (const std::string& path : args_.attach) {
      absl::StatusOr<Bytes> file = desk_.read(path, envelope::kMaxAttachmentBytes);
      if (!file.ok()) return FlagError("--attach", file.status());
      absl::StatusOr<Photo> photo = StripPhoto(*file);
      if (!photo.ok()) return FlagError("--attach", photo.status());
      RETURN_IF_ERROR(AddPart(PartKind::kAttachment, args_.attach_to, std::move(photo->bytes)).status());
      v1::AttachmentHead& head = draft_.plans.back().attachment_head;
      head.set_name(absl::StrCat("foto-", ++photos_, photo->content_type == "image/png" ? ".png" : ".jpg"));
      head.set_content_type(photo->content_type);
      head.set_size(draft_.plans.back().content.size());
    }
    return absl::OkStatus();
  }

  // Everyone but the sender who gets something named.
  std::set<MemberId> Named() const {
    std::set<MemberId> named;
    for (const policies::PartRequest& part : draft_.request.parts) {
      if (policies::PartLevel(part.kind, draft_.request.level) != Level::kL2 ||
          part.kind == PartKind::kSource)
        continue;
      for (const MemberId& member : part.recipients) {
        if (member != draft_.request.sender) named.insert(member);
      }
    }
    return named;
  }

  // One part for each distinct text, to the officers of the sender's organisation and of the convenant (R10).
  absl::Status WriteJustifications() {
    const std::set<MemberId> named = Named();
    std::map<std::string, std::set<std::string>> by_text;
    for (const std::string& flag : args_.justify) {
      const Justification justification = ParseJustification(flag);
      if (justification.text.empty()) return UsageError("--justify: the text is empty");
      RETURN_IF_ERROR(CheckTextSize("--justify", justification.text));
      size_t found = 0;
      for (const MemberId& member : named) {
        if (!justification.member.empty() && policies::ToString(member) != justification.member) continue;
        by_text[justification.text].insert(member.ref.empty() ? policies::ToString(member) : member.ref);
        ++found;
      }
      if (found == 0 && !justification.member.empty()) {
        return UsageError(absl::StrCat("--justify: ", justification.member, " gets nothing that needs one"));
      }
    }
    if (by_text.empty()) return absl::OkStatus();
    const std::vector<MemberId> officers =
        policies::JustificationOfficers(draft_.request.sender, draft_.facts, draft_.created);
    for (const auto& [text, members] : by_text) {
      policies::PartRequest part;
      part.kind = PartKind::kJustification;
      part.recipients = officers;
      part.justifies.assign(members.begin(), members.end());
      Put(std::move(part), text);
    }
    return absl::OkStatus();
  }

  const SendArgs& args_;
  const Desk& desk_;
  Draft draft_;
  Bytes narrative_;
  int photos_ = 0;
};

}  // namespace

absl::StatusOr<Draft> MakeDraft(const SendArgs& args, const Desk& desk) { return Author(args, desk).Write(); }

policies::Decision Judge(const Draft& draft) {
  policies::Decision decision = policies::DecideSend(draft.request, draft.facts, draft.created);
  if (!decision.allowed) decision.instead = policies::Alternatives(draft.request, draft.facts, draft.created);
  return decision;
}

namespace {

// R9: the tie that is claimed for each recipient of something named.
void AddTies(const Draft& draft, const policies::PartRequest& asked, envelope::PartPlan& part) {
  if (!policies::IsNamed(asked)) return;
  for (const MemberId& member : asked.recipients) {
    const std::optional<policies::Tie> tie =
        policies::TieOf(draft.request, member, draft.facts, draft.created);
    if (tie.has_value() && member != draft.request.sender)
      part.ties[member.ref] = std::string(ToString(*tie));
  }
}

}  // namespace

absl::StatusOr<envelope::SignalPlan> ToPlan(const Draft& draft, const trust::Directory& directory,
                                            ByteView checkpoint_note) {
  const policies::Convenant& convenant = *directory.convenant();
  const policies::Channel* channel = convenant.FindChannel(draft.request.channel);
  if (channel == nullptr) return UsageError("no such channel");
  envelope::SignalPlan plan;
  v1::Core& core = plan.core;
  core.set_kind(v1::SIGNAL_KIND_SIGNAL);
  core.set_channel(draft.request.channel);
  core.set_category(draft.request.category);
  core.set_purpose(draft.request.purpose);
  core.set_level(trust::LevelToProto(draft.request.level));
  core.set_informed(envelope::InformedToProto(draft.request.informed));
  core.set_informed_code(draft.request.informed_code);
  core.set_case_ref(draft.case_ref);
  core.set_in_reply_to(draft.in_reply_to);
  core.set_forwards(draft.forwards);
  core.set_queued(draft.request.queued);
  core.set_created(absl::ToUnixSeconds(draft.created));
  core.set_checkpoint(std::string(checkpoint_note));
  for (size_t i = 0; i < draft.plans.size(); ++i) {
    const policies::PartRequest& asked = draft.request.parts[i];
    envelope::PartPlan part = draft.plans[i];
    const std::string* name = channel->RetentionClass(asked.kind, draft.request.level);
    const policies::RetentionClass* retention = name == nullptr ? nullptr : convenant.FindRetention(*name);
    if (retention == nullptr) return UsageError("this channel keeps no such part");
    part.retention_class = *name;
    part.expires = asked.expires.value_or(draft.created + retention->cap);
    for (const MemberId& member : asked.recipients) {
      if (member.ref.empty()) return UsageError("a recipient is not in the directory");
      part.members.push_back(member.ref);
    }
    part.justifies.assign(asked.justifies.begin(), asked.justifies.end());
    AddTies(draft, asked, part);
    plan.parts.push_back(std::move(part));
  }
  return plan;
}

}  // namespace seinpost::client
