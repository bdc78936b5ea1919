// SPDX-License-Identifier: EUPL-1.2
#include "client/terminal/decision.h"

#include <algorithm>

#include "envelope/decision_message.h"
#include "envelope/vocabulary.h"
#include "trust/levels.h"

namespace seinpost::client {
namespace {

// `justifies` holds member_refs; the wire names members.
std::string NameOfRef(const std::string& ref, const policies::Facts& facts) {
  for (const auto& [member, unused] : facts.members) {
    if (!ref.empty() && member.ref == ref) return AddressOf(member);
  }
  return ref;
}

}  // namespace

std::string AddressOf(const policies::MemberId& member) { return policies::ToString(member); }

v1::Decision ToProto(const policies::Decision& decision, const policies::SendRequest& request) {
  return envelope::ToProto(decision, envelope::DecidedParts::Of(request));
}

v1::DecideSendRequest ToProto(const policies::SendRequest& request, const policies::Facts& facts) {
  v1::DecideSendRequest message;
  message.set_convenant_id(request.convenant_id);
  message.set_convenant_version(request.convenant_version);
  message.set_channel(request.channel);
  message.set_category(request.category);
  message.set_purpose(request.purpose);
  message.set_level(trust::LevelToProto(request.level));
  message.set_informed(envelope::InformedToProto(request.informed));
  message.set_informed_code(request.informed_code);
  message.set_has_case_ref(request.has_case_ref);
  message.set_queued(request.queued);
  for (const policies::PartRequest& part : request.parts) {
    v1::AskedPart& asked = *message.add_parts();
    asked.set_kind(envelope::PartKindToProto(part.kind));
    for (const policies::MemberId& member : part.recipients) asked.add_recipients(AddressOf(member));
    asked.set_broadcast(part.broadcast);
    asked.set_kept(part.kept);
    for (const std::string& ref : part.justifies) asked.add_justifies(NameOfRef(ref, facts));
    asked.set_retention_class(part.retention_class);
  }
  for (const std::string& hit : request.identifier_hits) message.add_identifier_hits(hit);
  return message;
}

std::vector<std::string> CodesOf(const v1::Decision& decision) {
  std::vector<std::string> codes;
  for (const v1::Reason& reason : decision.reasons()) {
    if (std::find(codes.begin(), codes.end(), reason.code()) == codes.end()) codes.push_back(reason.code());
  }
  return codes;
}

}  // namespace seinpost::client
