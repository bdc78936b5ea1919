// SPDX-License-Identifier: EUPL-1.2
#include "policies/analysis/matrix.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/analysis/onward.h"

namespace seinpost::policies {
namespace {

using Set = std::vector<uint32_t>;  // sorted indices

// A row by indices, so that thousands of them are compared quickly.
struct Raw {
  Set instances, from, to, items, purposes, categories;
  uint32_t needs = 0;
  auto operator<=>(const Raw&) const = default;
};

// Puts together rows that differ in `field` only.
void Fold(std::vector<Raw>& rows, Set Raw::* field) {
  std::map<Raw, std::set<uint32_t>> folded;
  for (Raw& row : rows) {
    const Set values = std::move(row.*field);
    (row.*field).clear();
    folded[std::move(row)].insert(values.begin(), values.end());
  }
  rows.clear();
  for (const auto& [rest, values] : folded) {
    Raw& row = rows.emplace_back(rest);
    (row.*field).assign(values.begin(), values.end());
  }
}

// Indices of values, in the order in which they were first seen.
template <typename T>
class Numbers {
 public:
  uint32_t Of(const T& value) {
    const auto [it, fresh] = numbers_.emplace(value, static_cast<uint32_t>(values_.size()));
    if (fresh) values_.push_back(value);
    return it->second;
  }
  const T& operator[](uint32_t number) const { return values_[number]; }

 private:
  std::map<T, uint32_t> numbers_;
  std::vector<T> values_;
};

uint32_t BitOf(Tie tie) {
  switch (tie) {
    case Tie::kSchool:
      return kNeedsSchool;
    case Tie::kWard:
      return kNeedsWard;
    case Tie::kCompetence:
      return kNeedsCompetence;
    case Tie::kAction:
    case Tie::kCase:
      return kNeedsRecipientRole;
  }
  return 0;
}

bool OnlyCategory(const Decision& decision) {
  return std::all_of(decision.reasons.begin(), decision.reasons.end(),
                     [](const Reason& reason) { return reason.code == RefusalCode::kCategoryNotAllowed; });
}

class Explorer {
 public:
  Explorer(const Convenant& convenant, const std::vector<const Convenant*>& peers)
      : convenant_(convenant), domain_({&convenant}, peers), asker_(convenant, peers) {}

  Matrix Run(const Progress& progress) {
    Matrix matrix;
    matrix.convenant = convenant_.id();
    matrix.title = convenant_.title();
    matrix.version = convenant_.version();
    matrix.max_recipients = convenant_.max_recipients();
    domain_.Visit([&](const Share& share) { Explore(share); }, progress);
    matrix.rows = Rows();
    matrix.onward = OnwardOf(asker_, allowed_);
    asked_ += allowed_.asked;
    matrix.reveals = Reveals(matrix.rows);
    for (const auto& [id, peer] : asker_.facts().peers) matrix.peers.push_back(id);
    for (const auto& [name, bridge] : convenant_.bridges()) {
      if (asker_.facts().peers.count(bridge.convenant) == 0) {
        matrix.unasked_bridges.push_back(absl::StrCat(name, " (", bridge.convenant, ")"));
      }
    }
    matrix.asked = asked_;
    return matrix;
  }

 private:
  Decision Ask(const SendRequest& request, const Share& share, const Conditions& conditions = {}) {
    ++asked_;
    return asker_.Ask(request, share, conditions);
  }

