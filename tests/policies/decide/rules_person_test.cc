// SPDX-License-Identifier: EUPL-1.2
// R5, R6, R20: contributions, kept identities and match tags.
#include "policies/instead/alternatives.h"
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(R05, ChairSharesWhatAHiddenSchoolContributed) {
  Example example = Example::With("    chair: municipality\n    ceiling: L0",
                                  "    chair: external_coordinator\n    ceiling: L0");
  SendRequest send = example.Send(Level::kL0, {kWardOfficer});
  send.kind = SignalKind::kContributed;
  send.sender = Member("sass/coordinator");
  EXPECT_THAT(Told(example.Decide(send)), IsEmpty());
  send.sender = Member("school/zorgcoordinator");
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("NO_MANDATE R5"));
  send = example.Send(Level::kL1, {kWardOfficer});
  send.kind = SignalKind::kContributed;
  send.channel = "core@school-a";
  send.sender = Member("sass/coordinator");
  EXPECT_THAT(Told(example.Decide(send)), ElementsAre("SUBJECT_AT_THEMATIC R5"));
}

constexpr char kReveal[] = R"(
reveal:
  ask: [police]
  purposes: [dreiging]
  expires: 14 days
  approval_groups:
    school: {of: sender, function: safety_officer}
    toezicht: {of: [gemeente], function: privacy_officer}
)";

// The example where core keeps identities for two keepers of the school and two privacy officers of the
// municipality.
struct Keeping : Example {
  explicit Keeping(const std::string& setting = "allowed") : Example(Yaml(setting)) {
    for (const char* keeper : {"school/bewaarder-1", "school/bewaarder-2"}) {
      facts.members[Member(keeper)] = Holding("safety_officer");
    }
    facts.members[Member("gemeente/privacy-officer-2")] = Holding("privacy_officer");
  }
  static MemberFacts Holding(const char* function) {
    return {.known = true,
            .mandates = {{function, {"school-a"}, Level::kL1, absl::InfinitePast(), absl::InfiniteFuture()}}};
  }
  static std::string Yaml(const std::string& setting) {
    std::string yaml = FileText(kExample);
    const std::string mark = "    ceiling: L1                # casussen";
    yaml.insert(yaml.find(mark), "    kept_identity: " + setting + "\n");
    return yaml + kReveal;
  }
  SendRequest Kept() const {
    SendRequest send = Send(Level::kL1, {kWardOfficer});
    send.channel = "core@school-a";
    return Apply(WithIdentity(send), {Change{.kind = Change::Kind::kKeepIdentity}}, facts, now);
  }
  static SendRequest WithIdentity(SendRequest send) {
    send.parts.push_back(Part(PartKind::kIdentity, {kWardOfficer}));
    return send;
  }
};

TEST(R06, IdentityIsKeptForTheApprovalGroups) {
  const Keeping keeping;
  const SendRequest send = keeping.Kept();
  EXPECT_THAT(send.parts[1].recipients,
              ElementsAre(Member("school/bewaarder-1"), Member("school/bewaarder-2"),
                          Member("gemeente/privacy-officer"), Member("gemeente/privacy-officer-2")));
  EXPECT_THAT(Told(keeping.Decide(send)), IsEmpty());
  EXPECT_THAT(Told(keeping.Decide(keeping.Sealed(send))), testing::Contains(HasSubstr("KEYSET_MISMATCH R18")))
      << "the sender's own devices hold no kept identity";
}

TEST(R06, KeptIdentityGoesToNobodyElse) {
  const Keeping keeping;
  SendRequest send = keeping.Kept();
  send.parts[1].recipients.push_back(Member(kWardOfficer));
  EXPECT_THAT(Told(keeping.Decide(send)), ElementsAre("IDENTITY_KEYSET_MISMATCH R6"));
  send = keeping.Kept();
  send.parts[1].recipients.pop_back();
  EXPECT_THAT(Told(keeping.Decide(send)), ElementsAre("IDENTITY_KEYSET_MISMATCH R6"));
  send = keeping.Kept();
  send.parts[1].recipients.push_back(send.sender);
  EXPECT_THAT(Told(keeping.Decide(send)), ElementsAre("IDENTITY_KEYSET_MISMATCH R6"));
}

TEST(R06, GroupHoldsTwoPersons) {
  Keeping keeping;
  keeping.At("school/bewaarder-2").mandates[0].until = keeping.now + absl::Nanoseconds(1);
  EXPECT_THAT(Told(keeping.Decide(keeping.Kept())), IsEmpty());
  keeping.At("school/bewaarder-2").mandates[0].until = keeping.now;
  EXPECT_THAT(Told(keeping.Decide(keeping.Kept())), ElementsAre("IDENTITY_KEYSET_MISMATCH R6"))
      << "one keeper left";
}

