// SPDX-License-Identifier: EUPL-1.2
#include "policies/analysis/domain.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policies/analysis/domain_facts.h"

namespace seinpost::policies {
namespace {

constexpr ItemTraits kItems[] = {
    {Item::kThemeText, "L0 text", "tekst op L0", "text at L0", SignalKind::kSignal, Level::kL0,
     PartKind::kNarrative},
    {Item::kContribution, "L0 contribution", "inbreng namens een school die verborgen blijft",
     "contribution for a school that stays hidden", SignalKind::kContributed, Level::kL0,
     PartKind::kNarrative},
    {Item::kCaseText, "L1 text", "tekst op L1", "text at L1", SignalKind::kSignal, Level::kL1,
     PartKind::kNarrative},
    {Item::kCaseSource, "L1 source", "bron bij L1", "source at L1", SignalKind::kSignal, Level::kL1,
     PartKind::kSource},
    {Item::kKeptIdentity, "L1 kept identity", "bewaarde identiteit bij L1", "kept identity at L1",
     SignalKind::kSignal, Level::kL1, PartKind::kIdentity},
    {Item::kNamedText, "L2 text", "tekst bij L2", "text at L2", SignalKind::kSignal, Level::kL2,
     PartKind::kNarrative},
    {Item::kIdentity, "L2 identity", "identiteit", "identity", SignalKind::kSignal, Level::kL2,
     PartKind::kIdentity},
    {Item::kCare, "L2 care", "zorgdeel", "care part", SignalKind::kSignal, Level::kL2, PartKind::kCare},
    {Item::kAttachment, "L2 attachment", "bijlage", "attachment", SignalKind::kSignal, Level::kL2,
     PartKind::kAttachment},
    {Item::kNamedSource, "L2 source", "bron bij L2", "source at L2", SignalKind::kSignal, Level::kL2,
     PartKind::kSource},
    {Item::kAlertText, "alert text", "alarm", "alert", SignalKind::kAlert, Level::kL0, PartKind::kNarrative},
    {Item::kAlertIdentity, "alert identity", "identiteit in een alarm", "identity in an alert",
     SignalKind::kAlert, Level::kL2, PartKind::kIdentity},
};

std::string Flag(bool flag) { return flag ? "1" : "0"; }

// What the rules can see of `party` in `instance`, in one version: the same text, the same answers.
std::string PartyKey(const Convenant& convenant, absl::string_view id, const std::string& instance) {
  const Party* party = convenant.FindParty(id);
  const Channel* channel = convenant.FindChannel(instance);
  if (party == nullptr) return "-";
  if (channel == nullptr) return party->kind;
  const absl::string_view scope = Convenant::ScopeOf(instance);
  std::set<std::string> scope_kinds;
  for (const std::string& own : party->scopes) scope_kinds.insert(convenant.scopes().find(own)->second);
  return absl::StrCat(
      party->kind, "|", Flag(party->guest), Flag(convenant.IsMemberOf(*party, *channel, scope)),
      Flag(convenant.IsGuestOf(*party, *channel, scope)), "|", absl::StrJoin(scope_kinds, ","));
}

// ... of an instance: how many parties of each kind sit in it; more than two are as two.
std::string InstanceKey(const Convenant& convenant, const std::string& instance) {
  const Channel* channel = convenant.FindChannel(instance);
  if (channel == nullptr) return "-";
  const absl::string_view scope = Convenant::ScopeOf(instance);
  std::map<std::string, int> sitting;
  for (const auto& [id, party] : convenant.parties()) {
    const bool member = convenant.IsMemberOf(party, *channel, scope);
    if (!member && !convenant.IsGuestOf(party, *channel, scope)) continue;
    int& count = sitting[absl::StrCat(party.kind, member ? "" : " as guest")];
    count = std::min(count + 1, 2);
  }
  return absl::StrJoin(sitting, ",", absl::PairFormatter("="));
}

std::string KindsThat(const Convenant& convenant, const std::function<bool(const KindLevels&)>& holds) {
  std::vector<std::string> kinds;
  for (const auto& [kind, levels] : convenant.levels()) {
    if (holds(levels)) kinds.push_back(kind);
  }
  return absl::StrJoin(kinds, ",");
}

// ... of a purpose: who may use it, whether it is acute danger, who is competent, which bridges carry it.
std::string PurposeKey(const Convenant& convenant, const std::string& code) {
  const Purpose* purpose = convenant.FindPurpose(code);
  if (purpose == nullptr) return "-";
  std::string key = absl::StrCat(
      purpose->everyone_may_use
          ? "all"
          : absl::StrJoin(std::set<std::string>(purpose->may_use.begin(), purpose->may_use.end()), ","),
      "|", Flag(purpose->acute_danger), "|", KindsThat(convenant, [&](const KindLevels& levels) {
        return absl::c_linear_search(levels.competence, code);
      }));
  for (const auto& [name, bridge] : convenant.bridges()) {
    absl::StrAppend(&key, "|", name, Flag(absl::c_linear_search(bridge.purposes, code)));
  }
  return key;
}

std::string CategoryKey(const Convenant& convenant, const std::string& code) {
  const Category* category = convenant.FindCategory(code);
  return category == nullptr ? "-" : std::string(ToString(category->kind));
}

// Codes that have the same key in every version.
template <typename KeyOf>
std::vector<std::vector<std::string>> Classes(const std::set<std::string>& codes,
                                              const std::vector<const Convenant*>& convenants, KeyOf key_of) {
  std::map<std::string, std::vector<std::string>> by_key;
  for (const std::string& code : codes) {
    std::string key;
    for (const Convenant* convenant : convenants) absl::StrAppend(&key, key_of(*convenant, code), "\n");
    by_key[key].push_back(code);
  }
  std::vector<std::vector<std::string>> classes;
  classes.reserve(by_key.size());
  for (auto& [key, members] : by_key) classes.push_back(std::move(members));
  std::sort(classes.begin(), classes.end());
  return classes;
}

void AddRoles(const Convenant& convenant, const std::string& peer, std::vector<Role>& roles) {
  for (const auto& [id, party] : convenant.parties()) {
    const KindLevels* levels = convenant.FindLevels(party.kind);
    if (levels == nullptr) continue;
    for (const auto& [function, entry] : levels->functions) {
      const MemberId member = SyntheticMember(peer, id, function, 0);
      const auto known =
          std::find_if(roles.begin(), roles.end(), [&](const Role& role) { return role.member == member; });
      if (known == roles.end()) {
        roles.push_back({member, party.kind, function});
      } else {
        known->kind = party.kind;  // As the later version has it.
      }
    }
  }
}

}  // namespace

absl::Span<const ItemTraits> AllItems() { return kItems; }
const char* ToString(Standing place) {
  constexpr const char* kNames[] = {"own", "here", "other", "peer"};
  return kNames[static_cast<size_t>(place)];
}

const ItemTraits& TraitsOf(Item item) { return kItems[static_cast<size_t>(item)]; }

Domain::Domain(std::vector<const Convenant*> versions, std::vector<const Convenant*> peers)
    : versions_(std::move(versions)), peers_(std::move(peers)) {
  std::set<std::string> instances, purposes, categories;
  for (const Convenant* version : versions_) {
    AddRoles(*version, "", roles_);
    for (const std::string& instance : version->ChannelInstances()) instances.insert(instance);
    for (const auto& [code, purpose] : version->purposes()) purposes.insert(code);
    for (const auto& [code, category] : version->categories()) categories.insert(code);
  }
  for (const Convenant* peer : peers_) AddRoles(*peer, peer->id(), roles_);
  std::sort(roles_.begin(), roles_.end(), [](const Role& a, const Role& b) {
    return std::tie(a.member.convenant, a.kind, a.member.party, a.function) <
           std::tie(b.member.convenant, b.kind, b.member.party, b.function);
  });
  // A peer's bridge back lists purposes too.
  std::vector<const Convenant*> all = versions_;
  all.insert(all.end(), peers_.begin(), peers_.end());
  purposes_ = Classes(purposes, all, PurposeKey);
  categories_ = Classes(categories, versions_, CategoryKey);
  for (const Role& role : roles_) {
    colleagues_.push_back({SyntheticMember(role.member.convenant, role.member.party, role.function, 1),
                           role.kind, role.function});
  }
  std::set<std::string> seen;
  for (const std::string& instance : instances) {
    std::string key(instance.substr(0, instance.find('@')));
    for (const Convenant* version : versions_) absl::StrAppend(&key, "\n", InstanceKey(*version, instance));
    if (seen.insert(key).second) instances_.push_back(instance);
  }
}

std::vector<const Role*> Domain::SendersIn(const std::string& instance) const {
  std::map<std::string, std::string> party_of;  // key → the party that stands for all of that key
  std::vector<const Role*> senders;
  for (const Role& role : roles_) {
    if (!role.member.convenant.empty()) continue;
    std::string key;
    for (const Convenant* version : versions_) {
      absl::StrAppend(&key, PartyKey(*version, role.member.party, instance), "\n");
    }
    if (party_of.emplace(key, role.member.party).first->second == role.member.party) senders.push_back(&role);
  }
  return senders;
}

Standing Domain::StandingOf(const std::string& instance, const Role& sender, const Role& recipient) const {
  if (!recipient.member.convenant.empty()) return Standing::kPeer;
  if (recipient.member.party == sender.member.party) return Standing::kOwn;
  for (auto version = versions_.rbegin(); version != versions_.rend(); ++version) {
    const Party* from = (*version)->FindParty(sender.member.party);
    const Party* to = (*version)->FindParty(recipient.member.party);
    if (from == nullptr || to == nullptr) continue;
    const std::string scope(Convenant::ScopeOf(instance));
    const std::vector<std::string> meant = scope.empty() ? from->scopes : std::vector<std::string>{scope};
    const std::vector<std::string> named = MandateScopes(**version, *to);
    const bool shared = meant.empty() || std::any_of(meant.begin(), meant.end(), [&](const std::string& one) {
                          return absl::c_linear_search(named, one);
                        });
    return shared ? Standing::kHere : Standing::kOther;
  }
  return Standing::kHere;
}

std::vector<Domain::Candidate> Domain::RecipientsIn(const std::string& instance, const Role& sender) const {
  std::map<std::string, std::string> party_of;
  std::vector<Candidate> recipients;
  for (size_t i = 0; i < roles_.size(); ++i) {
    const Role& role = roles_[i].member == sender.member ? colleagues_[i] : roles_[i];
    const Standing place = StandingOf(instance, sender, role);
    std::string key = absl::StrCat(ToString(place), "\n", role.member.convenant, "\n");
    if (place == Standing::kPeer) {
      absl::StrAppend(&key, role.kind);
    } else {
      for (const Convenant* version : versions_) {
        absl::StrAppend(&key, PartyKey(*version, role.member.party, instance), "\n");
      }
    }
    if (party_of.emplace(key, role.member.party).first->second == role.member.party) {
      recipients.push_back({&role, place});
    }
  }
  return recipients;
}

std::vector<Item> Domain::ItemsIn(const std::string& instance) const {
  const std::string name(instance.substr(0, instance.find('@')));
  const auto any = [&](const std::function<bool(const Convenant&)>& holds) {
    return std::any_of(versions_.begin(), versions_.end(), [&](const Convenant* one) { return holds(*one); });
  };
  const bool alerts = any([&](const Convenant& one) { return one.FindAlertChain(name) != nullptr; });
  const bool kept = any([](const Convenant& one) { return one.reveal().has_value(); });
  std::vector<Item> items;
  for (const ItemTraits& traits : kItems) {
    if (traits.signal == SignalKind::kAlert && !alerts) continue;
    if (traits.item == Item::kKeptIdentity && !kept) continue;
    items.push_back(traits.item);
  }
  return items;
}

void Domain::Visit(const std::function<void(const Share&)>& visit, const Progress& progress) const {
  size_t total = 0, done = 0;
  for (const std::string& instance : instances_) total += SendersIn(instance).size();
  for (const std::string& instance : instances_) {
    const std::vector<Item> items = ItemsIn(instance);
    for (const Role* sender : SendersIn(instance)) {
      for (const Candidate& recipient : RecipientsIn(instance, *sender)) {
        for (const Item item : items) visit({&instance, sender, recipient.role, recipient.place, item});
      }
      if (progress) progress(++done, total);
    }
  }
}

}  // namespace seinpost::policies
