// SPDX-License-Identifier: EUPL-1.2
// The domain, continued: what is asked at an index.
#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "tests/policies/reference/domain.h"

namespace seinpost::policies::reference {

uint64_t Domain::size() const {
  return uint64_t{senders_.size()} * channels_.size() * purposes_.size() * stages_.size() * parts_.size() *
         recipients_.size();
}

Domain::Place Domain::At(uint64_t index) const {
  const auto digit = [&index](size_t radix) {
    const size_t value = index % radix;
    index /= radix;
    return value;
  };
  Place place;
  place.recipient = digit(recipients_.size());
  place.parts = digit(parts_.size());
  place.stage = digit(stages_.size());
  place.purpose = digit(purposes_.size());
  place.channel = digit(channels_.size());
  place.sender = digit(senders_.size());
  return place;
}

// The turn that those alike take comes from the digits above theirs, so that everybody's turn comes.
const MemberId& Domain::RecipientOf(uint64_t index) const {
  const std::vector<MemberId>& alike = recipients_[At(index).recipient];
  return alike[index / recipients_.size() % alike.size()];
}

const Domain::Sender& Domain::SenderAt(uint64_t index) const {
  const std::vector<Sender>& alike = senders_[At(index).sender];
  return alike[index % alike.size()];
}

std::string Domain::CategoryOf(uint64_t index) const {
  const Parts& parts = parts_[At(index).parts];
  return parts.category.empty() ? categories_[index % categories_.size()] : parts.category;
}

// A sum of digits, so that each of them alone makes all their turns come.
const Stage& Domain::StageOf(uint64_t index) const {
  const Place place = At(index);
  const size_t turn = place.sender + place.channel + place.purpose + place.parts + place.recipient;
  const std::vector<Stage>& alike = stages_[place.stage];
  return alike[turn % alike.size()];
}

void Domain::Spoil(Amiss amiss, const MemberId& recipient, SendRequest& request) {
  facts_.convenant_active = amiss != Amiss::kInactive;
  facts_.all_signatures = amiss != Amiss::kUnsigned;
  facts_.case_scope = std::nullopt;
  facts_.restrictions.clear();
  switch (amiss) {
    case Amiss::kNothing:
    case Amiss::kInactive:
    case Amiss::kUnsigned:
      break;
    case Amiss::kOldVersion:
      request.convenant_version = convenant_.version() - 1;
      break;
    case Amiss::kOtherConvenant:
      request.convenant_id = "another";
      break;
    case Amiss::kUnknownPurpose:
      request.purpose = "undeclared";
      break;
    case Amiss::kUnknownCategory:
      request.category = "undeclared";
      break;
    case Amiss::kOtherPlace:
      facts_.case_scope = "elsewhere";
      break;
    case Amiss::kIdentifier:
      request.identifier_hits = {"first_name"};
      break;
    case Amiss::kChannelLowered: {
      const std::string name = request.channel.substr(0, request.channel.find('@'));
      facts_.restrictions = {{.channel = name, .party = "", .ceiling = Level::kL1, .number = 1}};
      break;
    }
    case Amiss::kRecipientLowered:
      facts_.restrictions = {{.channel = "", .party = recipient.party, .ceiling = Level::kL1, .number = 2}};
      break;
  }
}

// As R18 and R32 want it, but for the fault.
void Domain::SealPart(const Seal& seal, const SendRequest& request, PartRequest& part) const {
  std::set<MemberId> readers(part.recipients.begin(), part.recipients.end());
  if (!part.kept) readers.insert(request.sender);
  for (const MemberId& reader : readers) {
    const auto member = facts_.members.find(reader);
    if (member == facts_.members.end()) continue;
    for (const DeviceFacts& device : member->second.devices)
      (device.prekey_classes.empty() ? part.unreached : part.devices).push_back(device.id);
    if (IsNamed(part) && seal.claim) part.ties[policies::ToString(reader)] = *seal.claim;
  }
  if (seal.without_device && !part.devices.empty()) part.devices.pop_back();
  const Channel& channel = *convenant_.FindChannel(request.channel);
  const std::string* name = channel.RetentionClass(part.kind, request.level, request.kind);
  if (name == nullptr) return;
  const absl::Time cap = request.created + convenant_.retention().at(*name).cap;
  part.expires = seal.expired ? now_ : cap;
  for (const auto& [other, at] : convenant_.retention()) {
    if ((other != *name) == seal.other_class) part.retention_class = other;
  }
}

SendRequest Domain::Ask(uint64_t index) {
  const Place place = At(index);
  const Sender& sender = SenderAt(index);
  const Stage& stage = StageOf(index);
  const Parts& parts = parts_[place.parts];
  const MemberId& recipient = RecipientOf(index);

  facts_.broker = {};
  if (stage.sender_role) facts_.broker.case_roles.insert(sender.member);
  if (stage.recipient_role) facts_.broker.case_roles.insert(recipient);
  facts_.broker.alert_justification_overdue = stage.overdue;

  SendRequest request;
  request.kind = stage.kind;
  request.sender = sender.member;
  request.convenant_id = convenant_.id();
  request.convenant_version = convenant_.version();
  request.channel = channels_[place.channel];
  request.purpose = purposes_[place.purpose];
  request.category = CategoryOf(index);
  request.level = stage.level;
  request.created = now_;
  request.has_case_ref = stage.level != Level::kL0;
  request.new_case = stage.new_case;
  request.has_match_tag = stage.match_tag;
  if (stage.level == Level::kL2 && stage.informed) request.informed = Informed::kYes;
  if (stage.asked_112) request.emergency_called = false;

  const auto add = [&request](PartKind kind, std::vector<MemberId> to) -> PartRequest& {
    PartRequest& part = request.parts.emplace_back();
    part.kind = kind;
    part.recipients = std::move(to);
    return part;
  };
  const bool without_text = parts.shape == Parts::Shape::kNamedWithoutText;
  add(PartKind::kNarrative, {without_text ? sender.colleague : recipient}).broadcast =
      parts.shape == Parts::Shape::kBroadcast;
  switch (parts.shape) {
    case Parts::Shape::kText:
    case Parts::Shape::kBroadcast:
    case Parts::Shape::kJustified:
      break;
    case Parts::Shape::kSource:
      add(PartKind::kSource, {recipient});
      break;
    case Parts::Shape::kKept:
    case Parts::Shape::kKeptForMore: {
      PartRequest& kept = add(PartKind::kIdentity, sender.approvers);
      kept.kept = true;
      const bool approves =
          std::find(sender.approvers.begin(), sender.approvers.end(), recipient) != sender.approvers.end();
      if (parts.shape == Parts::Shape::kKeptForMore && !approves) kept.recipients.push_back(recipient);
      break;
    }
    case Parts::Shape::kNamed:
    case Parts::Shape::kNamedWithoutText:
      add(parts.kind, {recipient});
      break;
  }
  const bool to_recipient = parts.shape == Parts::Shape::kJustified;
  if (to_recipient || (stage.level == Level::kL2 && stage.justified)) {
    PartRequest& reason = add(PartKind::kJustification, sender.officers);
    reason.justifies = {ToString(recipient)};
    if (to_recipient) reason.recipients.push_back(recipient);
  }
  Spoil(stage.amiss, recipient, request);
  request.sealed = stage.seal != nullptr;
  if (request.sealed) {
    for (PartRequest& part : request.parts) SealPart(*stage.seal, request, part);
  }
  return request;
}

std::string Domain::Describe(uint64_t index) const {
  static constexpr const char* kShapes[] = {"text",
                                            "@channel",
                                            "source",
                                            "kept",
                                            "kept for recipient",
                                            "justification",
                                            "named with text",
                                            "named without text"};
  const Place place = At(index);
  const Parts& parts = parts_[place.parts];
  return absl::StrCat(index, ": ", ToString(SenderOf(index)), " → ", ToString(RecipientOf(index)), " in ",
                      channels_[place.channel], ", ", StageOf(index).name, ", purpose ",
                      purposes_[place.purpose], ", category ", CategoryOf(index), ", ",
                      kShapes[static_cast<size_t>(parts.shape)], " ", policies::ToString(parts.kind));
}

}  // namespace seinpost::policies::reference
