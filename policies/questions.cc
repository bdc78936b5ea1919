// SPDX-License-Identifier: EUPL-1.2
#include "policies/questions.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policies/fields.h"
#include "policies/yaml_tree.h"

namespace seinpost::policies {
namespace {

constexpr size_t kMaxExpectBytes = 1024 * 1024;

struct Question {
  std::string name;
  int line = 0;
  bool open = false;
  SendRequest send;                       // the send asked about, or the one that is opened
  OpenRequest read;                       // with `open`
  std::optional<OriginalFacts> original;  // forwarded or opened
  absl::Duration later;
  bool allow = false;
  std::set<std::string> codes;
  bool instead = false;
};

class QuestionParser {
 public:
  QuestionParser(absl::string_view filename, const Facts& facts, absl::Time now)
      : problems_(filename), facts_(facts), now_(now) {}

  absl::StatusOr<std::vector<Question>> Parse(absl::string_view yaml) {
    const YamlNode root = ParseYaml(yaml, kMaxExpectBytes, problems_);
    if (problems_.empty()) ReadFile(Fields(root, {1, 1, ""}, problems_));
    if (!problems_.empty()) return absl::InvalidArgumentError(problems_.Join());
    return std::move(questions_);
  }

 private:
  void ReadFile(Fields file) {
    const std::string id = file.Word("expect", Need::kRequired);
    if (!id.empty() && id != facts_.convenant->id()) {
      file.Complain(file.At("expect"), absl::StrCat("these questions belong to the convenant \"", id, "\""));
    }
    const YamlNode::Entry* questions = file.Entry("questions", Need::kRequired);
    if (questions != nullptr &&
        (questions->value.kind != YamlNode::Kind::kList || questions->value.items.empty())) {
      file.Complain(questions->value, "\"questions\" must be a list, each question starting with a dash");
    } else if (questions != nullptr) {
      for (const YamlNode& item : questions->value.items) {
        ReadQuestion(Fields(item, {item.line, item.column, "question"}, problems_));
      }
    }
    file.Finish();
  }

  void ReadQuestion(Fields fields) {
    Question question;
    question.line = fields.at().line;
    question.name = fields.Text("name", Need::kRequired);
    const std::string ask = fields.Word("ask", Need::kRequired);
    if (ask == "send") {
      question.send = ReadSend(fields);
      if (const auto* forward = fields.Entry("forward", Need::kOptional)) {
        question.send.forwards = true;
        question.original = ReadOriginal(Fields(forward->value, fields.At("forward"), problems_));
      }
    } else if (ask == "open") {
      question.open = true;
      ReadOpen(question, fields);
    } else if (!ask.empty()) {
      fields.Complain(fields.At("ask"), "\"ask\" must be send or open");
    }
    ReadAnswer(question, fields);
    fields.Finish();
    questions_.push_back(std::move(question));
  }

  SendRequest ReadSend(Fields& fields) {
    SendRequest send;
    send.convenant_id = facts_.convenant->id();
    send.convenant_version = facts_.convenant->version();
    send.created = now_;
    send.sender = ReadMember(fields, "from");
    send.level = fields.Choice("level", Need::kRequired, &ParseLevel).value_or(Level::kL0);
    const YamlNode::Entry* channel = fields.Entry("channel", Need::kRequired);
    if (channel != nullptr) send.channel = channel->value.scalar;
    send.category = fields.Word("category", Need::kRequired);
    send.purpose = fields.Word("purpose", Need::kRequired);
    ReadInformed(send, fields);
    const bool case_stated = fields.Entry("case", Need::kOptional) != nullptr;
    send.has_case_ref = case_stated ? fields.Flag("case", Need::kOptional) : send.level != Level::kL0;
    send.has_match_tag = fields.Flag("match_tag", Need::kOptional);
    send.identifier_hits = fields.Words("identifier_hits", Need::kOptional);
    ReadPart(send, PartKind::kNarrative, "to", Need::kRequired, fields);
    ReadPart(send, PartKind::kIdentity, "identity_to", Need::kOptional, fields);
    ReadPart(send, PartKind::kCare, "care_to", Need::kOptional, fields);
    ReadPart(send, PartKind::kSource, "source_to", Need::kOptional, fields);
    ReadPart(send, PartKind::kAttachment, "attach_to", Need::kOptional, fields);
    ReadJustify(send, fields);
    if (fields.problems().empty()) {
      const absl::Status names = ValidateRequestNames(send, facts_);
      if (!names.ok()) fields.Complain(fields.at(), names.message());
    }
    return send;
  }

