// SPDX-License-Identifier: EUPL-1.2
#include "client/broker/in_force.h"

#include <utility>

#include "client/terminal/context.h"
#include "trust/objects.h"
#include "util/status_macros.h"

namespace seinpost::client {

absl::StatusOr<InForce> AskInForce(Connection& connection, absl::string_view convenant_id) {
  ASSIGN_OR_RETURN(const v1::GetConvenantReply reply, connection.GetConvenant(convenant_id));
  absl::StatusOr<v1::SignedObject> object = trust::ParseSignedObject(reply.object());
  if (!object.ok()) return TamperedError("what the broker gives is no convenant");
  absl::StatusOr<ConvenantFile> file = ParseSignableConvenant(object->body(), "the broker's convenant");
  if (!file.ok()) return TamperedError("what the broker gives is no convenant");
  if (!convenant_id.empty() && file->convenant.id() != convenant_id) {
    return TamperedError("the broker gives another convenant than it was asked for");
  }
  return InForce{*std::move(file), *std::move(object), reply.checkpoint()};
}

}  // namespace seinpost::client
