// SPDX-License-Identifier: EUPL-1.2
#include "envelope/vocabulary.h"

namespace seinpost::envelope {

bool IsKnown(v1::PartKind kind) {
  return kind >= v1::PART_KIND_NARRATIVE && kind <= v1::PART_KIND_ATTACHMENT;
}

policies::PartKind PartKindFromProto(v1::PartKind kind) {
  switch (kind) {
    case v1::PART_KIND_NARRATIVE:
      return policies::PartKind::kNarrative;
    case v1::PART_KIND_CARE:
      return policies::PartKind::kCare;
    case v1::PART_KIND_SOURCE:
      return policies::PartKind::kSource;
    case v1::PART_KIND_JUSTIFICATION:
      return policies::PartKind::kJustification;
    case v1::PART_KIND_ATTACHMENT:
      return policies::PartKind::kAttachment;
    default:
      return policies::PartKind::kIdentity;
  }
}

v1::PartKind PartKindToProto(policies::PartKind kind) {
  switch (kind) {
    case policies::PartKind::kNarrative:
      return v1::PART_KIND_NARRATIVE;
    case policies::PartKind::kIdentity:
      return v1::PART_KIND_IDENTITY;
    case policies::PartKind::kCare:
      return v1::PART_KIND_CARE;
    case policies::PartKind::kSource:
      return v1::PART_KIND_SOURCE;
    case policies::PartKind::kJustification:
      return v1::PART_KIND_JUSTIFICATION;
    case policies::PartKind::kAttachment:
      return v1::PART_KIND_ATTACHMENT;
  }
  return v1::PART_KIND_UNSPECIFIED;
}

absl::string_view NameOf(v1::PartKind kind) {
  return IsKnown(kind) ? policies::ToString(PartKindFromProto(kind)) : "unknown";
}

policies::Informed InformedFromProto(v1::Informed informed) {
  switch (informed) {
    case v1::INFORMED_YES:
      return policies::Informed::kYes;
    case v1::INFORMED_NO:
      return policies::Informed::kNo;
    case v1::INFORMED_NOT_YET:
      return policies::Informed::kNotYet;
    default:
      return policies::Informed::kNotStated;
  }
}

v1::Informed InformedToProto(policies::Informed informed) {
  switch (informed) {
    case policies::Informed::kYes:
      return v1::INFORMED_YES;
    case policies::Informed::kNo:
      return v1::INFORMED_NO;
    case policies::Informed::kNotYet:
      return v1::INFORMED_NOT_YET;
    case policies::Informed::kNotStated:
      break;
  }
  return v1::INFORMED_UNSPECIFIED;
}

bool IsTie(absl::string_view word) {
  return word == "school" || word == "ward" || word == "action" || word == "case" || word == "competence";
}

}  // namespace seinpost::envelope
