// SPDX-License-Identifier: EUPL-1.2
#include "bench/ceilings.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "crypto/sign.h"
#include "storage/store.h"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {
constexpr size_t kMessageBytes = 2048;
}  // namespace

double VerifyRate(int threads, const Options& options) {
  const absl::Duration time = absl::Milliseconds(options.Times(500));
  const crypto::SigningKey key = crypto::SigningKey::Generate();
  const Bytes message(kMessageBytes, 'm');
  const Bytes signature = crypto::SignRaw(key, message);
  std::atomic<uint64_t> verified{0};
  std::vector<std::thread> pool;
  pool.reserve(static_cast<size_t>(threads));
  const absl::Time begin = absl::Now();
  for (int i = 0; i < threads; ++i) {
    pool.emplace_back([&] {
      uint64_t done = 0;
      while (absl::Now() - begin < time) {
        if (!crypto::VerifyRaw(View(key.public_key()), message, signature).ok()) std::abort();
        ++done;
      }
      verified += done;
    });
  }
  for (std::thread& thread : pool) thread.join();
  return static_cast<double>(verified.load()) / absl::ToDoubleSeconds(absl::Now() - begin);
}

absl::StatusOr<absl::Duration> SyncedPutTime(const std::string& directory, size_t puts) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(directory));
  std::vector<absl::Duration> times;
  const Bytes value(1024, 'v');
  for (size_t i = 0; i < puts; ++i) {
    Batch batch;
    batch.Put(Family::kMeta, U64(i), value);
    const absl::Time begin = absl::Now();
    RETURN_IF_ERROR(store->Commit(batch));
    times.push_back(absl::Now() - begin);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace seinpost::bench