TEST(R06, GroupsLieUnderDifferentSignatories) {
  const Keeping keeping;
  std::string yaml = Keeping::Yaml("allowed");
  const std::string from = "of: [gemeente], function";
  yaml.replace(yaml.find(from), from.size(), "of: [schoolbestuur], function");
  Example same(yaml);
  same.facts.members.insert(keeping.facts.members.begin(), keeping.facts.members.end());
  same.facts.members[Member("schoolbestuur/privacy-officer-2")] = Keeping::Holding("privacy_officer");
  const SendRequest send =
      Apply(keeping.Kept(), {Change{.kind = Change::Kind::kKeepIdentity}}, same.facts, same.now);
  ASSERT_EQ(send.parts[1].recipients.size(), 4u);
  EXPECT_THAT(Told(same.Decide(send)), ElementsAre("IDENTITY_KEYSET_MISMATCH R6"))
      << "the board signs for the school, so that it would reveal alone";
}

TEST(R06, ChannelSaysWhetherIdentitiesAreKept) {
  const Keeping required("required"), allowed("allowed"), forbidden("forbidden");
  SendRequest without = required.Send(Level::kL1, {kWardOfficer});
  without.channel = "core@school-a";
  EXPECT_THAT(Told(allowed.Decide(without)), IsEmpty());
  EXPECT_THAT(Told(required.Decide(without)), ElementsAre("IDENTITY_KEYSET_MISMATCH R6"));
  EXPECT_THAT(Told(required.Decide(required.Kept())), IsEmpty());
  EXPECT_THAT(Told(forbidden.Decide(allowed.Kept())), ElementsAre("IDENTIFIER_IN_PSEUDONYMOUS R6"));
  EXPECT_THAT(Told(allowed.Decide(Keeping::WithIdentity(without))),
              ElementsAre("IDENTIFIER_IN_PSEUDONYMOUS R6"))
      << "an identity that is not kept";
}

TEST(R06, KeptIdentityIsOpenedByNobody) {
  Keeping keeping;
  keeping.facts.original = Stored(keeping.Kept(), absl::Hours(1));
  ASSERT_EQ(keeping.facts.original->parts[1].kind, PartKind::kIdentity);
  for (const char* reader :
       {"school/zorgcoordinator", "school/bewaarder-1", "gemeente/privacy-officer", kWardOfficer}) {
    EXPECT_THAT(Told(keeping.Open(reader, 1)), ElementsAre("KEYSET_MISMATCH R19")) << reader;
  }
}

constexpr char kComparing[] = R"(
matching:
  channels: [case]
  keys: {name_dob: all, pupil_number: [school]}
  threshold: {signals: 3, kinds: 2}
  window: 90 days
  told: {kind: external_coordinator, function: coordinator}
)";

struct Comparing : Example {
  Comparing() : Example(FileText(kExample) + kComparing) {}
  SendRequest Tagged(std::vector<std::string> keys) const {
    SendRequest send = Send(Level::kL1, {"wijkteam/medewerker"});
    send.channel = "case@school-a";
    send.has_match_tag = true;
    send.match_keys = std::move(keys);
    return send;
  }
};

TEST(R20, TagsTravelWhereTheConvenantSaysSo) {
  const Comparing comparing;
  EXPECT_THAT(Told(comparing.Decide(comparing.Tagged({}))), IsEmpty());
  SendRequest send = comparing.Tagged({"name_dob"});
  EXPECT_THAT(Told(comparing.Decide(send)), IsEmpty());
  send.channel = "direct@school-a";
  EXPECT_THAT(Told(comparing.Decide(send)), ElementsAre("MATCH_NOT_ALLOWED R20"));
}

TEST(R20, KeysAreForCertainPartners) {
  const Comparing comparing;
  EXPECT_THAT(Told(comparing.Decide(comparing.Tagged({"pupil_number"}))), IsEmpty());
  SendRequest send = comparing.Tagged({"name_dob", "pupil_number"});
  send.sender = Member(kWardOfficer);
  EXPECT_THAT(Told(comparing.Decide(send)), ElementsAre("MATCH_NOT_ALLOWED R20"));
  send.match_keys = {"name_dob"};
  EXPECT_THAT(Told(comparing.Decide(send)), IsEmpty());
  send.match_keys = {"sound_dob"};
  EXPECT_THAT(Told(comparing.Decide(send)), ElementsAre("MATCH_NOT_ALLOWED R20")) << "no such key agreed";
}

TEST(R20, NeedsTheAgreedKeys) {
  const std::string key(64, '1');
  const std::string trust = "\ntrust:\n  suite: 1\n  broker_key: " + key + "\n  log_key: " + key + "\n";
  const Example without(FileText(kExample) + kComparing + trust);
  const SendRequest send = Comparing().Tagged({});
  EXPECT_THAT(Told(without.Decide(send)), ElementsAre("MATCH_NOT_ALLOWED R20"));
  const Example with(FileText(kExample) + kComparing + trust + "  voprf_broker_key: " + key +
                     "\n  voprf_steward_key: " + std::string(64, '2') + "\n");
  EXPECT_THAT(Told(with.Decide(send)), IsEmpty());
}

}  // namespace
}  // namespace seinpost::policies
