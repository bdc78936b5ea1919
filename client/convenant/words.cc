// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant/words.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/terminal/output.h"
#include "policies/document/vocabulary.h"

namespace seinpost::client {
namespace {

using policies::Convenant;

std::string LevelText(policies::Level level) { return std::string(policies::ToString(level)); }

int64_t Seconds(absl::Duration period) { return absl::ToInt64Seconds(period); }

std::string List(const std::vector<std::string>& words) { return absl::StrJoin(words, ", "); }

std::vector<std::string> DetailsOf(const policies::KindLevels& levels) {
  std::vector<std::string> details;
  if (levels.care) details.emplace_back("care");
  if (levels.criminal) details.emplace_back("criminal");
  return details;
}

Json KindsJson(const Convenant& convenant) {
  Json kinds = Json::array();
  for (const auto& [kind, levels] : convenant.levels()) {
    Json functions = Json::object();
    for (const auto& [name, function] : levels.functions) functions[name] = LevelText(function.ceiling);
    kinds.push_back(Json{{"kind", kind},
                         {"ceiling", LevelText(levels.ceiling)},
                         {"tied", levels.tied.has_value() ? Json(LevelText(*levels.tied)) : Json(nullptr)},
                         {"functions", std::move(functions)},
                         {"details", DetailsOf(levels)},
                         {"competence", levels.competence},
                         {"contact", levels.contact.empty() ? Json(nullptr) : Json(levels.contact)}});
  }
  return kinds;
}

Json RevealJson(const policies::Reveal& reveal) {
  Json groups = Json::array();
  for (const auto& [name, group] : reveal.groups) {
    groups.push_back(Json{{"name", name},
                          {"of", group.of_sender ? Json("sender") : Json(group.parties)},
                          {"function", group.function}});
  }
  return Json{{"ask", reveal.ask},
              {"purposes", reveal.purposes},
              {"expires_seconds", Seconds(reveal.expires)},
              {"approval_groups", std::move(groups)}};
}

// The shares of the match key stand in `trust`; without both nobody can compute a tag.
bool HasMatchKeys(const Convenant& convenant) {
  return convenant.trust().has_value() && convenant.trust()->voprf_broker_key.has_value() &&
         convenant.trust()->voprf_steward_key.has_value();
}

Json MatchingJson(const Convenant& convenant, const policies::Matching& matching) {
  Json keys = Json::object();
  for (const auto& [name, key] : matching.keys) keys[name] = key.everyone ? Json("all") : Json(key.kinds);
  return Json{{"channels", matching.channels},
              {"keys", std::move(keys)},
              {"signals", matching.min_signals},
              {"kinds", matching.min_kinds},
              {"window_seconds", Seconds(matching.window)},
              {"told", Json{{"kind", matching.told_kind}, {"function", matching.told_function}}},
              {"match_keys", HasMatchKeys(convenant)}};
}

Json AlertJson(const policies::AlertChain& chain) {
  Json raise = Json::object(), steps = Json::array();
  for (const auto& [kind, functions] : chain.raise) raise[kind] = functions;
  for (const policies::AlertStep& step : chain.steps) {
    steps.push_back(Json{{step.party.empty() ? "kind" : "party", step.party.empty() ? step.kind : step.party},
                         {"function", step.function.empty() ? Json(nullptr) : Json(step.function)},
                         {"within_seconds", Seconds(step.within)}});
  }
  return Json{{"name", chain.name},
              {"channel", chain.channel},
              {"raise", std::move(raise)},
              {"steps", std::move(steps)},
              {"identity_to", chain.identity_to},
              {"justify_within_seconds",
               chain.identity_to.empty() ? Json(nullptr) : Json(Seconds(chain.justify_within))},
              {"drill_every_seconds",
               chain.drill_every.has_value() ? Json(Seconds(*chain.drill_every)) : Json(nullptr)}};
}

Json BridgeJson(const policies::Bridge& bridge) {
  return Json{
      {"name", bridge.name},         {"convenant", bridge.convenant},  {"ceiling", LevelText(bridge.ceiling)},
      {"purposes", bridge.purposes}, {"kinds", bridge.kinds},          {"their_kinds", bridge.their_kinds},
      {"channels", bridge.channels}, {"from", FormatUtc(bridge.from)}, {"until", FormatUtc(bridge.until)}};
}

std::string KindsText(const Convenant& convenant, bool nl) {
  std::vector<std::vector<std::string>> rows{
      {nl ? "soort partij" : "kind of partner", nl ? "plafond" : "ceiling", nl ? "met rol" : "with a role",
       nl ? "bijzonderheden" : "details", nl ? "bevoegd voor" : "competent for",
       nl ? "aanspreekpunt" : "contact point"}};
  const auto details = [nl](const policies::KindLevels& levels) {
    std::vector<std::string> words;
    if (levels.care) words.emplace_back(nl ? "zorg" : "care");
    if (levels.criminal) words.emplace_back(nl ? "strafbaar" : "criminal");
    return words;
  };
  const auto or_dash = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
  for (const auto& [kind, levels] : convenant.levels()) {
    rows.push_back({kind, LevelText(levels.ceiling), levels.tied.has_value() ? LevelText(*levels.tied) : "-",
                    or_dash(List(details(levels))), or_dash(List(levels.competence)),
                    or_dash(levels.contact)});
  }
  return Table(rows);
}

std::string ThresholdsText(const Convenant& convenant, bool nl) {
  if (nl) {
    return absl::StrCat("Hooguit ", convenant.max_recipients(),
                        " organisaties krijgen in een signaal iets op naam. Een agenda met casussen is ",
                        convenant.agenda_days(), " werkdagen vooraf bekend.\nTellingen onder de ",
                        convenant.small_cell(), " worden niet genoemd; een trend is er pas bij ",
                        convenant.trend_schools(), " scholen.\n");
  }
  return absl::StrCat("At most ", convenant.max_recipients(),
                      " organisations get something named in a signal. An agenda with cases is known ",
                      convenant.agenda_days(), " working days ahead.\nCounts below ", convenant.small_cell(),
                      " are not told; it takes ", convenant.trend_schools(),
                      " schools to call something a trend.\n");
}

std::string AcuteText(const Convenant& convenant, bool nl) {
  std::vector<std::string> acute;
  for (const auto& [code, purpose] : convenant.purposes()) {
    if (purpose.acute_danger) acute.push_back(code);
  }
  if (acute.empty()) return "";
  return absl::StrCat(nl ? "Acuut gevaar (zorggegevens mogen dan naar wie kan ingrijpen): "
                         : "Acute danger (care details may then reach whoever can act): ",
                      List(acute), "\n");
}

std::string RevealText(const Convenant& convenant, bool nl) {
  if (!convenant.reveal().has_value()) {
    return nl ? "Een naam in bewaring komt hier niet voor.\n" : "There are no kept identities here.\n";
  }
  const policies::Reveal& reveal = *convenant.reveal();
  std::string text =
      absl::StrCat(nl ? "Een naam in bewaring wordt onthuld op verzoek van "
                      : "A kept identity is revealed when asked for by ",
                   List(reveal.ask), nl ? ", voor " : ", for ", List(reveal.purposes),
                   nl ? ", als binnen " : ", if within ",
                   PeriodText(reveal.expires, nl ? Language::kDutch : Language::kEnglish),
                   nl ? " uit elke groep iemand instemt:\n" : " somebody of each group approves:\n");
  for (const auto& [name, group] : reveal.groups) {
    absl::StrAppend(&text, "  ", name, ": ", group.function, nl ? " van " : " of ",
                    group.of_sender ? (nl ? "de organisatie van de afzender" : "the sender's organisation")
                                    : List(group.parties),
                    "\n");
  }
  return text;
}

std::string MatchingText(const Convenant& convenant, bool nl) {
  if (!convenant.matching().has_value()) {
    return nl ? "Signalen worden niet met elkaar vergeleken.\n"
              : "Signals are not compared with each other.\n";
  }
  const policies::Matching& matching = *convenant.matching();
  const std::string window = PeriodText(matching.window, nl ? Language::kDutch : Language::kEnglish);
  std::string text =
      nl ? absl::StrCat("Signalen in ", List(matching.channels), " worden vergeleken: bij ",
                        matching.min_signals, " of meer van ", matching.min_kinds,
                        " of meer soorten partijen binnen ", window, " hoort ", matching.told_function, " (",
                        matching.told_kind, ") het, en niemand anders.\n")
         : absl::StrCat("Signals in ", List(matching.channels), " are compared: at ", matching.min_signals,
                        " or more from ", matching.min_kinds, " or more kinds of partner within ", window,
                        " the ", matching.told_function, " (", matching.told_kind,
                        ") is told, and nobody else.\n");
  for (const auto& [name, key] : matching.keys) {
    absl::StrAppend(&text, "  ", name, nl ? ": te berekenen door " : ": may be computed by ",
                    key.everyone ? (nl ? "allen" : "all") : List(key.kinds), "\n");
  }
  if (!HasMatchKeys(convenant)) {
    absl::StrAppend(&text,
                    nl ? "  De sleutels ervoor ontbreken nog: tot dan wordt elk kenmerk geweigerd (R20).\n"
                       : "  Its keys are still missing: until then every match tag is refused (R20).\n");
  }
  return text;
}

std::string AlertsText(const Convenant& convenant, bool nl) {
  const Language language = nl ? Language::kDutch : Language::kEnglish;
  if (convenant.alerts().empty()) return nl ? "Er is geen alarm afgesproken.\n" : "No alert is agreed on.\n";
  std::string text;
  for (const auto& [name, chain] : convenant.alerts()) {
    absl::StrAppend(&text, nl ? "Alarm " : "Alert ", name, nl ? " in kanaal " : " in channel ", chain.channel,
                    nl ? "; slaan mogen" : "; may be raised by");
    for (const auto& [kind, functions] : chain.raise)
      absl::StrAppend(&text, " ", kind, " (", List(functions), ")");
    absl::StrAppend(&text, "\n");
    for (size_t i = 0; i < chain.steps.size(); ++i) {
      const policies::AlertStep& step = chain.steps[i];
      absl::StrAppend(&text, "  ", i + 1, ". ", step.party.empty() ? step.kind : step.party,
                      step.function.empty() ? "" : absl::StrCat(" (", step.function, ")"),
                      nl ? ", bevestigt binnen " : ", acknowledges within ",
                      PeriodText(step.within, language), "\n");
    }
    if (chain.identity_to.empty()) {
      absl::StrAppend(&text, nl ? "  Een alarm noemt niemand.\n" : "  An alert names nobody.\n");
    } else {
      absl::StrAppend(&text, nl ? "  Een naam mag erbij naar " : "  A name may go with it to ",
                      List(chain.identity_to), nl ? ", te onderbouwen binnen " : ", to be justified within ",
                      PeriodText(chain.justify_within, language), ".\n");
    }
    if (chain.drill_every.has_value()) {
      absl::StrAppend(&text, nl ? "  Oefenen elke " : "  A drill every ",
                      PeriodText(*chain.drill_every, language), ".\n");
    }
  }
  return text;
}

std::string BridgesText(const Convenant& convenant, bool nl) {
  if (convenant.bridges().empty()) {
    return nl ? "Er is geen brug naar een ander convenant.\n" : "There is no bridge to another convenant.\n";
  }
  std::string text;
  for (const auto& [name, bridge] : convenant.bridges()) {
    absl::StrAppend(&text, nl ? "Brug " : "Bridge ", name, nl ? " naar " : " to ", bridge.convenant,
                    nl ? ", tot en met " : ", up to ", LevelText(bridge.ceiling), nl ? ", voor " : ", for ",
                    List(bridge.purposes), ", in ", List(bridge.channels), nl ? ", van " : ", from ",
                    List(bridge.kinds), nl ? " naar hun " : " to their ", List(bridge.their_kinds),
                    nl ? ", van " : ", from ", DateText(bridge.from),
                    nl ? " tot en met " : " up to and including ", DateText(bridge.until - absl::Seconds(1)),
                    nl ? "; geldt pas als ook zij hem hebben ondertekend\n"
                       : "; it holds only once they have signed it too\n");
  }
  return text;
}

}  // namespace

std::string DateText(absl::Time time) { return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()); }

