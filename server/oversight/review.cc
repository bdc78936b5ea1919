// SPDX-License-Identifier: EUPL-1.2
#include "server/oversight/review.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "crypto/hash.h"
#include "policies/decide/decide.h"
#include "server/gate/caller.h"
#include "server/gate/refusal.h"
#include "server/gate/statement.h"
#include "server/gate/watched_source.h"
#include "server/oversight/logged_question.h"
#include "server/oversight/officer.h"
#include "server/realm/leaf_receipt.h"
#include "trust/fields.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

using audit::Tag;

constexpr size_t kMaxStatementBytes = 2048;
constexpr uint64_t kEntriesPerReply = 256;
constexpr absl::string_view kReview = "review";  // the reason that needs no purpose

// What of the log an officer may see open.
struct Scope {
  OfficerScope officer;
  DirectorySnapshot directory;

  bool Includes(const audit::Event& event) const {
    const std::string& organisation = officer.organisation;
    if (officer.whole_convenant || event.Text(Tag::kActorOrganisation) == organisation) return true;
    if (event.Type() == audit::EventType::kErased) return true;  // it explains to everybody what is not there
    const std::optional<std::vector<audit::RecipientVerdict>> recipients = event.Recipients();
    if (!recipients) return false;
    return std::any_of(recipients->begin(), recipients->end(), [&](const audit::RecipientVerdict& recipient) {
      const trust::Member* member = directory->FindMember(recipient.member_ref);
      return member != nullptr && member->organisation == organisation;
    });
  }
};

// Gives [next, limit) in pages; entries outside of scope or filter without their opening. Holds no directory
// between two pages: an export may lie unread while others publish.
class ExportSource final : public Source<v1::ExportReply>, public std::enable_shared_from_this<ExportSource> {
 public:
  // `case_ref`: open only what is of this case; empty: everything.
  ExportSource(const Context& context, const Realm& realm, trust::DeviceId reader, uint64_t first,
               uint64_t limit, Bytes case_ref, Bytes checkpoint, v1::Receipt receipt)
      : context_(context),
        realm_(realm),
        reader_(std::move(reader)),
        next_(first),
        limit_(limit),
        case_ref_(std::move(case_ref)),
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
    RETURN_IF_ERROR(AddEntries(reply));
    finished_ = next_ >= limit_;
    if (finished_) reply.set_checkpoint(checkpoint_);
    return std::optional<v1::ExportReply>(std::move(reply));
  }

  // At least one, if there are any left, however large; further ones as far as they fit into a page.
  absl::Status AddEntries(v1::ExportReply& reply) {
    const uint64_t last = std::min(limit_, next_ + kEntriesPerReply);
    if (next_ >= last) return absl::OkStatus();
    ASSIGN_OR_RETURN(const Scope scope, ScopeNow());
    std::vector<Bytes> leaves;
    RETURN_IF_ERROR(realm_.log().ReadLeaves(next_, last, [&](uint64_t, ByteView leaf) {
      leaves.emplace_back(leaf);
      return true;
    }));
    std::set<uint64_t> of_case;
    if (!case_ref_.empty()) {
      ASSIGN_OR_RETURN(const std::vector<uint64_t> found,
                       realm_.log().Find({Tag::kCaseRef, case_ref_}, next_, kEntriesPerReply));
      of_case.insert(found.begin(), found.end());
    }
    size_t bytes = 0;
    for (Bytes& leaf : leaves) {
      v1::ExportEntry entry;
      entry.set_index(next_);
      entry.set_leaf(std::move(leaf));
      if (case_ref_.empty() || of_case.count(next_) > 0) {
        RETURN_IF_ERROR(Open(scope, entry));
      }
      const size_t size = entry.ByteSizeLong();
      if (bytes > 0 && bytes + size > kStreamPageBytes) break;
      bytes += size;
      *reply.add_entries() = std::move(entry);
      ++next_;
    }
    return absl::OkStatus();
  }

  // By the directory and the clock of now: who is no officer any more reads no further.
  absl::StatusOr<Scope> ScopeNow() const {
    DirectorySnapshot directory = realm_.directory();
    const trust::Device* reader = directory->FindDevice(reader_);
    if (reader == nullptr) return NoValidSession();
    const std::optional<OfficerScope> officer = OfficerScopeOf(*reader, *directory, context_.clock.Now());
    if (!officer) return absl::PermissionDeniedError("the reader may not review the log any more");
    return Scope{*officer, std::move(directory)};
  }

  absl::Status Open(const Scope& scope, v1::ExportEntry& entry) const {
    const absl::StatusOr<audit::Opening> opening = realm_.log().ReadOpening(entry.index());
    if (absl::IsNotFound(opening.status())) return absl::OkStatus();  // a directory leaf, or erased
    RETURN_IF_ERROR(opening.status());
    if (scope.Includes(opening->event())) entry.set_opening(opening->Encode());
    return absl::OkStatus();
  }

  const Context& context_;
  const Realm& realm_;
  const trust::DeviceId reader_;
  uint64_t next_;
  const uint64_t limit_;
  const Bytes case_ref_;
  const Bytes checkpoint_;
  std::optional<v1::Receipt> receipt_;
  bool finished_ = false;
};

