// SPDX-License-Identifier: EUPL-1.2
#include "server/directory/object_event.h"

#include <utility>

#include "crypto/hash.h"
#include "server/directory/object_body.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

using audit::EventType;
using audit::Tag;

// How the log names the objects that are told as DIRECTORY; nothing for the others.
absl::string_view ObjectTypeOf(v1::ObjectKind kind) {
  switch (kind) {
    case v1::OBJECT_KIND_PROPOSAL:
      return "proposal";
    case v1::OBJECT_KIND_TRUST_UPDATE:
      return "trust-update";
    case v1::OBJECT_KIND_RESTRICTION_ORDER:
      return "restriction-order";
    case v1::OBJECT_KIND_LOG_EPOCH:
      return "log-epoch";
    default:
      return {};
  }
}

absl::Status DescribeMandate(const v1::SignedObject& object, audit::Event& event) {
  ASSIGN_OR_RETURN(const auto mandate, BodyOf<v1::Mandate>(object, "mandate"));
  event.SetType(EventType::kMandateGranted)
      .SetText(Tag::kActorOrganisation, mandate.organisation())
      .SetText(Tag::kOnBehalfOf, mandate.member_ref())
      .SetText(Tag::kObject, mandate.mandate_id());
  return absl::OkStatus();
}

absl::Status DescribeRevocation(const v1::SignedObject& object, audit::Event& event) {
  ASSIGN_OR_RETURN(const auto revocation, BodyOf<v1::Revocation>(object, "revocation"));
  event.SetType(revocation.has_mandate_id() ? EventType::kMandateEnded : EventType::kDirectory)
      .SetText(Tag::kAction, "D")
      .SetText(Tag::kActorOrganisation, revocation.organisation())
      .SetText(Tag::kObject, revocation.has_mandate_id() ? revocation.mandate_id() : revocation.device_id());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<PreparedEvent>> EventOf(const v1::SignedObject& object, ByteView bytes,
                                                     const trust::Directory& directory, absl::Time now) {
  audit::Event event;
  event.SetTime(now)
      .SetText(Tag::kAction, "C")
      .SetNumber(Tag::kOutcome, 0)
      .SetText(Tag::kSource, "broker")
      .SetText(Tag::kConvenant, directory.convenant()->id())
      .SetNumber(Tag::kConvenantVersion, directory.convenant()->version())
      .SetText(Tag::kObjectType, "directory")
      .SetText(Tag::kRequestHash, View(crypto::Sha256(bytes)));
  switch (object.kind()) {
    case v1::OBJECT_KIND_CONVENANT:
      event.SetType(EventType::kConvenantActivated).SetText(Tag::kObject, View(directory.convenant_hash()));
      break;
    case v1::OBJECT_KIND_MANDATE:
      RETURN_IF_ERROR(DescribeMandate(object, event));
      break;
    case v1::OBJECT_KIND_REVOCATION:
      RETURN_IF_ERROR(DescribeRevocation(object, event));
      break;
    case v1::OBJECT_KIND_PROPOSAL:
    case v1::OBJECT_KIND_TRUST_UPDATE:
    case v1::OBJECT_KIND_RESTRICTION_ORDER:
    case v1::OBJECT_KIND_LOG_EPOCH:
      event.SetType(EventType::kDirectory)
          .SetText(Tag::kObjectType, ObjectTypeOf(object.kind()))
          .SetText(Tag::kObject, View(crypto::Sha256(object.body())));
      if (object.signatures_size() == 1) {
        event.SetText(Tag::kActorOrganisation, object.signatures(0).signer());
      }
      break;
    default:
      return std::optional<PreparedEvent>();
  }
  ASSIGN_OR_RETURN(PreparedEvent prepared, PreparedEvent::Make(event));
  return std::optional<PreparedEvent>(std::move(prepared));
}

}  // namespace seinpost::server
