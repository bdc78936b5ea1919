// SPDX-License-Identifier: EUPL-1.2
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "client/device/set_broker.h"
#include "client/terminal/output.h"
#include "client/terminal/say.h"
#include "client/terminal/texts.h"

namespace seinpost::client {

Json ToJson(const BrokerSet& set) {
  return Json{
      {"convenant", set.convenant}, {"before", set.before}, {"broker", set.now}, {"other_ca", set.other_ca}};
}

std::string ToText(const BrokerSet& set, Language language) {
  return absl::StrCat(absl::Substitute(TextOf(Text::kBrokerSet, language), set.convenant, set.now), "\n");
}

absl::Status ProfileSetBroker(Context& context, const SetBrokerArgs& args) {
  return Say(context, SetBroker(context, args));
}

}  // namespace seinpost::client
