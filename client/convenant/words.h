// SPDX-License-Identifier: EUPL-1.2
// What was agreed, section by section, for the people it binds and as JSON. `seinpost convenant show` prints
// it after parties, channels and purposes.
#ifndef SEINPOST_CLIENT_CONVENANT_WORDS_H_
#define SEINPOST_CLIENT_CONVENANT_WORDS_H_

#include <string>

#include "client/terminal/context.h"
#include "client/terminal/output.h"
#include "policies/document/convenant.h"

namespace seinpost::client {

// {kinds[], thresholds{}, reveal{} | null, matching{} | null, alerts[], bridges[]}; periods are in seconds.
Json AgreedJson(const policies::Convenant& convenant);

// The same in sentences and one table. What the convenant does not provide for is said too.
std::string AgreedText(const policies::Convenant& convenant, Language language);

// "14 dagen", "24 uur", "2 minuten", in the largest unit that comes out even; two days and more count as
// days.
std::string PeriodText(absl::Duration period, Language language);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_WORDS_H_
