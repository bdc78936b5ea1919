// SPDX-License-Identifier: EUPL-1.2
#include "policies/analysis/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/policies/example.h"
#include "tests/policies/small.h"

namespace seinpost::policies {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// "case school>police: L1 text" for each pair of kinds in different organisations and item of a row.
std::set<std::string> Expand(const Matrix& matrix, const std::string& channel) {
  std::set<std::string> lines;
  for (const MatrixRow& row : matrix.rows) {
    if (row.channels != std::vector<std::string>{channel}) {
      if (std::find(row.channels.begin(), row.channels.end(), channel) == row.channels.end()) continue;
    }
    for (const Someone& from : row.from) {
      for (const Someone& to : row.to) {
        if (to.place == Standing::kOwn) continue;
        for (const Item item : row.items) {
          lines.insert(absl::StrCat(from.kind, "/", from.function, ">", to.kind, "/", to.function, ": ",
                                    TraitsOf(item).name));
        }
      }
    }
  }
  return lines;
}

std::set<std::string> Lines(const std::vector<std::string>& pairs, const std::vector<std::string>& items) {
  std::set<std::string> lines;
  for (const std::string& pair : pairs) {
    for (const std::string& item : items) lines.insert(absl::StrCat(pair, ": ", item));
  }
  return lines;
}

std::vector<std::string> Pairs(const std::vector<std::string>& people) {
  std::vector<std::string> pairs;
  for (const std::string& from : people) {
    for (const std::string& to : people) pairs.push_back(absl::StrCat(from, ">", to));
  }
  return pairs;
}

// By hand: in core everyone of school and police sends text up to L1 to everyone; whoever sends at L1 may
// keep an identity. A source stays at home, and nothing named travels here.
TEST(Matrix, OfASmallChannelIsTheOneByHand) {
  const Matrix matrix = MatrixOf(Small());
  EXPECT_EQ(Expand(matrix, "core"),
            Lines(Pairs({"school/director", "school/concierge", "police/ward_officer"}),
                  {"L0 text", "L1 text", "L1 kept identity"}));
}

// By hand: at L0 all tell all; the chair of theme is the municipality, which alone contributes.
TEST(Matrix, OfAThemeIsTheOneByHand) {
  const std::vector<std::string> people = {"school/director", "school/concierge", "police/ward_officer",
                                           "municipality/coordinator", "school_board/board_member"};
  std::set<std::string> expected;
  for (const std::string& from : people) {
    for (const std::string& to : people) {
      expected.insert(absl::StrCat(from, ">", to, ": L0 text"));
      if (from == "municipality/coordinator")
        expected.insert(absl::StrCat(from, ">", to, ": L0 contribution"));
    }
  }
  EXPECT_EQ(Expand(MatrixOf(Small()), "theme"), expected);
}

std::set<std::string> NeedsOf(const Matrix& matrix, const std::string& channel, const std::string& from,
                              const std::string& to, Item item, const std::string& purpose,
                              const std::string& category) {
  std::set<std::string> needs;
  for (const MatrixRow* row : matrix.Allows(channel, from, "", to, "", item)) {
    const auto has = [](const std::vector<std::string>& words, const std::string& word) {
      return std::find(words.begin(), words.end(), word) != words.end();
    };
    if (!has(row->purposes, purpose) || !has(row->categories, category)) continue;
    needs.insert(absl::StrJoin(NeedNames(row->needs), " "));
  }
  return needs;
}

TEST(Matrix, TellsWhatEachShareNeeds) {
  const Matrix matrix = MatrixOf(Small());
  const auto needs = [&](const char* from, const char* to, Item item, const char* purpose,
                         const char* category) {
    return NeedsOf(matrix, "case", from, to, item, purpose, category);
  };
  EXPECT_THAT(needs("school", "police", Item::kCaseText, "veiligheid", "wapen"), ElementsAre(""));
  EXPECT_THAT(needs("school", "police", Item::kNamedText, "veiligheid", "wapen"), ElementsAre("informed"));
  EXPECT_THAT(needs("school", "police", Item::kIdentity, "veiligheid", "wapen"),
              ElementsAre("justification informed tie-school"));
  // Competent for this purpose, so no place is needed.
  EXPECT_THAT(needs("school", "police", Item::kIdentity, "gevaar", "wapen"),
              ElementsAre("justification informed competence"));
  // Care to the police: in acute danger only.
  EXPECT_THAT(needs("school", "police", Item::kCare, "gevaar", "overlast"),
              ElementsAre("justification informed competence acute-danger"));
  EXPECT_THAT(needs("school", "police", Item::kCare, "veiligheid", "overlast"), IsEmpty());
  // A picture of a crime to whom may have criminal details; enforcement may not.
  EXPECT_THAT(needs("school", "police", Item::kAttachment, "veiligheid", "wapen"), Not(IsEmpty()));
  EXPECT_THAT(needs("school", "enforcement", Item::kAttachment, "veiligheid", "wapen"), IsEmpty());
  // A tied ceiling takes a role, of whichever side it is.
  EXPECT_THAT(needs("school", "enforcement", Item::kIdentity, "veiligheid", "overlast"),
              ElementsAre("justification informed recipient-role"));
  EXPECT_THAT(needs("enforcement", "police", Item::kIdentity, "veiligheid", "overlast"),
              ElementsAre("justification informed sender-role tie-school"));
  EXPECT_THAT(needs("school", "police", Item::kAlertIdentity, "veiligheid", "overlast"),
              ElementsAre("emergency-call"));
  EXPECT_THAT(needs("school", "enforcement", Item::kAlertIdentity, "veiligheid", "overlast"), IsEmpty());
  EXPECT_THAT(needs("police", "school", Item::kAlertText, "veiligheid", "overlast"), IsEmpty());
}

TEST(Matrix, SourcesStayInTheOrganisation) {
  for (const MatrixRow& row : MatrixOf(Small()).rows) {
    if (std::find(row.items.begin(), row.items.end(), Item::kNamedSource) == row.items.end()) continue;
    for (const Someone& to : row.to) EXPECT_EQ(to.place, Standing::kOwn);
  }
}

TEST(Matrix, PassingOnReachesNobodyOutsideTheFirstChannel) {
  const Matrix matrix = MatrixOf(Small());
  EXPECT_FALSE(matrix.onward.empty());
  for (const OnwardRow& row : matrix.onward) {
    // What the police send stops with whom they sent it to.
    if (row.from == "police") {
      EXPECT_THAT(row.onward, IsEmpty()) << row.channel;
    }
    if (row.channel == "core") {
      EXPECT_THAT(row.onward, Not(Contains("enforcement")));
    }
  }
}

// What is passed on is a new signal, but leads no further than the first: what the school said in core does
// not come over the municipality to enforcement, which sits in case only.
TEST(Matrix, PassingOnTwiceAddsNobody) {
  const Convenant convenant = Small(
      {{"  municipality:\n    ceiling: L0\n    functions: {coordinator: L0}",
        "  municipality:\n    ceiling: L1\n    functions: {coordinator: L1}"},
       {"members: [school, police, enforcement]", "members: [school, municipality, enforcement]"},
       {"members: [school, police]\n    ceiling: L1", "members: [school, municipality]\n    ceiling: L1"},
       {"{kind: police, function: ward_officer, within: 5 minutes}",
        "{kind: municipality, within: 5 minutes}"},
       {"    identity_to: [police]\n    justify_within: 24 hours\n", ""}});
  bool found = false;
  for (const OnwardRow& row : MatrixOf(convenant).onward) {
    if (row.channel != "core" || row.from != "school" || row.level != Level::kL1) continue;
    found = true;
    EXPECT_THAT(row.direct, ElementsAre("municipality"));
    EXPECT_THAT(row.onward, IsEmpty());
  }
  EXPECT_TRUE(found);
}

TEST(Matrix, RevealNamesWhoKeepsAsksAndApproves) {
  const Matrix matrix = MatrixOf(Small());
  ASSERT_EQ(matrix.reveals.size(), 1u);
  EXPECT_EQ(matrix.reveals[0].channel, "core");
  EXPECT_THAT(matrix.reveals[0].keepers, ElementsAre("police", "school"));
  EXPECT_THAT(matrix.reveals[0].askers, ElementsAre("police"));
  EXPECT_THAT(matrix.reveals[0].purposes, ElementsAre("gevaar"));
  EXPECT_THAT(matrix.reveals[0].groups,
              ElementsAre("eigen: privacy_officer @ sender", "gemeente: privacy_officer @ gemeente"));
}

// Both sides of a bridge, of which only the ids differ.
std::string Bridged(const std::string& id, const std::string& other) {
  std::string yaml = SmallWith({{"  id: klein\n", absl::StrCat("  id: ", id, "\n")}});
  absl::StrAppend(
      &yaml, "bridges:\n  buur:\n    convenant: ", other,
      "\n    ceiling: L1\n    purposes: [veiligheid]\n    kinds: [police]\n    their_kinds: [police]\n"
      "    channels: [case]\n    from: 2026-02-01\n    until: 2026-12-31\n");
  return yaml;
}

TEST(Matrix, BridgesAreAskedAboutWithTheOtherSideOnly) {
  const Convenant ours = *Convenant::Parse(Bridged("klein", "buren"), "klein.yaml");
  const Convenant theirs = *Convenant::Parse(Bridged("buren", "klein"), "buren.yaml");
  const Matrix alone = MatrixOf(ours);
  EXPECT_THAT(alone.unasked_bridges, ElementsAre("buur (buren)"));
  const Matrix both = MatrixOf(ours, {&theirs});
  EXPECT_THAT(both.unasked_bridges, IsEmpty());
  std::set<std::string> across;
  for (const MatrixRow& row : both.rows) {
    for (const Someone& to : row.to) {
      if (to.convenant.empty() ||
          std::find(row.items.begin(), row.items.end(), Item::kCaseText) == row.items.end())
        continue;
      for (const Someone& from : row.from) {
        across.insert(absl::StrCat(absl::StrJoin(row.channels, ","), " ", from.kind, ">", to.kind, "@",
                                   to.convenant, " ", absl::StrJoin(row.purposes, ","), " ",
                                   absl::StrJoin(NeedNames(row.needs), ",")));
      }
    }
  }
  EXPECT_THAT(across, ElementsAre("case police>police@buren veiligheid bridge"));
}

TEST(Matrix, IsTheSameEveryTime) {
  const Convenant small = Small();
  EXPECT_EQ(MatrixCsv(MatrixOf(small)), MatrixCsv(MatrixOf(small)));
}

TEST(Matrix, HtmlEscapesTitlesAndHasNoScript) {
  const Convenant convenant =
      Small({{"  title: Klein\n", "  title: \"<script>alert('x')</script> & zo\"\n"}});
  const std::string html = MatrixHtml(MatrixOf(convenant), Language::kDutch);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; zo"));
  EXPECT_THAT(html, HasSubstr("<th>mits</th>"));
  EXPECT_EQ(html.find("http://"), std::string::npos);
}

TEST(Matrix, CsvHasOneRecordPerRow) {
  const Matrix matrix = MatrixOf(Small());
  const std::string csv = MatrixCsv(matrix);
  EXPECT_EQ(static_cast<size_t>(std::count(csv.begin(), csv.end(), '\n')), matrix.rows.size() + 1);
  EXPECT_THAT(csv, HasSubstr("channels,from,to,items,purposes,categories,needs\n"));
}

TEST(Matrix, ProgressGoesUpToTheEnd) {
  size_t last = 0, all = 0;
  MatrixOf(Small(), {}, [&](size_t done, size_t total) {
    EXPECT_EQ(done, last + 1);
    last = done;
    all = total;
  });
  EXPECT_GT(all, 5u);
  EXPECT_EQ(last, all);
}

}  // namespace
}  // namespace seinpost::policies
