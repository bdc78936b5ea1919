// SPDX-License-Identifier: EUPL-1.2
// The questions about acts: cases, agendas, alerts, kept identities, combinations, counts, review,
// withdrawal.
#include <utility>

#include "absl/strings/str_cat.h"
#include "policies/acts/acts.h"
#include "policies/questions/question_reader.h"

namespace seinpost::policies {
namespace {

constexpr uint32_t kMostCounted = 1'000'000;

size_t ReadCount(Fields& fields, absl::string_view key) {
  return fields.Number(key, Need::kOptional, 0, kMostCounted).value_or(0);
}

std::string ReadChannel(QuestionReader& reader, Fields& fields) {
  const YamlNode::Entry* entry = fields.Entry("channel", Need::kRequired);
  if (entry == nullptr) return {};
  const std::string& channel = entry->value.scalar;
  const Convenant& convenant = *reader.facts().convenant;
  if (convenant.FindChannel(channel) == nullptr) {
    fields.Complain(entry->value, absl::StrCat("unknown channel \"", channel.substr(0, 64), "\"",
                                               DidYouMean(channel, convenant.ChannelInstances()),
                                               "; there are: ", ListOf(convenant.ChannelInstances())));
  }
  return channel;
}

void ReadCase(QuestionReader& reader, Question& question, Fields& fields) {
  CaseRequest request;
  request.act = fields.Choice("act", Need::kRequired, &ParseCaseAct).value_or(CaseAct::kOpen);
  request.actor = reader.ReadMember(fields, "by");
  request.channel = ReadChannel(reader, fields);
  if (request.act == CaseAct::kAskTransfer) request.target = reader.ReadMember(fields, "target");
  CaseFacts state;
  const MemberId director = reader.ReadMember(fields, "director", Need::kOptional);
  if (!director.handle.empty()) state.director = director;
  const MemberId to = reader.ReadMember(fields, "transfer_to", Need::kOptional);
  const Need dated = to.handle.empty() ? Need::kOptional : Need::kRequired;
  const std::optional<absl::Time> asked = reader.ReadNoon(fields, "transfer_on", dated);
  if (!to.handle.empty() && asked.has_value()) state.transfer = CaseFacts::Transfer{to, *asked};
  state.accepted.assign(ReadCount(fields, "earlier_transfers"), reader.now() - absl::Hours(24));
  state.actions = ReadCount(fields, "actions");
  state.open_actions = ReadCount(fields, "open_actions");
  state.closed = fields.Flag("closed", Need::kOptional);
  const bool no_action = fields.Flag("no_action", Need::kOptional);
  if (request.act == CaseAct::kRecordOutcome) {
    request.no_action = no_action;
    for (MemberId& owner : reader.ReadMembers(fields, "new_actions"))
      request.actions.push_back({std::move(owner), reader.now() + absl::Hours(24 * 14)});
  } else {
    state.no_action = no_action;
  }
  question.decide = [request, state](const Facts& facts, absl::Time now) {
    return DecideCase(request, state, facts, now);
  };
}

void ReadAgenda(QuestionReader& reader, Question& question, Fields& fields) {
  AgendaRequest request;
  request.announcer = reader.ReadMember(fields, "by");
  request.channel = ReadChannel(reader, fields);
  const std::optional<absl::Time> day = fields.Date("meeting", Need::kRequired);
  request.meeting = day.value_or(reader.now()) + absl::Hours(15);  // after the question is asked
  request.cases = ReadCount(fields, "cases");
  request.urgent = fields.Flag("urgent", Need::kOptional);
  request.reason = fields.Flag("reason", Need::kOptional);
  question.decide = [request](const Facts& facts, absl::Time now) {
    return DecideAgenda(request, facts, now);
  };
}

// The numbers of steps, from 1 in the file, from 0 in the facts.
std::set<size_t> ReadSteps(Fields& fields, absl::string_view key) {
  std::set<size_t> steps;
  const YamlNode::Entry* entry = fields.Entry(key, Need::kOptional);
  if (entry == nullptr) return steps;
  for (const YamlNode& item : entry->value.items) {
    const std::string& text = item.scalar;
    if (text.size() == 1 && text[0] >= '1' && text[0] <= '9') {
      steps.insert(static_cast<size_t>(text[0] - '1'));
    } else {
      fields.Complain(item, "a step is a number from 1 to 9");
    }
  }
  if (steps.empty()) fields.Complain(entry->value, "steps are written as a list of numbers: [1, 2]");
  return steps;
}

void ReadAlert(QuestionReader& reader, Question& question, Fields& fields) {
  AlertRequest request;
  request.act = fields.Choice("act", Need::kRequired, &ParseAlertAct).value_or(AlertAct::kSeen);
  request.actor = reader.ReadMember(fields, "by");
  request.outcome = fields.Flag("outcome", Need::kOptional);
  AlertFacts state;
  state.channel = ReadChannel(reader, fields);
  state.raiser = reader.ReadMember(fields, "raised_by", Need::kOptional);
  state.raised = reader.now();
  question.asked += fields.Wait("since", Need::kOptional).value_or(absl::ZeroDuration());
  const std::optional<absl::Duration> acknowledged = fields.Wait("acknowledged_after", Need::kOptional);
  if (acknowledged.has_value()) state.acknowledged = state.raised + *acknowledged;
  state.unreached = ReadSteps(fields, "unreached");
  state.stood_down = fields.Flag("stood_down", Need::kOptional);
  question.decide = [request, state](const Facts& facts, absl::Time now) {
    return DecideAlert(request, state, facts, now);
  };
}

void ReadReveal(QuestionReader& reader, Question& question, Fields& fields) {
  RevealRequest request;
  request.requester = reader.ReadMember(fields, "by");
  request.purpose = fields.Word("purpose", Need::kRequired);
  request.justified = fields.Flag("justify", Need::kOptional);
  if (fields.Flag("tie", Need::kOptional)) question.broker.case_roles.insert(request.requester);
  reader.ReadInformed(fields, request.informed, request.informed_code);
  question.original = reader.ReadOriginal(fields, "signal", Need::kRequired);
  question.asked += fields.Days("after", Need::kOptional).value_or(absl::ZeroDuration());
  const std::optional<Reveal>& reveal = reader.facts().convenant->reveal();
  const absl::Duration longest = reveal.has_value() ? reveal->expires : absl::Hours(24);
  request.expires = question.asked + fields.Days("expires", Need::kOptional).value_or(longest);
  question.decide = [request](const Facts& facts, absl::Time now) {
    return DecideReveal(request, facts, now);
  };
}

void ReadApproval(QuestionReader& reader, Question& question, Fields& fields) {
  ApprovalRequest request;
  request.approver = reader.ReadMember(fields, "by");
  RevealFacts state;
  state.requester = reader.ReadMember(fields, "requester");
  question.original = reader.ReadOriginal(fields, "signal", Need::kRequired);
  question.asked += fields.Days("after", Need::kOptional).value_or(absl::ZeroDuration());
  const bool expired = fields.Flag("expired", Need::kOptional);
  state.expires = question.asked + (expired ? absl::ZeroDuration() : absl::Hours(24));
  if (const YamlNode::Entry* approved = fields.Entry("approved", Need::kOptional)) {
    Fields inner(approved->value, fields.At("approved"), fields.problems());
    for (const YamlNode::Entry& entry : approved->value.entries)
      state.approved.emplace(entry.key, reader.ReadMember(inner, entry.value));
  }
  question.decide = [request, state](const Facts& facts, absl::Time now) {
    return DecideApproval(request, state, facts, now);
  };
}

void ReadMatch(QuestionReader& reader, Question& question, Fields& fields) {
  MatchRequest request;
  request.reader = reader.ReadMember(fields, "by");
  const YamlNode::Entry* signals = fields.Entry("signals", Need::kRequired);
  if (signals != nullptr && signals->value.kind != YamlNode::Kind::kList)
    fields.Complain(signals->value, "\"signals\" must be a list, each signal starting with a dash");
  if (signals != nullptr) {
    for (const YamlNode& item : signals->value.items) {
      Fields inner(item, {item.line, item.column, "signals"}, fields.problems());
      MatchSignal signal;
      signal.kind = inner.Word("kind", Need::kRequired);
      signal.key = inner.Word("key", Need::kRequired);
      signal.convenant = inner.Word("convenant", Need::kOptional);
      signal.created = reader.now() - inner.Days("age", Need::kOptional).value_or(absl::ZeroDuration());
      inner.Finish();
      request.signals.push_back(std::move(signal));
    }
  }
  question.decide = [request](const Facts& facts, absl::Time now) {
    return DecideMatch(request, facts, now);
  };
}

void ReadStatistics(QuestionReader&, Question& question, Fields& fields) {
  StatisticsRequest request;
  request.level = fields.Choice("level", Need::kOptional, &ParseLevel).value_or(Level::kL0);
  const YamlNode::Entry* counts = fields.Entry("counts", Need::kOptional);
  if (counts != nullptr) {
    for (const YamlNode& item : counts->value.items) {
      uint32_t count = 0;
      const bool number = !item.scalar.empty() && item.scalar.size() <= 9 &&
                          item.scalar.find_first_not_of("0123456789") == std::string::npos;
      if (number) {
        count = static_cast<uint32_t>(std::stoul(item.scalar));
      } else {
        fields.Complain(item, "a count is a number");
      }
      request.cells.push_back(count);
    }
  }
  request.is_trend = fields.Entry("trend", Need::kOptional) != nullptr;
  if (request.is_trend) {
    for (std::string& school : fields.Words("trend", Need::kOptional))
      request.schools.insert(std::move(school));
  }
  if (request.cells.empty() == !request.is_trend)
    fields.Complain(fields.at(), "write either \"counts\" or \"trend\"");
  question.decide = [request](const Facts& facts, absl::Time) { return DecideStatistics(request, facts); };
}

void ReadReview(QuestionReader& reader, Question& question, Fields& fields) {
  ReviewRequest request;
  request.reader = reader.ReadMember(fields, "by");
  request.what = fields.Choice("what", Need::kRequired, &ParseReviewOf).value_or(ReviewOf::kMetadata);
  request.organisation = fields.Word("of", Need::kOptional);
  request.convenant = fields.Word("convenant", Need::kOptional);
  ReviewFacts state;
  state.administers = fields.Flag("administrator", Need::kOptional);
  state.approved = fields.Flag("approved", Need::kOptional);
  question.decide = [request, state](const Facts& facts, absl::Time now) {
    return DecideReview(request, state, facts, now);
  };
}

void ReadWithdraw(QuestionReader& reader, Question& question, Fields& fields) {
  WithdrawRequest request;
  request.act = fields.Choice("act", Need::kRequired, &ParseWithdrawAct).value_or(WithdrawAct::kWithdraw);
  request.actor = reader.ReadMember(fields, "by");
  question.original = reader.ReadOriginal(fields, "signal", Need::kRequired);
  question.asked += fields.Days("after", Need::kOptional).value_or(absl::ZeroDuration());
  if (!question.original.has_value()) return;
  request.channel = question.original->channel;
  request.level = question.original->level;
  if (request.act == WithdrawAct::kCorrect) {
    if (const YamlNode::Entry* channel = fields.Entry("to_channel", Need::kOptional))
      request.channel = channel->value.scalar;
    request.level = fields.Choice("to_level", Need::kOptional, &ParseLevel).value_or(request.level);
  }
  question.decide = [request](const Facts& facts, absl::Time now) {
    return DecideWithdraw(request, facts, now);
  };
}

constexpr struct {
  absl::string_view ask;
  void (*read)(QuestionReader& reader, Question& question, Fields& fields);
} kActs[] = {
    {"case", ReadCase},
    {"agenda", ReadAgenda},
    {"alert", ReadAlert},
    {"reveal", ReadReveal},
    {"approve", ReadApproval},
    {"match", ReadMatch},
    {"statistics", ReadStatistics},
    {"review", ReadReview},
    {"withdraw", ReadWithdraw},
};

}  // namespace

bool ReadActQuestion(absl::string_view ask, QuestionReader& reader, Question& question, Fields& fields) {
  for (const auto& act : kActs) {
    if (act.ask != ask) continue;
    act.read(reader, question, fields);
    return true;
  }
  return false;
}

}  // namespace seinpost::policies
