// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/info.h"

#include <algorithm>
#include <memory>
#include <set>

#include "client/broker/fork_evidence.h"
#include "client/mail/inbox.h"
#include "client/mail/sync.h"
#include "client/session/own_devices.h"
#include "client/session/session.h"
#include "trust/facts.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

bool Holds(const trust::MandateEntry& mandate, absl::Time now) {
  return mandate.Stands() && mandate.from <= now && now < mandate.until;
}

std::vector<trust::MandateEntry> MandatesNow(const trust::Directory& directory, const trust::MemberRef& ref,
                                             absl::Time now) {
  std::vector<trust::MandateEntry> mandates;
  for (const trust::MandateEntry* mandate : directory.MandatesOf(ref)) {
    if (Holds(*mandate, now)) mandates.push_back(*mandate);
  }
  return mandates;
}

ListedMember Describe(const trust::Directory& directory, const trust::Member& member, absl::Time now) {
  ListedMember row;
  row.member = member.address();
  row.organisation = member.organisation;
  row.handle = member.handle;
  std::set<std::string> functions, deputy_for;
  for (const trust::MandateEntry& mandate : MandatesNow(directory, member.ref, now)) {
    functions.insert(mandate.function);
    if (mandate.deputy_for) {
      const trust::Member& other = *directory.FindMember(*mandate.deputy_for);
      deputy_for.insert(other.address());
    }
  }
  row.functions.assign(functions.begin(), functions.end());
  row.deputy_for.assign(deputy_for.begin(), deputy_for.end());
  for (const policies::DeviceFacts& device : trust::MemberFactsOf(directory, member, now).devices) {
    ++row.devices;
    row.reachable = row.reachable || !device.prekey_classes.empty();
  }
  return row;
}

// The members who sit in `channel` at any level, with a mandate for it, the asker included.
absl::StatusOr<std::vector<const trust::Member*>> MembersOf(const Session& session,
                                                            const std::string& channel, absl::Time now) {
  const trust::Directory& directory = session.directory();
  if (channel.empty()) return directory.Members();
  const trust::Member nobody;
  return trust::ChannelMembers(directory, channel, policies::Level::kL0, nobody, now);
}

absl::Status AddMail(Session& session, StatusReport& report) {
  ASSIGN_OR_RETURN(const std::vector<Queued> waiting, session.state().ListQueued());
  report.waiting = waiting.size();
  ASSIGN_OR_RETURN(const std::vector<Letter> letters, ReadInbox(session));
  report.unread = static_cast<size_t>(
      std::count_if(letters.begin(), letters.end(), [](const Letter& letter) { return letter.unread; }));
  ASSIGN_OR_RETURN(report.duties, DutiesOf(session));
  ASSIGN_OR_RETURN(report.unconfirmed, UnconfirmedDeliveries(session));
  return absl::OkStatus();
}

absl::Status AddAlarms(Session& session, StatusReport& report) {
  ASSIGN_OR_RETURN(const StateData data, session.state().Load());
  for (const trust::Device* device :
       UnknownDevices(session.directory(), session.profile().organisation(), session.profile().handle(),
                      session.own_device_id(), data)) {
    report.unknown_devices.push_back(device->id);
  }
  report.evidence = ListEvidence(session.state().directory());
  report.lost_tails = session.directory().lost_tails();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SelfPortrait> AskWhoAmI(const Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  // A profile that was never connected knows nothing about itself but its name; and one that is not often
  // used must stay reachable.
  if (!session->has_directory() || !session->OwnDevice().ok() || session->PrekeysDue()) {
    const absl::Status synced = session->SyncDirectory();
    if (ExitCodeOf(synced) == kTampered) return synced;
  }
  const Profile& profile = session->profile();
  SelfPortrait self;
  self.member = profile.address();
  self.organisation = profile.organisation();
  self.handle = profile.handle();
  self.device_id = session->own_device_id();
  self.convenant = session->entry().id;
  self.broker = session->entry().broker;
  if (!session->has_directory()) return self;
  const absl::StatusOr<const trust::Device*> device = session->OwnDevice();
  if (!device.ok()) return self;
  self.certified_until = (*device)->not_after;
  self.mandates = MandatesNow(session->directory(), (*device)->member_ref, context.clock.Now());
  return self;
}

absl::StatusOr<StatusReport> AskStatus(const Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  absl::Status synced = Sync(*session);
  if (synced.ok()) synced = FetchDelivered(*session);
  StatusReport report;
  report.clock_check = session->CheckClock();
  if (!synced.ok() && ExitCodeOf(synced) != kUnreachable) {
    const bool clock = !report.clock_check.ok || report.clock_check.broker_behind_log;
    if (ExitCodeOf(synced) != kFailed || !clock) return synced;
    report.clock_fault = std::string(synced.message());
  }
  report.broker = session->entry().broker;
  report.convenant = session->entry().id;
  report.connected = synced.ok();
  report.convenant_version = session->entry().version;
  report.clock = context.clock.Now();
  report.directory_size = session->directory().size();
  for (const trust::PrekeyEntry* prekey : session->directory().PrekeysOf(session->own_device_id())) {
    if (prekey->OpenAt(report.clock)) ++report.prekeys_now;
  }
  report.prekey_secrets = session->profile().prekeys().size();
  report.without_secret = session->WithoutSecret();
  if (session->checkpoint().has_value()) {
    report.log_size = session->checkpoint()->size;
    report.checkpoint_time = session->checkpoint()->time;
  }
  RETURN_IF_ERROR(AddMail(*session, report));
  RETURN_IF_ERROR(AddAlarms(*session, report));
  return report;
}

absl::StatusOr<ListedMembers> ListMembers(const Context& context, const std::string& channel) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  RETURN_IF_ERROR(session->SyncDirectory());
  const absl::Time now = context.clock.Now();
  ASSIGN_OR_RETURN(const std::vector<const trust::Member*> members, MembersOf(*session, channel, now));
  ListedMembers listed;
  for (const trust::Member* member : members) {
    listed.members.push_back(Describe(session->directory(), *member, now));
  }
  return listed;
}

}  // namespace seinpost::client