  // Asks about one share for every purpose and category.
  void Explore(const Share& share) {
    std::map<uint32_t, std::map<uint32_t, Set>> cells;  // needs → purpose → categories
    SendRequest request = asker_.RequestFor(share, "", "");
    for (uint32_t category = 0; category < domain_.categories().size(); ++category) {
      request.category = domain_.categories()[category].front();
      std::vector<uint32_t> yes;
      bool category_alone_refuses = false;
      for (uint32_t purpose = 0; purpose < domain_.purposes().size(); ++purpose) {
        request.purpose = domain_.purposes()[purpose].front();
        const Decision decision = Ask(request, share);
        if (decision.allowed) yes.push_back(purpose);
        category_alone_refuses |= !decision.allowed && OnlyCategory(decision);
      }
      for (const uint32_t purpose : yes) {
        request.purpose = domain_.purposes()[purpose].front();
        uint32_t needs = NeedsOf(share, request);
        if (category_alone_refuses) needs |= kNeedsAcuteDanger;
        cells[needs][purpose].push_back(category);
        allowed_.Add(share, request.purpose, request.category);
      }
    }
    for (const auto& [needs, by_purpose] : cells) AddRaws(share, needs, by_purpose);
    Seat& seat = seats_[{*share.instance, share.sender->member}];
    seat.person = people_.Of(PersonOf(*share.sender));
    seat.tells |= !cells.empty();
    if (share.place == Standing::kHere) seat.here.emplace(share.recipient->kind, share.recipient->function);
  }

  // Which conditions cannot be taken away.
  uint32_t NeedsOf(const Share& share, const SendRequest& request) {
    const ItemTraits& traits = TraitsOf(share.item);
    uint32_t needs = share.item == Item::kKeptIdentity ? uint32_t{kNeedsApprovers} : 0;
    const auto without = [&](Conditions conditions, uint32_t need) {
      const SendRequest bare = asker_.RequestFor(share, request.purpose, request.category, conditions);
      if (!Ask(bare, share, conditions).allowed) needs |= need;
    };
    if (traits.signal == SignalKind::kAlert) without({.emergency_asked = false}, kNeedsEmergencyCall);
    if (traits.level == Level::kL2) {
      without({.justified = false}, kNeedsJustification);
      without({.informed = false}, kNeedsInformed);
    }
    if (share.place == Standing::kPeer && traits.level > Level::kL0) needs |= kNeedsBridge;
    if (traits.level > Level::kL0) needs |= RolesNeeded(share, request);
    return needs;
  }

  uint32_t RolesNeeded(const Share& share, const SendRequest& request) {
    if (Ask(request, share, {.sender_role = false, .recipient_role = false}).allowed)
      return TieFor(share, request);
    if (Ask(request, share, {.sender_role = true, .recipient_role = false}).allowed) {
      return kNeedsSenderRole | TieFor(share, request);
    }
    if (Ask(request, share, {.sender_role = false, .recipient_role = true}).allowed)
      return kNeedsRecipientRole;
    return kNeedsSenderRole | kNeedsRecipientRole;
  }

  // What ties the recipient to the matter when he has no role in it; nothing where no tie is asked for.
  uint32_t TieFor(const Share& share, const SendRequest& request) {
    const ItemTraits& traits = TraitsOf(share.item);
    const bool named = traits.level == Level::kL2 && traits.part != PartKind::kNarrative &&
                       traits.part != PartKind::kSource && traits.signal != SignalKind::kAlert;
    if (!named) return 0;
    // Whoever is competent for the purpose needs no place; what ties the others is their place.
    const Conditions nowhere{.recipient_role = false, .place_named = false};
    if (Ask(request, share, nowhere).allowed) return kNeedsCompetence;
    asker_.mutable_facts().broker.case_roles.clear();
    const std::optional<Tie> tie = TieOf(request, share.recipient->member, asker_.facts(), asker_.now());
    return tie.has_value() ? BitOf(*tie) : 0;
  }

  void AddRaws(const Share& share, uint32_t needs, const std::map<uint32_t, Set>& by_purpose) {
    std::map<Set, Set> purposes;  // categories → purposes
    for (const auto& [purpose, categories] : by_purpose) purposes[categories].push_back(purpose);
    const Role& sender = *share.sender;
    const Role& recipient = *share.recipient;
    for (const auto& [categories, codes] : purposes) {
      Raw& raw = raws_.emplace_back();
      raw.instances = {instances_.Of(*share.instance)};
      raw.from = {people_.Of(PersonOf(sender))};
      raw.to = {people_.Of({recipient.kind, recipient.function, share.place, recipient.member.convenant})};
      raw.items = {static_cast<uint32_t>(share.item)};
      raw.purposes = codes;
      raw.categories = categories;
      raw.needs = needs;
    }
  }