  MemberId ReadMember(Fields& fields, absl::string_view key) {
    const YamlNode::Entry* entry = fields.Entry(key, Need::kRequired);
    if (entry == nullptr) return {};
    absl::StatusOr<MemberId> member = ParseMemberId(entry->value.scalar);
    if (member.ok()) return *std::move(member);
    fields.Complain(entry->value, member.status().message());
    return {};
  }

  std::vector<MemberId> ReadMembers(Fields& fields, const YamlNode& list) {
    std::vector<MemberId> members;
    if (list.kind != YamlNode::Kind::kList)
      fields.Complain(list, "members are written as a list: [party/handle]");
    for (const YamlNode& item : list.items) {
      absl::StatusOr<MemberId> member = ParseMemberId(item.scalar);
      if (member.ok()) {
        members.push_back(*std::move(member));
      } else {
        fields.Complain(item, member.status().message());
      }
    }
    return members;
  }

  void ReadPart(SendRequest& send, PartKind kind, absl::string_view key, Need need, Fields& fields) {
    const YamlNode::Entry* entry = fields.Entry(key, need);
    if (entry == nullptr) return;
    PartRequest part;
    part.kind = kind;
    part.broadcast = entry->value.kind == YamlNode::Kind::kScalar && entry->value.scalar == "@channel";
    part.recipients = part.broadcast ? ChannelMembers(send.channel, send.level, send.sender, facts_, now_)
                                     : ReadMembers(fields, entry->value);
    send.parts.push_back(std::move(part));
  }

  void ReadInformed(SendRequest& send, Fields& fields) {
    const YamlNode::Entry* entry = fields.Entry("informed", Need::kOptional);
    if (entry == nullptr) return;
    const std::string& text = entry->value.scalar;
    if (text == "yes") {
      send.informed = Informed::kYes;
    } else if (text == "not-yet") {
      send.informed = Informed::kNotYet;
    } else if (text == "no" || text.rfind("no:", 0) == 0) {
      send.informed = Informed::kNo;
      if (text.size() > 3) send.informed_code = text.substr(3);
    } else {
      fields.Complain(entry->value, "\"informed\" must be yes, no:REASON or not-yet");
    }
  }

  void ReadJustify(SendRequest& send, Fields& fields) {
    const YamlNode::Entry* entry = fields.Entry("justify", Need::kOptional);
    if (entry == nullptr) return;
    if (entry->value.kind == YamlNode::Kind::kScalar) {
      if (entry->value.scalar != "all")
        fields.Complain(entry->value, "\"justify\" must be all or a list of members");
      send = Apply(send, {Change{.kind = Change::Kind::kAddJustification}}, facts_, now_);
      return;
    }
    PartRequest part;
    part.kind = PartKind::kJustification;
    part.recipients = JustificationOfficers(send.sender, facts_, now_);
    for (const MemberId& member : ReadMembers(fields, entry->value))
      part.justifies.push_back(ToString(member));
    send.parts.push_back(std::move(part));
  }

  OriginalFacts ReadOriginal(Fields fields) {
    const SendRequest send = ReadSend(fields);
    OriginalFacts original;
    original.withdrawn = fields.Flag("withdrawn", Need::kOptional);
    fields.Finish();
    original.sender = send.sender;
    original.channel = send.channel;
    original.category = send.category;
    original.purpose = send.purpose;
    original.level = send.level;
    original.created = now_;
    const Channel* channel = facts_.convenant->FindChannel(send.channel);
    for (const PartRequest& part : send.parts) {
      const std::string* name = channel == nullptr ? nullptr : channel->RetentionClass(part.kind, send.level);
      const RetentionClass* retention = name == nullptr ? nullptr : facts_.convenant->FindRetention(*name);
      const absl::Duration cap = retention == nullptr ? absl::ZeroDuration() : retention->cap;
      original.parts.push_back({part.kind, now_ + cap, part.recipients});
    }
    return original;
  }

  void ReadOpen(Question& question, Fields& fields) {
    question.read.reader = ReadMember(fields, "reader");
    question.read.purpose = fields.Word("purpose", Need::kOptional);
    question.read.part =
        fields.Choice("part", Need::kRequired, &ParsePartKind).value_or(PartKind::kNarrative);
    question.later = fields.Days("after", Need::kOptional).value_or(absl::ZeroDuration());
    const YamlNode::Entry* signal = fields.Entry("signal", Need::kRequired);
    if (signal == nullptr) return;
    question.original = ReadOriginal(Fields(signal->value, fields.At("signal"), problems_));
    const std::vector<OriginalFacts::Part>& parts = question.original->parts;
    const auto it = std::find_if(parts.begin(), parts.end(), [&](const OriginalFacts::Part& part) {
      return part.kind == question.read.part;
    });
    question.read.part_index = static_cast<size_t>(it - parts.begin());
  }

