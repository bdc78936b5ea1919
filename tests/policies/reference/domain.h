// SPDX-License-Identifier: EUPL-1.2
// The finite domain of requests that a convenant file speaks of, each with an index:
//   sender × channel × purpose × stage × parts (with category) × recipient
// Senders and recipients are made up: one for each party kind and function, besides a second party of a kind
// that has places of its own, somebody of no party, and members of convenants to which there is a bridge. A
// recipient's mandate names the first place of every kind, or is for everywhere, or has ended.
//
// Functions of one kind that have one ceiling, and that no alert chain or approval group tells apart, take
// turns with the index, as categories of one kind do, what is left undone or amiss at L2, and the claimed
// ties and faults of what is sealed. What else is left out, because it cannot make a difference, and why:
// - A category counts by its kind, for an attachment by all three, for an identity by care or not, and for
//   nothing else (R22).
// - Case roles, and whether parents know, are asked where they can count: from L1, and at L2.
// - Sealed is asked at L2, where ties are claimed; all else is asked as a dry run.
// - Nobody is named twice for one part, and there are privacy officers of organisations in play only.
// - That a mandate ended stops its member whatever his function (R3): one for each kind of party.
// - A channel that exists per place is asked at the first place; the first such channel at the second one
//   too.
//
// Outside the domain, with tests of their own: passing on (R14) with its chain of earlier signals, sending
// before and after the agreement's dates (R1), channels that nobody declared (R1), and more organisations at
// once than the threshold (R9).
//
// Not thread-safe: a question borrows facts that the next one changes.
#ifndef SEINPOST_TESTS_POLICIES_REFERENCE_DOMAIN_H_
#define SEINPOST_TESTS_POLICIES_REFERENCE_DOMAIN_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "policies/decide/request.h"

namespace seinpost::policies::reference {

// How the parts of a sealed signal are sealed.
struct Seal {
  std::string name;
  std::optional<Tie> claim;
  bool without_device = false;  // one that it ought to be sealed to
  bool other_class = false;     // of retention
  bool expired = false;
};

// What is wrong with the agreement, or lowered in it, whoever asks.
enum class Amiss {
  kNothing,
  kInactive,
  kUnsigned,
  kOldVersion,
  kOtherConvenant,
  kUnknownPurpose,
  kUnknownCategory,
  kOtherPlace,  // the case reference was first used elsewhere
  kIdentifier,  // in the text
  kChannelLowered,
  kRecipientLowered
};

// What is asked besides who, where and why: one combination that makes sense.
struct Stage {
  std::string name;
  SignalKind kind = SignalKind::kSignal;
  Level level = Level::kL0;
  bool sender_role = false, recipient_role = false;  // in the case
  bool new_case = false;
  bool informed = true;   // L2: says whether parents know
  bool justified = true;  // L2: the recipient is justified
  bool asked_112 = true;  // alerts
  bool overdue = false;   // owes the reason of an alert
  bool match_tag = false;
  const Seal* seal = nullptr;  // null: a dry run
  Amiss amiss = Amiss::kNothing;
};

// Which parts, and of what category.
struct Parts {
  enum class Shape {
    kText,             // to the recipient
    kBroadcast,        // "@channel"
    kSource,           // and its source, to the recipient
    kKept,             // and an identity for exactly the approvers
    kKeptForMore,      // ... and for the recipient
    kJustified,        // and a justification that the recipient gets to read
    kNamed,            // and `kind`
    kNamedWithoutText  // ... the text going to a colleague of the sender only
  };
  Shape shape = Shape::kText;
  PartKind kind = PartKind::kIdentity;
  std::string category;  // empty: any
};

class Domain {
 public:
  // `peers` are the other convenants that one may have bridges to, by id. All borrowed.
  Domain(const Convenant& convenant, const std::map<std::string, const Convenant*>& peers);

  uint64_t size() const;
  // REQUIRES: index < size(). Sets in facts() what is asked.
  SendRequest Ask(uint64_t index);
  const Facts& facts() const { return facts_; }
  absl::Time now() const { return now_; }
  // Whom the request at this index addresses, and who asks.
  const MemberId& RecipientOf(uint64_t index) const;
  const MemberId& SenderOf(uint64_t index) const { return SenderAt(index).member; }

  // Mandates of the members end here; later than a month from now.
  absl::Time mandates_end() const { return now_ + absl::Hours(24 * 60); }
  // For people: everything that tells one request from another.
  std::string Describe(uint64_t index) const;

 private:
  struct Sender {
    MemberId member, colleague;
    std::vector<MemberId> officers, approvers;
  };
  struct Place {  // the digits of an index
    size_t sender, channel, purpose, stage, parts, recipient;
  };
  Place At(uint64_t index) const;
  const Sender& SenderAt(uint64_t index) const;
  std::string CategoryOf(uint64_t index) const;
  const Stage& StageOf(uint64_t index) const;
  void Spoil(Amiss amiss, const MemberId& recipient, SendRequest& request);
  void SealPart(const Seal& seal, const SendRequest& request, PartRequest& part) const;
  MemberId Enrol(const std::string& party, const std::string& function, const std::string& name,
                 std::vector<std::string> scopes, absl::Time until, const std::string& convenant = "");
  void EnrolKind(const Party& party, const KindLevels& levels, bool second);
  void EnrolPeers(const std::map<std::string, const Convenant*>& peers);
  std::vector<std::string> FirstPlaces() const;
  bool StandsApart(const std::string& kind, const std::string& function) const;
  void AddChannels();
  void AddStages();
  void AddParts();

  const Convenant& convenant_;
  const absl::Time now_;
  Facts facts_;
  // Each a group of those who are alike, of whom the index chooses one.
  std::vector<std::vector<Sender>> senders_;
  std::vector<std::vector<MemberId>> recipients_;
  std::vector<std::vector<Stage>> stages_;
  std::vector<std::string> channels_, purposes_, categories_;
  std::vector<Parts> parts_;
};

}  // namespace seinpost::policies::reference

#endif  // SEINPOST_TESTS_POLICIES_REFERENCE_DOMAIN_H_
