// SPDX-License-Identifier: EUPL-1.2
// Care and criminal details (R22): care does not go to whom enforces, nor a criminal file to whom cares.
#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {

// A care part always; who it is about, and pictures, where the signal itself is about care.
bool IsCareDetail(PartKind part, CategoryKind category) {
  if (part == PartKind::kCare) return true;
  return category == CategoryKind::kCare && (part == PartKind::kIdentity || part == PartKind::kAttachment);
}

// Pictures and documents of a crime. Who it is about is R9's and R10's: those who act must know.
bool IsCriminalDetail(PartKind part, CategoryKind category) {
  return category == CategoryKind::kCriminal && part == PartKind::kAttachment;
}

// R22: only kinds of partner that the convenant says get such details; care details also to others where the
// purpose is acute danger.
void JudgeDetails(SendCase& send, Refusals& refusals) {
  const Category* category = send.convenant.FindCategory(send.request.category);
  if (category == nullptr) return;  // told by R1
  const Purpose* purpose = send.convenant.FindPurpose(send.request.purpose);
  const bool acute = purpose != nullptr && purpose->acute_danger;
  for (RecipientCase& recipient : send.recipients) {
    if (!send.IsNamed(recipient)) continue;
    const PartKind kind = send.PartOf(recipient).kind;
    const KindLevels* levels = recipient.home->FindLevels(recipient.party->kind);
    const Position& clause = recipient.foreign ? send.convenant.levels_at() : levels->details_at;
    const auto refuse = [&](absl::string_view nl, absl::string_view en, const Text& save) {
      const Text name = PartName(kind);
      const std::string member = ToString(*recipient.id);
      refusals.Recipient(
          send, recipient, RefusalCode::kCategoryNotAllowed, clause,
          {absl::StrCat(name.nl, nl, member, save.nl), absl::StrCat(name.en, en, member, save.en)});
    };
    if (IsCareDetail(kind, category->kind) && !levels->care && !acute) {
      refuse(" gaat over zorg en gaat niet naar ", " is about care and does not go to ",
             {", behalve bij acuut gevaar", ", save in acute danger"});
    }
    if (IsCriminalDetail(kind, category->kind) && !levels->criminal) {
      refuse(" gaat over een strafbaar feit en gaat niet naar ", " is about a crime and does not go to ", {});
    }
  }
}

}  // namespace seinpost::policies
