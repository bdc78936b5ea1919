// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_LIMITS_H_
#define SEINPOST_SERVER_GATE_LIMITS_H_

#include <cstdint>

#include "server/gate/quota.h"

namespace seinpost::server {

// Per minute and device; 0: no limit. A burst may use a whole minute at once. Calls, where nothing else is
// said.
struct Limits {
  uint32_t submits = 600;
  uint32_t opens = 1200;  // and deliveries confirmed, rewraps asked for and given
  uint32_t uploads = 60;
  uint32_t questions = 1200;             // dry runs, proofs; directory, device and audit reads
  uint32_t publications = 1200;          // objects of each kind, by signer
  uint32_t grants = 5000;                // a day: certificates, mandates, by signer and kind
  uint32_t streams_per_device = 8;       // of every kind together
  uint32_t kilobytes = 32 * 1024;        // of 1024 bytes: of submits and dry runs
  uint32_t cpu_milliseconds = 6 * 1000;  // of dry runs, and of looking for what is allowed instead
  uint32_t organisation_times = 8;       // all devices of an organisation together: so many times one device
  // MiB of attachments that no signal speaks of yet; 0: no limit.
  uint32_t unclaimed_mib_per_device = 128;
  uint32_t unclaimed_mib_per_organisation = 512;
  uint32_t unclaimed_mib = 4096;
  // MiB of free space on the disk under which only small things are taken; 0: take whatever fits.
  uint32_t min_free_mib = 256;
  // Months that the log tells what happened, after the end of the month in which it did; 0: for good.
  uint32_t log_months = 60;

  // No limit on what members and signers do: for what measures or asks more than any of them would.
  static Limits WithoutQuotas() {
    return {.submits = 0,
            .opens = 0,
            .uploads = 0,
            .questions = 0,
            .publications = 0,
            .grants = 0,
            .kilobytes = 0,
            .cpu_milliseconds = 0};
  }
};

// One quota for each of them but the streams, which are counted where they are open.
struct Quotas {
  explicit Quotas(const Limits& limits)
      : submits(limits.submits, limits.organisation_times),
        opens(limits.opens, limits.organisation_times),
        uploads(limits.uploads, limits.organisation_times),
        questions(limits.questions, limits.organisation_times),
        kilobytes(limits.kilobytes, limits.organisation_times),
        cpu_microseconds(uint64_t{limits.cpu_milliseconds} * 1000, limits.organisation_times) {}
  SharedQuota submits, opens, uploads, questions, kilobytes, cpu_microseconds;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_LIMITS_H_
