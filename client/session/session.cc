// SPDX-License-Identifier: EUPL-1.2
#include "client/session/session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "client/broker/fork_evidence.h"
#include "client/session/gossip.h"
#include "client/session/own_devices.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "util/status_macros.h"

namespace seinpost::client {

Session::Session(const Context& context, Profile profile, State state, ConvenantEntry entry,
                 HeldDirectory held, std::unique_ptr<Connection> connection)
    : context_(context),
      profile_(std::move(profile)),
      state_(std::move(state)),
      entry_(std::move(entry)),
      own_device_id_(profile_.device_id()),
      held_(std::move(held)),
      connection_(std::move(connection)),
      log_(context, state_, *connection_, entry_.id) {}

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const Context& context) {
  return OpenAny(context, nullptr);
}

absl::StatusOr<std::unique_ptr<Session>> Session::OpenWith(const Context& context,
                                                           std::unique_ptr<Connection> connection) {
  return OpenAny(context, std::move(connection));
}

absl::StatusOr<std::unique_ptr<Session>> Session::OpenAny(const Context& context,
                                                          std::unique_ptr<Connection> connection) {
  ASSIGN_OR_RETURN(Profile profile, Profile::Open(context));
  ASSIGN_OR_RETURN(ConvenantEntry entry, profile.FindConvenant(context.convenant));
  ASSIGN_OR_RETURN(State state, State::Open(absl::StrCat(profile.directory(), "/", entry.id)));
  // The checkpoint first: another command that writes meanwhile writes the directory first, so that the
  // directory read here is never the older of the two.
  ASSIGN_OR_RETURN(const StateData data, state.Load());
  ASSIGN_OR_RETURN(HeldDirectory held, LoadHeld(state, entry));
  if (connection == nullptr) {
    connection = std::make_unique<Connection>(entry.broker, entry.tls_ca_pem, context);
  }
  std::unique_ptr<Session> session(new Session(context, std::move(profile), std::move(state),
                                               std::move(entry), std::move(held), std::move(connection)));
  if (session->has_directory()) {
    RETURN_IF_ERROR(session->log_.Load(data, session->directory()));
    session->BelieveLog(session->directory().LogIdentityAsOf());
  }
  session->WarnOfClock();
  RETURN_IF_ERROR(session->DestroyPrekeys());
  session->WarnOfEvidence();
  RETURN_IF_ERROR(session->WarnOfDevices());
  return session;
}

// What makes expired signals unreadable needs no network.
absl::Status Session::DestroyPrekeys() {
  const absl::Time until = settled();
  const bool due = std::any_of(profile_.prekeys().begin(), profile_.prekeys().end(),
                               [until](const PrekeySecret& prekey) { return prekey.delete_after <= until; });
  if (!due) return absl::OkStatus();
  return profile_.Update([until](Profile& newest) {
    newest.DestroyExpiredPrekeys(until);
    return absl::OkStatus();
  });
}

absl::Time Session::settled() const {
  if (!checkpoint().has_value() || !checkpoint()->time.has_value()) return absl::InfinitePast();
  return std::min(*checkpoint()->time, context_.clock.Now());
}

ClockCheck Session::CheckClock() const {
  return client::CheckClock(context_.clock.Now(),
                            checkpoint().has_value() ? checkpoint()->time : std::nullopt,
                            connection_->ahead_of_broker());
}

void Session::NoteCopied() {
  if (!copied_) Note(context_, TextOf(Text::kProfileCopied, context_.language));
  copied_ = true;
}

void Session::NoteReadOnly() {
  if (!read_only_) Note(context_, TextOf(Text::kBrokerReadOnly, context_.language));
  read_only_ = true;
}

void Session::WarnOfClock() const {
  const ClockCheck check = CheckClock();
  if (!check.behind_log && !check.far_ahead) return;
  const Text text = check.behind_log ? Text::kClockBeforeLog : Text::kClockFarAhead;
  Note(context_, absl::Substitute(TextOf(text, context_.language), FormatLocal(context_.clock.Now()),
                                  FormatLocal(*checkpoint()->time)));
}

void Session::WarnOfEvidence() const {
  const std::vector<std::string> evidence = ListEvidence(state_.directory());
  if (evidence.empty()) return;
  Note(context_,
       absl::Substitute(TextOf(Text::kEvidenceKept, context_.language), absl::StrJoin(evidence, ", ")));
}

// The first time there is a directory its devices are taken as known, and told; later ones are an alarm.
absl::Status Session::WarnOfDevices() {
  if (!has_directory()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const StateData data, state_.Load());
  if (!data.own_devices.has_value()) {
    std::set<Bytes> known = DevicesOf(directory(), profile_.organisation(), profile_.handle());
    for (const Bytes& id : known) {
      if (id == own_device_id_) continue;
      Note(context_, absl::Substitute(TextOf(Text::kDeviceKnown, context_.language), ToHex(id)));
    }
    return state_.Update([&](StateData& newest) {
      if (!newest.own_devices.has_value()) newest.own_devices = std::move(known);
      return absl::OkStatus();
    });
  }
  for (const trust::Device* device :
       UnknownDevices(directory(), profile_.organisation(), profile_.handle(), own_device_id_, data)) {
    if (!alarmed_.insert(device->id).second) continue;
    Note(context_, absl::Substitute(TextOf(Text::kDeviceAlarm, context_.language), ToHex(device->id)));
  }
  return absl::OkStatus();
}

