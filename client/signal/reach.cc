// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/reach.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "envelope/audience.h"

namespace seinpost::client {
namespace {

// When the last prekey of the class ended; absent: there was none.
std::optional<absl::Time> LastReachable(const trust::Directory& directory, ByteView device_id,
                                        absl::string_view retention_class, absl::Time at) {
  std::optional<absl::Time> last;
  for (const trust::PrekeyEntry* prekey : directory.PrekeysOf(device_id)) {
    if (prekey->retention_class != retention_class || prekey->seal_until > at) continue;
    last = std::max(last.value_or(prekey->seal_until), prekey->seal_until);
  }
  return last;
}

std::vector<const trust::Member*> MembersOf(const envelope::PartPlan& part,
                                            const trust::Directory& directory) {
  std::vector<const trust::Member*> members;
  for (const trust::MemberRef& ref : part.members) {
    const trust::Member* member = directory.FindMember(ref);
    if (member != nullptr && std::find(members.begin(), members.end(), member) == members.end()) {
      members.push_back(member);
    }
  }
  return members;
}

}  // namespace

std::vector<UnreachedMember> UnreachedBy(const envelope::SignalPlan& plan, const trust::Directory& directory,
                                         const trust::Member& sender) {
  const absl::Time created = absl::FromUnixSeconds(plan.core.created());
  std::map<std::string, std::optional<absl::Time>> found;
  for (const envelope::PartPlan& part : plan.parts) {
    for (const envelope::Reached& reached : envelope::AudienceOf(
             MembersOf(part, directory), part.retention_class, created, directory, plan.keys)) {
      if (reached.prekey != nullptr || reached.device->member_ref == sender.ref) continue;
      found.try_emplace(reached.device->address(),
                        LastReachable(directory, reached.device->id, part.retention_class, created));
    }
  }
  std::vector<UnreachedMember> unreached;
  for (const auto& [member, since] : found) unreached.push_back({.member = member, .since = since});
  return unreached;
}

std::string NamesOf(const std::vector<UnreachedMember>& unreached, Language language) {
  return absl::StrJoin(unreached, ", ", [language](std::string* out, const UnreachedMember& one) {
    absl::StrAppend(out, one.since.has_value() ? absl::Substitute(TextOf(Text::kUnreachedSince, language),
                                                                  one.member, FormatLocal(*one.since))
                                               : one.member);
  });
}

absl::Status CheckNoneRevoked(const envelope::SignalPlan& plan, const trust::Directory& directory,
                              const StateData& data, Language language) {
  for (const envelope::PartPlan& part : plan.parts) {
    for (const trust::Member* member : MembersOf(part, directory)) {
      for (const trust::DeviceId& id : member->devices) {
        if (data.revoked.count(id) == 0) continue;
        return absl::FailedPreconditionError(
            absl::Substitute(TextOf(Text::kRevokedLost, language), ToHex(id)));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace seinpost::client
