// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_COMMIT_PARTICIPANT_H_
#define SEINPOST_SERVER_COMMIT_PARTICIPANT_H_

#include "audit/log.h"

namespace seinpost::server {

// Participant is what takes part in a batch: a log that leaves are staged in, and whatever has to know how
// the batch ended. All of it on the commit thread.
class Participant {
 public:
  virtual ~Participant() = default;
  virtual audit::Log& sequenced_log() = 0;
  // The batch is on the disk, head of the log included: what was staged is visible from here on.
  virtual void Committed() = 0;
  // The batch was dropped or failed: what was staged is forgotten.
  virtual void Abandon() = 0;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COMMIT_PARTICIPANT_H_
