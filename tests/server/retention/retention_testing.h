// SPDX-License-Identifier: EUPL-1.2
// Time that passes as it does for a broker that runs: day by day, with its maintenance.
#ifndef SEINPOST_TESTS_SERVER_RETENTION_RETENTION_TESTING_H_
#define SEINPOST_TESTS_SERVER_RETENTION_RETENTION_TESTING_H_

#include <algorithm>
#include <memory>

#include "tests/server/harness.h"
#include "tests/server/operations.h"

namespace seinpost::test {

// Runs maintenance, some passes, each committed before the next.
inline void Maintain(server::Broker& broker, int passes = 3) {
  for (int pass = 0; pass < passes; ++pass) {
    broker.RunMaintenance();
    absl::Notification committed;
    broker.sequencer().Enqueue(std::make_unique<Mark>(committed));
    committed.WaitForNotification();
  }
}

inline void PassTime(TestBroker& test, absl::Duration time) {
  for (absl::Duration left = time; left > absl::ZeroDuration(); left -= absl::Hours(24)) {
    test.clock().Advance(std::min(left, absl::Hours(24)));
    Maintain(test.broker());
  }
}

inline size_t RowsOf(const Store& store, Family family, const Bytes& prefix = {}) {
  size_t count = 0;
  EXPECT_TRUE(store
                  .Scan(family, prefix, PrefixLimit(prefix),
                        [&](ByteView, ByteView) {
                          ++count;
                          return true;
                        })
                  .ok());
  return count;
}

// How often an event of that type stands in the log from leaf `first` on.
inline size_t EventsOf(TestBroker& test, audit::EventType type, uint64_t first = 0) {
  size_t count = 0;
  for (uint64_t index = first; index < test.LogSize(); ++index) {
    const std::optional<audit::Event> event = test.EventAt(index);
    if (event && event->Type() == type) ++count;
  }
  return count;
}

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_SERVER_RETENTION_RETENTION_TESTING_H_
