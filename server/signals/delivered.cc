// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/delivered.h"

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "server/gate/caller.h"
#include "server/gate/statement.h"
#include "server/realm/leaf_receipt.h"
#include "server/rows/device_records.h"
#include "server/rows/records.h"
#include "server/signals/events.h"
#include "server/signals/original.h"
#include "trust/fields.h"
#include "trust/labels.h"
#include "trust/strict.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr int kMaxAtOnce = 64;
constexpr size_t kMaxDeliveryBytes = 256;
constexpr size_t kMaxReplyBytes = 2 * 1024 * 1024;

// One statement, checked but for what is in the database.
struct Statement {
  v1::DeliveredStatement message;
  Bytes bytes;
  Bytes signature;
  v1::Core core;  // of the signal it speaks of
};

absl::Status At(int index, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("statements[", index, "]: ", status.message()));
}

absl::StatusOr<Statement> Parse(const v1::SignedDelivered& signed_statement, const Caller& caller,
                                absl::Time now) {
  Statement parsed{{}, signed_statement.statement(), signed_statement.signature(), {}};
  RETURN_IF_ERROR(trust::StrictParse(parsed.bytes, kMaxDeliveryBytes, "statement", parsed.message));
  RETURN_IF_ERROR(trust::CheckSize(parsed.message.signal_id(), trust::kIdBytes, "statement.signal_id"));
  RETURN_IF_ERROR(trust::CheckSize(parsed.message.header_hash(), trust::kHashBytes, "statement.header_hash"));
  RETURN_IF_ERROR(trust::CheckTime(parsed.message.time(), "statement.time").status());
  RETURN_IF_ERROR(CheckSigned(caller, trust::kDeliveredLabel, parsed.bytes, parsed.signature,
                              {parsed.message.convenant_id(), parsed.message.device_id(), 0, std::nullopt}));
  if (absl::FromUnixSeconds(parsed.message.time()) > now + kStatementWindow) {
    return absl::FailedPreconditionError("statement.time: ahead of the broker's clock by over 5 minutes");
  }
  return parsed;
}

// Holds a statement against the signal that it speaks of. A client may send what it signed when it was out of
// reach, so a statement may be old, but not older than its signal.
absl::Status CheckAgainstSignal(const Store& store, const Realm& realm, Statement& statement) {
  const v1::DeliveredStatement& message = statement.message;
  const absl::Status unknown = absl::NotFoundError("no such signal for this device");
  const absl::StatusOr<Bytes> row =
      store.Get(Family::kSignal, SignalKey(realm.prefix(), message.signal_id()));
  const absl::StatusOr<StoredSignal> decoded = row.ok() ? StoredSignal::Decode(*row) : row.status();
  if (absl::IsNotFound(decoded.status())) return unknown;
  RETURN_IF_ERROR(decoded.status());
  const StoredSignal& signal = *decoded;
  ASSIGN_OR_RETURN(
      const bool addressed,
      store.Contains(Family::kMailbox, MailboxKey(realm.prefix(), message.device_id(), signal.leaf_index)));
  if (!addressed) return unknown;
  if (View(crypto::Sha256(signal.header)) != message.header_hash()) {
    return absl::InvalidArgumentError("statement.header_hash: not that of this signal");
  }
  if (absl::FromUnixSeconds(message.time()) < signal.time - kStatementWindow) {
    return absl::FailedPreconditionError("statement.time: before the signal");
  }
  ASSIGN_OR_RETURN(statement.core, CoreOf(signal.header));
  return absl::OkStatus();
}

void AddTo(v1::SignedDelivered& delivered, const LoggedStatement& row) {
  delivered.set_statement(row.statement);
  delivered.set_signature(row.signature);
}

// All statements of a request. Up to 64 signatures: for a worker.
absl::StatusOr<std::vector<Statement>> CheckAll(const Store& store, const v1::ConfirmDeliveryRequest& request,
                                                const Caller& caller, absl::Time now) {
  std::vector<Statement> statements;
  std::set<ByteView> signals;
  for (int i = 0; i < request.statements_size(); ++i) {
    absl::StatusOr<Statement> statement = Parse(request.statements(i), caller, now);
    if (!statement.ok()) return At(i, statement.status());
    statements.push_back(*std::move(statement));
  }
  for (size_t i = 0; i < statements.size(); ++i) {
    const int index = static_cast<int>(i);
    if (!signals.insert(statements[i].message.signal_id()).second) {
      return At(index, absl::InvalidArgumentError("statement.signal_id: twice"));
    }
    RETURN_IF_ERROR(At(index, CheckAgainstSignal(store, *caller.realm, statements[i])));
  }
  return statements;
}

