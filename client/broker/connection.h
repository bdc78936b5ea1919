// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_BROKER_CONNECTION_H_
#define SEINPOST_CLIENT_BROKER_CONNECTION_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/terminal/context.h"
#include "client/terminal/output.h"
#include "crypto/sign.h"
#include "seinpost/v1/audit.pb.h"
#include "seinpost/v1/device.pb.h"
#include "seinpost/v1/directory.pb.h"
#include "seinpost/v1/session.pb.h"
#include "seinpost/v1/signal.pb.h"
#include "util/bytes.h"
#include "util/clock.h"

// gRPC's own headers are seen by the files that implement the calls.
namespace grpc {
class ClientContext;
class Status;
template <class R>
class ClientReader;
}  // namespace grpc

namespace seinpost::client {
class CallGuard;
class GuardedCall;
}  // namespace seinpost::client

namespace seinpost::client {

// Who logs in. Borrowed and copied values; the key must outlive the connection.
struct Credentials {
  Bytes device_id;  // 16 bytes
  const crypto::SigningKey* key = nullptr;
  std::string convenant_id;
  Bytes service_identity;  // the broker's log key as the convenant states it
};

// Connection talks to one broker over TLS that is believed under one certificate authority only. A session is
// made when the first call needs one and renewed silently. Replies are as the broker sent them: Session
// (client/session/session.h) verifies receipts and checkpoints.
//
// A call with one answer has a deadline, longer for a large request; where something goes to and fro, every
// step of it has. So a slow line passes what a silent broker does not. A broker that no longer runs, or is
// frozen, is noticed within kKeepalive also where nothing is expected of it. An interrupt cuts off whatever
// waits.
//
// Errors: kUnavailable (exit 4) the broker is not there or does not answer in time, another certificate
// authority, or interrupted, so that it is not known whether the broker took what was asked; a refusal
// (context.h RefusedError) for PERMISSION_DENIED with a decision; any other code as the broker gave it. A
// broker that says RESOURCE_EXHAUSTED and when to come back is waited for, a few times and no longer than
// kMaxWaiting in all; then that is the error. Use from one thread, but for the callbacks of streams, which
// run on the caller's thread. Calls are virtual for tests without a network.
class Connection {
 public:
  static constexpr absl::Duration kDeadline = absl::Seconds(20);
  // Without anything that interrupts it.
  Connection(absl::string_view address, absl::string_view tls_ca_pem, const Clock& clock,
             absl::Duration deadline = kDeadline, absl::Duration keepalive = kKeepalive);
  // With the clock and the interrupt of a command; tells how far an upload is.
  Connection(absl::string_view address, absl::string_view tls_ca_pem, const Context& context,
             absl::Duration deadline = kDeadline, absl::Duration keepalive = kKeepalive);
  virtual ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void SetCredentials(Credentials credentials);
  // How to let time pass, as the broker told or between two tries: really, unless a test has something else
  // to do meanwhile.
  void SetSleep(std::function<void(absl::Duration)> sleep) { sleep_ = std::move(sleep); }
  void Pause(absl::Duration time) const;  // an interrupt ends it
  static constexpr absl::Duration kMaxWaiting = absl::Seconds(30);
  // Asked after this half of it that it is there, the broker has the other half to answer.
  static constexpr absl::Duration kKeepalive = absl::Seconds(30);

  // Without a session.
  virtual absl::StatusOr<v1::GetConvenantReply> GetConvenant(absl::string_view convenant_id);
  virtual absl::StatusOr<v1::ProvePublishedReply> ProvePublished(const v1::ProvePublishedRequest& request);
  virtual absl::StatusOr<v1::PublishReply> Activate(ByteView convenant_object);
  // In batches of at most 64 objects and 1 MiB; receipts of all.
  virtual absl::StatusOr<v1::PublishReply> Publish(absl::string_view convenant_id,
                                                   const std::vector<Bytes>& objects);

  // How far the clock of this device is ahead of the broker's, as the broker said when it was last asked for
  // a challenge; nothing: never asked. The broker may lie about it: it explains a refusal, it allows nothing.
  virtual std::optional<absl::Duration> ahead_of_broker() const { return ahead_of_broker_; }
  // Asks for a challenge, to learn the above.
  virtual absl::Status AskTime();

