// SPDX-License-Identifier: EUPL-1.2
#include "client/mail/sync.h"

#include "absl/strings/str_cat.h"
#include "client/mail/delivered.h"
#include "client/mail/outbox.h"
#include "client/terminal/output.h"
#include "util/status_macros.h"

namespace seinpost::client {

absl::Status Sync(Session& session) {
  // A broker that stores nothing still shows what it has, by the directory that this device holds.
  const absl::Status synced = session.SyncDirectory();
  bool read_only = IsReadOnly(synced) && session.has_directory();
  if (!synced.ok() && !read_only) return synced;
  RETURN_IF_ERROR(session.OwnDevice().status());
  for (const absl::Status& done : {FlushOutbox(session).status(), ConfirmDeliveries(session)}) {
    read_only = read_only || IsReadOnly(done);
    if (done.ok() || IsReadOnly(done)) continue;
    if (ExitCodeOf(done) == kTampered || ExitCodeOf(done) == kUnreachable) return done;
    // What waits can wait longer: it must not keep the command from what it was called for.
    Note(session.context(), absl::StrCat("not everything that waited could be sent: ", done.message()));
  }
  if (read_only) session.NoteReadOnly();
  return absl::OkStatus();
}

absl::Status ConfirmWhatCame(Session& session) {
  const absl::Status confirmed = ConfirmDeliveries(session);
  if (IsReadOnly(confirmed)) session.NoteReadOnly();
  if (confirmed.ok() || ExitCodeOf(confirmed) == kTampered) return confirmed;
  if (ExitCodeOf(confirmed) != kUnreachable) {
    Note(session.context(), absl::StrCat("not everything that waited could be sent: ", confirmed.message()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Session>> OpenOnline(const Context& context) {
  ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Session::Open(context));
  RETURN_IF_ERROR(Sync(*session));
  return session;
}

}  // namespace seinpost::client
