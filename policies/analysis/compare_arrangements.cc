// SPDX-License-Identifier: EUPL-1.2
// Terms about reveals, matching, alerts, bridges and keys.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policies/analysis/terms.h"

namespace seinpost::policies {

void CompareReveal(const Convenant& a, const Convenant& b, Terms& terms) {
  if (!a.reveal().has_value() || !b.reveal().has_value()) {
    if (a.reveal().has_value() || b.reveal().has_value()) {
      terms.Gone({"reveal", "het openen van een bewaarde identiteit", "opening a kept identity"}, "",
                 a.reveal().has_value() ? a.reveal()->at : Position{},
                 b.reveal().has_value() ? b.reveal()->at : Position{},
                 b.reveal().has_value() ? Effect::kWidening : Effect::kNarrowing);
    }
    return;
  }
  const Reveal &was = *a.reveal(), &is = *b.reveal();
  terms.Words({"reveal.ask", "wie een bewaarde identiteit mag vragen", "who may ask for a kept identity",
               Wider::kMore},
              was.ask_at, is.ask_at, was.ask, is.ask);
  terms.Words({"reveal.purposes", "waarvoor een bewaarde identiteit opengaat",
               "what a kept identity is opened for", Wider::kMore},
              was.purposes_at, is.purposes_at, was.purposes, is.purposes);
  terms.Time({"reveal.expires", "een aanvraag blijft open", "a request stays open", Wider::kMore},
             was.expires_at, is.expires_at, was.expires, is.expires);
  // A group less is an approval less.
  terms.Entries({"reveal.approval_groups", "goedkeuringsgroep", "approval group"}, was.groups, is.groups,
                Effect::kNarrowing, Effect::kWidening, [&](const ApprovalGroup& x, const ApprovalGroup& y) {
                  const std::string path = absl::StrCat("reveal.approval_groups.", x.name, ".");
                  terms.Text({path + "function", x.name + ": functie", x.name + ": function"}, x.at, y.at,
                             x.function, y.function);
                  const auto of = [](const ApprovalGroup& group) {
                    return group.of_sender ? std::vector<std::string>{"(sender)"} : group.parties;
                  };
                  terms.Words({path + "of", x.name + ": van", x.name + ": of", Wider::kMore}, x.at, y.at,
                              of(x), of(y));
                });
}

void CompareMatching(const Convenant& a, const Convenant& b, Terms& terms) {
  if (!a.matching().has_value() || !b.matching().has_value()) {
    if (a.matching().has_value() || b.matching().has_value()) {
      terms.Gone({"matching", "het vergelijken van signalen", "matching of signals"}, "",
                 a.matching().has_value() ? a.matching()->at : Position{},
                 b.matching().has_value() ? b.matching()->at : Position{},
                 b.matching().has_value() ? Effect::kWidening : Effect::kNarrowing);
    }
    return;
  }
  const Matching &was = *a.matching(), &is = *b.matching();
  terms.Words(
      {"matching.channels", "kanalen waarin wordt vergeleken", "channels that are matched", Wider::kMore},
      was.channels_at, is.channels_at, was.channels, is.channels);
  terms.Number(
      {"matching.threshold.signals", "signalen voor een melding", "signals for a notice", Wider::kLess},
      was.threshold_at, is.threshold_at, was.min_signals, is.min_signals);
  terms.Number({"matching.threshold.kinds", "soorten partners voor een melding", "partner kinds for a notice",
                Wider::kLess},
               was.threshold_at, is.threshold_at, was.min_kinds, is.min_kinds);
  terms.Time({"matching.window", "periode waarin wordt vergeleken", "window of matching", Wider::kMore},
             was.window_at, is.window_at, was.window, is.window);
  terms.Text({"matching.told", "wie de melding krijgt", "who is told"}, was.told_at, is.told_at,
             absl::StrCat(was.told_kind, "/", was.told_function),
             absl::StrCat(is.told_kind, "/", is.told_function));
  terms.Entries({"matching.keys", "vergelijkingssleutel", "match key"}, was.keys, is.keys, Effect::kWidening,
                Effect::kNarrowing, [&](const Matching::Key& x, const Matching::Key& y) {
                  if (x.everyone && y.everyone) return;
                  const auto kinds = [](const Matching::Key& key, const Convenant& of) {
                    if (!key.everyone) return key.kinds;
                    std::vector<std::string> all;
                    for (const auto& [kind, levels] : of.levels()) all.push_back(kind);
                    return all;
                  };
                  terms.Words({x.at.path, "wie de sleutel berekent", "who may compute the key", Wider::kMore},
                              x.at, y.at, kinds(x, a), kinds(y, b));
                });
}

namespace {

std::string StepText(const AlertStep& step) {
  return absl::StrCat(step.party.empty() ? step.kind : step.party, step.function.empty() ? "" : "/",
                      step.function);
}

void CompareSteps(const AlertChain& was, const AlertChain& is, Terms& terms) {
  std::vector<std::string> before, after;
  for (const AlertStep& step : was.steps) before.push_back(StepText(step));
  for (const AlertStep& step : is.steps) after.push_back(StepText(step));
  const std::string path = absl::StrCat("alerts.", was.name, ".steps");
  if (before != after) {
    // Another order calls others sooner: a widening as much as somebody new.
    const bool fewer = after.size() < before.size() && std::equal(after.begin(), after.end(), before.begin());
    terms.Add({path, was.name + ": wie wordt geroepen", was.name + ": who is called"}, was.steps_at,
              is.steps_at, fewer ? Effect::kNarrowing : Effect::kWidening, absl::StrJoin(before, " > "),
              absl::StrJoin(after, " > "));
    return;
  }
  for (size_t i = 0; i < was.steps.size(); ++i) {
    const AlertStep &x = was.steps[i], &y = is.steps[i];
    terms.Time(
        {absl::StrCat(path, ".", i + 1, ".within"), absl::StrCat(was.name, ", stap ", i + 1, ": reactietijd"),
         absl::StrCat(was.name, ", step ", i + 1, ": time to answer"), Wider::kLess},
        x.at, y.at, x.within, y.within);
  }
}

}  // namespace

void CompareAlerts(const Convenant& a, const Convenant& b, Terms& terms) {
  terms.Entries(
      {"alerts", "alarmketen", "alert chain"}, a.alerts(), b.alerts(), Effect::kWidening, Effect::kNarrowing,
      [&](const AlertChain& was, const AlertChain& is) {
        const std::string path = absl::StrCat("alerts.", was.name, ".");
        terms.Text({path + "channel", was.name + ": kanaal", was.name + ": channel"}, was.at, is.at,
                   was.channel, is.channel);
        const auto raisers = [](const AlertChain& chain) {
          std::vector<std::string> words;
          for (const auto& [kind, functions] : chain.raise) {
            for (const std::string& function : functions) words.push_back(absl::StrCat(kind, "/", function));
          }
          return words;
        };
        terms.Words({path + "raise", was.name + ": wie alarm slaat", was.name + ": who raises", Wider::kMore},
                    was.raise_at, is.raise_at, raisers(was), raisers(is));
        CompareSteps(was, is, terms);
        terms.Words({path + "identity_to", was.name + ": op naam aan", was.name + ": names somebody to",
                     Wider::kMore},
                    was.identity_at, is.identity_at, was.identity_to, is.identity_to);
        terms.Time({path + "justify_within", was.name + ": verantwoord binnen",
                    was.name + ": justified within", Wider::kMore},
                   was.at, is.at, was.justify_within, is.justify_within);
        terms.Time({path + "drill_every", was.name + ": oefening", was.name + ": drill", Wider::kNever},
                   was.at, is.at, was.drill_every.value_or(absl::ZeroDuration()),
                   is.drill_every.value_or(absl::ZeroDuration()));
      });
}

void CompareBridges(const Convenant& a, const Convenant& b, Terms& terms) {
  terms.Entries(
      {"bridges", "brug", "bridge"}, a.bridges(), b.bridges(), Effect::kWidening, Effect::kNarrowing,
      [&](const Bridge& was, const Bridge& is) {
        const std::string path = absl::StrCat("bridges.", was.name, ".");
        const auto words = [&](const char* key, const char* nl, const char* en,
                               const std::vector<std::string>& x, const std::vector<std::string>& y) {
          terms.Words({path + key, was.name + ": " + nl, was.name + ": " + en, Wider::kMore}, was.at, is.at,
                      x, y);
        };
        terms.Text({path + "convenant", was.name + ": naar", was.name + ": to"}, was.at, is.at, was.convenant,
                   is.convenant);
        terms.Value(What{path + "ceiling", was.name + ": plafond", was.name + ": ceiling", Wider::kMore},
                    was.ceiling_at, is.ceiling_at, was.ceiling, is.ceiling,
                    [](Level level) { return std::string(ToString(level)); });
        words("purposes", "doelen", "purposes", was.purposes, is.purposes);
        words("kinds", "onze partners", "our kinds", was.kinds, is.kinds);
        words("their_kinds", "hun partners", "their kinds", was.their_kinds, is.their_kinds);
        words("channels", "kanalen", "channels", was.channels, is.channels);
        terms.Value(What{path + "from", was.name + ": vanaf", was.name + ": from", Wider::kLess}, was.at,
                    is.at, was.from, is.from, Date);
        terms.Value(What{path + "until", was.name + ": tot", was.name + ": until", Wider::kMore},
                    was.until_at, is.until_at, was.until, is.until, Date);
      });
}

void CompareTrust(const Convenant& a, const Convenant& b, Terms& terms) {
  if (!a.trust().has_value() || !b.trust().has_value()) return;  // An example, or the first with keys.
  const Trust &was = *a.trust(), &is = *b.trust();
  terms.Number(
      {"trust.witness_quorum", "getuigen die moeten tekenen", "witnesses that must sign", Wider::kLess},
      was.at, is.at, was.witness_quorum, is.witness_quorum);
  terms.Number({"trust.change_quorum", "handtekeningen voor een wijziging van sleutels",
                "signatures to change keys", Wider::kLess},
               was.at, is.at, was.change_quorum, is.change_quorum);
  terms.Time({"trust.witness_alarm_after", "alarm zonder getuigen na", "alarm without witnesses after",
              Wider::kMore},
             was.at, is.at, was.witness_alarm_after, is.witness_alarm_after);
  terms.Time({"trust.witness_stop_after", "stoppen zonder getuigen na", "stop without witnesses after",
              Wider::kMore},
             was.at, is.at, was.witness_stop_after, is.witness_stop_after);
  const auto witnesses = [](const Trust& trust) {
    std::vector<std::string> words;
    for (const Witness& witness : trust.witnesses)
      words.push_back(absl::StrCat(witness.name, "=", ToHex(witness.key).substr(0, 16)));
    return words;
  };
  terms.Words({"trust.witnesses", "getuigen", "witnesses"}, was.at, is.at, witnesses(was), witnesses(is));
  const Bytes none;
  const bool steward = was.voprf_steward_key.value_or(none) == is.voprf_steward_key.value_or(none) &&
                       was.voprf_broker_key.value_or(none) == is.voprf_broker_key.value_or(none);
  if (!steward) {
    terms.Add({"trust.voprf", "sleutels voor het vergelijken", "keys of matching"}, was.at, is.at,
              Effect::kWidening, was.voprf_steward_key.has_value() ? "set" : "-",
              is.voprf_steward_key.has_value() ? "set" : "-");
  }
}

}  // namespace seinpost::policies
