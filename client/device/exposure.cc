// SPDX-License-Identifier: EUPL-1.2
#include "client/device/exposure.h"

#include <memory>

#include "client/mail/sync.h"
#include "client/session/session.h"
#include "client/terminal/arguments.h"
#include "client/terminal/texts.h"
#include "envelope/vocabulary.h"
#include "trust/levels.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

ExposedPart FromProto(const v1::Exposure& exposure) {
  return ExposedPart{.signal_id = exposure.signal_id(),
                     .channel = exposure.channel(),
                     .level = trust::LevelFromProto(exposure.level()),
                     .category = exposure.category(),
                     .purpose = exposure.purpose(),
                     .case_ref = exposure.case_ref(),
                     .created = absl::FromUnixSeconds(exposure.created()),
                     .part = exposure.part(),
                     .kind = std::string(envelope::NameOf(exposure.kind())),
                     .expires = absl::FromUnixSeconds(exposure.expires()),
                     .released = exposure.released()};
}

}  // namespace

absl::StatusOr<Exposure> FindExposure(const Context& context, const std::string& device) {
  ASSIGN_OR_RETURN(const Bytes id, ParseId(device, "device: not an id of 32 hexadecimal digits"));
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  Exposure exposure;
  const absl::Status listed = session->connection().ListExposure(id, [&](const v1::Exposure& part) {
    exposure.parts.push_back(FromProto(part));
    return absl::OkStatus();
  });
  if (absl::IsNotFound(listed)) return UsageError(TextOf(Text::kExposureUnknown, context.language));
  RETURN_IF_ERROR(listed);
  return exposure;
}

}  // namespace seinpost::client
