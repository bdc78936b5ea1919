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
  uint32_t questions = 1200;        // dry runs, proofs; directory, device and audit reads
  uint32_t publications = 1200;     // of the whole convenant: publishing needs no session
  uint32_t streams_per_device = 8;  // of every kind together
  // MiB of attachments that no signal speaks of yet; 0: no limit.
  uint32_t unclaimed_mib_per_device = 128;
  uint32_t unclaimed_mib_per_organisation = 512;
  uint32_t unclaimed_mib = 4096;
  // MiB of free space on the disk under which only small things are taken; 0: take whatever fits.
  uint32_t min_free_mib = 256;
};

// One quota for each of them but the streams, which are counted where they are open.
struct Quotas {
  explicit Quotas(const Limits& limits)
      : submits(limits.submits),
        opens(limits.opens),
        uploads(limits.uploads),
        questions(limits.questions),
        publications(limits.publications) {}
  Quota submits, opens, uploads, questions, publications;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_LIMITS_H_