  // With a session.
  virtual absl::Status Login();  // proves that the session can be had; other calls do it themselves
  virtual absl::Status GetDirectory(uint64_t from,
                                    absl::FunctionRef<absl::Status(const v1::GetDirectoryReply&)> each);
  virtual absl::StatusOr<v1::Decision> DecideSend(const v1::DecideSendRequest& request);
  virtual absl::StatusOr<v1::Decision> DecideOpen(const v1::DecideOpenRequest& request);
  virtual absl::StatusOr<v1::Receipt> Submit(const v1::Envelope& envelope);
  virtual absl::Status UploadAttachment(ByteView ct_hash, ByteView ciphertext);
  virtual absl::StatusOr<v1::Receipt> ReportDenial(ByteView statement, ByteView signature);
  virtual absl::StatusOr<v1::OpenReply> Open(ByteView statement, ByteView signature);
  virtual absl::StatusOr<Bytes> FetchAttachment(ByteView signal_id, uint32_t part);
  // Calls `each` for every delivery after `cursor` until it returns false (then OK), `until` has passed (OK),
  // or the stream breaks.
  virtual absl::Status Subscribe(uint64_t cursor, absl::Time until,
                                 absl::FunctionRef<absl::StatusOr<bool>(const v1::Delivery&)> each);
  // At most kMaxStatements at a time.
  virtual absl::StatusOr<v1::ConfirmDeliveryReply> ConfirmDelivery(
      const std::vector<v1::SignedDelivered>& statements);
  virtual absl::StatusOr<v1::GetDeliveredReply> GetDelivered(const std::vector<Bytes>& signal_ids);
  static constexpr size_t kMaxStatements = 64;
  // Devices that come and go.
  virtual absl::Status ListExposure(ByteView device_id,
                                    absl::FunctionRef<absl::Status(const v1::Exposure&)> each);
  virtual absl::Status ListRestorable(absl::FunctionRef<absl::Status(const v1::Delivery&)> each);
  virtual absl::StatusOr<v1::Receipt> AskRewrap(ByteView request, ByteView signature);
  virtual absl::Status ListRewrapRequests(absl::FunctionRef<absl::Status(const v1::RewrapRequested&)> each);
  virtual absl::StatusOr<v1::Receipt> GiveRewrap(ByteView rewrap, ByteView signature);
  virtual absl::StatusOr<Bytes> GetCheckpoint();  // the signed note
  virtual absl::StatusOr<v1::ProveInclusionReply> ProveInclusion(uint64_t index, uint64_t size);
  virtual absl::StatusOr<v1::ProveConsistencyReply> ProveConsistency(uint64_t size1, uint64_t size2);
  virtual absl::Status Export(ByteView statement, ByteView signature,
                              absl::FunctionRef<absl::Status(const v1::ExportReply&)> each);

 private:
  struct Stubs;
  struct Limits {
    absl::Duration deadline, keepalive;
  };
  Connection(absl::string_view address, absl::string_view tls_ca_pem, const Clock& clock,
             const Interrupt* stop, Limits limits);
  // Runs `call` once, and again after each wait that the broker asks for. `deadline` of the whole call may be
  // infinite.
  absl::Status AsTold(bool session, absl::Duration deadline,
                      absl::FunctionRef<grpc::Status(grpc::ClientContext&, GuardedCall&)> call) const;
  // Runs `call` with a token, and once more with a new one if the broker does not know the token.
  absl::Status WithSession(absl::FunctionRef<absl::Status()> call);
  template <typename Reply, typename Stub, typename Request>
  absl::StatusOr<Reply> Unary(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                              const Request& request, bool session);
  absl::StatusOr<v1::ChallengeReply> Challenge();
  // Reads what the broker streams, with a session, to its end or until `each` fails. `begin` is called before
  // the first reply, and once more if the session had to be renewed.
  template <typename Reply, typename Stub, typename Request>
  absl::Status Stream(
      Stub& stub,
      std::unique_ptr<grpc::ClientReader<Reply>> (Stub::*method)(grpc::ClientContext*, const Request&),
      const Request& request, std::type_identity_t<absl::FunctionRef<absl::Status(const Reply&)>> each,
      absl::FunctionRef<void()> begin = [] {});

  std::unique_ptr<Stubs> stubs_;
  const Clock& clock_;
  const absl::Duration deadline_;
  Credentials credentials_;
  Bytes token_;
  absl::Time token_expires_ = absl::InfinitePast();
  std::optional<absl::Duration> ahead_of_broker_;
  const Interrupt* const stop_;
  const std::unique_ptr<CallGuard> guard_;
  std::function<void(absl::Duration)> sleep_;  // empty: really
  TellProgress tell_upload_;
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_BROKER_CONNECTION_H_
