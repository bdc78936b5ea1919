// SPDX-License-Identifier: EUPL-1.2
// How `seinpost convenant` tells what was done and what a convenant says. Shapes:
// docs/formats/org_directory.md. What is about files, keys and signatures is for administrators, in English.
#ifndef SEINPOST_CLIENT_CONVENANT_WORDS_H_
#define SEINPOST_CLIENT_CONVENANT_WORDS_H_

#include <string>

#include "absl/time/time.h"
#include "client/convenant/activate.h"
#include "client/convenant/acts.h"
#include "client/convenant/analysis.h"
#include "client/convenant/draft.h"
#include "client/convenant/show.h"
#include "client/convenant/sign.h"
#include "client/terminal/context.h"
#include "client/terminal/json.h"
#include "policies/document/convenant.h"

namespace seinpost::client {

// What was agreed, section by section, after parties, channels and purposes:
// {kinds[], thresholds{}, reveal{} | null, matching{} | null, alerts[], bridges[]}; periods are in seconds.
Json AgreedJson(const policies::Convenant& convenant);
// The same in sentences and one table. What the convenant does not provide for is said too.
std::string AgreedText(const policies::Convenant& convenant, Language language);
// "14 dagen", "24 uur", "2 minuten", in the largest unit that comes out even; two days and more count as
// days.
std::string PeriodText(absl::Duration period, Language language);
// "2026-12-31", UTC.
std::string DateText(absl::Time time);

// show_words.cc
Json ToJson(const ConvenantShown& shown);
std::string ToText(const ConvenantShown& shown, Language language);

// draft_words.cc
Json ToJson(const ConvenantDrafted& drafted);
std::string ToText(const ConvenantDrafted& drafted, Language language);

Json ToJson(const QuestionsAsked& asked);
std::string ToText(const QuestionsAsked& asked, Language language);

// analysis_words.cc
Json ToJson(const ConvenantChecked& checked);
std::string ToText(const ConvenantChecked& checked, Language language);

Json ToJson(const MatrixMade& made);
std::string ToText(const MatrixMade& made, Language language);

Json ToJson(const VersionsCompared& compared);
std::string ToText(const VersionsCompared& compared, Language language);

Json ToJson(const ClauseExplained& explained);
std::string ToText(const ClauseExplained& explained, Language language);

// sign_words.cc
//
// What an act says, in a sentence an administrator can check; "convenant ID version N" for a convenant.
std::string Describe(const Document& document);

Json ToJson(const DocumentSigned& done);
std::string ToText(const DocumentSigned& done, Language language);

Json ToJson(const SignaturesBundled& bundled);
std::string ToText(const SignaturesBundled& bundled, Language language);

Json ToJson(const DocumentActivated& activated);
std::string ToText(const DocumentActivated& activated, Language language);

Json ToJson(const VersionProposed& proposed);
std::string ToText(const VersionProposed& proposed, Language language);

Json ToJson(const RestrictionPublished& restriction);
std::string ToText(const RestrictionPublished& restriction, Language language);

Json ToJson(const ActMade& made);
std::string ToText(const ActMade& made, Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_WORDS_H_
