// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/caller.h"

#include "absl/strings/str_cat.h"
#include "server/commit/read_only.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

// Of an organisation in one convenant: another convenant's of that name is another.
Bytes OrganisationKey(const Caller& caller) {
  return absl::StrCat(caller.realm->prefix(), caller.device->organisation);
}

}  // namespace

absl::StatusOr<Caller> FindCaller(const Realms& realms, const Session& session, absl::Time now) {
  const auto realm = realms.find(session.convenant_id);
  if (realm == realms.end()) return NoValidSession();
  Caller caller{realm->second.get(), realm->second->directory(), nullptr};
  RETURN_IF_ERROR(CheckMayAct(*caller.directory, session.device, now));
  caller.device = caller.directory->FindDevice(session.device);
  return caller;
}

absl::Status Take(SharedQuota& quota, const Caller& caller, absl::Time now, uint64_t amount) {
  return quota.Take(caller.device->id, OrganisationKey(caller), now, amount);
}

void Charge(SharedQuota& quota, const Caller& caller, absl::Time now, uint64_t amount) {
  quota.Charge(caller.device->id, OrganisationKey(caller), now, amount);
}

absl::StatusOr<Caller> Admit(const Context& context, SharedQuota& quota, const Session& session,
                             absl::Time now) {
  ASSIGN_OR_RETURN(Caller caller, FindCaller(context.realms, session, now));
  RETURN_IF_ERROR(Take(quota, caller, now));
  return caller;
}

absl::StatusOr<Caller> AdmitToWrite(const Context& context, SharedQuota& quota, const Session& session,
                                    absl::Time now) {
  ASSIGN_OR_RETURN(Caller caller, FindCaller(context.realms, session, now));
  RETURN_IF_ERROR(caller.realm->MayWrite());
  if (!context.sequencer.Healthy().ok()) return ReadOnly();
  RETURN_IF_ERROR(Take(quota, caller, now));
  return caller;
}

absl::Status CheckMayAct(const trust::Directory& directory, ByteView device_id, absl::Time now) {
  const trust::Device* device = directory.FindDevice(device_id);
  if (device == nullptr || !directory.MayAct(*device, now)) return NoValidSession();
  return absl::OkStatus();
}

absl::Status CheckConvenant(const Session& session, absl::string_view convenant_id) {
  if (convenant_id == session.convenant_id) return absl::OkStatus();
  return absl::InvalidArgumentError("convenant_id: not the convenant of this session");
}

}  // namespace seinpost::server
