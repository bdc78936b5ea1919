// SPDX-License-Identifier: EUPL-1.2
#include "trust/facts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace seinpost::trust {
namespace {

policies::MandateFacts ToMandateFacts(const MandateEntry& entry) {
  policies::MandateFacts facts;
  facts.function = entry.function;
  facts.scopes = entry.scopes;
  facts.max_level = entry.max_level;
  facts.from = entry.from;
  facts.until = entry.until;
  return facts;
}

std::vector<const Member*> ToMembers(const Directory& directory, const std::vector<policies::MemberId>& ids) {
  std::vector<const Member*> members;
  for (const policies::MemberId& id : ids) {
    if (const Member* member = directory.FindMember(id.ref)) members.push_back(member);
  }
  return members;
}

}  // namespace

policies::MemberId ToMemberId(const Member& member) {
  policies::MemberId id;
  id.party = member.organisation;
  id.ref = member.ref;
  id.handle = member.handle;
  return id;
}

policies::MemberFacts MemberFactsOf(const Directory& directory, const Member& member, absl::Time at,
                                    const AsOf& as_of) {
  policies::MemberFacts facts;
  facts.revoked = true;  // unless one device is not
  for (const MandateEntry* mandate : directory.MandatesOf(member.ref)) {
    if (mandate->Stands(as_of.authority)) facts.mandates.push_back(ToMandateFacts(*mandate));
  }
  for (const DeviceId& id : member.devices) {
    const Device* device = directory.FindDevice(id);
    if (device->seq < as_of.authority) {
      facts.known = true;
      if (!device->RevokedAsOf(as_of.authority)) facts.revoked = false;
    }
    if (!device->ValidAt(at, as_of.keys)) continue;
    policies::DeviceFacts device_facts;
    device_facts.id = id;
    device_facts.prekey_classes = directory.PrekeyClasses(id, at, as_of.keys);
    facts.devices.push_back(std::move(device_facts));
  }
  return facts;
}

policies::Facts FactsAbout(const Directory& directory, const std::vector<const Member*>& members,
                           absl::Time at, const AsOf& as_of) {
  policies::Facts facts;
  // A directory takes a convenant only with every signature. A version that came later does not count.
  const Version* version = directory.VersionAsOf(as_of.authority);
  facts.convenant = version == nullptr ? directory.convenant() : version->convenant.get();
  facts.convenant_active = version != nullptr;
  facts.all_signatures = true;
  facts.restrictions = directory.RestrictionsAsOf(as_of.authority);
  for (const Member* officer : directory.Officers()) {
    policies::MemberId id = ToMemberId(*officer);
    facts.officers.push_back(id);
    facts.members.emplace(std::move(id), MemberFactsOf(directory, *officer, at, as_of));
  }
  for (const Member* member : members) {
    const auto added = facts.members.try_emplace(ToMemberId(*member));
    if (added.second) added.first->second = MemberFactsOf(directory, *member, at, as_of);
  }
  std::sort(facts.officers.begin(), facts.officers.end());
  return facts;
}

policies::Facts AllFacts(const Directory& directory, absl::Time at) {
  return FactsAbout(directory, directory.Members(), at);
}

std::vector<const Member*> JustificationReaders(const Directory& directory, const Member& sender,
                                                absl::Time at) {
  const policies::Facts facts = FactsAbout(directory, {}, at);
  return ToMembers(directory, policies::JustificationOfficers(ToMemberId(sender), facts, at));
}

absl::StatusOr<std::vector<const Member*>> ChannelMembers(const Directory& directory,
                                                          absl::string_view channel, policies::Level level,
                                                          const Member& sender, absl::Time at) {
  if (directory.convenant()->FindChannel(channel) == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("channel: no \"", channel, "\" in the convenant, which has ",
                     absl::StrJoin(directory.convenant()->ChannelInstances(), ", ")));
  }
  const policies::Facts facts = AllFacts(directory, at);
  return ToMembers(directory, policies::ChannelMembers(channel, level, ToMemberId(sender), facts, at));
}

}  // namespace seinpost::trust
