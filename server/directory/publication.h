// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DIRECTORY_PUBLICATION_H_
#define SEINPOST_SERVER_DIRECTORY_PUBLICATION_H_

#include <memory>
#include <string>
#include <vector>

#include "seinpost/v1/directory.pb.h"
#include "server/commit/workers.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/signals/mailbox.h"
#include "server/stream/source.h"

namespace seinpost::server {

// Publication keeps the directory: takes in signed objects and gives them out. Objects are checked one
// request after the other, on a thread of its own, since each must be judged by the directory that the one
// before it left. A convenant comes in by Activate alone, everything else by Publish. In a log that lost its
// tail nothing comes in but the LogEpoch that says so (docs/formats/log_epoch.md). Thread-safe.
class Publication {
 public:
  // `identity`: the key by which a convenant names this broker.
  Publication(const Context& context, Mailbox& mailbox, const crypto::PublicKey& identity)
      : context_(context), mailbox_(mailbox), identity_(identity), thread_(1) {}

  // As ConvenantService and PublicationService (proto/seinpost/v1/directory.proto).
  void GetConvenant(const v1::GetConvenantRequest& request, Done<v1::GetConvenantReply> done);
  void Activate(const v1::ActivateRequest& request, Done<v1::PublishReply> done);
  void Publish(const v1::PublishRequest& request, Done<v1::PublishReply> done);
  // As DirectoryService.GetDirectory: what is committed now, and the checkpoint that covers it.
  void GetDirectory(const Session& session, const v1::GetDirectoryRequest& request,
                    Done<std::shared_ptr<Source<v1::GetDirectoryReply>>> done);

  void Stop() { thread_.Stop(); }

 private:
  // On thread_: checks the objects, has them committed, and waits for it.
  absl::StatusOr<v1::PublishReply> Add(Realm& realm, const std::vector<Bytes>& objects, bool activation,
                                       absl::Time now);
  absl::StatusOr<Realm*> CheckActivation(const Bytes& object) const;

  const Context& context_;
  Mailbox& mailbox_;
  const crypto::PublicKey identity_;
  Workers thread_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DIRECTORY_PUBLICATION_H_
