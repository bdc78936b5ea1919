// SPDX-License-Identifier: EUPL-1.2
// `seinpost convenant`: the agreement as a file, from example to active. Each does what the headers below
// declare and says it (words.h). Everything but `show` is for those who draw it up.
#ifndef SEINPOST_CLIENT_CONVENANT_COMMANDS_H_
#define SEINPOST_CLIENT_CONVENANT_COMMANDS_H_

#include <string>

#include "absl/status/status.h"
#include "client/convenant/activate.h"
#include "client/convenant/acts.h"
#include "client/convenant/analysis.h"
#include "client/convenant/draft.h"
#include "client/convenant/show.h"
#include "client/convenant/sign.h"
#include "client/terminal/context.h"

namespace seinpost::client {

absl::Status ConvenantDraft(Context& context, const ConvenantDraftArgs& args);

// What a file means. Progress goes to stderr on a terminal.
//
// Prints every problem as "file:line:column: sentence"; exit 2 if there is one. Otherwise what is odd about
// it; with `strict`, exit 1 if there is a warning among it.
absl::Status ConvenantCheck(Context& context, const std::string& file, bool strict = false);
absl::Status ConvenantMatrix(Context& context, const ConvenantMatrixArgs& args);
// With `no_widening`, exit 3 if the new version widens.
absl::Status ConvenantDiff(Context& context, const ConvenantDiffArgs& args);
absl::Status ConvenantExplain(Context& context, const ConvenantExplainArgs& args);
// Exit 1 if an answer is not the expected one.
absl::Status ConvenantTest(Context& context, const std::string& file);

// The rest speaks of a FILE that parties sign, client/convenant/bundle.h: a convenant or an act.
//
// Both say who is missing.
absl::Status ConvenantSign(Context& context, const ConvenantSignArgs& args);
absl::Status ConvenantBundle(Context& context, const ConvenantBundleArgs& args);
// Too early after a proposal it says how long that still lasts, exit 1.
absl::Status ConvenantActivate(Context& context, const ConvenantActivateArgs& args);
absl::Status ConvenantPropose(Context& context, const ConvenantActivateArgs& args);
absl::Status ConvenantRestrict(Context& context, const ConvenantRestrictArgs& args);
absl::Status ConvenantTrustUpdate(Context& context, const ConvenantTrustUpdateArgs& args);
absl::Status ConvenantEpoch(Context& context, const ConvenantEpochArgs& args);

// The convenant of the profile in words, or as JSON: with its history, the orders in force, what the log lost
// and what is proposed.
absl::Status ConvenantShow(Context& context);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_COMMANDS_H_
