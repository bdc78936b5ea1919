// SPDX-License-Identifier: EUPL-1.2
#include "audit/event.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/audit/audit_testing.h"

namespace seinpost::audit {
namespace {

// Stored in every log: the numbers may never change.
TEST(EventType, NumbersAndNamesAreStable) {
  const std::vector<std::string> names = {"SUBMIT",
                                          "DECISION_ALLOW",
                                          "DECISION_DENY",
                                          "DELIVER",
                                          "READ",
                                          "KEY_RELEASED",
                                          "ALERT_RAISED",
                                          "ALERT_ACKED",
                                          "ALERT_ESCALATED",
                                          "ALERT_STOOD_DOWN",
                                          "ACTION_CREATED",
                                          "ACTION_UPDATED",
                                          "ACTION_OVERDUE",
                                          "CASE_OPENED",
                                          "CASE_TRANSFER_REQUESTED",
                                          "CASE_TRANSFERRED",
                                          "CASE_CLOSED",
                                          "REPORT_SENT",
                                          "REPORT_RECEIVED",
                                          "MATCH_NOTICE",
                                          "MANDATE_GRANTED",
                                          "MANDATE_ENDED",
                                          "CONVENANT_ACTIVATED",
                                          "BRIDGE_ACTIVATED",
                                          "WITHDRAWN",
                                          "EXPIRED",
                                          "BREACH_REPORTED",
                                          "AUDIT_QUERY",
                                          "DIRECTORY",
                                          "REDACTED"};
  for (size_t i = 0; i < names.size(); ++i) {
    const auto type = static_cast<EventType>(i + 1);
    EXPECT_EQ(EventTypeName(type), names[i]);
    EXPECT_EQ(EventTypeFromName(names[i]), type);
  }
  EXPECT_EQ(EventTypeName(static_cast<EventType>(999)), "EVENT_999");
  EXPECT_EQ(EventTypeFromName("EVENT_999"), std::nullopt);
}

TEST(Tag, NamesAreUniqueAndLeadBack) {
  std::set<std::string> names;
  for (int number = 0; number < 100; ++number) {
    const auto tag = static_cast<Tag>(number);
    if (!KindOf(tag).has_value()) {
      EXPECT_EQ(TagFromName(TagName(tag)), std::nullopt);
      continue;
    }
    EXPECT_TRUE(names.insert(TagName(tag)).second);
    EXPECT_EQ(TagFromName(TagName(tag)), tag);
  }
  EXPECT_EQ(names.size(), 35u);
  EXPECT_EQ(TagName(static_cast<Tag>(500)), "field_500");
}

TEST(Event, GivesBackWhatWasSet) {
  const Event event = TestEvent();
  ASSERT_TRUE(event.Check().ok());
  EXPECT_EQ(event.Type(), EventType::kSubmit);
  EXPECT_EQ(event.Time(), absl::FromUnixSeconds(1795000000));
  EXPECT_EQ(event.Number(Tag::kConvenantVersion), 1u);
  EXPECT_EQ(event.Text(Tag::kPurpose), "prevention");
  EXPECT_EQ(event.Texts(Tag::kRules), (std::vector<std::string>{"R4", "R10"}));
  ASSERT_EQ(event.Recipients()->size(), 2u);
  EXPECT_EQ(event.Recipients()->at(1), (RecipientVerdict{Bytes(16, 'q'), 0, false, "LEVEL_EXCEEDED"}));
  EXPECT_EQ(event.Text(Tag::kTraceId), std::nullopt);
  EXPECT_EQ(event.Number(Tag::kPurpose), std::nullopt);
  EXPECT_EQ(Event::FromFields(event.fields()).value(), event);
}

TEST(Event, FieldsAreSortedAndSettingReplaces) {
  Event event;
  event.SetText(Tag::kPurpose, "a").SetNumber(Tag::kTime, 1).SetText(Tag::kPurpose, "b");
  ASSERT_EQ(event.fields().size(), 2u);
  EXPECT_EQ(event.fields()[0].tag, Tag::kTime);
  EXPECT_EQ(event.Text(Tag::kPurpose), "b");
  event.SetTime(absl::InfinitePast());
  EXPECT_EQ(event.Time(), absl::UnixEpoch());
}

TEST(Event, KeepsFieldsOfALaterVersion) {
  const Event event = Event::FromFields({{static_cast<Tag>(900), "anything"}}).value();
  EXPECT_EQ(*event.Find(static_cast<Tag>(900)), "anything");
}

struct BadEvent {
  std::string name;
  std::vector<Field> fields;
};
class BadEventTest : public testing::TestWithParam<BadEvent> {};

TEST_P(BadEventTest, IsRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(Event::FromFields(GetParam().fields).status()));
}

std::vector<Field> ManyFields(size_t count) {
  std::vector<Field> fields;
  for (size_t i = 0; i < count; ++i) fields.push_back({static_cast<Tag>(1000 + i), "v"});
  return fields;
}

INSTANTIATE_TEST_SUITE_P(
    All, BadEventTest,
    testing::Values(BadEvent{"OutOfOrder", {{Tag::kPurpose, "a"}, {Tag::kTime, U64(1)}}},
                    BadEvent{"Twice", {{Tag::kPurpose, "a"}, {Tag::kPurpose, "b"}}},
                    BadEvent{"ShortNumber", {{Tag::kTime, U32(1)}}},
                    BadEvent{"LateTime", {{Tag::kTime, U64(253402300800)}}},
                    BadEvent{"LongText", {{Tag::kPurpose, Bytes(kMaxTextBytes + 1, 'x')}}},
                    BadEvent{"WrongHashSize", {{Tag::kRequestHash, Bytes(31, 'x')}}},
                    BadEvent{"TextsCutShort", {{Tag::kRules, U16(2) + Lp("R1")}}},
                    BadEvent{"TextsTooLong", {{Tag::kRules, U16(1) + Lp("R1") + "x"}}},
                    BadEvent{"TooManyTexts", {{Tag::kRules, U16(kMaxTexts + 1)}}},
                    BadEvent{"RecipientNeitherAllowedNorNot",
                             {{Tag::kRecipients, U16(1) + Lp("m") + U8(0) + U8(2) + Lp("")}}},
                    BadEvent{"RecipientsCutShort", {{Tag::kRecipients, U16(1) + Lp("m") + U8(0)}}},
                    BadEvent{"TooManyRecipients", {{Tag::kRecipients, U16(kMaxRecipients + 1)}}},
                    BadEvent{"HugeUnknownField", {{static_cast<Tag>(900), Bytes(kMaxValueBytes + 1, 'x')}}},
                    BadEvent{"TooManyFields", ManyFields(kMaxFields + 1)}),
    [](const auto& test) { return test.param.name; });

TEST(Event, TheMostFieldsAreAccepted) { EXPECT_TRUE(Event::FromFields(ManyFields(kMaxFields)).ok()); }

}  // namespace
}  // namespace seinpost::audit
