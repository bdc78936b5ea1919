// SPDX-License-Identifier: EUPL-1.2
// For every convenant file: DecideSend and DecideOpen give the answers of the reference, over the whole
// domain of reference/domain.h or a fixed part of it. Compared are yes or no, and all refusal codes; for
// sends also who is refused which part.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "absl/strings/str_cat.h"
#include "policies/decide/decide.h"
#include "tests/policies/example.h"
#include "tests/policies/reference/domain.h"
#include "tests/policies/reference/files.h"
#include "tests/policies/reference/reference.h"

namespace seinpost::policies::reference {
namespace {

constexpr int kShown = 5;  // differences told one by one
// Of the allowed sends, one in so many is opened.
constexpr uint64_t kOpenedEvery = 5;

const std::map<std::string, Convenant>& AllConvenants() {
  static const auto* const kAll = [] {
    auto* all = new std::map<std::string, Convenant>;
    for (const std::string& path : ConvenantFiles()) {
      absl::StatusOr<Convenant> convenant = Convenant::Parse(TextOf(path), path);
      EXPECT_TRUE(convenant.ok()) << convenant.status();
      if (convenant.ok()) all->emplace(path, *std::move(convenant));
    }
    return all;
  }();
  return *kAll;
}

std::map<std::string, const Convenant*> Peers() {
  std::map<std::string, const Convenant*> peers;
  for (const auto& [path, convenant] : AllConvenants()) peers[convenant.id()] = &convenant;
  return peers;
}

std::set<RefusalCode> CodesOf(const Decision& decision) {
  std::set<RefusalCode> codes;
  for (const Reason& reason : decision.reasons) codes.insert(reason.code);
  return codes;
}

// Who is refused which part.
std::set<std::pair<size_t, size_t>> DeniedIn(const Decision& decision) {
  std::set<std::pair<size_t, size_t>> denied;
  for (const Verdict& verdict : decision.verdicts) {
    if (!verdict.allowed) denied.emplace(verdict.part, verdict.recipient);
  }
  return denied;
}

bool DeniesAlike(const Decision& got, const Answer& expected) {
  size_t denied = 0;
  for (const Verdict& verdict : got.verdicts) {
    if (verdict.allowed) continue;
    ++denied;
    if (expected.denied.count({verdict.part, verdict.recipient}) == 0) return false;
  }
  return denied == expected.denied.size();
}

std::string RulesOf(const Decision& decision) {
  std::string rules;
  for (const Reason& reason : decision.reasons) {
    absl::StrAppend(&rules, " ", policies::ToString(reason.code), "(", reason.rule, " ", reason.recipient,
                    ")");
  }
  return rules.empty() ? " allowed" : rules;
}

// "; denied 0/0 1/0": part and recipient.
std::string Pairs(const std::set<std::pair<size_t, size_t>>& denied) {
  std::string text = "; denied";
  for (const auto& [part, recipient] : denied) absl::StrAppend(&text, " ", part, "/", recipient);
  return text;
}

// Counts, and tells the first few differences.
struct Tally {
  uint64_t asked = 0, allowed = 0, different = 0;

  // `what` says what was asked.
  template <typename What>
  void Compare(const Decision& got, const Answer& expected, What what) {
    ++asked;
    allowed += got.allowed ? 1 : 0;
    if (got.allowed == expected.allowed && CodesOf(got) == expected.codes && DeniesAlike(got, expected))
      return;
    if (++different <= kShown) {
      ADD_FAILURE() << what() << "\n  reference: " << ToString(expected.codes) << Pairs(expected.denied)
                    << "\n  decided:  " << RulesOf(got) << Pairs(DeniedIn(got));
    }
  }
  std::string Told() const {
    return absl::StrCat(asked, " asked, ", allowed, " allowed, ", asked - allowed, " denied");
  }
};

// What happens between sending and reading.
enum class Later {
  kNothing,
  kMandateEnded,
  kExpired,
  kWithdrawn,
  kOtherPurpose,
  kChannelLowered,
  kPartyLowered,
  kRolesLost,  // in the case
  kReplaced,   // the convenant is not in force any more
  kOfficersTakePart,
};
constexpr Later kAllLater[] = {Later::kNothing,         Later::kMandateEnded, Later::kExpired,
                               Later::kWithdrawn,       Later::kOtherPurpose, Later::kChannelLowered,
                               Later::kPartyLowered,    Later::kRolesLost,    Later::kReplaced,
                               Later::kOfficersTakePart};

// Every part of an allowed signal, opened by its recipient, its sender and officers, who mostly are neither.
class Opener {
 public:
  explicit Opener(const Domain& domain) : domain_(domain), facts_(domain.facts()) {}

