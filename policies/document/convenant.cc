// SPDX-License-Identifier: EUPL-1.2
#include "policies/document/convenant.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/document/convenant_parser.h"

namespace seinpost::policies {
namespace {

template <typename T>
const T* FindIn(const ByName<T>& map, absl::string_view name) {
  const auto it = map.find(name);
  return it == map.end() ? nullptr : &it->second;
}

}  // namespace

const std::string* Channel::RetentionClass(PartKind part, Level signal_level, SignalKind signal) const {
  if (part == PartKind::kJustification)
    return justification_retention.empty() ? nullptr : &justification_retention;
  // A source or a kept identity may travel with an L1 signal, in a channel that never carries L2.
  const bool at_l1 = part == PartKind::kSource || (part == PartKind::kIdentity && signal_level == Level::kL1);
  const Level level =
      at_l1 ? std::min(PartLevel(part, signal_level), ceiling) : PartLevel(part, signal_level, signal);
  const std::optional<std::string>& found = retention[static_cast<size_t>(level)];
  return found.has_value() ? &*found : nullptr;
}

absl::StatusOr<Convenant> Convenant::Parse(absl::string_view yaml, absl::string_view filename) {
  return ConvenantParser(filename).Parse(yaml);
}

bool Convenant::HasKeys() const {
  if (!trust_.has_value()) return false;
  return std::all_of(parties_.begin(), parties_.end(), [](const auto& entry) {
    return !entry.second.under.empty() || entry.second.root.has_value();
  });
}

const Party* Convenant::FindParty(absl::string_view id) const { return FindIn(parties_, id); }
const Purpose* Convenant::FindPurpose(absl::string_view code) const { return FindIn(purposes_, code); }
const Category* Convenant::FindCategory(absl::string_view code) const { return FindIn(categories_, code); }
const KindLevels* Convenant::FindLevels(absl::string_view kind) const { return FindIn(levels_, kind); }
const RetentionClass* Convenant::FindRetention(absl::string_view name) const {
  return FindIn(retention_, name);
}

absl::string_view Convenant::ScopeOf(absl::string_view instance) {
  const size_t at = instance.find('@');
  return at == absl::string_view::npos ? absl::string_view() : instance.substr(at + 1);
}

const Channel* Convenant::FindChannel(absl::string_view instance) const {
  const size_t at = instance.find('@');
  const Channel* channel = FindIn(channels_, instance.substr(0, at));
  if (channel == nullptr) return nullptr;
  if (channel->per.empty()) return at == absl::string_view::npos ? channel : nullptr;
  const std::string* scope_kind = FindIn(scopes_, ScopeOf(instance));
  return scope_kind != nullptr && *scope_kind == channel->per ? channel : nullptr;
}

const AlertChain* Convenant::FindAlertChain(absl::string_view channel) const {
  const auto it = std::find_if(alerts_.begin(), alerts_.end(),
                               [&](const auto& entry) { return entry.second.channel == channel; });
  return it == alerts_.end() ? nullptr : &it->second;
}

const Bridge* Convenant::FindBridge(absl::string_view convenant, absl::Time now) const {
  const auto it = std::find_if(bridges_.begin(), bridges_.end(), [&](const auto& entry) {
    const Bridge& bridge = entry.second;
    return bridge.convenant == convenant && now >= bridge.from && now < bridge.until;
  });
  return it == bridges_.end() ? nullptr : &it->second;
}

const Party& Convenant::host() const {
  const auto it =
      std::find_if(parties_.begin(), parties_.end(), [](const auto& entry) { return entry.second.host; });
  return it->second;  // The parser refuses a convenant without a host.
}

const Party& Convenant::SignatoryOf(const Party& party) const {
  const Party* signatory = &party;
  while (!signatory->under.empty()) signatory = FindParty(signatory->under);  // The parser refuses cycles.
  return *signatory;
}

std::vector<std::string> Convenant::ChannelInstances() const {
  std::vector<std::string> instances;
  for (const auto& [name, channel] : channels_) {
    if (channel.per.empty()) instances.push_back(name);
    for (const auto& [scope, scope_kind] : scopes_) {
      if (scope_kind == channel.per) instances.push_back(absl::StrCat(name, "@", scope));
    }
  }
  std::sort(instances.begin(), instances.end());
  return instances;
}

bool Convenant::InScope(const Party& party, const Channel& channel, absl::string_view scope) const {
  bool bound = false;
  for (const std::string& own : party.scopes) {
    if (own == scope) return true;
    const std::string* kind = FindIn(scopes_, own);
    bound = bound || (kind != nullptr && *kind == channel.per);
  }
  return !bound;
}

bool Convenant::IsMemberOf(const Party& party, const Channel& channel, absl::string_view scope) const {
  if (party.guest) return false;
  if (!absl::c_linear_search(channel.members, party.kind) &&
      !absl::c_linear_search(channel.parties, party.id)) {
    return false;
  }
  return InScope(party, channel, scope);
}

bool Convenant::IsGuestOf(const Party& party, const Channel& channel, absl::string_view scope) const {
  return absl::c_linear_search(channel.guests, party.kind) && InScope(party, channel, scope);
}

std::vector<const Party*> Convenant::PartiesOf(absl::string_view instance) const {
  std::vector<const Party*> parties;
  const Channel* channel = FindChannel(instance);
  if (channel == nullptr) return parties;
  for (const auto& [id, party] : parties_) {
    if (IsMemberOf(party, *channel, ScopeOf(instance))) parties.push_back(&party);
  }
  return parties;
}

}  // namespace seinpost::policies
