// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DIRECTORY_PUBLICATION_H_
#define SEINPOST_SERVER_DIRECTORY_PUBLICATION_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "seinpost/v1/directory.pb.h"
#include "server/directory/allowances.h"
#include "server/directory/lane.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/signals/mailbox.h"
#include "server/stream/source.h"

namespace seinpost::server {

// Publication keeps the directory: takes in signed objects and gives them out.
//
// Publishing needs no session, so nothing that others need is spent before a signature was checked. A request
// waits in a lane, bounded in requests and bytes and fair among addresses, until its objects are parsed and
// their signers' signatures checked against the directory of that moment (SignerCheck); junk goes no further.
// Then it counts against who signed (Allowances), in objects; what is in the directory already counts for
// nobody. Revocations and restriction orders have a lane of their own, where the first of them is checked
// before all else: what only claims to be one goes the way of all others.
//
// What was checked is judged one request after the other, on a thread of its own, the urgent before the
// others, since each must be judged by the directory that the one before it left. A convenant comes in by
// Activate alone, everything else by Publish. In a log that lost its tail nothing comes in but the LogEpoch
// that says so (docs/formats/log_epoch.md). Thread-safe.
class Publication {
 public:
  // `identity`: the key by which a convenant names this broker.
  Publication(const Context& context, Mailbox& mailbox, const crypto::PublicKey& identity,
              const PublicationLimits& limits);
  ~Publication() { Stop(); }
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;

  // As ConvenantService and PublicationService (proto/seinpost/v1/directory.proto). `address`: whom a
  // bound per address counts (rpc/endpoint.h); empty inside the process.
  void GetConvenant(const v1::GetConvenantRequest& request, Done<v1::GetConvenantReply> done);
  void ProvePublished(const v1::ProvePublishedRequest& request, Done<v1::ProvePublishedReply> done);
  void Activate(const v1::ActivateRequest& request, Done<v1::PublishReply> done,
                absl::string_view address = {});
  void Publish(const v1::PublishRequest& request, Done<v1::PublishReply> done,
               absl::string_view address = {});
  // As DirectoryService.GetDirectory: what is committed now, and the checkpoint that covers it.
  void GetDirectory(const Session& session, const v1::GetDirectoryRequest& request,
                    Done<std::shared_ptr<Source<v1::GetDirectoryReply>>> done);

  void Stop();

  // How much is remembered of those who published.
  size_t signers_counted() const { return allowances_.signers(); }

 private:
  // Objects on their way in.
  struct Submitted {
    Realm* realm;  // nullptr: an activation, whose convenant has not been read
    std::vector<Bytes> objects;
    Done<v1::PublishReply> done;
  };
  using SubmittedPointer = std::shared_ptr<const Submitted>;

  static void Answer(const Submitted& submitted, Lane::Place place,
                     const absl::StatusOr<v1::PublishReply>& reply);
  // In a lane. Each answers, or hands on.
  void CheckUrgent(const SubmittedPointer& submitted, Lane::Place place);
  void CheckObjects(const SubmittedPointer& submitted, Lane::Place place, bool urgent);
  void CheckActivator(const SubmittedPointer& submitted, Lane::Place place);
  // Whether every object that is new is signed by somebody who may publish so many; spends that. False: there
  // is nothing new.
  absl::StatusOr<bool> AdmitObjects(const Submitted& submitted, absl::Time now);
  absl::Status AdmitPrekey(const trust::Directory& directory, const v1::SignedObject& object,
                           absl::Time now) const;
  absl::Status SpendOn(const Realm& realm, const v1::SignedObject& object, absl::string_view signer,
                       absl::Time now);
  // On judge_: checks the objects, has them committed, and waits for it.
  absl::StatusOr<v1::PublishReply> Add(Realm& realm, const std::vector<Bytes>& objects, bool activation,
                                       absl::Time now);
  absl::StatusOr<Realm*> CheckActivation(const Bytes& object) const;

  const Context& context_;
  Mailbox& mailbox_;
  const crypto::PublicKey identity_;
  Allowances allowances_;
  // Stopped in this order, in which they hand on.
  Lane urgent_;
  Lane ordinary_;
  UrgentFirst judge_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DIRECTORY_PUBLICATION_H_