void Session::BelieveLog(const trust::LogIdentity& identity) {
  Bytes log_key = ToBytes(identity.key);
  if (log_key == service_identity_) return;  // the session with the broker goes on
  service_identity_ = std::move(log_key);
  connection_->SetCredentials({.device_id = own_device_id_,
                               .key = &profile_.device_key(),
                               .convenant_id = entry_.id,
                               .service_identity = service_identity_});
}

absl::StatusOr<const trust::Device*> Session::OwnDevice() const {
  const trust::Device* device = directory().FindDevice(own_device_id_);
  if (device == nullptr)
    return absl::FailedPreconditionError("this device is not certified by its organisation yet");
  return device;
}

absl::StatusOr<const trust::Member*> Session::OwnMember() const {
  ASSIGN_OR_RETURN(const trust::Device* const device, OwnDevice());
  const trust::Member* member = directory().FindMember(device->member_ref);
  if (member == nullptr) return absl::FailedPreconditionError("this device belongs to no member");
  return member;
}

bool Session::KnowsDirectoryHead(const audit::DirectoryHead& head) const {
  const Digest* hash = directory().ChainHashAt(head.seq);
  return hash != nullptr && *hash == head.hash;
}

bool Session::PrekeysDue() const { return client::PrekeysDue(profile_, directory(), context_.clock.Now()); }

absl::Status Session::SyncDirectory() {
  RETURN_IF_ERROR(SyncLog());
  RETURN_IF_ERROR(DestroyPrekeys());
  if (PrekeysDue()) RETURN_IF_ERROR(RenewPrekeys());
  const size_t unreadable = WithoutSecret().for_good;
  if (unreadable > 0 && !warned_) {
    Note(context_, absl::Substitute(TextOf(Text::kPrekeysGone, context_.language), unreadable));
    warned_ = true;
  }
  return absl::OkStatus();
}

PrekeysWithoutSecret Session::WithoutSecret() const {
  return FindPrekeysWithoutSecret(profile_, directory(), context_.clock.Now());
}

absl::Status Session::RenewPrekeys() {
  const size_t before = WithoutSecret().sealed_to;
  ASSIGN_OR_RETURN(const std::vector<Bytes> prekeys,
                   client::RenewPrekeys(profile_, directory(), context_.clock.Now()));
  if (prekeys.empty()) return absl::OkStatus();
  const absl::StatusOr<v1::PublishReply> reply = connection_->Publish(entry_.id, prekeys);
  if (reply.ok()) {
    RETURN_IF_ERROR(CheckPublished(*reply, prekeys));
    RETURN_IF_ERROR(SyncLog());
    if (const size_t after = WithoutSecret().sealed_to; after < before) {
      Note(context_, absl::Substitute(TextOf(Text::kPrekeysReplaced, context_.language), before - after));
    }
    return absl::OkStatus();
  }
  if (ExitCodeOf(reply.status()) == kUnreachable) return reply.status();
  // The secrets are kept, the next command offers the same prekeys again.
  Note(context_, absl::StrCat("the prekeys of this device were not published: ", reply.status().message()));
  return absl::OkStatus();
}

absl::StatusOr<CheckedReceipt> Session::CheckReceipt(const v1::Receipt& receipt, const Digest& request_hash,
                                                     ReceiptKind kind) {
  absl::StatusOr<CheckedReceipt> checked =
      VerifyReceipt(directory(), receipt, request_hash, kind, context_.language);
  const absl::StatusOr<audit::ReceiptBody> body = audit::ReceiptBody::Decode(receipt.body());
  if (!checked.ok() && body.ok() && checkpoint().has_value() && body->index >= checkpoint()->size) {
    // Perhaps the log has a new key since this device looked last.
    const trust::DirSize before = directory().size();
    RETURN_IF_ERROR(SyncLog());
    if (directory().size() != before) {
      checked = VerifyReceipt(directory(), receipt, request_hash, kind, context_.language);
    }
  }
  if (!checked.ok()) return checked.status();
  RETURN_IF_ERROR(state_.Update([&](StateData& data) {
    data.pending.push_back(PromiseOf(checked->body, context_.clock.Now()));
    return absl::OkStatus();
  }));
  return checked;
}

absl::Status Session::CheckPublished(const v1::PublishReply& reply, const std::vector<Bytes>& objects) {
  const absl::Time now = context_.clock.Now();
  absl::StatusOr<std::vector<PendingReceipt>> pending =
      VerifyPublished(directory(), reply, objects, now, context_.language);
  if (!pending.ok()) {
    // Perhaps another command of this device published the same, or the log has a new key since this one
    // looked last.
    RETURN_IF_ERROR(SyncLog());
    pending = VerifyPublished(directory(), reply, objects, now, context_.language);
  }
  if (absl::IsNotFound(pending.status())) {
    return TamperedError(TextOf(Text::kReceiptMissing, context_.language));
  }
  RETURN_IF_ERROR(pending.status());
  return state_.Update([&](StateData& data) {
    data.pending.insert(data.pending.end(), pending->begin(), pending->end());
    return absl::OkStatus();
  });
}

}  // namespace seinpost::client
