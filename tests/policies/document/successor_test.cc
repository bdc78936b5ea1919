// SPDX-License-Identifier: EUPL-1.2
// InstantiateSuccessor: version n+1 out of an edited file.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "policies/document/draft.h"
#include "tests/policies/example.h"

namespace seinpost::policies {
namespace {

using testing::HasSubstr;

Bytes Key(char byte) { return std::string(32, byte); }

// Version 1 with keys, and what version 2 takes over from it.
struct VersionOne {
  VersionOne() {
    DraftKeys keys;
    char next = 1;
    const std::vector<std::string> parties = *SignatoryParties(example, "x");
    for (const std::string& party : parties) keys.party_roots[party] = Key(next++);
    keys.broker_key = Key('b');
    keys.log_key = Key('l');
    yaml = *Instantiate(example, "x", keys);
    parsed.emplace(*Convenant::Parse(yaml, "x"));
    successor.previous_hash = Key('h');
    successor.trust = *parsed->trust();
  }
  const Convenant& convenant() const { return *parsed; }
  absl::StatusOr<std::string> Next(const std::string& edited) const {
    return InstantiateSuccessor(edited, "next.yaml", convenant(), successor);
  }
  std::string Error(const std::string& edited) const { return std::string(Next(edited).status().message()); }

  std::string example = FileText(kExample);
  std::string yaml;
  std::optional<Convenant> parsed;
  SuccessorKeys successor;
};

std::string With(const std::string& text, const std::string& from, const std::string& to) {
  EXPECT_NE(text.find(from), std::string::npos) << from;
  return absl::StrReplaceAll(text, {{from, to}});
}

const char kHead[] = "  version: 1                 # een nieuwe";

TEST(Successor, CopyOfVersionBeforeGetsVersionAndLink) {
  const VersionOne first;
  const std::string edited = With(first.yaml, "max_recipients: 6", "max_recipients: 5");
  const auto next = first.Next(edited);
  ASSERT_TRUE(next.ok()) << next.status();
  const Convenant convenant = *Convenant::Parse(*next, "x");
  EXPECT_EQ(convenant.version(), 2u);
  EXPECT_EQ(*convenant.previous(), Key('h'));
  EXPECT_EQ(convenant.max_recipients(), 5u);
  for (const auto& [id, party] : first.convenant().parties()) {
    EXPECT_EQ(convenant.FindParty(id)->root, party.root) << id;
  }
  EXPECT_EQ(convenant.trust()->log_key, Key('l'));
  // Nothing else changed: without the link and with the old number it is the edited text again.
  const std::string link = absl::StrCat("  previous: ", ToHex(Key('h')), "\n");
  EXPECT_TRUE(With(With(*next, link, ""), "  version: 2 ", "  version: 1 ") == edited);
}

TEST(Successor, ThirdVersionOutOfTheSecond) {
  VersionOne first;
  const std::string second = *first.Next(first.yaml);
  first.parsed.emplace(*Convenant::Parse(second, "x"));
  first.successor.previous_hash = Key('i');
  const auto third = first.Next(second);
  ASSERT_TRUE(third.ok()) << third.status();
  EXPECT_TRUE(*third ==
              With(With(second, ToHex(Key('h')), ToHex(Key('i'))), "  version: 2 ", "  version: 3 "));
}

TEST(Successor, EditedExampleGetsKeysAndTrustOfTheVersionBefore) {
  VersionOne first;
  first.successor.trust.log_key = Key('m');
  first.successor.trust.witnesses = {{"getuige", Key('w'), {}}};
  first.successor.trust.witness_quorum = 1;
  first.successor.trust.change_quorum = 3;
  const auto next = first.Next(first.example);
  ASSERT_TRUE(next.ok()) << next.status();
  const Convenant convenant = *Convenant::Parse(*next, "x");
  EXPECT_EQ(convenant.version(), 2u);
  EXPECT_TRUE(convenant.HasKeys());
  EXPECT_EQ(convenant.FindParty("politie")->root, first.convenant().FindParty("politie")->root);
  EXPECT_EQ(convenant.trust()->broker_key, Key('b'));
  EXPECT_EQ(convenant.trust()->log_key, Key('m'));
  ASSERT_EQ(convenant.trust()->witnesses.size(), 1u);
  EXPECT_EQ(convenant.trust()->witnesses[0].key, Key('w'));
  EXPECT_EQ(convenant.trust()->witness_quorum, 1u);
  EXPECT_EQ(convenant.trust()->change_quorum, 3u);
}

TEST(Successor, StatesTheLogKeyInForce) {
  VersionOne first;
  first.successor.trust.log_key = Key('m');
  const auto next = first.Next(first.yaml);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(Convenant::Parse(*next, "x")->trust()->log_key, Key('m'));
}

TEST(Successor, OldWitnessesDoNotComeBackUnnoticed) {
  VersionOne first;
  first.successor.trust.witnesses = {{"getuige", Key('w'), {}}};
  EXPECT_THAT(first.Error(first.yaml), HasSubstr("which a trust update has replaced"));
  // Others than either are somebody's wish.
  const std::string edited =
      first.yaml + "  witnesses: {ander: " + ToHex(Key('x')) + "}\n  witness_quorum: 1\n";
  const auto next = first.Next(edited);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(Convenant::Parse(*next, "x")->trust()->witnesses[0].name, "ander");
}

TEST(Successor, NumberInTheEditedTextMatters) {
  const VersionOne first;
  for (const char* number : {"1", "2", "9"}) {
    const std::string edited = With(first.yaml, kHead, absl::StrCat("  version: ", number, "  # een nieuwe"));
    const auto next = first.Next(edited);
    ASSERT_TRUE(next.ok()) << number << " " << next.status();
    EXPECT_EQ(Convenant::Parse(*next, "x")->version(), 2u);
  }
}

constexpr char kNewParty[] = "  leerplicht2:\n    title: Leerplicht\n    kind: attendance\n";

TEST(Successor, NewPartyBringsItsKey) {
  VersionOne first;
  const std::string edited =
      With(first.yaml, "\n# Waarvoor gedeeld", absl::StrCat(kNewParty, "\n# Waarvoor gedeeld"));
  EXPECT_THAT(first.Error(edited), HasSubstr("no root key for the new party \"leerplicht2\""));
  first.successor.party_roots["leerplicht2"] = Key('n');
  const auto next = first.Next(edited);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(*Convenant::Parse(*next, "x")->FindParty("leerplicht2")->root, Key('n'));
}

TEST(Successor, KeyChangesOnlyWhereItIsGiven) {
  VersionOne first;
  const std::string old_key = ToHex(*first.convenant().FindParty("politie")->root);
  const std::string by_hand = With(first.yaml, old_key, ToHex(Key('n')));
  EXPECT_THAT(
      first.Error(by_hand),
      HasSubstr("party \"politie\" states a root key that is neither that of version 1 nor a given one"));
  first.successor.party_roots["politie"] = Key('n');
  for (const std::string& edited : {first.yaml, by_hand, first.example}) {
    const auto next = first.Next(edited);
    ASSERT_TRUE(next.ok()) << next.status();
    EXPECT_EQ(*Convenant::Parse(*next, "x")->FindParty("politie")->root, Key('n'));
  }
}

TEST(Successor, PartyLeaves) {
  const VersionOne first;
  const std::string halt =
      absl::StrCat("  halt:\n    root: ", ToHex(*first.convenant().FindParty("halt")->root),
                   "\n    title: Halt\n    kind: halt\n");
  const auto next = first.Next(With(first.yaml, halt, ""));
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_EQ(Convenant::Parse(*next, "x")->FindParty("halt"), nullptr);
}

TEST(Successor, RefusesWhatDoesNotFit) {
  const VersionOne good;
  EXPECT_THAT(good.Error(With(good.yaml, "  id: plaats\n", "  id: elders\n")),
              HasSubstr("\"elders\" is another convenant than \"plaats\""));
  EXPECT_THAT(good.Error("a: 1\n"), HasSubstr("\"convenant.version\" is missing"));
  EXPECT_THAT(good.Error("a: [\n"), HasSubstr("next.yaml:"));
  EXPECT_THAT(good.Error(With(good.yaml, kHead, "  version: \"1\" # een nieuwe")),
              HasSubstr("without quotes"));
  EXPECT_THAT(good.Error("convenant: {id: a, version: 1}\n"), HasSubstr("written in one line"));
  // Mistakes are told with the lines of the text that was given.
  const std::string typo = With(good.yaml, "max_recipients: 6", "max_recipient: 6");
  const auto line =
      std::count(typo.begin(), typo.begin() + static_cast<std::ptrdiff_t>(typo.find("max_recipient:")),
                 '\n') +
      1;
  EXPECT_THAT(good.Error(typo), HasSubstr(absl::StrCat("next.yaml:", line, ":")));

  VersionOne first;
  first.successor.previous_hash = "short";
  EXPECT_THAT(first.Error(first.yaml), HasSubstr("hash of the previous version"));
  first = VersionOne();
  first.successor.party_roots["school"] = Key('n');
  EXPECT_THAT(first.Error(first.yaml), HasSubstr("\"school\" does not sign this convenant for itself"));
  first = VersionOne();
  first.successor.party_roots["politie"] = "short";
  EXPECT_THAT(first.Error(first.yaml), HasSubstr("root key of politie"));
  first = VersionOne();
  first.successor.party_roots["politie"] = *first.convenant().FindParty("gemeente")->root;
  EXPECT_THAT(first.Error(first.yaml), HasSubstr("the same root key"));
  first = VersionOne();
  first.successor.trust.log_key = "short";
  EXPECT_THAT(first.Error(first.yaml), HasSubstr("log_key"));
}

// A second version that holds every key there is.
struct Complete {
  Complete()
      : yaml(FileText("tests/testing/convenants/volledig.yaml")), parsed(*Convenant::Parse(yaml, "x")) {
    keys.previous_hash = Key('h');
    keys.trust = *parsed.trust();
  }
  absl::StatusOr<std::string> Next(const std::string& edited) const {
    return InstantiateSuccessor(edited, "next.yaml", parsed, keys);
  }
  std::string yaml;
  Convenant parsed;
  SuccessorKeys keys;
};

TEST(Successor, OfACompleteConvenantChangesNothingElse) {
  const Complete complete;
  const auto next = complete.Next(complete.yaml);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_TRUE(*next == With(With(complete.yaml, std::string(64, '1'), ToHex(Key('h'))), "version: 2\n",
                            "version: 3\n"));
}

TEST(Successor, CarriesTheWholeTrustSectionOver) {
  Complete complete;
  complete.keys.trust.witness_alarm_after = absl::Minutes(90);
  complete.keys.trust.witness_stop_after = absl::Hours(36);
  const auto next = complete.Next(complete.yaml.substr(0, complete.yaml.find("\ntrust:")));
  ASSERT_TRUE(next.ok()) << next.status();
  const Trust trust = *Convenant::Parse(*next, "x")->trust();
  EXPECT_EQ(trust.voprf_broker_key, complete.keys.trust.voprf_broker_key);
  EXPECT_EQ(trust.voprf_steward_key, complete.keys.trust.voprf_steward_key);
  EXPECT_EQ(trust.witnesses.size(), 2u);
  EXPECT_EQ(trust.witness_quorum, 2u);
  EXPECT_EQ(trust.change_quorum, 3u);
  EXPECT_EQ(trust.witness_alarm_after, absl::Minutes(90));
  EXPECT_EQ(trust.witness_stop_after, absl::Hours(36))
      << "a shorter wait must not fall back to the usual one";
}

}  // namespace
}  // namespace seinpost::policies