class ConfirmOperation final : public Operation {
 public:
  ConfirmOperation(Workers& workers, Realm& realm, Session session, std::vector<Statement> statements,
                   DirectorySnapshot directory, absl::Time now, Done<v1::ConfirmDeliveryReply> done)
      : workers_(workers),
        realm_(realm),
        session_(std::move(session)),
        statements_(std::move(statements)),
        directory_(std::move(directory)),
        now_(now),
        done_(std::move(done)) {}

  // With the events made of them.
  size_t bytes() const override { return statements_.size() * Operation::bytes(); }

  absl::Status Prepare() {
    events_.clear();
    RETURN_IF_ERROR(CheckMayAct(*directory_, session_.device, now_));
    const trust::Device& device = *directory_->FindDevice(session_.device);
    for (const Statement& statement : statements_) {
      audit::Event event =
          ActorEvent(audit::EventType::kDeliver, "E", *directory_, device, statement.core.channel(), now_);
      SetSignal(statement.core, event);
      event.SetText(audit::Tag::kRequestHash, View(crypto::Sha256(statement.bytes)));
      ASSIGN_OR_RETURN(events_.emplace_back(), PreparedEvent::Make(event));
    }
    return absl::OkStatus();
  }

  void Apply(Transaction& transaction) override { outcome_ = ApplyOrRefuse(transaction); }

  void Complete(const absl::Status& commit) override {
    if (!commit.ok()) return done_(commit);
    if (!outcome_.ok()) return done_(outcome_);
    // Up to 64 signatures: not for a completer, whom everybody waits for.
    workers_.Schedule([&realm = realm_, rows = std::move(rows_), done = done_] {
      v1::ConfirmDeliveryReply reply;
      for (const LoggedStatement& row : rows) {
        absl::StatusOr<v1::Receipt> receipt = ReceiptAgain(realm, Logged::Of(row));
        if (!receipt.ok()) return done(receipt.status());
        *reply.add_receipts() = *std::move(receipt);
        AddTo(*reply.add_logged(), row);
      }
      done(std::move(reply));
    });
  }

 private:
  absl::Status ApplyOrRefuse(Transaction& transaction) {
    if (directory_ != realm_.staged_directory()) {
      directory_ = realm_.staged_directory();
      RETURN_IF_ERROR(Prepare());
    }
    // Whatever can go wrong goes wrong before anything is written.
    std::vector<std::optional<LoggedStatement>> known;
    for (const Statement& statement : statements_) {
      ASSIGN_OR_RETURN(known.emplace_back(), FindStatement(transaction, KeyOf(statement)));
      // Destroyed while this waited: its rows are not to grow again.
      ASSIGN_OR_RETURN(
          const Bytes signal,
          transaction.Get(Family::kSignal, SignalKey(realm_.prefix(), statement.message.signal_id())));
      if (SignalRemains::Decode(signal).ok()) return absl::NotFoundError("no such signal for this device");
    }
    for (size_t i = 0; i < statements_.size(); ++i) {
      rows_.push_back(known[i] ? *std::move(known[i]) : Write(transaction, statements_[i], events_[i]));
    }
    return absl::OkStatus();
  }

  LoggedStatement Write(Transaction& transaction, const Statement& statement, const PreparedEvent& event) {
    const uint64_t leaf_index = transaction.Stage(realm_, event);
    LoggedStatement row{statement.bytes, statement.signature, leaf_index, event.leaf_hash, event.time};
    transaction.Put(Family::kDevice, KeyOf(statement), row.Encode());
    return row;
  }

  Bytes KeyOf(const Statement& statement) const {
    return DeliveredKey(realm_.prefix(), statement.message.signal_id(), session_.device);
  }

  Workers& workers_;
  Realm& realm_;
  const Session session_;
  const std::vector<Statement> statements_;
  DirectorySnapshot directory_;
  const absl::Time now_;
  const Done<v1::ConfirmDeliveryReply> done_;
  std::vector<PreparedEvent> events_;  // one per statement
  absl::Status outcome_;
  std::vector<LoggedStatement> rows_;  // one per statement
};

