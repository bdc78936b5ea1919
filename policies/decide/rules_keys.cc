// SPDX-License-Identifier: EUPL-1.2
// What only a sealed signal shows: to exactly whose devices it was sealed (R18), and for how long (R32).

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "policies/decide/rules.h"

namespace seinpost::policies {
namespace {

// Counts the devices of chosen members and checks that each stands where it belongs.
struct KeySet {
  const PartRequest& part;
  size_t wrapped = 0;
  size_t unreached = 0;
  bool complete = true;

  void Expect(const MemberFacts& member) {
    for (const DeviceFacts& device : member.devices) {
      const bool reachable = absl::c_linear_search(device.prekey_classes, part.retention_class);
      ++(reachable ? wrapped : unreached);
      complete = complete && absl::c_linear_search(reachable ? part.devices : part.unreached, device.id);
    }
  }
  bool Exact() const {
    return complete && part.devices.size() == wrapped && part.unreached.size() == unreached;
  }
};

}  // namespace

// R18: wrapped keys equal exactly the reachable devices of the members chosen and of the sender; the other
// devices of these members stand in `unreached`.
void JudgeKeySets(SendCase& send, Refusals& refusals) {
  if (!send.request.sealed || send.channel == nullptr) return;
  for (size_t i = 0; i < send.request.parts.size(); ++i) {
    const PartRequest& part = send.request.parts[i];
    KeySet keys{part};
    bool known = true;
    for (const RecipientCase& recipient : send.recipients) {
      if (recipient.part != i || recipient.sender) continue;
      if (recipient.facts == nullptr || !recipient.facts->known || recipient.facts->revoked) {
        known = false;
      } else {
        keys.Expect(*recipient.facts);
      }
    }
    if (!part.kept) {
      known = known && send.sender != nullptr;
      if (known) keys.Expect(*send.sender);
    }
    if (known && keys.Exact()) continue;
    const Text name = PartName(part.kind);
    refusals.Part(
        send, i, RefusalCode::kKeysetMismatch, send.channel->members_at,
        {absl::StrCat(name.nl, " is niet voor precies de apparaten van de gekozen ontvangers versleuteld"),
         absl::StrCat(name.en, " is not sealed to exactly the devices of the chosen recipients")});
  }
}

// R32: a part is kept in the class the channel names for its level, no longer than its cap; a justification
// exactly that long.
void JudgeRetention(SendCase& send, Refusals& refusals) {
  if (send.channel == nullptr) return;
  for (size_t i = 0; i < send.request.parts.size(); ++i) {
    const PartRequest& part = send.request.parts[i];
    const std::string* name = send.channel->RetentionClass(part.kind, send.request.level, send.request.kind);
    const RetentionClass* retention = name == nullptr ? nullptr : send.convenant.FindRetention(*name);
    if (retention == nullptr) continue;  // Above the channel's ceiling: told by R4.
    if (send.request.sealed && part.retention_class != *name) {
      refusals.Part(send, i, RefusalCode::kKeysetMismatch, send.channel->retention_at,
                    {absl::StrCat("dit deel hoort in de bewaarklasse ", *name),
                     absl::StrCat("this part belongs in the retention class ", *name)});
    }
    if (!part.expires.has_value()) continue;
    const absl::Time latest = send.request.created + retention->cap;
    const bool shortened = part.kind == PartKind::kJustification && *part.expires < latest - absl::Hours(24);
    if (*part.expires > send.now && *part.expires <= latest && !shortened) continue;
    refusals.Part(send, i, RefusalCode::kExpired, retention->at,
                  {absl::StrCat("de bewaartermijn past niet bij de klasse ", *name),
                   absl::StrCat("the expiry does not fit the retention class ", *name)});
  }
}

}  // namespace seinpost::policies
