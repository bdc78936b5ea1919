// SPDX-License-Identifier: EUPL-1.2
// What changes between two versions. A restriction is the controller's alone and is done at once; the other
// acts are made here and signed as convenants are (client/convenant/sign.h).
#ifndef SEINPOST_CLIENT_CONVENANT_ACTS_H_
#define SEINPOST_CLIENT_CONVENANT_ACTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/convenant/bundle.h"
#include "client/org/publish.h"
#include "client/terminal/context.h"
#include "policies/document/vocabulary.h"

namespace seinpost::client {

// R31: the controller's order. Exactly one of channel and party is given.
struct ConvenantRestrictArgs : OrgArgs {
  std::string convenant_file;  // the version in force
  std::string channel, party;
  std::string ceiling;
};
struct RestrictionPublished {
  std::string convenant;  // id
  uint64_t number = 0;
  std::string channel, party;  // exactly one
  policies::Level ceiling = policies::Level::kL0;
};
// Signs and publishes it. Asks for the passphrase.
absl::StatusOr<RestrictionPublished> PublishRestriction(const Context& context,
                                                        const ConvenantRestrictArgs& args);

// An act that was written to a file, to be signed.
struct ActMade {
  Document document;
  Digest convenant_hash{};  // of the version in force
  size_t quorum = 0;        // how many must sign it, of
  size_t signers = 0;
};
// Writes `act` to `out`. A usage error: no `out`, or nobody may sign it under this version.
absl::StatusOr<ActMade> WriteAct(const std::string& out, Act act, const ConvenantFile& in_force);

// The number follows from the profile, or is given.
struct ConvenantTrustUpdateArgs {
  std::string convenant_file;
  std::string log_key;                 // hexadecimal; empty: stays
  std::vector<std::string> witnesses;  // NAME=KEY
  bool no_witnesses = false;
  uint32_t witness_quorum = 0;
  uint64_t number = 0;  // 0: as the profile knows it
  std::string out;
};
absl::StatusOr<ActMade> MakeTrustUpdate(const Context& context, const ConvenantTrustUpdateArgs& args);

// The way out of a log that lost its tail (docs/formats/log_epoch.md).
struct ConvenantEpochArgs {
  std::string check_file;  // what `seinpostd check --json` printed
  std::string
      checkpoint;  // file: the last note that witnesses signed; empty: the anchor's, for a log without them
  std::string convenant_file;
  std::string out;
};
absl::StatusOr<ActMade> MakeLogEpoch(const Context& context, const ConvenantEpochArgs& args);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_CONVENANT_ACTS_H_
