// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/denials.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crypto/hash.h"
#include "server/gate/caller.h"
#include "server/gate/statement.h"
#include "server/realm/leaf_receipt.h"
#include "server/signals/events.h"
#include "server/signals/question.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kMaxDenialBytes = 64 * 1024;
// In all. No signal has more: what is not addressed to its readers, as a source or a justification, goes to a
// few.
constexpr size_t kMaxAddressed = 512;

class DenialOperation final : public Operation {
 public:
  DenialOperation(const Context& context, Realm& realm, trust::DeviceId device, Bytes nonce,
                  PreparedEvent event, std::string code, Done<v1::ReportDenialReply> done)
      : context_(context),
        realm_(realm),
        device_(std::move(device)),
        nonce_(std::move(nonce)),
        event_(std::move(event)),
        code_(std::move(code)),
        done_(std::move(done)) {}

  size_t bytes() const override { return Operation::bytes() + event_.opening.size(); }

  void Apply(Transaction& transaction) override {
    outcome_ = CheckMayAct(*realm_.staged_directory(), device_, event_.time);
    if (outcome_.ok()) outcome_ = UseNonce(transaction, realm_, device_, nonce_, event_.time);
    if (outcome_.ok()) leaf_index_ = transaction.Stage(realm_, event_);
  }

  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) return done_(commit);
    if (!outcome_.ok()) return done_(outcome_);
    context_.metrics.CountRefusal(code_);
    v1::ReportDenialReply reply;
    *reply.mutable_receipt() = MakeReceipt(realm_, leaf_index_, event_);
    done_(std::move(reply));
  }

 private:
  const Context& context_;
  Realm& realm_;
  const trust::DeviceId device_;
  const Bytes nonce_;
  const PreparedEvent event_;
  const std::string code_;
  const Done<v1::ReportDenialReply> done_;
  absl::Status outcome_;
  uint64_t leaf_index_ = 0;
};

// Only words of the convenant may stand in a leaf: a misspelt channel could be anything, a name too.
absl::Status CheckWords(const policies::SendRequest& request, const policies::Convenant& convenant) {
  if (convenant.FindChannel(request.channel) == nullptr)
    return absl::InvalidArgumentError("channel: unknown");
  if (convenant.FindPurpose(request.purpose) == nullptr)
    return absl::InvalidArgumentError("purpose: unknown");
  if (convenant.FindCategory(request.category) == nullptr)
    return absl::InvalidArgumentError("category: unknown");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> CheckCodes(const v1::DenialStatement& statement) {
  std::vector<std::string> codes(statement.codes().begin(), statement.codes().end());
  if (codes.empty() || codes.size() > audit::kMaxTexts) {
    return absl::InvalidArgumentError("statement.codes: 1 to 64 wanted");
  }
  std::set<absl::string_view> seen;
  for (const std::string& code : codes) {
    if (!policies::ParseRefusalCode(code).ok()) {
      return absl::InvalidArgumentError("statement.codes: not a refusal code");
    }
    if (!seen.insert(code).second)
      return absl::InvalidArgumentError("statement.codes: one stands there twice");
  }
  return codes;
}

// No signal has a recipient twice in one part, so no refusal has.
absl::Status CheckNamedOnce(const v1::DecideSendRequest& request) {
  for (const v1::AskedPart& part : request.parts()) {
    std::set<absl::string_view> seen;
    for (const std::string& recipient : part.recipients()) {
      if (seen.insert(recipient).second) continue;
      return absl::InvalidArgumentError("parts.recipients: somebody stands there twice");
    }
  }
  return absl::OkStatus();
}

// The members addressed, as far as the directory knows them: each once, with the first part that is for him,
// so that the members of the convenant bound the event. A signal is refused whole, so each of them is, with
// the first code.
absl::StatusOr<std::vector<audit::RecipientVerdict>> Addressed(const policies::SendRequest& request,
                                                               const std::string& code) {
  std::vector<audit::RecipientVerdict> addressed;
  std::set<ByteView> seen;
  for (size_t i = 0; i < request.parts.size(); ++i) {
    for (const policies::MemberId& recipient : request.parts[i].recipients) {
      if (recipient.ref.empty() || !seen.insert(recipient.ref).second) continue;
      addressed.push_back({recipient.ref, static_cast<uint8_t>(i), false, code});
    }
  }
  if (addressed.size() <= kMaxAddressed) return addressed;
  return absl::InvalidArgumentError("parts.recipients: over 512 members in all");
}

absl::StatusOr<PreparedEvent> DenialEvent(const v1::ReportDenialRequest& request,
                                          const v1::DenialStatement& statement, const Caller& caller,
                                          absl::Time now) {
  ASSIGN_OR_RETURN(const std::vector<std::string> codes, CheckCodes(statement));
  RETURN_IF_ERROR(CheckNamedOnce(statement.request()));
  ASSIGN_OR_RETURN(const Question question,
                   MakeQuestion(statement.request(), *caller.directory, *caller.device, now));
  RETURN_IF_ERROR(CheckWords(question.request, *caller.directory->convenant()));
  ASSIGN_OR_RETURN(const std::vector<audit::RecipientVerdict> addressed,
                   Addressed(question.request, codes[0]));
  audit::Event event = ActorEvent(audit::EventType::kDecisionDeny, "C", *caller.directory, *caller.device,
                                  question.request.channel, now);
  event.SetNumber(audit::Tag::kOutcome, 8)
      .SetText(audit::Tag::kSource, "client")
      .SetText(audit::Tag::kObjectType, "signal")
      .SetText(audit::Tag::kLevel, policies::ToString(question.request.level))
      .SetText(audit::Tag::kCategory, question.request.category)
      .SetText(audit::Tag::kPurpose, question.request.purpose)
      .SetRecipients(addressed)
      .SetTexts(audit::Tag::kRules, codes)
      .SetText(audit::Tag::kRequestHash, View(crypto::Sha256(request.statement())));
  return PreparedEvent::Make(event);
}

}  // namespace

void Denials::Report(const Session& session, const v1::ReportDenialRequest& request,
                     Done<v1::ReportDenialReply> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = AdmitToWrite(context_, context_.quotas.submits, session, now);
  if (!caller.ok()) return done(caller.status());
  v1::DenialStatement statement;
  absl::Status admitted = trust::StrictParse(request.statement(), kMaxDenialBytes, "statement", statement);
  if (admitted.ok()) {
    admitted = CheckStatement(
        *caller, trust::kDenialLabel, request.statement(), request.signature(),
        {statement.request().convenant_id(), statement.device_id(), statement.time(), statement.nonce()},
        now);
  }
  if (!admitted.ok()) return done(admitted);
  absl::StatusOr<PreparedEvent> event = DenialEvent(request, statement, *caller, now);
  if (!event.ok()) return done(event.status());
  context_.sequencer.Enqueue(std::make_unique<DenialOperation>(context_, *caller->realm, session.device,
                                                               statement.nonce(), *std::move(event),
                                                               statement.codes(0), std::move(done)));
}

}  // namespace seinpost::server
