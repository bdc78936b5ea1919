// SPDX-License-Identifier: EUPL-1.2
// The shipped example convenant, its lab and a valid request, as a starting point that tests bend.
#ifndef SEINPOST_TESTS_POLICIES_EXAMPLE_H_
#define SEINPOST_TESTS_POLICIES_EXAMPLE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "policies/questions/lab_file.h"
#include "policies/questions/questions.h"
#include "util/secure_file.h"

namespace seinpost::policies {

inline constexpr char kExample[] = "tests/testing/convenants/plaats.yaml";
inline constexpr char kWardOfficer[] = "politie/wijkagent";
inline constexpr char kTeamMember[] = "wijkteam/medewerker";
inline constexpr char kYouthWorker[] = "jongerenwerk/jongerenwerker";
inline constexpr char kCareCoordinator[] = "school/zorgcoordinator";

inline std::string FileText(const std::string& path) {
  absl::StatusOr<Bytes> text = ReadFile(path, 1 << 20);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.ok() ? *std::move(text) : "";
}

inline MemberId Member(absl::string_view text) { return *ParseMemberId(text); }

inline std::vector<MemberId> Members(const std::vector<std::string>& texts) {
  std::vector<MemberId> members;
  members.reserve(texts.size());
  for (const std::string& text : texts) members.push_back(Member(text));
  return members;
}

// `send` as the broker keeps it, for as long as `kept`.
inline OriginalFacts Stored(const SendRequest& send, absl::Duration kept) {
  OriginalFacts original;
  original.kind = send.kind;
  original.sender = send.sender;
  original.channel = send.channel;
  original.category = send.category;
  original.purpose = send.purpose;
  original.level = send.level;
  original.created = send.created;
  for (const PartRequest& part : send.parts)
    original.parts.push_back({part.kind, send.created + kept, part.recipients, part.kept});
  return original;
}

// The example convenant with everyone of its lab enrolled, at noon of a school day.
struct Example {
  explicit Example(const std::string& yaml = FileText(kExample))
      : convenant(*Convenant::Parse(yaml, "plaats.yaml")),
        lab(*ParseLabFile(FileText("tests/testing/convenants/plaats.lab.yaml"), "plaats.lab.yaml",
                          convenant)),
        facts(LabFacts(convenant, lab)) {}

  Convenant convenant;
  LabFile lab;
  Facts facts;
  absl::Time now = absl::FromCivil(absl::CivilHour(2026, 3, 2, 12), absl::UTCTimeZone());

  MemberFacts& At(absl::string_view member) { return facts.members[Member(member)]; }

  // The example with `from` replaced by `to`, once.
  static Example With(const std::string& from, const std::string& to) {
    std::string yaml = FileText(kExample);
    const size_t at = yaml.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return Example(yaml.replace(at, from.size(), to));
  }

  static PartRequest Part(PartKind kind, const std::vector<std::string>& members) {
    PartRequest part;
    part.kind = kind;
    part.recipients = Members(members);
    return part;
  }

  // An allowed request at `level` from the school to `to`, in direct@school-a.
  SendRequest Send(Level level, const std::vector<std::string>& to) const {
    SendRequest send;
    send.sender = Member("school/zorgcoordinator");
    send.convenant_id = convenant.id();
    send.convenant_version = convenant.version();
    send.channel = level == Level::kL0 ? "theme" : "direct@school-a";
    send.category = "wapen";
    send.purpose = "dreiging";
    send.level = level;
    send.informed = level == Level::kL2 ? Informed::kYes : Informed::kNotStated;
    send.has_case_ref = level != Level::kL0;
    send.created = now;
    send.parts.push_back(Part(PartKind::kNarrative, to));
    return send;
  }

  // ... with an identity part for the same members, justified.
  SendRequest Named(const std::vector<std::string>& to) const {
    SendRequest send = Send(Level::kL2, to);
    send.parts.push_back(Part(PartKind::kIdentity, to));
    PartRequest justification = Part(PartKind::kJustification, {});
    justification.recipients = JustificationOfficers(send.sender, facts, now);
    justification.justifies = to;
    send.parts.push_back(justification);
    return send;
  }

  // Seals: every device of every member chosen, in the channel's retention class.
  SendRequest Sealed(SendRequest send) const {
    const Channel& channel = *convenant.FindChannel(send.channel);
    send.sealed = true;
    for (PartRequest& part : send.parts) {
      const std::string* name = channel.RetentionClass(part.kind, send.level);
      part.retention_class = name == nullptr ? "" : *name;
      for (const MemberId& member : part.recipients) {
        const std::optional<Tie> tie = IsNamed(part) ? TieOf(send, member, facts, now) : std::nullopt;
        if (tie.has_value() && member != send.sender) part.ties[ToString(member)] = *tie;
      }
      std::set<MemberId> members(part.recipients.begin(), part.recipients.end());
      members.insert(send.sender);
      for (const MemberId& member : members) {
        for (const DeviceFacts& device : facts.members.at(member).devices) part.devices.push_back(device.id);
      }
    }
    return send;
  }

  Decision Decide(const SendRequest& send) const { return DecideSend(send, facts, now); }

  // Facts::original, read by `reader`. A part that it has not is asked for as a text.
  OpenRequest Ask(const char* reader, size_t part) const {
    OpenRequest open;
    open.reader = Member(reader);
    open.part_index = part;
    if (part < facts.original->parts.size()) open.part = facts.original->parts[part].kind;
    return open;
  }
  Decision Open(const char* reader, size_t part) const { return DecideOpen(Ask(reader, part), facts, now); }
};

// The first reason, or an empty one where a rule failed to speak.
inline Reason First(const Decision& decision) {
  return decision.reasons.empty() ? Reason{.rule = "none"} : decision.reasons.front();
}

// "CODE rule recipient" of each reason, so that a test sees the whole answer.
inline std::vector<std::string> Told(const Decision& decision) {
  std::vector<std::string> told;
  for (const Reason& reason : decision.reasons) {
    std::string line = std::string(ToString(reason.code)) + " " + reason.rule;
    if (!reason.recipient.empty()) line += " " + reason.recipient;
    told.push_back(line);
  }
  return told;
}

}  // namespace seinpost::policies

#endif  // SEINPOST_TESTS_POLICIES_EXAMPLE_H_
