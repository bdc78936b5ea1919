// SPDX-License-Identifier: EUPL-1.2
// What can be seen in the clauses themselves.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policies/analysis/findings.h"

namespace seinpost::policies {
namespace {

// The words that partners have used so far. Others work as well; but a slip of the pen looks like one.
constexpr absl::string_view kPartnerKinds[] = {"addiction_care",
                                               "advisory_team",
                                               "attendance",
                                               "care_safety_house",
                                               "district_youth_team",
                                               "enforcement",
                                               "entrepreneur",
                                               "expert",
                                               "external_coordinator",
                                               "halt",
                                               "municipal_board",
                                               "municipality",
                                               "police",
                                               "prosecution",
                                               "public_health",
                                               "safe_home",
                                               "school",
                                               "school_board",
                                               "social_team",
                                               "street_coach",
                                               "transport",
                                               "youth_probation",
                                               "youth_protection",
                                               "youth_work"};
constexpr absl::string_view kChannelKinds[] = {"actions", "alert", "board",   "case",  "core", "direct",
                                               "early",   "help",  "support", "theme", "ward"};

class ClauseFinder {
 public:
  explicit ClauseFinder(const Convenant& convenant) : convenant_(convenant) {}

  std::vector<Finding> Find() {
    for (const auto& [name, channel] : convenant_.channels()) {
      FindAlertless(channel);
      FindRetention(channel);
      if (!absl::c_linear_search(kChannelKinds, channel.kind)) {
        Warn("vocabulary", channel.at,
             absl::StrCat("kanaalsoort ", channel.kind, " is onbekend; een schrijffout?"),
             absl::StrCat("the channel kind ", channel.kind, " is unknown; a slip of the pen?"));
      }
    }
    for (const auto& [kind, levels] : convenant_.levels()) {
      if (!absl::c_linear_search(kPartnerKinds, kind)) {
        Warn("vocabulary", levels.at, absl::StrCat("partnersoort ", kind, " is onbekend; een schrijffout?"),
             absl::StrCat("the partner kind ", kind, " is unknown; a slip of the pen?"));
      }
      FindContact(levels);
    }
    for (const auto& [name, chain] : convenant_.alerts()) FindChain(chain);
    if (convenant_.reveal().has_value()) FindGroups(*convenant_.reveal());
    FindSteward();
    return std::move(findings_);
  }

 private:
  void Warn(const char* code, const Position& at, std::string nl, std::string en) {
    findings_.push_back({code, Severity::kWarning, at, std::move(nl), std::move(en)});
  }
  void Note(const char* code, const Position& at, std::string nl, std::string en) {
    findings_.push_back({code, Severity::kNote, at, std::move(nl), std::move(en)});
  }

  // Every way in which a channel exists.
  std::vector<std::string> InstancesOf(const std::string& channel) const {
    std::vector<std::string> instances;
    for (const std::string& instance : convenant_.ChannelInstances()) {
      if (instance.substr(0, instance.find('@')) == channel) instances.push_back(instance);
    }
    return instances;
  }

  void FindAlertless(const Channel& channel) {
    if (channel.kind != "alert" || convenant_.FindAlertChain(channel.name) != nullptr) return;
    Warn("alert-without-chain", channel.at,
         absl::StrCat(channel.name, " is een alarmkanaal zonder keten: niemand kan er alarm slaan"),
         absl::StrCat(channel.name, " is an alert channel without a chain: nobody can raise an alert in it"));
  }