  void ReadAnswer(Question& question, Fields& fields) {
    const std::string expect = fields.Word("expect", Need::kRequired);
    question.allow = expect == "allow";
    if (!expect.empty() && expect != "allow" && expect != "deny") {
      fields.Complain(fields.At("expect"), "\"expect\" must be allow or deny");
    }
    question.instead = fields.Flag("instead", Need::kOptional);
    const YamlNode::Entry* codes =
        fields.Entry("codes", expect == "deny" ? Need::kRequired : Need::kOptional);
    if (codes == nullptr) return;
    if (question.allow) fields.Complain(codes->value, "an allowed question has no refusal codes");
    for (const YamlNode& item : codes->value.items) {
      const absl::StatusOr<RefusalCode> code = ParseRefusalCode(item.scalar);
      if (!code.ok()) fields.Complain(item, code.status().message());
      question.codes.insert(item.scalar);
    }
    if (question.codes.empty())
      fields.Complain(codes->value, "\"codes\" must list at least one refusal code");
  }

  Problems problems_;
  const Facts& facts_;
  const absl::Time now_;
  std::vector<Question> questions_;
};

QuestionResult Ask(const Question& question, const Facts& lab_facts, absl::Time now) {
  Facts facts = lab_facts;
  facts.original = question.original;
  QuestionResult result{.name = question.name, .line = question.line};
  if (question.open) {
    result.decision = DecideOpen(question.read, facts, now + question.later);
  } else {
    result.decision = DecideSend(question.send, facts, now);
    if (!result.decision.allowed) result.decision.instead = Alternatives(question.send, facts, now);
  }
  std::set<std::string> codes;
  for (const Reason& reason : result.decision.reasons) codes.emplace(ToString(reason.code));
  if (result.decision.allowed != question.allow) {
    result.detail = absl::StrCat("expected ", question.allow ? "allow" : "deny", "; ",
                                 result.decision.Sentence(Language::kEnglish));
  } else if (codes != question.codes) {
    result.detail =
        absl::StrCat("expected ", absl::StrJoin(question.codes, ", "), "; got ", absl::StrJoin(codes, ", "));
  } else if (question.instead && result.decision.instead.empty()) {
    result.detail = "expected an alternative; there is none";
  }
  result.passed = result.detail.empty();
  return result;
}

}  // namespace

bool QuestionReport::passed() const {
  return std::all_of(results.begin(), results.end(),
                     [](const QuestionResult& result) { return result.passed; });
}

Facts LabFacts(const Convenant& convenant, const LabFile& lab) {
  Facts facts;
  facts.convenant = &convenant;
  facts.convenant_active = true;
  facts.all_signatures = true;
  std::vector<std::string> classes;
  for (const auto& [name, retention] : convenant.retention()) classes.push_back(name);
  for (const LabMember& member : lab.members) {
    MemberId id;
    id.party = member.party;
    id.handle = member.handle;
    MemberFacts member_facts;
    member_facts.known = true;
    for (const LabMandate& mandate : member.mandates) {
      member_facts.mandates.push_back({mandate.function, mandate.scopes, mandate.max_level,
                                       mandate.from.value_or(convenant.valid_from()),
                                       mandate.until.value_or(convenant.valid_until())});
      const bool officer = mandate.function == kPrivacyOfficer;
      if (officer && (facts.officers.empty() || !(facts.officers.back() == id))) facts.officers.push_back(id);
    }
    member_facts.devices.push_back({absl::StrCat("device of ", member.profile()), classes});
    facts.members.emplace(std::move(id), std::move(member_facts));
  }
  return facts;
}

absl::StatusOr<QuestionReport> RunQuestions(absl::string_view yaml, absl::string_view filename,
                                            const Convenant& convenant, const LabFile& lab) {
  const Facts facts = LabFacts(convenant, lab);
  const absl::Time now = convenant.valid_from() + absl::Hours(12);
  absl::StatusOr<std::vector<Question>> questions = QuestionParser(filename, facts, now).Parse(yaml);
  if (!questions.ok()) return questions.status();
  QuestionReport report;
  for (const Question& question : *questions) report.results.push_back(Ask(question, facts, now));
  return report;
}

}  // namespace seinpost::policies
