// SPDX-License-Identifier: EUPL-1.2
#include "policies/questions/questions.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policies/document/fields.h"
#include "policies/document/yaml_tree.h"
#include "policies/questions/question_reader.h"

namespace seinpost::policies {
namespace {

constexpr size_t kMaxExpectBytes = 1024 * 1024;
constexpr size_t kMaxPeers = 20;

// The lab's facts, with those of the peers that the expect file names. Holds what they borrow.
struct World {
  Facts facts;
  std::vector<std::unique_ptr<QuestionPeer>> peers;
  std::map<std::string, std::string> ids;  // by the name in the file
};

class QuestionParser {
 public:
  QuestionParser(absl::string_view filename, World& world, const PeerLoader& load, absl::Time now)
      : problems_(filename), world_(world), load_(load), now_(now) {}

  absl::StatusOr<std::vector<Question>> Parse(absl::string_view yaml) {
    const YamlNode root = ParseYaml(yaml, kMaxExpectBytes, problems_);
    if (problems_.empty()) ReadFile(Fields(root, {1, 1, ""}, problems_));
    if (!problems_.empty()) return absl::InvalidArgumentError(problems_.Join());
    return std::move(questions_);
  }

 private:
  void ReadFile(Fields file) {
    const std::string id = file.Word("expect", Need::kRequired);
    if (!id.empty() && id != world_.facts.convenant->id()) {
      file.Complain(file.At("expect"), absl::StrCat("these questions belong to the convenant \"", id, "\""));
    }
    ReadPeers(file);
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

  void ReadPeers(Fields& file) {
    const std::vector<std::string> names = file.Words("peers", Need::kOptional);
    if (names.size() > kMaxPeers) {
      return file.Complain(file.At("peers"), absl::StrCat("at most ", kMaxPeers, " peers"));
    }
    for (const std::string& name : names) {
      absl::StatusOr<QuestionPeer> peer =
          load_ ? load_(name)
                : absl::StatusOr<QuestionPeer>(absl::NotFoundError("peers cannot be read here"));
      if (!peer.ok()) {
        file.Complain(file.At("peers"), absl::StrCat("peer \"", name, "\": ", peer.status().message()));
      } else if (!AddPeer(name, *std::move(peer))) {
        file.Complain(file.At("peers"),
                      absl::StrCat("\"", name, "\" is no other convenant than those before"));
      }
    }
  }

  bool AddPeer(const std::string& name, QuestionPeer loaded) {
    auto peer = std::make_unique<QuestionPeer>(std::move(loaded));
    const std::string& id = peer->convenant.id();
    if (id == world_.facts.convenant->id()) return false;
    if (!world_.facts.peers.emplace(id, PeerFacts{&peer->convenant, true}).second) return false;
    for (auto& [member, facts] : LabFacts(peer->convenant, peer->lab).members) {
      MemberId foreign = member;
      foreign.convenant = id;
      world_.facts.members.emplace(std::move(foreign), std::move(facts));
    }
    world_.ids.emplace(name, id);
    world_.peers.push_back(std::move(peer));
    return true;
  }

  void ReadQuestion(Fields fields) {
    Question question;
    question.line = fields.at().line;
    question.name = fields.Text("name", Need::kRequired);
    const std::string ask = fields.Word("ask", Need::kRequired);
    const std::optional<absl::Time> day = fields.Date("on", Need::kOptional);
    question.asked = day.has_value() ? *day + absl::Hours(12) : now_;
    QuestionReader reader(world_.facts, world_.ids, question.asked);
    if (ask == "send") {
      reader.ReadSendQuestion(question, fields);
    } else if (ask == "open") {
      reader.ReadOpenQuestion(question, fields);
    } else if (!ask.empty() && !ReadActQuestion(ask, reader, question, fields)) {
      fields.Complain(fields.At("ask"),
                      "\"ask\" must be send, open, case, agenda, alert, reveal, approve, match, statistics, "
                      "review or withdraw");
    }
    ReadAnswer(question, fields);
    fields.Finish();
    questions_.push_back(std::move(question));
  }

  void ReadAnswer(Question& question, Fields& fields) {
    const std::string expect = fields.Word("expect", Need::kRequired);
    question.allow = expect == "allow";
    if (!expect.empty() && expect != "allow" && expect != "deny") {
      fields.Complain(fields.At("expect"), "\"expect\" must be allow or deny");
    }
    question.instead = fields.Flag("instead", Need::kOptional);
    ReadDuties(question, fields);
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

  void ReadDuties(Question& question, Fields& fields) {
    const YamlNode::Entry* duties = fields.Entry("duties", Need::kOptional);
    if (duties == nullptr) return;
    if (!question.allow) fields.Complain(duties->value, "a denied question brings no duties");
    if (duties->value.kind != YamlNode::Kind::kList)
      fields.Complain(duties->value, "\"duties\" must be a list");
    question.duties.emplace();
    for (const YamlNode& item : duties->value.items) question.duties->insert(item.scalar);
  }

  Problems problems_;
  World& world_;
  const PeerLoader& load_;
  const absl::Time now_;
  std::vector<Question> questions_;
};

std::string Joined(const std::set<std::string>& words) {
  return words.empty() ? "none" : absl::StrJoin(words, ", ");
}

QuestionResult Ask(const Question& question, const Facts& lab_facts) {
  Facts facts = lab_facts;
  facts.original = question.original;
  facts.broker = question.broker;
  facts.case_scope = question.case_scope;
  QuestionResult result{.name = question.name, .line = question.line};
  result.decision = question.decide(facts, question.asked);
  std::set<std::string> codes;
  for (const Reason& reason : result.decision.reasons) codes.emplace(ToString(reason.code));
  const std::set<std::string> duties(result.decision.duties.begin(), result.decision.duties.end());
  if (result.decision.allowed != question.allow) {
    result.detail = absl::StrCat("expected ", question.allow ? "allow" : "deny", "; ",
                                 result.decision.Sentence(Language::kEnglish));
  } else if (codes != question.codes) {
    result.detail = absl::StrCat("expected ", Joined(question.codes), "; got ", Joined(codes));
  } else if (question.duties.has_value() && *question.duties != duties) {
    result.detail = absl::StrCat("expected the duties ", Joined(*question.duties), "; got ", Joined(duties));
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
                                            const Convenant& convenant, const LabFile& lab,
                                            const PeerLoader& load_peer) {
  World world{LabFacts(convenant, lab), {}, {}};
  const absl::Time now = convenant.valid_from() + absl::Hours(12);
  absl::StatusOr<std::vector<Question>> questions =
      QuestionParser(filename, world, load_peer, now).Parse(yaml);
  if (!questions.ok()) return questions.status();
  QuestionReport report;
  for (const Question& question : *questions) report.results.push_back(Ask(question, world.facts));
  return report;
}

}  // namespace seinpost::policies
