// SPDX-License-Identifier: EUPL-1.2
// A verified envelope as a question to policies/: ToSendRequest and LoadFacts of verify.h.
#include <set>

#include "absl/functional/function_ref.h"
#include "envelope/verify.h"
#include "envelope/vocabulary.h"
#include "trust/facts.h"
#include "trust/levels.h"

namespace seinpost::envelope {

namespace pb = seinpost::v1;

namespace {

// Visits the devices that stand in the part, reached or not.
void ForEachDevice(const pb::PartDescriptor& descriptor, const trust::Directory& directory,
                   absl::FunctionRef<void(const trust::Device&)> visit) {
  const auto visit_known = [&](ByteView device_id) {
    if (const trust::Device* device = directory.FindDevice(device_id)) visit(*device);
  };
  for (const pb::Recipient& recipient : descriptor.recipients()) visit_known(recipient.device_id());
  for (const std::string& id : descriptor.unreached()) visit_known(id);
}

// Their members, sorted as policies sort them.
std::vector<policies::MemberId> RecipientsOf(const pb::PartDescriptor& descriptor,
                                             const trust::Directory& directory) {
  std::set<policies::MemberId> members;
  ForEachDevice(descriptor, directory, [&](const trust::Device& device) {
    members.insert(trust::ToMemberId(*directory.FindMember(device.member_ref)));
  });
  return std::vector<policies::MemberId>(members.begin(), members.end());
}

policies::PartRequest ToPartRequest(const VerifiedPart& part, const trust::Directory& directory) {
  policies::PartRequest request;
  request.kind = PartKindFromProto(part.descriptor.kind());
  request.recipients = RecipientsOf(part.descriptor, directory);
  request.kept = !part.descriptor.share_commits().empty();
  for (const pb::Recipient& recipient : part.descriptor.recipients()) {
    request.devices.push_back(recipient.device_id());
  }
  request.unreached.assign(part.descriptor.unreached().begin(), part.descriptor.unreached().end());
  request.retention_class = part.descriptor.retention_class();
  request.expires = absl::FromUnixSeconds(part.descriptor.expires());
  for (const pb::Tie& tie : part.descriptor.ties()) {
    // VerifyEnvelope has let known words pass only.
    if (const absl::StatusOr<policies::Tie> word = policies::ParseTie(tie.tie()); word.ok()) {
      request.ties[tie.member_ref()] = *word;
    }
  }
  request.justifies.assign(part.descriptor.justifies().begin(), part.descriptor.justifies().end());
  return request;
}

policies::MemberId SenderOf(const VerifiedHeader& header) {
  policies::MemberId sender;
  sender.party = header.sender().organisation;
  sender.ref = header.sender().member_ref;
  sender.handle = header.sender().handle;
  return sender;
}

}  // namespace

policies::SendRequest ToSendRequest(const VerifiedHeader& header, const trust::Directory& directory) {
  const pb::Core& core = header.core();
  policies::SendRequest request;
  request.sender = SenderOf(header);
  request.sender_device = core.sender_device();
  request.convenant_id = core.convenant_id();
  request.convenant_version = core.convenant_version();
  request.channel = core.channel();
  request.category = core.category();
  request.purpose = core.purpose();
  request.level = trust::LevelFromProto(core.level());
  request.informed = InformedFromProto(core.informed());
  request.informed_code = core.informed_code();
  request.has_case_ref = !core.case_ref().empty();
  request.queued = core.queued();
  request.reply = !core.in_reply_to().empty();
  request.forwards = !core.forwards().empty();
  request.created = absl::FromUnixSeconds(core.created());
  for (const VerifiedPart& part : header.parts()) request.parts.push_back(ToPartRequest(part, directory));
  request.sealed = true;
  return request;
}

policies::Facts LoadFacts(const VerifiedHeader& header, const trust::Directory& directory, absl::Time at,
                          const trust::AsOf& as_of) {
  std::set<ByteView> refs = {header.sender().member_ref};
  for (const VerifiedPart& part : header.parts()) {
    ForEachDevice(part.descriptor, directory,
                  [&](const trust::Device& device) { refs.insert(device.member_ref); });
    refs.insert(part.descriptor.justifies().begin(), part.descriptor.justifies().end());
  }
  std::vector<const trust::Member*> members;
  for (const ByteView ref : refs) {
    if (const trust::Member* member = directory.FindMember(ref)) members.push_back(member);
  }
  return trust::FactsAbout(directory, members, at, as_of);
}

}  // namespace seinpost::envelope
