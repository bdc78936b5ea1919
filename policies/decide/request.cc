// SPDX-License-Identifier: EUPL-1.2
#include "policies/decide/request.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "policies/document/fields.h"

namespace seinpost::policies {

std::strong_ordering MemberId::operator<=>(const MemberId& other) const {
  if (auto order = party.compare(other.party) <=> 0; order != 0) return order;
  if (auto order = handle.compare(other.handle) <=> 0; order != 0) return order;
  if (auto order = ref.compare(other.ref) <=> 0; order != 0) return order;
  return convenant.compare(other.convenant) <=> 0;
}

absl::StatusOr<MemberId> ParseMemberId(absl::string_view text) {
  MemberId member;
  absl::string_view local = text;
  const size_t at = text.find('@');
  bool valid = true;
  if (at != absl::string_view::npos) {
    member.convenant = std::string(text.substr(at + 1));
    local = text.substr(0, at);
    valid = IsName(member.convenant);
  }
  const size_t slash = local.find('/');
  if (slash != absl::string_view::npos) {
    member.party = std::string(local.substr(0, slash));
    member.handle = std::string(local.substr(slash + 1));
  }
  if (!valid || !IsName(member.party) || !IsName(member.handle)) {
    return absl::InvalidArgumentError("a member is written as party/handle, or as party/handle@convenant");
  }
  return member;
}

std::string ToString(const MemberId& member) {
  return absl::StrCat(member.party, "/", member.handle, member.convenant.empty() ? "" : "@",
                      member.convenant);
}

bool IsNamed(const PartRequest& part) {
  return part.kind == PartKind::kCare || part.kind == PartKind::kAttachment ||
         (part.kind == PartKind::kIdentity && !part.kept);
}

}  // namespace seinpost::policies