// The statements about one signal, if it is of `member`'s. Another's, one that was never there and one that
// was destroyed are answered alike, with nothing: a sender who asks about all that nobody confirmed yet is
// told about those that are left.
absl::Status AddDelivered(const Store& store, const Realm& realm, const trust::Directory& directory,
                          ByteView member, ByteView signal_id, v1::GetDeliveredReply& reply) {
  const absl::StatusOr<Bytes> row = store.Get(Family::kSignal, SignalKey(realm.prefix(), signal_id));
  const absl::StatusOr<StoredSignal> stored = row.ok() ? StoredSignal::Decode(*row) : row.status();
  if (absl::IsNotFound(stored.status())) return absl::OkStatus();
  RETURN_IF_ERROR(stored.status());
  const StoredSignal& signal = *stored;
  const trust::Device* sender = directory.FindDevice(signal.sender_device);
  if (sender == nullptr || sender->member_ref != member) return absl::OkStatus();
  const Bytes prefix = DeliveredPrefix(realm.prefix(), signal_id);
  absl::Status decoded;
  RETURN_IF_ERROR(store.Scan(Family::kDevice, prefix, PrefixLimit(prefix), [&](ByteView, ByteView value) {
    absl::StatusOr<LoggedStatement> statement = LoggedStatement::Decode(value);
    decoded = statement.status();
    if (!decoded.ok()) return false;
    AddTo(*reply.add_statements(), *statement);
    return true;
  }));
  return decoded;
}

}  // namespace

void Deliveries::Confirm(const Session& session, const v1::ConfirmDeliveryRequest& request,
                         Done<v1::ConfirmDeliveryReply> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = AdmitToWrite(context_, context_.quotas.opens, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status admitted = CheckConvenant(session, request.convenant_id());
  if (admitted.ok() && (request.statements().empty() || request.statements_size() > kMaxAtOnce)) {
    admitted = absl::InvalidArgumentError("statements: 1 to 64 wanted");
  }
  if (!admitted.ok()) return done(admitted);
  context_.workers.Schedule(
      [this, caller = *caller, session, request, now, done = std::move(done)]() mutable {
        absl::StatusOr<std::vector<Statement>> statements = CheckAll(context_.store, request, caller, now);
        if (!statements.ok()) return done(statements.status());
        auto operation = std::make_unique<ConfirmOperation>(
            context_.workers, *caller.realm, session, *std::move(statements), caller.directory, now, done);
        if (const absl::Status prepared = operation->Prepare(); !prepared.ok()) return done(prepared);
        context_.sequencer.Enqueue(std::move(operation));
      });
}

void Deliveries::Get(const Session& session, const v1::GetDeliveredRequest& request,
                     Done<v1::GetDeliveredReply> done) {
  const absl::Time now = context_.clock.Now();
  const absl::StatusOr<Caller> caller = Admit(context_, context_.quotas.questions, session, now);
  if (!caller.ok()) return done(caller.status());
  absl::Status admitted = CheckConvenant(session, request.convenant_id());
  if (admitted.ok() && (request.signal_ids().empty() || request.signal_ids_size() > kMaxAtOnce)) {
    admitted = absl::InvalidArgumentError("signal_ids: 1 to 64 wanted");
  }
  for (const std::string& signal_id : request.signal_ids()) {
    if (admitted.ok()) admitted = trust::CheckSize(signal_id, trust::kIdBytes, "signal_ids");
  }
  if (!admitted.ok()) return done(admitted);
  context_.workers.Schedule([this, caller = *caller, request, done = std::move(done)] {
    v1::GetDeliveredReply reply;
    for (const std::string& signal_id : request.signal_ids()) {
      const absl::Status added = AddDelivered(context_.store, *caller.realm, *caller.directory,
                                              caller.device->member_ref, signal_id, reply);
      if (!added.ok()) return done(added);
      if (reply.ByteSizeLong() > kMaxReplyBytes) {
        return done(absl::InvalidArgumentError("signal_ids: ask about fewer at a time"));
      }
    }
    done(std::move(reply));
  });
}

}  // namespace seinpost::server