std::string PeriodText(absl::Duration period, Language language) {
  const bool nl = language == Language::kDutch;
  const auto counted = [](int64_t count, absl::string_view one, absl::string_view more) {
    return absl::StrCat(count, " ", count == 1 ? one : more);
  };
  const int64_t minutes = absl::ToInt64Minutes(period);
  if (minutes % (24 * 60) == 0 && minutes > 24 * 60)
    return absl::StrCat(minutes / (24 * 60), nl ? " dagen" : " days");
  if (minutes % 60 == 0) return counted(minutes / 60, nl ? "uur" : "hour", nl ? "uur" : "hours");
  return counted(minutes, nl ? "minuut" : "minute", nl ? "minuten" : "minutes");
}

Json AgreedJson(const Convenant& convenant) {
  Json alerts = Json::array(), bridges = Json::array();
  for (const auto& [name, chain] : convenant.alerts()) alerts.push_back(AlertJson(chain));
  for (const auto& [name, bridge] : convenant.bridges()) bridges.push_back(BridgeJson(bridge));
  return Json{{"kinds", KindsJson(convenant)},
              {"thresholds", Json{{"max_recipients", convenant.max_recipients()},
                                  {"agenda_days", convenant.agenda_days()},
                                  {"small_cell", convenant.small_cell()},
                                  {"trend_schools", convenant.trend_schools()}}},
              {"reveal", convenant.reveal().has_value() ? RevealJson(*convenant.reveal()) : Json(nullptr)},
              {"matching", convenant.matching().has_value() ? MatchingJson(convenant, *convenant.matching())
                                                            : Json(nullptr)},
              {"alerts", std::move(alerts)},
              {"bridges", std::move(bridges)}};
}

std::string AgreedText(const Convenant& convenant, Language language) {
  const bool nl = language == Language::kDutch;
  return absl::StrCat(KindsText(convenant, nl), AcuteText(convenant, nl), "\n", ThresholdsText(convenant, nl),
                      "\n", RevealText(convenant, nl), "\n", MatchingText(convenant, nl), "\n",
                      AlertsText(convenant, nl), "\n", BridgesText(convenant, nl));
}

}  // namespace seinpost::client
