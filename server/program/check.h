// SPDX-License-Identifier: EUPL-1.2
// `seinpostd check`: how the convenants of a broker that stands still stand.
#ifndef SEINPOST_SERVER_PROGRAM_CHECK_H_
#define SEINPOST_SERVER_PROGRAM_CHECK_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/program/config.h"
#include "server/realm/report.h"

namespace seinpost::server {

// Where a broker keeps what is its own.
struct BrokerPlaces {
  std::string database;
  std::string keys_dir;
  std::string anchor_dir;
};
BrokerPlaces PlacesOf(const ServerConfig& config);

// What reading everything found.
struct DeepReport {
  uint64_t leaves = 0;    // read, and hashed together to the head
  uint64_t openings = 0;  // that their keys opened, and that fit their leaves
  // Sentences about this log and about the files of the database; none: all is sound. At most twenty.
  std::vector<std::string> faults;
};

struct CheckedRealm {
  RealmReport report;
  std::optional<DeepReport> deep;
};

struct BrokerCheck {
  std::vector<CheckedRealm> realms;  // in the order of the configuration
  std::string truncated;             // as Store::truncated()

  bool sound() const;  // nothing was found by reading everything
};

enum class CheckDepth { kStart, kEverything };
// Told now and then what is being read.
using CheckProgress = std::function<void(absl::string_view line)>;

// Loads what a start would load and makes the start checks; kEverything reads every block of every file,
// every row, leaf and opening too. Signs nothing, and writes, makes, touches and removes no file. kNotFound:
// keys or database are not there yet. kUnavailable: a broker is running on them. kDataLoss,
// kFailedPrecondition: what not even a start can load; the text says what to restore.
absl::StatusOr<BrokerCheck> CheckBroker(const BrokerPlaces& places,
                                        const std::vector<HostedConvenant>& convenants,
                                        CheckDepth depth = CheckDepth::kStart,
                                        const CheckProgress& progress = {});

// Of what is stored and cannot be used as it is: says what to do where the error itself does not.
absl::Status WithRemedy(const absl::Status& status);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_CHECK_H_
