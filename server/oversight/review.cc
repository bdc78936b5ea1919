// SPDX-License-Identifier: EUPL-1.2
#include "server/oversight/review.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "crypto/hash.h"
#include "policies/decide/decide.h"
#include "server/gate/refusal.h"
#include "server/oversight/officer.h"
#include "server/signals/events.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

using audit::Tag;

constexpr size_t kMaxStatementBytes = 2048;
constexpr uint64_t kEntriesPerReply = 256;
constexpr size_t kMaxFound = 1'000'000;
constexpr absl::string_view kReview = "review";  // the reason that needs no purpose

// What of the log an officer may see open.
struct Scope {
  OfficerScope officer;
  DirectorySnapshot directory;

  bool Includes(const audit::Event& event) const {
    const std::string& organisation = officer.organisation;
    if (officer.whole_convenant || event.Text(Tag::kActorOrganisation) == organisation) return true;
    const std::optional<std::vector<audit::RecipientVerdict>> recipients = event.Recipients();
    if (!recipients) return false;
    return std::any_of(recipients->begin(), recipients->end(), [&](const audit::RecipientVerdict& recipient) {
      const trust::Member* member = directory->FindMember(recipient.member_ref);
      return member != nullptr && member->organisation == organisation;
    });
  }
};

// Gives [next, limit) in pages; entries outside of scope or filter without their opening.
class ExportSource final : public Source<v1::ExportReply>, public std::enable_shared_from_this<ExportSource> {
 public:
  ExportSource(const Context& context, const Realm& realm, Scope scope, uint64_t first, uint64_t limit,
               std::optional<std::set<uint64_t>> only, Bytes checkpoint, v1::Receipt receipt)
      : context_(context),
        realm_(realm),
        scope_(std::move(scope)),
        next_(first),
        limit_(limit),
        only_(std::move(only)),
        checkpoint_(std::move(checkpoint)),
        receipt_(std::move(receipt)) {}

  void Next(Done<std::optional<v1::ExportReply>> done) override {
    context_.workers.Schedule(
        [self = shared_from_this(), done = std::move(done)] { done(self->ReadPage()); });
  }

 private:
  absl::StatusOr<std::optional<v1::ExportReply>> ReadPage() {
    if (finished_) return std::optional<v1::ExportReply>();
    v1::ExportReply reply;
    if (receipt_) reply.mutable_receipt()->Swap(&*receipt_);
    receipt_.reset();
    const uint64_t last = std::min(limit_, next_ + kEntriesPerReply);
    if (next_ < last) {
      RETURN_IF_ERROR(realm_.log().ReadLeaves(next_, last, [&](uint64_t index, ByteView leaf) {
        v1::ExportEntry& entry = *reply.add_entries();
        entry.set_index(index);
        entry.set_leaf(std::string(leaf));
        return true;
      }));
      for (v1::ExportEntry& entry : *reply.mutable_entries()) RETURN_IF_ERROR(Open(entry));
    }
    next_ = last;
    finished_ = next_ >= limit_;
    if (finished_) reply.set_checkpoint(checkpoint_);
    return std::optional<v1::ExportReply>(std::move(reply));
  }

  absl::Status Open(v1::ExportEntry& entry) const {
    if (only_ && only_->count(entry.index()) == 0) return absl::OkStatus();
    const absl::StatusOr<audit::Opening> opening = realm_.log().ReadOpening(entry.index());
    if (absl::IsNotFound(opening.status())) return absl::OkStatus();  // a directory leaf, or erased
    RETURN_IF_ERROR(opening.status());
    if (scope_.Includes(opening->event())) entry.set_opening(opening->Encode());
    return absl::OkStatus();
  }

  const Context& context_;
  const Realm& realm_;
  const Scope scope_;
  uint64_t next_;
  const uint64_t limit_;
  const std::optional<std::set<uint64_t>> only_;
  const Bytes checkpoint_;
  std::optional<v1::Receipt> receipt_;
  bool finished_ = false;
};

using ExportDone = Done<std::shared_ptr<Source<v1::ExportReply>>>;

class QueryOperation final : public Operation {
 public:
  QueryOperation(const Context& context, Realm& realm, Session session, v1::AuditQueryStatement statement,
                 Bytes request_hash, absl::Time now, ExportDone done)
      : context_(context),
        realm_(realm),
        session_(std::move(session)),
        statement_(std::move(statement)),
        request_hash_(std::move(request_hash)),
        now_(now),
        done_(std::move(done)) {}

