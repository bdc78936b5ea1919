// SPDX-License-Identifier: EUPL-1.2
// The calls of Connection about proof of what was published, delivery, devices and the log.
#include "client/broker/connection.h"
#include "client/broker/connection_stubs.h"

namespace seinpost::client {

absl::StatusOr<v1::ProvePublishedReply> Connection::ProvePublished(const v1::ProvePublishedRequest& request) {
  return Unary(*stubs_->convenant, &v1::ConvenantService::Stub::ProvePublished, request, false);
}

absl::StatusOr<v1::ConfirmDeliveryReply> Connection::ConfirmDelivery(
    const std::vector<v1::SignedDelivered>& statements) {
  v1::ConfirmDeliveryRequest request;
  request.set_convenant_id(credentials_.convenant_id);
  for (const v1::SignedDelivered& statement : statements) *request.add_statements() = statement;
  return Unary(*stubs_->mailbox, &v1::MailboxService::Stub::ConfirmDelivery, request, true);
}

absl::StatusOr<v1::GetDeliveredReply> Connection::GetDelivered(const std::vector<Bytes>& signal_ids) {
  v1::GetDeliveredRequest request;
  request.set_convenant_id(credentials_.convenant_id);
  for (const Bytes& id : signal_ids) request.add_signal_ids(id);
  return Unary(*stubs_->mailbox, &v1::MailboxService::Stub::GetDelivered, request, true);
}

absl::Status Connection::ListExposure(ByteView device_id,
                                      absl::FunctionRef<absl::Status(const v1::Exposure&)> each) {
  v1::ListExposureRequest request;
  request.set_convenant_id(credentials_.convenant_id);
  request.set_device_id(std::string(device_id));
  return Stream(*stubs_->device, &v1::DeviceService::Stub::ListExposure, request, each);
}

absl::Status Connection::ListRestorable(absl::FunctionRef<absl::Status(const v1::Delivery&)> each) {
  v1::ListRestorableRequest request;
  request.set_convenant_id(credentials_.convenant_id);
  return Stream(*stubs_->device, &v1::DeviceService::Stub::ListRestorable, request, each);
}

absl::StatusOr<v1::Receipt> Connection::AskRewrap(ByteView request, ByteView signature) {
  v1::AskRewrapRequest message;
  message.set_request(std::string(request));
  message.set_signature(std::string(signature));
  ASSIGN_OR_RETURN(const v1::AskRewrapReply reply,
                   Unary(*stubs_->device, &v1::DeviceService::Stub::AskRewrap, message, true));
  return reply.receipt();
}

absl::Status Connection::ListRewrapRequests(
    absl::FunctionRef<absl::Status(const v1::RewrapRequested&)> each) {
  v1::ListRewrapRequestsRequest request;
  request.set_convenant_id(credentials_.convenant_id);
  return Stream(*stubs_->device, &v1::DeviceService::Stub::ListRewrapRequests, request, each);
}

absl::StatusOr<v1::Receipt> Connection::GiveRewrap(ByteView rewrap, ByteView signature) {
  v1::GiveRewrapRequest message;
  message.set_rewrap(std::string(rewrap));
  message.set_signature(std::string(signature));
  ASSIGN_OR_RETURN(const v1::GiveRewrapReply reply,
                   Unary(*stubs_->device, &v1::DeviceService::Stub::GiveRewrap, message, true));
  return reply.receipt();
}

absl::StatusOr<Bytes> Connection::GetCheckpoint() {
  v1::GetCheckpointRequest request;
  request.set_convenant_id(credentials_.convenant_id);
  ASSIGN_OR_RETURN(
      const v1::GetCheckpointReply reply,
      Unary(*stubs_->transparency, &v1::TransparencyService::Stub::GetCheckpoint, request, true));
  return reply.checkpoint();
}

absl::StatusOr<v1::ProveInclusionReply> Connection::ProveInclusion(uint64_t index, uint64_t size) {
  v1::ProveInclusionRequest request;
  request.set_convenant_id(credentials_.convenant_id);
  request.set_index(index);
  request.set_size(size);
  return Unary(*stubs_->transparency, &v1::TransparencyService::Stub::ProveInclusion, request, true);
}

absl::StatusOr<v1::ProveConsistencyReply> Connection::ProveConsistency(uint64_t size1, uint64_t size2) {
  v1::ProveConsistencyRequest request;
  request.set_convenant_id(credentials_.convenant_id);
  request.set_size1(size1);
  request.set_size2(size2);
  return Unary(*stubs_->transparency, &v1::TransparencyService::Stub::ProveConsistency, request, true);
}

absl::Status Connection::Export(ByteView statement, ByteView signature,
                                absl::FunctionRef<absl::Status(const v1::ExportReply&)> each) {
  const auto request = SignedRequest<v1::ExportRequest>(statement, signature);
  return Stream(*stubs_->audit, &v1::AuditService::Stub::Export, request, each);
}

}  // namespace seinpost::client
