// SPDX-License-Identifier: EUPL-1.2
// Reading, at the moment of reading. The channel, its ceilings and the purposes are those of the version that
// the signal was made under; the reader's party, mandates, orders and ties are those of now.
#include <algorithm>

#include "tests/policies/reference/reference.h"
#include "tests/policies/reference/world.h"

namespace seinpost::policies::reference {
namespace {

class Judge {
 public:
  Judge(const OpenRequest& request, const Facts& facts, absl::Time now)
      : request_(request), facts_(facts), now_(now) {}

  Answer Answered() {
    R1();
    R19Addressed();
    if (part_ != nullptr) {
      R19State();
      R19Reader();
      R31();
      R21();
      R22();
      R9();
      R10();
      R29();
    }
    answer_.allowed = answer_.codes.empty();
    return answer_;
  }

 private:
  void R1();
  void R19Addressed();
  void R19State();
  void R19Reader();
  void R31();
  void R21();
  void R22();
  void R9();
  void R10();
  void R29();

  void Refuse(RefusalCode code) { answer_.codes.insert(code); }
  const Convenant& Now() const { return *facts_.convenant; }
  const Convenant& Then() const {
    return facts_.made_under != nullptr ? *facts_.made_under : *facts_.convenant;
  }
  bool IsSender() const { return request_.reader == original_->sender; }
  bool Named() const { return NamesSomebody(part_->kind, part_->kept); }
  bool AlertIdentity() const {
    return original_->kind == SignalKind::kAlert && part_->kind == PartKind::kIdentity;
  }
  Level PartLevel() const { return LevelOfPart(part_->kind, original_->level, original_->kind); }

  const OpenRequest& request_;
  const Facts& facts_;
  const absl::Time now_;
  const OriginalFacts* original_ = nullptr;
  const OriginalFacts::Part* part_ = nullptr;
  bool has_mandate_ = false;
  Answer answer_;
};

void Judge::R1() {
  absl::Time end = Now().valid_until();
  if (facts_.original && facts_.original->kind == SignalKind::kAlert &&
      facts_.original->level == Level::kL0) {
    end += absl::Hours(24 * 30);
  }
  if (!facts_.convenant_active || !facts_.all_signatures || now_ < Now().valid_from() || now_ >= end)
    Refuse(RefusalCode::kNoConvenant);
}

void Judge::R19Addressed() {
  if (facts_.original && request_.part_index < facts_.original->parts.size() &&
      facts_.original->parts[request_.part_index].kind == request_.part) {
    original_ = &*facts_.original;
    part_ = &original_->parts[request_.part_index];
  }
  bool addressed = false;
  // What is kept is revealed by all groups together, and opened by nobody (R6).
  if (part_ != nullptr && !part_->kept) {
    addressed = IsSender();
    for (const MemberId& member : part_->recipients) addressed = addressed || member == request_.reader;
  }
  if (!addressed) Refuse(RefusalCode::kKeysetMismatch);
}

void Judge::R19State() {
  if (now_ >= part_->expires) Refuse(RefusalCode::kExpired);
  if (original_->withdrawn) Refuse(RefusalCode::kWithdrawn);
  if (!request_.purpose.empty() && request_.purpose != original_->purpose)
    Refuse(RefusalCode::kPurposeNotAllowed);
}

void Judge::R19Reader() {
  // R10 alone judges justifications, R6 what is kept.
  if (part_->kind == PartKind::kJustification || part_->kept) return;
  const MemberId& reader = request_.reader;
  const bool is_source = part_->kind == PartKind::kSource;
  const Seat seat = SeatOf(Then(), reader, original_->channel);
  if (PartyOf(Now(), reader) == nullptr || seat == Seat::kNone) return Refuse(RefusalCode::kNotAParty);
  if (seat == Seat::kGuest && PartLevel() != Level::kL0) Refuse(RefusalCode::kGuestLevel);
  // What he sent by a role, a sender may read back without it.
  const bool tied = IsSender() || facts_.broker.case_roles.count(reader) == 1;
  const std::optional<Level> reach = Reach(Then(), facts_, reader, now_, original_->channel, tied);
  if (!reach) return Refuse(RefusalCode::kNoMandate);
  has_mandate_ = true;
  if (PartLevel() > *reach && !AlertIdentity() && !is_source) Refuse(RefusalCode::kLevelExceeded);
}

void Judge::R31() {
  // What officers and the reporting organisation read stays theirs.
  if (part_->kind == PartKind::kJustification || part_->kind == PartKind::kSource) return;
  for (const Restriction& order : facts_.restrictions) {
    const bool holds = order.channel == ChannelName(original_->channel) ||
                       (request_.reader.convenant.empty() && order.party == request_.reader.party);
    if (holds && PartLevel() > order.ceiling) Refuse(RefusalCode::kLevelExceeded);
  }
}

void Judge::R21() {
  if (part_->kind == PartKind::kSource && request_.reader.party != original_->sender.party)
    Refuse(RefusalCode::kSourceProtected);
}

void Judge::R22() {
  if (!Named() || IsSender()) return;
  const auto category = Then().categories().find(original_->category);
  if (category == Then().categories().end()) return;
  const auto purpose = Then().purposes().find(original_->purpose);
  const bool acute = purpose != Then().purposes().end() && purpose->second.acute_danger;
  const auto levels = Now().levels().find(KindOf(Now(), request_.reader));
  if (levels == Now().levels().end()) return;
  const bool about_care = part_->kind == PartKind::kCare || category->second.kind == CategoryKind::kCare;
  const bool about_crime =
      part_->kind == PartKind::kAttachment && category->second.kind == CategoryKind::kCriminal;
  if ((about_care && !levels->second.care && !acute) || (about_crime && !levels->second.criminal))
    Refuse(RefusalCode::kCategoryNotAllowed);
}

// Nothing is said of ties of somebody who has no mandate here.
void Judge::R9() {
  if (!Named() || IsSender() || AlertIdentity() || !has_mandate_) return;
  bool tied = facts_.broker.case_roles.count(request_.reader) == 1;
  for (const Tie tie : {Tie::kSchool, Tie::kWard, Tie::kCompetence}) {
    tied = tied || HoldsTie(tie, Then(), facts_, request_.reader, original_->sender, original_->channel,
                            original_->purpose, now_);
  }
  if (!tied) Refuse(RefusalCode::kNoInvolvement);
}

void Judge::R10() {
  if (part_->kind != PartKind::kJustification || IsSender()) return;
  if (!IsOfficer(facts_, request_.reader, now_)) Refuse(RefusalCode::kNoMandate);
}

void Judge::R29() {
  if (part_->kind != PartKind::kJustification || IsSender()) return;
  if (IsOfficer(facts_, request_.reader, now_) && HasAnotherOffice(facts_, request_.reader, now_)) {
    Refuse(RefusalCode::kRoleConflict);
  }
}

}  // namespace

Answer Open(const OpenRequest& request, const Facts& facts, absl::Time now) {
  return Judge(request, facts, now).Answered();
}

}  // namespace seinpost::policies::reference