  void Apply(Transaction& transaction) override { outcome_ = ApplyOrRefuse(transaction); }

  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) return done_(commit);
    if (!outcome_.ok()) return done_(outcome_);
    if (!scope_) return done_(Refused(context_.metrics, decision_, {}));
    v1::Receipt receipt = MakeReceipt(realm_, leaf_index_, event_->leaf_hash, event_->request_hash,
                                      event_->time, event_->opening);
    realm_.WhenPublished(leaf_index_ + 1, [&context = context_, &realm = realm_, scope = *scope_,
                                           statement = statement_, receipt = std::move(receipt),
                                           done = done_](const auto& published) {
      if (!published.ok()) return done(published.status());
      context.workers.Schedule([&context, &realm, scope, statement, receipt, done, published = *published] {
        done(MakeSource(context, realm, scope, statement, receipt, *published));
      });
    });
  }

 private:
  // Cheap enough for the commit thread, and so always by the directory in force.
  absl::Status ApplyOrRefuse(Transaction& transaction) {
    const DirectorySnapshot& directory = realm_.staged_directory();
    RETURN_IF_ERROR(CheckMayAct(*directory, session_.device, now_));
    const trust::Device& device = *directory->FindDevice(session_.device);
    if (const std::optional<OfficerScope> officer = OfficerScopeOf(device, *directory, now_)) {
      scope_ = Scope{*officer, directory};
    }
    decision_ = DecideReviewBy(device, *directory, device.organisation, now_);
    audit::Event event = ActorEvent(audit::EventType::kAuditQuery, "R", *directory, device, {}, now_);
    event.SetText(Tag::kObjectType, "log")
        .SetText(Tag::kPurpose, statement_.reason())
        .SetText(Tag::kRequestHash, request_hash_);
    if (const absl::StatusOr<Bytes> case_ref = FromHex(statement_.case_ref());
        case_ref.ok() && !case_ref->empty()) {
      event.SetText(Tag::kCaseRef, *case_ref);
    }
    SetDecision(decision_, event);
    ASSIGN_OR_RETURN(event_, PreparedEvent::Make(event));
    RETURN_IF_ERROR(UseNonce(transaction, realm_, session_.device, statement_.nonce(), now_));
    leaf_index_ = transaction.Stage(realm_, *event_);
    return absl::OkStatus();
  }

  static absl::StatusOr<std::shared_ptr<Source<v1::ExportReply>>> MakeSource(
      const Context& context, const Realm& realm, const Scope& scope,
      const v1::AuditQueryStatement& statement, const v1::Receipt& receipt,
      const PublishedCheckpoint& published) {
    std::optional<std::set<uint64_t>> only;
    if (!statement.case_ref().empty()) {
      ASSIGN_OR_RETURN(const Bytes case_ref, FromHex(statement.case_ref()));
      ASSIGN_OR_RETURN(const std::vector<uint64_t> found,
                       realm.log().Find({Tag::kCaseRef, case_ref}, statement.from(), kMaxFound));
      only.emplace(found.begin(), found.end());
    }
    const uint64_t limit = statement.to() == 0 ? published.checkpoint.size : statement.to();
    return std::shared_ptr<Source<v1::ExportReply>>(std::make_shared<ExportSource>(
        context, realm, scope, statement.from(), limit, std::move(only), published.note, receipt));
  }

  const Context& context_;
  Realm& realm_;
  const Session session_;
  const v1::AuditQueryStatement statement_;
  const Bytes request_hash_;
  const absl::Time now_;
  const ExportDone done_;

  absl::Status outcome_;
  std::optional<Scope> scope_;
  policies::Decision decision_;
  std::optional<PreparedEvent> event_;
  uint64_t leaf_index_ = 0;
};

absl::StatusOr<v1::AuditQueryStatement> ParseQuery(const v1::ExportRequest& request, const Caller& caller,
                                                   absl::Time now) {
  v1::AuditQueryStatement statement;
  RETURN_IF_ERROR(trust::StrictParse(request.statement(), kMaxStatementBytes, "statement", statement));
  RETURN_IF_ERROR(CheckStatement(
      caller, trust::kAuditQueryLabel, request.statement(), request.signature(),
      {statement.convenant_id(), statement.device_id(), statement.time(), statement.nonce()}, now));
  if (statement.reason() != kReview &&
      caller.directory->convenant()->FindPurpose(statement.reason()) == nullptr) {
    return absl::InvalidArgumentError("statement.reason: neither \"review\" nor a purpose of the convenant");
  }
  const absl::StatusOr<Bytes> case_ref = FromHex(statement.case_ref());
  if (!case_ref.ok() || (!case_ref->empty() && case_ref->size() != 16)) {
    return absl::InvalidArgumentError("statement.case_ref: not 32 hexadecimal digits");
  }
  const uint64_t size = caller.realm->log().head().size;
  if (statement.from() > size || statement.to() > size) {
    return absl::OutOfRangeError("statement.from, statement.to: past the end of the log");
  }
  if (statement.to() != 0 && statement.from() > statement.to()) {
    return absl::OutOfRangeError("statement.from: over statement.to");
  }
  return statement;
}

}  // namespace

void Review::Export(const Session& session, const v1::ExportRequest& request, ExportDone done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = FindCaller(context_, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status admitted = caller->realm->Writable();
  if (admitted.ok()) admitted = context_.quotas.questions.Take(session.device, now);
  if (!admitted.ok()) return done(admitted);
  absl::StatusOr<v1::AuditQueryStatement> statement = ParseQuery(request, *caller, now);
  if (!statement.ok()) return done(statement.status());
  context_.sequencer.Enqueue(
      std::make_unique<QueryOperation>(context_, *caller->realm, session, *std::move(statement),
                                       ToBytes(crypto::Sha256(request.statement())), now, std::move(done)));
}

}  // namespace seinpost::server
