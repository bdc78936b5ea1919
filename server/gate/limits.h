// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_LIMITS_H_
#define SEINPOST_SERVER_GATE_LIMITS_H_

#include <cstdint>

#include "server/gate/quota.h"

namespace seinpost::server {

// Calls per minute and device; 0: no limit. A burst may use a whole minute at once.
struct Limits {
  uint32_t submits = 600;
  uint32_t opens = 1200;  // and deliveries confirmed, rewraps asked for and given
  uint32_t uploads = 60;
  uint32_t questions = 1200;     // dry runs, proofs; directory, device and audit reads
  uint32_t publications = 1200;  // objects of each kind, by signer
  uint32_t grants = 5000;        // a day: certificates, mandates, by signer and kind
  uint32_t streams_per_device = 8;
};

// One quota for each of them but the streams, which are counted where they are open.
struct Quotas {
  explicit Quotas(const Limits& limits)
      : submits(limits.submits),
        opens(limits.opens),
        uploads(limits.uploads),
        questions(limits.questions) {}
  Quota submits, opens, uploads, questions;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_LIMITS_H_
