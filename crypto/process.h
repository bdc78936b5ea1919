// SPDX-License-Identifier: EUPL-1.2
// What every process of Seinpost settles before anything else.
#ifndef SEINPOST_CRYPTO_PROCESS_H_
#define SEINPOST_CRYPTO_PROCESS_H_

namespace seinpost::crypto {

// First thing in every main(): after the first use of libcrypto or of a lock it is too late. Aborts if
// libcrypto cannot start.
//
// Leaves libcrypto as it is when the process exits; by itself it frees what it holds in an exit handler.
// gRPC's threads are not joined before that, so one that ends after the handler loses the error queue OpenSSL
// kept for it, and one that still runs calls into a library that is gone (OPENSSL_init_crypto(3),
// OPENSSL_INIT_NO_ATEXIT). The kernel takes the memory back; keys are in Secret<N>, which wipes itself.
//
// Keeps Abseil from looking for deadlocks, which Debian's build of it does by default: every absl::Mutex of
// the process, gRPC's own too, would take one global lock (docs/performance.md).
//
// Standard streams that whoever started this process had closed are opened, so that no file of ours gets
// their numbers and no output goes into it. What is written on such a standard output fails, so that a result
// does not vanish unnoticed; what is said on such a standard error is lost.
void StartProcess();

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_PROCESS_H_