  // What was shared named must be accountable for as long as it can be read.
  void FindRetention(const Channel& channel) {
    if (channel.ceiling < Level::kL2) return;
    const std::string named = channel.retention[static_cast<size_t>(Level::kL2)].value_or("");
    const RetentionClass* what = convenant_.FindRetention(named);
    const RetentionClass* why = convenant_.FindRetention(channel.justification_retention);
    if (why == nullptr) {
      return Warn("retention-justification", channel.retention_at,
                  absl::StrCat(channel.name, ": voor onderbouwingen is geen bewaarklasse"),
                  absl::StrCat(channel.name, ": there is no retention class for justifications"));
    }
    if (what == nullptr || (why->after_close >= what->after_close && why->cap >= what->cap)) return;
    Warn("retention-justification", channel.retention_at,
         absl::StrCat(channel.name, ": onderbouwingen verdwijnen eerder dan wat zij onderbouwen"),
         absl::StrCat(channel.name, ": justifications are gone before what they justify"));
  }

  void FindContact(const KindLevels& levels) {
    if (!levels.contact.empty()) return;
    const bool sits = std::any_of(
        convenant_.channels().begin(), convenant_.channels().end(),
        [&](const auto& channel) { return absl::c_linear_search(channel.second.members, levels.kind); });
    if (!sits) return;
    Note("no-contact", levels.at, absl::StrCat(levels.kind, " heeft geen vast aanspreekpunt (contact)"),
         absl::StrCat(levels.kind, " has no fixed contact point (contact)"));
  }

  bool IsOfStep(const Party& party, const AlertStep& step) const {
    if (step.party.empty() ? party.kind != step.kind : party.id != step.party) return false;
    const KindLevels* levels = convenant_.FindLevels(party.kind);
    return step.function.empty() || (levels != nullptr && levels->functions.count(step.function) != 0);
  }

  void FindChain(const AlertChain& chain) {
    for (const std::string& instance : InstancesOf(chain.channel)) {
      const std::vector<const Party*> parties = convenant_.PartiesOf(instance);
      for (size_t i = 0; i < chain.steps.size(); ++i) {
        const AlertStep& step = chain.steps[i];
        const bool somebody = std::any_of(parties.begin(), parties.end(),
                                          [&](const Party* party) { return IsOfStep(*party, step); });
        if (somebody) continue;
        Warn("chain-nobody", step.at,
             absl::StrCat("stap ", i + 1, " van ", chain.name, ": in ", instance,
                          " is niemand die geroepen wordt"),
             absl::StrCat("step ", i + 1, " of ", chain.name, ": in ", instance, " there is nobody to call"));
      }
    }
    const AlertStep& last = chain.steps.back();
    const Party* party = convenant_.FindParty(last.party);
    const std::string kind = party == nullptr ? last.kind : party->kind;
    if (chain.raise.size() != 1 || chain.raise.begin()->first != kind) return;
    Warn("chain-own-kind", last.at,
         absl::StrCat(chain.name, " eindigt bij ", kind, ", de soort die zelf alarm slaat"),
         absl::StrCat(chain.name, " ends with ", kind, ", the kind that raises the alert itself"));
  }

  // The parties that can send where identities are kept.
  std::set<const Party*> Keepers() const {
    std::set<const Party*> keepers;
    for (const auto& [name, channel] : convenant_.channels()) {
      if (channel.kept_identity == KeptIdentity::kForbidden) continue;
      for (const std::string& instance : InstancesOf(name)) {
        for (const Party* party : convenant_.PartiesOf(instance)) keepers.insert(party);
      }
    }
    return keepers;
  }

  bool CanHold(const Party& party, const std::string& function) const {
    const KindLevels* levels = convenant_.FindLevels(party.kind);
    return function == kPrivacyOfficer || (levels != nullptr && levels->functions.count(function) != 0);
  }

