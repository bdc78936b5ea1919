// SPDX-License-Identifier: EUPL-1.2
// Ends a process at a write of the profile, to see what is left there. Every file of a profile is replaced by
// a rename (util/secure_file.h), so that before the n-th rename is between any two states of the disk.
#ifndef SEINPOST_TESTS_CLIENT_DISK_CRASH_H_
#define SEINPOST_TESTS_CLIENT_DISK_CRASH_H_

#include <functional>

namespace seinpost::test {

// Runs `act` in a copy of this process that ends at once before its `n`-th rename or removal of a file,
// counted from 0. Whether it ended there; false: `act` came to its end before. Aborts if it failed in another
// way. `act` must not use a network, nor threads.
bool EndsAtWrite(int n, const std::function<void()>& act);

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_CLIENT_DISK_CRASH_H_
