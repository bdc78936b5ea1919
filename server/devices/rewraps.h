// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DEVICES_REWRAPS_H_
#define SEINPOST_SERVER_DEVICES_REWRAPS_H_

#include <memory>

#include "seinpost/v1/device.pb.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/stream/source.h"

namespace seinpost::server {

// Rewraps carries keys from a device that has them to one that was enrolled later (docs/formats/rewrap.md).
// Request and answer are leaves. An unanswered request lapses at its `expires`; the answer lies here as long
// as the part holds, and Reading releases it to its target as it releases a wrap. Nothing of it can be opened
// here. Thread-safe.
//
// Everything is judged by the directory of the moment, and again on the commit thread if that changed: after
// the revocation of asker or giver nothing passes.
class Rewraps {
 public:
  explicit Rewraps(const Context& context) : context_(context) {}

  // As DeviceService.AskRewrap. The same bytes again give the same receipt while the request is open; a newer
  // request for the same part takes its place. The rules are those of reading.
  void Ask(const Session& session, const v1::AskRewrapRequest& request, Done<v1::AskRewrapReply> done);
  // As DeviceService.ListRewrapRequests.
  void ListRequests(const Session& session, const v1::ListRewrapRequestsRequest& request,
                    Done<std::shared_ptr<Source<v1::RewrapRequested>>> done);
  // As DeviceService.GiveRewrap. The same bytes again give the same receipt.
  void Give(const Session& session, const v1::GiveRewrapRequest& request, Done<v1::GiveRewrapReply> done);

 private:
  const Context& context_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DEVICES_REWRAPS_H_
