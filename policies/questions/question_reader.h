// SPDX-License-Identifier: EUPL-1.2
// One question of an expect file, read into what is decided and by which facts. Internal to policies/.
#ifndef SEINPOST_POLICIES_QUESTIONS_QUESTION_READER_H_
#define SEINPOST_POLICIES_QUESTIONS_QUESTION_READER_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "policies/document/fields.h"

namespace seinpost::policies {

struct Question {
  std::string name;
  int line = 0;
  absl::Time asked;
  // Asks it, of the lab's facts and those below.
  std::function<Decision(const Facts& facts, absl::Time now)> decide;
  std::optional<OriginalFacts> original;  // forwarded, opened, revealed, withdrawn
  BrokerFacts broker;
  std::optional<std::string> case_scope;
  // The answer.
  bool allow = false;
  std::set<std::string> codes;
  std::optional<std::set<std::string>> duties;
  bool instead = false;
};

// Reads what every kind of question is made of. Mistakes go to the problems of the fields. Borrows its
// arguments. Not thread-safe.
class QuestionReader {
 public:
  // `peers`: the convenant id by the name it has in the file.
  QuestionReader(const Facts& facts, const std::map<std::string, std::string>& peers, absl::Time now)
      : facts_(facts), peers_(peers), now_(now) {}

  // The keys of `ask: send` and `ask: open`.
  void ReadSendQuestion(Question& question, Fields& fields);
  void ReadOpenQuestion(Question& question, Fields& fields);

  // "party/handle", or "party/handle@PEER".
  MemberId ReadMember(Fields& fields, absl::string_view key, Need need = Need::kRequired);
  std::vector<MemberId> ReadMembers(Fields& fields, absl::string_view key);
  MemberId ReadMember(Fields& fields, const YamlNode& node);
  // "yes", "no:CODE", "not-yet".
  void ReadInformed(Fields& fields, Informed& informed, std::string& code);
  // The map under `key`: a send that was made at the time of the question.
  std::optional<OriginalFacts> ReadOriginal(Fields& fields, absl::string_view key, Need need);
  // A day, as noon of it.
  std::optional<absl::Time> ReadNoon(Fields& fields, absl::string_view key, Need need);

  const Facts& facts() const { return facts_; }
  absl::Time now() const { return now_; }

 private:
  SendRequest ReadSend(Fields& fields);
  void ReadKind(SendRequest& send, Fields& fields);
  void ReadPart(SendRequest& send, PartKind kind, absl::string_view key, Need need, Fields& fields);
  void ReadKept(SendRequest& send, Fields& fields);
  void ReadJustify(SendRequest& send, Fields& fields);
  std::vector<MemberId> ReadMembers(Fields& fields, const YamlNode& list);

  const Facts& facts_;
  const std::map<std::string, std::string>& peers_;
  const absl::Time now_;
};

// questions_acts.cc: reads the keys of any other `ask`. False: there is no such question.
bool ReadActQuestion(absl::string_view ask, QuestionReader& reader, Question& question, Fields& fields);

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_QUESTIONS_QUESTION_READER_H_