  void FindGroups(const Reveal& reveal) {
    const std::set<const Party*> keepers = Keepers();
    for (const auto& [name, group] : reveal.groups) {
      std::set<std::string> cannot;  // kinds, for `of: sender`
      bool anybody = group.of_sender;
      for (const std::string& id : group.parties)
        anybody |= CanHold(*convenant_.FindParty(id), group.function);
      for (const Party* party : keepers) {
        if (group.of_sender && !CanHold(*party, group.function)) cannot.insert(party->kind);
      }
      if (!anybody) {
        Warn("group-function", group.at,
             absl::StrCat("groep ", name, ": niemand van haar partijen kan ", group.function, " zijn"),
             absl::StrCat("group ", name, ": nobody of its parties can be ", group.function));
      }
      if (!cannot.empty()) {
        Warn("group-function", group.at,
             absl::StrCat("groep ", name, ": bij ", absl::StrJoin(cannot, ", "), " kan niemand ",
                          group.function, " zijn; zij kunnen geen identiteit bewaren"),
             absl::StrCat("group ", name, ": nobody of ", absl::StrJoin(cannot, ", "), " can be ",
                          group.function, "; they cannot keep an identity"));
      }
    }
    for (auto a = reveal.groups.begin(); a != reveal.groups.end(); ++a) {
      for (auto b = std::next(a); b != reveal.groups.end(); ++b) FindOneIssuer(a->second, b->second, keepers);
    }
  }

  std::set<std::string> IssuersOf(const ApprovalGroup& group, const std::set<const Party*>& keepers) const {
    std::set<std::string> issuers;
    for (const std::string& id : group.parties) {
      issuers.insert(convenant_.SignatoryOf(*convenant_.FindParty(id)).id);
    }
    if (!group.of_sender) return issuers;
    for (const Party* party : keepers) {
      if (CanHold(*party, group.function)) issuers.insert(convenant_.SignatoryOf(*party).id);
    }
    return issuers;
  }

  // Two groups under one issuer are one hand that can make both.
  void FindOneIssuer(const ApprovalGroup& a, const ApprovalGroup& b, const std::set<const Party*>& keepers) {
    const std::set<std::string> of_a = IssuersOf(a, keepers), of_b = IssuersOf(b, keepers);
    std::vector<std::string> both;
    std::set_intersection(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(), std::back_inserter(both));
    if (both.empty()) return;
    const bool sometimes = a.of_sender || b.of_sender;
    Warn(
        "groups-one-issuer", b.at,
        absl::StrCat(
            "groepen ", a.name, " en ", b.name, " vallen beide onder ", absl::StrJoin(both, ", "),
            sometimes ? " als een partij daaronder de afzender is; zij kan dan geen identiteit bewaren" : ""),
        absl::StrCat("groups ", a.name, " and ", b.name, " both lie under ", absl::StrJoin(both, ", "),
                     sometimes ? " when a party below it is the sender; it can then keep no identity" : ""));
  }

  // The file names no steward, only his key.
  void FindSteward() {
    if (!convenant_.matching().has_value() || !convenant_.trust().has_value()) return;
    const Trust& trust = *convenant_.trust();
    if (!trust.voprf_steward_key.has_value()) {
      return Warn("matching-without-keys", trust.at,
                  "vergelijken is geregeld, maar de sleutels ervoor ontbreken",
                  "matching is provided for, but its keys are missing");
    }
    const Bytes& steward = *trust.voprf_steward_key;
    const bool one_key =
        trust.voprf_broker_key == steward || trust.broker_key == steward || trust.log_key == steward;
    const bool host_root = convenant_.host().root == steward;
    if (one_key || host_root) {
      return Warn("steward-is-host", trust.at,
                  "de sleutel van de steward is ook een sleutel van de beheerder",
                  "the steward's key is a key of the host as well");
    }
    Note("steward-unnamed", trust.at,
         absl::StrCat("het bestand zegt niet wie de steward is; dat mag niet ", convenant_.host().id,
                      " zijn, die de server beheert"),
         absl::StrCat("the file does not say who the steward is; it must not be ", convenant_.host().id,
                      ", who runs the broker"));
  }

  const Convenant& convenant_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> ClauseFindings(const Convenant& convenant) { return ClauseFinder(convenant).Find(); }

}  // namespace seinpost::policies
