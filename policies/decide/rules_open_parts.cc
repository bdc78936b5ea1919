// SPDX-License-Identifier: EUPL-1.2
// Reading (R19), continued: what a source (R21), a detail (R22), a name (R9) and a justification (R10) ask
// besides.
#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {

// R21: a source is read by the reporting organisation alone.
void JudgeOpenSource(const OpenCase& open, Refusals& refusals) {
  if (open.part == nullptr || open.part->kind != PartKind::kSource) return;
  if (open.request.reader.convenant.empty() && open.request.reader.party == open.original->sender.party)
    return;
  refusals.Signal(
      RefusalCode::kSourceProtected,
      open.reader_party != nullptr ? open.reader_party->at : open.convenant.parties_at(),
      {"wie het meldde, blijft bij de meldende organisatie", "who reported it stays with that organisation"});
}

// R22: details by what the reader's kind may get now, for the purpose of then.
void JudgeOpenDetails(const OpenCase& open, Refusals& refusals) {
  if (!open.IsNamed() || open.reader_party == nullptr) return;
  const KindLevels* levels = open.convenant.FindLevels(open.reader_party->kind);
  const Category* category = open.made_under.FindCategory(open.original->category);
  const Purpose* purpose = open.made_under.FindPurpose(open.original->purpose);
  const bool acute = purpose != nullptr && purpose->acute_danger;
  const CategoryKind kind = category != nullptr ? category->kind : CategoryKind::kCare;
  const bool care = levels != nullptr && levels->care, criminal = levels != nullptr && levels->criminal;
  const bool care_refused = IsCareDetail(open.part->kind, kind) && !care && !acute;
  if (!care_refused && !(IsCriminalDetail(open.part->kind, kind) && !criminal)) return;
  const Text name = PartName(open.part->kind);
  refusals.Signal(RefusalCode::kCategoryNotAllowed,
                  levels != nullptr ? levels->details_at : open.convenant.levels_at(),
                  {absl::StrCat(name.nl, " bevat bijzonderheden die de lezer nu niet mag krijgen"),
                   absl::StrCat(name.en, " holds details that the reader may not get now")});
}

// R9: whoever reads a name has to do with it now, too.
void JudgeOpenTie(const OpenCase& open, Refusals& refusals) {
  if (!open.IsNamed() || open.IsAlertIdentity() || !open.ReachOfReader().mandated) return;
  const KindLevels* levels = open.made_under.FindLevels(open.reader_party->kind);
  if (open.HasRole()) return;
  const Place place{open.channel, open.scope, open.made_under.FindParty(open.original->sender.party)};
  if (absl::c_linear_search(levels->competence, open.original->purpose) ||
      IsTiedToPlace(open.made_under, *levels, *open.reader, place, Tie::kSchool, open.now) ||
      IsTiedToPlace(open.made_under, *levels, *open.reader, place, Tie::kWard, open.now)) {
    return;
  }
  refusals.Signal(RefusalCode::kNoInvolvement,
                  open.channel != nullptr ? open.channel->at : open.made_under.channels_at(),
                  {"de lezer heeft met deze school of wijk, deze casus en dit doel nu niets te maken",
                   "the reader has nothing to do with this school or ward, this case or this purpose now"});
}

// R10: a justification is read by its sender, or by a privacy officer in office.
void JudgeOpenJustification(const OpenCase& open, Refusals& refusals) {
  if (open.part == nullptr || open.part->kind != PartKind::kJustification) return;
  const bool own = open.is_sender && open.reader != nullptr && open.reader->known && !open.reader->revoked;
  const bool officer =
      open.reader != nullptr && open.reader_party != nullptr && IsOfficer(*open.reader, open.now);
  if (own || officer) return;
  refusals.Signal(RefusalCode::kNoMandate, open.convenant.oversight_at(),
                  {"de lezer is nu geen privacy officer", "the reader is no privacy officer now"});
}

// R29: and by none who takes part himself.
void JudgeOpenConflict(const OpenCase& open, Refusals& refusals) {
  if (open.part == nullptr || open.part->kind != PartKind::kJustification || open.is_sender) return;
  if (open.reader == nullptr || !IsOfficer(*open.reader, open.now) || !TakesPart(*open.reader, open.now))
    return;
  refusals.Signal(RefusalCode::kRoleConflict, open.convenant.oversight_at(), TakesPartText());
}

}  // namespace seinpost::policies
