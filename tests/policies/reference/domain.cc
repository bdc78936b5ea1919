// SPDX-License-Identifier: EUPL-1.2
#include "tests/policies/reference/domain.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"

namespace seinpost::policies::reference {
namespace {

// A moment at which the convenant holds, and its bridges are open where it has any.
absl::Time Noon(const Convenant& convenant) {
  absl::Time day = convenant.valid_from();
  for (const auto& [name, bridge] : convenant.bridges()) day = std::max(day, bridge.from);
  return day + absl::Hours(12);
}

std::vector<MemberId> Union(const std::vector<std::vector<MemberId>>& groups) {
  std::set<MemberId> all;
  for (const std::vector<MemberId>& group : groups) all.insert(group.begin(), group.end());
  return {all.begin(), all.end()};
}

// Of those in a sealed signal, one at a time.
const Seal kSeals[] = {{.name = "no tie", .claim = std::nullopt},
                       {.name = "school", .claim = Tie::kSchool},
                       {.name = "ward", .claim = Tie::kWard},
                       {.name = "action", .claim = Tie::kAction},
                       {.name = "case", .claim = Tie::kCase},
                       {.name = "competence", .claim = Tie::kCompetence},
                       {.name = "a device less", .claim = Tie::kCase, .without_device = true},
                       {.name = "another class", .claim = Tie::kCase, .other_class = true},
                       {.name = "expired", .claim = Tie::kCase, .expired = true}};

}  // namespace

Domain::Domain(const Convenant& convenant, const std::map<std::string, const Convenant*>& peers)
    : convenant_(convenant), now_(Noon(convenant)) {
  facts_.convenant = &convenant;
  facts_.convenant_active = facts_.all_signatures = true;
  std::map<std::string, int> seen;  // parties of a kind
  std::set<std::string> overseen(convenant.oversight().begin(), convenant.oversight().end());
  for (const auto& [id, party] : convenant.parties()) {
    const int before = seen[party.kind]++;
    const bool second = before == 1 && !party.scopes.empty();
    if (before != 0 && !second) continue;
    EnrolKind(party, convenant.levels().at(party.kind), second);
    overseen.insert({id, convenant.SignatoryOf(party).id});
  }
  for (const std::string& id : overseen) {
    for (const char* officer : {"officer-1", "officer-2"}) {
      facts_.officers.push_back(Enrol(id, std::string(kPrivacyOfficer), officer, {"*"}, mandates_end()));
    }
  }
  recipients_.push_back({{.convenant = "", .party = "nobodys-party", .ref = "", .handle = "neighbour"}});
  EnrolPeers(peers);
  // Officers and approvers need everybody enrolled.
  for (std::vector<Sender>& alike : senders_) {
    for (Sender& sender : alike) {
      sender.officers = JustificationOfficers(sender.member, facts_, now_);
      sender.approvers = Union(ApproversOf(sender.member, facts_, now_));
    }
  }
  AddChannels();
  for (const auto& [code, purpose] : convenant.purposes()) purposes_.push_back(code);
  AddStages();
  AddParts();
}

MemberId Domain::Enrol(const std::string& party, const std::string& function, const std::string& name,
                       std::vector<std::string> scopes, absl::Time until, const std::string& convenant) {
  MemberId member{.convenant = convenant, .party = party, .ref = "", .handle = name};
  MemberFacts& facts = facts_.members[member];
  facts.known = true;
  facts.mandates.push_back({function, std::move(scopes), Level::kL2, now_ - absl::Hours(1), until});
  std::vector<std::string> classes;
  for (const auto& [retention, at] : convenant_.retention()) classes.push_back(retention);
  const std::string device = policies::ToString(member);
  facts.devices = {{device + " new", std::move(classes)}, {device + " old", {}}};
  return member;
}

bool Domain::StandsApart(const std::string& kind, const std::string& function) const {
  for (const auto& [name, chain] : convenant_.alerts()) {
    const auto raise = chain.raise.find(kind);
    if (raise != chain.raise.end() &&
        std::find(raise->second.begin(), raise->second.end(), function) != raise->second.end()) {
      return true;
    }
    for (const AlertStep& step : chain.steps) {
      if (step.function == function) return true;
    }
  }
  if (convenant_.reveal()) {
    for (const auto& [name, group] : convenant_.reveal()->groups) {
      if (group.function == function) return true;
    }
  }
  return false;
}

// The first place of each kind of place.
std::vector<std::string> Domain::FirstPlaces() const {
  std::vector<std::string> places;
  std::set<std::string> kinds;
  for (const auto& [scope, kind] : convenant_.scopes()) {
    if (kinds.insert(kind).second) places.push_back(scope);
  }
  return places;
}

void Domain::EnrolKind(const Party& party, const KindLevels& levels, bool second) {
  const std::vector<std::string> places = FirstPlaces();
  std::map<std::string, std::vector<std::string>> alike;  // functions
  for (const auto& [function, at] : levels.functions) {
    const std::string apart = StandsApart(party.kind, function) ? function : "";
    alike[absl::StrCat(policies::ToString(at.ceiling), " ", apart)].push_back(function);
  }
  bool first = true;
  for (const auto& [key, functions] : alike) {
    std::vector<Sender> senders;
    std::vector<MemberId> everywhere, here;
    for (const std::string& function : functions) {
      everywhere.push_back(Enrol(party.id, function, function + "-everywhere", {"*"}, mandates_end()));
      if (!places.empty())
        here.push_back(Enrol(party.id, function, function + "-here", places, mandates_end()));
      const MemberId colleague = Enrol(party.id, function, function + "-colleague", {"*"}, mandates_end());
      senders.push_back({everywhere.back(), colleague, {}, {}});
    }
    if (!here.empty()) recipients_.push_back(here);
    if (second) continue;
    senders_.push_back(senders);
    recipients_.push_back(everywhere);
    if (first) recipients_.push_back({Enrol(party.id, functions[0], functions[0] + "-ended", {"*"}, now_)});
    first = false;
  }
}

void Domain::EnrolPeers(const std::map<std::string, const Convenant*>& peers) {
  for (const auto& [name, bridge] : convenant_.bridges()) {
    const auto entry = peers.find(bridge.convenant);
    if (entry == peers.end()) {
      recipients_.push_back({{.convenant = bridge.convenant, .party = "far", .ref = "", .handle = "away"}});
      continue;
    }
    const Convenant& peer = *entry->second;
    facts_.peers[peer.id()] = {&peer, true};
    // Those of kinds that our side names one by one, and of all others by turns.
    std::set<std::string> kinds;
    std::vector<MemberId> others;
    for (const auto& [id, party] : peer.parties()) {
      const KindLevels& levels = peer.levels().at(party.kind);
      if (!kinds.insert(party.kind).second || levels.functions.empty()) continue;
      const std::string& function = levels.functions.begin()->first;
      const MemberId member = Enrol(id, function, function, {"*"}, mandates_end(), peer.id());
      const bool expected = std::find(bridge.their_kinds.begin(), bridge.their_kinds.end(), party.kind) !=
                            bridge.their_kinds.end();
      if (expected) {
        recipients_.push_back({member});
      } else {
        others.push_back(member);
      }
    }
    if (!others.empty()) recipients_.push_back(others);
  }
}

void Domain::AddChannels() {
  bool second_added = false;
  for (const auto& [name, channel] : convenant_.channels()) {
    if (channel.per.empty()) channels_.push_back(name);
    int count = 0;
    for (const auto& [scope, kind] : convenant_.scopes()) {
      if (channel.per.empty() || kind != channel.per) continue;
      if (count == 0 || (count == 1 && !second_added)) channels_.push_back(absl::StrCat(name, "@", scope));
      second_added = second_added || count == 1;
      ++count;
    }
  }
}

void Domain::AddStages() {
  const auto add = [this](const char* name, SignalKind kind, Level level) -> Stage& {
    stages_.push_back({{.name = name, .kind = kind, .level = level}});
    return stages_.back().back();
  };
  constexpr SignalKind kSignal = SignalKind::kSignal, kAlert = SignalKind::kAlert;
  add("L0", kSignal, Level::kL0);
  add("L1", kSignal, Level::kL1);
  Stage& tied_l1 = add("L1, both with a role", kSignal, Level::kL1);
  tied_l1.sender_role = tied_l1.recipient_role = true;
  add("L2", kSignal, Level::kL2);
  add("L2, recipient with a role", kSignal, Level::kL2).recipient_role = true;
  Stage& tied = add("L2, both with a role", kSignal, Level::kL2);
  tied.sender_role = tied.recipient_role = true;
  const Stage tied_l2 = tied;
  Stage& fresh = add("L2, both with a role, new case", kSignal, Level::kL2);
  fresh.sender_role = fresh.recipient_role = fresh.new_case = true;
  Stage undone = tied_l2;
  undone.name = "L2, both with a role, parents not mentioned";
  undone.informed = false;
  stages_.push_back({undone});
  undone = tied_l2;
  undone.name = "L2, both with a role, not justified";
  undone.justified = false;
  stages_.back().push_back(undone);
  undone = tied_l2;
  undone.name = "L2, both with a role, reason of an alert overdue";
  undone.overdue = true;
  stages_.back().push_back(undone);
  stages_.emplace_back();
  for (int amiss = static_cast<int>(Amiss::kInactive); amiss <= static_cast<int>(Amiss::kRecipientLowered);
       ++amiss) {
    undone = tied_l2;
    undone.name = absl::StrCat("L2, both with a role, amiss ", amiss);
    undone.amiss = static_cast<Amiss>(amiss);
    stages_.back().push_back(undone);
  }
  stages_.emplace_back();
  for (const Seal& seal : kSeals) {
    Stage sealed{.name = absl::StrCat("L2 sealed, ", seal.name), .level = Level::kL2, .seal = &seal};
    stages_.back().push_back(sealed);
    sealed.name += ", recipient with a role";
    sealed.recipient_role = true;
    stages_.back().push_back(sealed);
  }
  add("L1 with match tag", kSignal, Level::kL1).match_tag = true;
  add("contributed", SignalKind::kContributed, Level::kL0);
  if (convenant_.alerts().empty()) return;
  add("alert at L0", kAlert, Level::kL0);
  add("alert at L0, 112 not asked", kAlert, Level::kL0).asked_112 = false;
  add("alert at L2", kAlert, Level::kL2).justified = false;
  Stage& owed = add("alert at L2, reason of another overdue", kAlert, Level::kL2);
  owed.justified = false;
  owed.overdue = true;
}

void Domain::AddParts() {
  using Shape = Parts::Shape;
  std::map<CategoryKind, std::string> by_kind;
  for (const auto& [code, category] : convenant_.categories()) {
    categories_.push_back(code);
    by_kind.emplace(category.kind, code);
  }
  for (const Shape shape : {Shape::kText, Shape::kBroadcast, Shape::kSource, Shape::kKept,
                            Shape::kKeptForMore, Shape::kJustified, Shape::kNamedWithoutText}) {
    parts_.push_back({shape, PartKind::kIdentity, ""});
  }
  parts_.push_back({Shape::kNamedWithoutText, PartKind::kCare, ""});
  parts_.push_back({Shape::kNamed, PartKind::kCare, ""});
  parts_.push_back({Shape::kNamed, PartKind::kIdentity, ""});
  if (by_kind.count(CategoryKind::kCare) == 1)
    parts_.push_back({Shape::kNamed, PartKind::kIdentity, by_kind[CategoryKind::kCare]});
  for (const auto& [kind, code] : by_kind) parts_.push_back({Shape::kNamed, PartKind::kAttachment, code});
}

}  // namespace seinpost::policies::reference
