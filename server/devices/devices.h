// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DEVICES_DEVICES_H_
#define SEINPOST_SERVER_DEVICES_DEVICES_H_

#include <memory>

#include "seinpost/v1/device.pb.h"
#include "server/gate/context.h"
#include "server/gate/sessions.h"
#include "server/stream/source.h"

namespace seinpost::server {

// Devices tells what a device could read, for when it is lost, and what a new one cannot read yet.
// Thread-safe.
class Devices {
 public:
  explicit Devices(const Context& context) : context_(context) {}

  // As DeviceService.ListExposure: the parts addressed to the device in the order of the log, then those
  // whose key was passed on to it. The question is a leaf before it is answered; that somebody asked who may
  // not is a leaf too. Works for revoked devices, for which it is meant.
  void ListExposure(const Session& session, const v1::ListExposureRequest& request,
                    Done<std::shared_ptr<Source<v1::Exposure>>> done);
  // As DeviceService.ListRestorable, in the order of the log. A privacy officer also gets the justification
  // parts that other officers of his organisation have, so that he can succeed them. Parts that have expired
  // are left out.
  void ListRestorable(const Session& session, const v1::ListRestorableRequest& request,
                      Done<std::shared_ptr<Source<v1::Delivery>>> done);

 private:
  const Context& context_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DEVICES_DEVICES_H_