  template <typename What>
  void OpenAll(const SendRequest& sent, const MemberId& recipient, Tally& tally, What what) {
    const MemberId* readers[] = {&recipient, &sent.sender, &domain_.facts().officers.front(),
                                 &domain_.facts().officers.back()};
    for (const Later later : kAllLater) {
      const absl::Time now = Happens(later, sent, recipient);
      for (size_t part = 0; part < sent.parts.size(); ++part) {
        for (const MemberId* reader : readers) {
          OpenRequest open;
          open.reader = *reader;
          open.part = sent.parts[part].kind;
          open.part_index = part;
          if (later == Later::kOtherPurpose) open.purpose = "another";
          tally.Compare(DecideOpen(open, facts_, now), Open(open, facts_, now), [&] {
            return absl::StrCat(what(), "\n  part ", part, " read by ", policies::ToString(*reader),
                                ", later ", static_cast<int>(later));
          });
        }
      }
    }
  }

 private:
  // Makes it so in the facts; returns the time of reading.
  absl::Time Happens(Later later, const SendRequest& sent, const MemberId& recipient) {
    const absl::Duration kept = later == Later::kMandateEnded ? absl::Hours(24 * 90) : absl::Hours(24 * 10);
    facts_.original = Stored(sent, kept);
    facts_.original->withdrawn = later == Later::kWithdrawn;
    facts_.restrictions.clear();
    facts_.broker = domain_.facts().broker;
    if (later == Later::kRolesLost) facts_.broker.case_roles.clear();
    facts_.convenant_active = later != Later::kReplaced;
    const std::string channel = sent.channel.substr(0, sent.channel.find('@'));
    if (later == Later::kChannelLowered)
      facts_.restrictions.push_back({.channel = channel, .party = "", .ceiling = Level::kL0, .number = 1});
    if (later == Later::kPartyLowered) {
      facts_.restrictions.push_back(
          {.channel = "", .party = recipient.party, .ceiling = Level::kL1, .number = 2});
    }
    for (const MemberId& officer : facts_.officers) {
      std::vector<MandateFacts>& mandates = facts_.members.at(officer).mandates;
      mandates = domain_.facts().members.at(officer).mandates;
      if (later != Later::kOfficersTakePart) continue;
      MandateFacts other = mandates.front();
      other.function = "coordinator";
      mandates.push_back(std::move(other));
    }
    if (later == Later::kMandateEnded) return domain_.mandates_end();
    if (later == Later::kExpired) return sent.created + kept;
    return sent.created + absl::Hours(1);
  }

  const Domain& domain_;
  Facts facts_;
};

class Exhaustive : public testing::TestWithParam<std::string> {};

TEST_P(Exhaustive, DecidesAsTheReference) {
  ASSERT_EQ(AllConvenants().count(GetParam()), 1u);
  Domain domain(AllConvenants().at(GetParam()), Peers());
  const uint64_t every = DrawnEvery();
  Opener opener(domain);
  Tally sends, opens;
  for (uint64_t index = 0; index < domain.size(); ++index) {
    if (!Drawn(index, every)) continue;
    const SendRequest request = domain.Ask(index);
    const Decision decision = DecideSend(request, domain.facts(), domain.now());
    const Answer expected = Send(request, domain.facts(), domain.now());
    const auto what = [&] { return domain.Describe(index); };
    sends.Compare(decision, expected, what);
    if (!decision.allowed || !expected.allowed || !Drawn(~index, kOpenedEvery)) continue;
    opener.OpenAll(request, domain.RecipientOf(index), opens, what);
  }
  EXPECT_EQ(sends.different, 0u);
  EXPECT_EQ(opens.different, 0u);
  // A domain in which everything has one answer would show nothing.
  EXPECT_GT(sends.allowed, 0u);
  EXPECT_LT(sends.allowed, sends.asked);
  EXPECT_GT(opens.allowed, 0u);
  EXPECT_LT(opens.allowed, opens.asked);
  std::cout << NameOf(GetParam()) << ": domain " << domain.size() << ", sends: " << sends.Told()
            << "; opens: " << opens.Told() << std::endl;
}

INSTANTIATE_TEST_SUITE_P(Convenants, Exhaustive, testing::ValuesIn(ConvenantFiles()),
                         [](const auto& file) { return NameOf(file.param); });

}  // namespace
}  // namespace seinpost::policies::reference