  static Someone PersonOf(const Role& role) { return {role.kind, role.function, Standing::kHere, ""}; }

  // A sender in a channel, and who in other organisations is here for him: kind and function.
  struct Seat {
    uint32_t person = 0;
    bool tells = false;  // anybody anything: whoever does not sit in the channel is no measure
    std::set<std::pair<std::string, std::string>> here;
  };

  bool HasOthersHere(const Raw& raw, const Someone& to) {
    return std::any_of(seats_.begin(), seats_.end(), [&](const auto& entry) {
      const Seat& seat = entry.second;
      return seat.tells && seat.person == raw.from.front() &&
             instances_[raw.instances.front()] == entry.first.first &&
             seat.here.count({to.kind, to.function}) != 0;
    });
  }

  // Nobody is told apart from others of his kind because he works with the sender, unless it matters: where a
  // source stays at home, or where another organisation of his kind is answered otherwise.
  void PutOwnWithOthers() {
    const std::set<Raw> all(raws_.begin(), raws_.end());
    std::vector<Raw> kept;
    for (Raw& raw : raws_) {
      Someone to = people_[raw.to.front()];
      const bool source = TraitsOf(static_cast<Item>(raw.items.front())).part == PartKind::kSource;
      if (to.place == Standing::kOwn && !source) {
        to.place = Standing::kHere;
        Raw other = raw;
        other.to = {people_.Of(to)};
        if (all.count(other) != 0) continue;
        if (!HasOthersHere(raw, to)) raw = std::move(other);
      }
      kept.push_back(std::move(raw));
    }
    raws_ = std::move(kept);
  }

  std::vector<MatrixRow> Rows() {
    PutOwnWithOthers();
    for (const auto field : {&Raw::instances, &Raw::to, &Raw::from, &Raw::items, &Raw::instances, &Raw::to}) {
      Fold(raws_, field);
    }
    std::vector<MatrixRow> rows;
    rows.reserve(raws_.size());
    for (const Raw& raw : raws_) rows.push_back(RowOf(raw));
    std::sort(rows.begin(), rows.end(), [](const MatrixRow& a, const MatrixRow& b) {
      return std::tie(a.channels, a.items, a.from, a.to, a.purposes, a.categories, a.needs) <
             std::tie(b.channels, b.items, b.from, b.to, b.purposes, b.categories, b.needs);
    });
    return rows;
  }

  MatrixRow RowOf(const Raw& raw) const {
    MatrixRow row;
    row.channels = ChannelsOf(raw.instances);
    for (const uint32_t one : raw.from) row.from.push_back(people_[one]);
    for (const uint32_t one : raw.to) row.to.push_back(people_[one]);
    for (const uint32_t one : raw.items) row.items.push_back(static_cast<Item>(one));
    row.purposes = CodesOf(raw.purposes, domain_.purposes());
    row.categories = CodesOf(raw.categories, domain_.categories());
    row.needs = raw.needs;
    std::sort(row.from.begin(), row.from.end());
    std::sort(row.to.begin(), row.to.end());
    return row;
  }

  static std::vector<std::string> CodesOf(const Set& classes,
                                          const std::vector<std::vector<std::string>>& codes) {
    std::vector<std::string> all;
    for (const uint32_t one : classes) all.insert(all.end(), codes[one].begin(), codes[one].end());
    std::sort(all.begin(), all.end());
    return all;
  }

