// SPDX-License-Identifier: EUPL-1.2
// The finite domain of a convenant: every request that it can judge differently, asked about synthetic
// members. It stands for all requests because the rules see a party, a purpose or a category only through
// what the file says of it: of those about which it says the same, one is asked about, and the answer holds
// for all (tests/policies/analysis/domain_test.cc asks about every one). No clock, no I/O. One thread per
// object.
#ifndef SEINPOST_POLICIES_ANALYSIS_DOMAIN_H_
#define SEINPOST_POLICIES_ANALYSIS_DOMAIN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "policies/decide/decide.h"
#include "policies/decide/request.h"
#include "policies/document/convenant.h"

namespace seinpost::policies {

// Two persons can review or approve what one cannot.
inline constexpr size_t kPersonsPerReview = 2;

// What one person tells another: a part, in a signal of some kind and level.
enum class Item : uint8_t {
  kThemeText,      // L0
  kContribution,   // L0, by the chair for a school that stays hidden (R5)
  kCaseText,       // L1
  kCaseSource,     // L1, who told it (R21)
  kKeptIdentity,   // L1, for the approval groups only (R6)
  kNamedText,      // L2
  kIdentity,       // L2
  kCare,           // L2
  kAttachment,     // L2
  kNamedSource,    // L2
  kAlertText,      // L0 alert (R24)
  kAlertIdentity,  // L2 alert
};

struct ItemTraits {
  Item item;
  const char* name;  // "L1 text", for CSV, JSON and sorting
  const char* nl;
  const char* en;
  SignalKind signal;
  Level level;  // of the signal
  PartKind part;
};
absl::Span<const ItemTraits> AllItems();
const ItemTraits& TraitsOf(Item item);

// Where a recipient stands to the sender.
enum class Standing : uint8_t {
  kOwn,    // in the sender's organisation
  kHere,   // another organisation, for the same school or ward or for all of them
  kOther,  // another organisation, for other schools or wards only
  kPeer,   // in another convenant
};

const char* ToString(Standing place);  // "own"

// A function that somebody holds in a party, in his party's name and with a full mandate.
struct Role {
  MemberId member;
  std::string kind;  // partner kind; of the other convenant in a peer
  std::string function;
};

// Which of the things that make a request valid are there.
struct Conditions {
  bool justified = true;        // R10
  bool informed = true;         // R34
  bool sender_role = true;      // action or role in the case (R4)
  bool recipient_role = true;   // the same (R4, R9)
  bool place_named = true;      // the recipient's mandate names its places one by one (R9)
  bool chair_approved = true;   // of more recipients than the threshold (R9)
  bool emergency_asked = true;  // 112 (R25)
};

// One point of the domain, but for purpose and category. Borrows from the Domain.
struct Share {
  const std::string* instance = nullptr;  // "case@school-a"
  const Role* sender = nullptr;
  const Role* recipient = nullptr;
  Standing place = Standing::kHere;
  Item item = Item::kThemeText;
};

// The first `done` of `total` senders in a channel are through. May be empty.
using Progress = std::function<void(size_t done, size_t total)>;

// The points of one convenant, or of two versions together: then whatever either knows is asked about.
// Borrows the convenants.
class Domain {
 public:
  explicit Domain(std::vector<const Convenant*> versions, std::vector<const Convenant*> peers = {});

  // Channels, one for each way in which scopes differ, sorted: "case@school-a" stands for "case@school-b"
  // when the same kinds of partner sit in both.
  const std::vector<std::string>& instances() const { return instances_; }
  // Codes about which the file says the same, sorted by their first.
  const std::vector<std::vector<std::string>>& purposes() const { return purposes_; }
  const std::vector<std::vector<std::string>>& categories() const { return categories_; }

  // Calls `visit` for every share, by instance, sender, recipient and item.
  void Visit(const std::function<void(const Share&)>& visit, const Progress& progress = {}) const;

 private:
  struct Candidate {
    const Role* role = nullptr;
    Standing place = Standing::kHere;
  };
  std::vector<const Role*> SendersIn(const std::string& instance) const;
  std::vector<Candidate> RecipientsIn(const std::string& instance, const Role& sender) const;
  std::vector<Item> ItemsIn(const std::string& instance) const;
  Standing StandingOf(const std::string& instance, const Role& sender, const Role& recipient) const;

  const std::vector<const Convenant*> versions_;
  const std::vector<const Convenant*> peers_;
  std::vector<Role> roles_;       // of these convenants, then of peers; sorted
  std::vector<Role> colleagues_;  // of each, another person of the same function and party
  std::vector<std::string> instances_;
  std::vector<std::vector<std::string>> purposes_, categories_;
};

// Asks DecideSend of one convenant about shares. Borrows it and its peers.
class Asker {
 public:
  explicit Asker(const Convenant& convenant, const std::vector<const Convenant*>& peers = {});

  // The valid request: case reference above L0, informed, justified, with the text to the same recipient;
  // where the channel requires a kept identity, with that.
  SendRequest RequestFor(const Share& share, const std::string& purpose, const std::string& category,
                         const Conditions& conditions = {}) const;
  Decision Ask(const SendRequest& request, const Share& share, const Conditions& conditions = {});
  Decision Ask(const Share& share, const std::string& purpose, const std::string& category,
               const Conditions& conditions = {});

  const Facts& facts() const { return facts_; }
  // The latest noon of a first day: of the convenant, its peers, and the bridges between them.
  absl::Time now() const { return now_; }
  // To add what else is true, such as a signal that is passed on.
  Facts& mutable_facts() { return facts_; }

 private:
  void AddKept(SendRequest& request) const;

  const Convenant& convenant_;
  Facts facts_;
  absl::Time now_;
};

// Facts of a convenant that is active and signed by all, with synthetic members: in every party two for each
// function of its kind, each with a mandate for every scope of the party by name (for every scope there is,
// where it has none), and as many privacy officers and approvers as are needed. Peers are active, with
// members alike. Borrows all.
Facts DomainFacts(const Convenant& convenant, const std::vector<const Convenant*>& peers = {});

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_ANALYSIS_DOMAIN_H_