using ExportDone = Done<std::shared_ptr<Source<v1::ExportReply>>>;

// A statement that was checked, its case reference in bytes (empty: none).
struct Query {
  v1::AuditQueryStatement statement;
  Bytes case_ref;
  Bytes request_hash;
};

class QueryOperation final : public LoggedQuestion<std::shared_ptr<Source<v1::ExportReply>>> {
 public:
  QueryOperation(const Context& context, Realm& realm, Session session, Query query, absl::Time now,
                 ExportDone done)
      : LoggedQuestion(context, realm, std::move(session), query.statement.nonce(), now, std::move(done)),
        query_(std::move(query)) {}

 private:
  absl::StatusOr<policies::Decision> Decide(const DirectorySnapshot& directory, const trust::Device& caller,
                                            audit::Event& event) override {
    event.SetText(Tag::kObjectType, "log")
        .SetText(Tag::kPurpose, query_.statement.reason())
        .SetText(Tag::kRequestHash, query_.request_hash);
    if (!query_.case_ref.empty()) event.SetText(Tag::kCaseRef, query_.case_ref);
    return DecideReviewBy(caller, *directory, caller.organisation, now_);
  }

  absl::Status Refusal(const policies::Decision& decision) override {
    return Refused(context_.metrics, decision, {});
  }

  void Answer(uint64_t leaf_index, const PreparedEvent& event, const ExportDone& done) override {
    v1::Receipt receipt = MakeReceipt(realm_, leaf_index, event);
    realm_.WhenPublished(
        leaf_index + 1, [&context = context_, &realm = realm_, reader = session_.device, query = query_,
                         receipt = std::move(receipt), done](const auto& published) {
          if (!published.ok()) return done(published.status());
          const v1::AuditQueryStatement& statement = query.statement;
          const uint64_t limit = statement.to() == 0 ? (*published)->checkpoint.size : statement.to();
          done(std::shared_ptr<Source<v1::ExportReply>>(std::make_shared<ExportSource>(
              context, realm, reader, statement.from(), limit, query.case_ref, (*published)->note, receipt)));
        });
  }

  const Query query_;
};

absl::StatusOr<Query> ParseQuery(const v1::ExportRequest& request, const Caller& caller, absl::Time now) {
  v1::AuditQueryStatement statement;
  RETURN_IF_ERROR(trust::StrictParse(request.statement(), kMaxStatementBytes, "statement", statement));
  RETURN_IF_ERROR(CheckStatement(
      caller, trust::kAuditQueryLabel, request.statement(), request.signature(),
      {statement.convenant_id(), statement.device_id(), statement.time(), statement.nonce()}, now));
  if (statement.reason() != kReview &&
      caller.directory->convenant()->FindPurpose(statement.reason()) == nullptr) {
    return absl::InvalidArgumentError("statement.reason: neither \"review\" nor a purpose of the convenant");
  }
  absl::StatusOr<Bytes> case_ref = FromHex(statement.case_ref());
  if (!case_ref.ok() || (!case_ref->empty() && case_ref->size() != trust::kIdBytes)) {
    return absl::InvalidArgumentError("statement.case_ref: not 32 hexadecimal digits");
  }
  const uint64_t size = caller.realm->log().head().size;
  if (statement.from() > size || statement.to() > size) {
    return absl::OutOfRangeError("statement.from, statement.to: past the end of the log");
  }
  if (statement.to() != 0 && statement.from() > statement.to()) {
    return absl::OutOfRangeError("statement.from: over statement.to");
  }
  return Query{std::move(statement), *std::move(case_ref), ToBytes(crypto::Sha256(request.statement()))};
}

}  // namespace

void Review::Export(const Session& session, const v1::ExportRequest& request, ExportDone done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = AdmitToWrite(context_, context_.quotas.questions, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::StatusOr<Query> query = ParseQuery(request, *caller, now);
  if (!query.ok()) return done(query.status());
  absl::StatusOr<ExportDone> watched = Watch(context_, *caller->realm, session, done);
  if (!watched.ok()) return done(watched.status());
  context_.sequencer.Enqueue(std::make_unique<QueryOperation>(context_, *caller->realm, session,
                                                              *std::move(query), now, *std::move(watched)));
}

}  // namespace seinpost::server