  // A channel by its name if every way in which it exists is meant.
  std::vector<std::string> ChannelsOf(const Set& numbers) const {
    std::map<std::string, std::vector<std::string>> meant, there;
    for (const uint32_t one : numbers) meant[ChannelName(instances_[one])].push_back(instances_[one]);
    for (const std::string& instance : domain_.instances()) there[ChannelName(instance)].push_back(instance);
    std::vector<std::string> channels;
    for (const auto& [name, some] : meant) {
      if (some.size() == there[name].size()) {
        channels.push_back(name);
      } else {
        channels.insert(channels.end(), some.begin(), some.end());
      }
    }
    std::sort(channels.begin(), channels.end());
    return channels;
  }

  static std::string ChannelName(const std::string& instance) {
    return instance.substr(0, instance.find('@'));
  }

  std::vector<RevealRow> Reveals(const std::vector<MatrixRow>& rows) const {
    std::vector<RevealRow> reveals;
    if (!convenant_.reveal().has_value()) return reveals;
    const Reveal& reveal = *convenant_.reveal();
    std::map<std::string, std::set<std::string>> keepers;
    for (const MatrixRow& row : rows) {
      if (!absl::c_linear_search(row.items, Item::kKeptIdentity)) continue;
      for (const std::string& channel : row.channels) {
        for (const Someone& someone : row.from) keepers[ChannelName(channel)].insert(someone.kind);
      }
    }
    for (const auto& [name, kinds] : keepers) {
      RevealRow& row = reveals.emplace_back();
      row.channel = name;
      row.keepers.assign(kinds.begin(), kinds.end());
      row.askers = AskersIn(name, reveal);
      row.purposes = reveal.purposes;
      for (const auto& [group, members] : reveal.groups) row.groups.push_back(GroupText(members));
    }
    return reveals;
  }

  std::vector<std::string> AskersIn(const std::string& channel, const Reveal& reveal) const {
    std::set<std::string> askers;
    for (const std::string& instance : convenant_.ChannelInstances()) {
      if (ChannelName(instance) != channel) continue;
      for (const Party* party : convenant_.PartiesOf(instance)) {
        if (absl::c_linear_search(reveal.ask, party->kind)) {
          askers.insert(party->kind);
        }
      }
    }
    return {askers.begin(), askers.end()};
  }

  static std::string GroupText(const ApprovalGroup& group) {
    std::string of = group.of_sender ? "sender" : "";
    for (const std::string& party : group.parties) absl::StrAppend(&of, of.empty() ? "" : "+", party);
    return absl::StrCat(group.name, ": ", group.function, " @ ", of);
  }

  const Convenant& convenant_;
  Domain domain_;
  Asker asker_;
  AllowedShares allowed_;
  Numbers<std::string> instances_;
  Numbers<Someone> people_;
  std::map<std::pair<std::string, MemberId>, Seat> seats_;
  std::vector<Raw> raws_;
  size_t asked_ = 0;
};

bool Holds(const std::vector<Someone>& people, absl::string_view kind, absl::string_view function) {
  return std::any_of(people.begin(), people.end(), [&](const Someone& one) {
    return one.kind == kind && (function.empty() || one.function == function);
  });
}

}  // namespace

std::vector<const MatrixRow*> Matrix::Allows(absl::string_view channel, absl::string_view from_kind,
                                             absl::string_view from_function, absl::string_view to_kind,
                                             absl::string_view to_function, Item item) const {
  std::vector<const MatrixRow*> found;
  for (const MatrixRow& row : rows) {
    const bool here = absl::c_linear_search(row.channels, channel);
    const bool what = absl::c_linear_search(row.items, item);
    if (here && what && Holds(row.from, from_kind, from_function) && Holds(row.to, to_kind, to_function)) {
      found.push_back(&row);
    }
  }
  return found;
}

Matrix MatrixOf(const Convenant& convenant, const std::vector<const Convenant*>& peers,
                const Progress& progress) {
  return Explorer(convenant, peers).Run(progress);
}

}  // namespace seinpost::policies
