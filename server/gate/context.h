// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_CONTEXT_H_
#define SEINPOST_SERVER_GATE_CONTEXT_H_

#include "server/commit/sequencer.h"
#include "server/commit/workers.h"
#include "server/gate/free_space.h"
#include "server/gate/limits.h"
#include "server/gate/member_streams.h"
#include "server/gate/metrics.h"
#include "server/gate/unclaimed_bytes.h"
#include "server/realm/realms.h"
#include "storage/store.h"
#include "util/clock.h"

namespace seinpost::server {

// Context is what the parts of a broker work on together. Everything borrowed; all of it thread-safe and
// longer-lived than the parts.
struct Context {
  const Realms& realms;
  Store& store;
  Sequencer& sequencer;
  Workers& workers;
  const Clock& clock;
  Metrics& metrics;
  Quotas& quotas;
  MemberStreams& streams;
  UnclaimedBytes& unclaimed;
  FreeSpace& space;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_CONTEXT_H_
