// SPDX-License-Identifier: EUPL-1.2
// How libcrypto ends with the process.
#ifndef SEINPOST_CRYPTO_PROCESS_H_
#define SEINPOST_CRYPTO_PROCESS_H_

namespace seinpost::crypto {

// Leaves libcrypto as it is when the process exits; by itself it frees what it holds in an exit handler.
// gRPC's threads are not joined before that, so one that ends after the handler loses the error queue OpenSSL
// kept for it, and one that still runs calls into a library that is gone (OPENSSL_init_crypto(3),
// OPENSSL_INIT_NO_ATEXIT). The kernel takes the memory back; keys are in Secret<N>, which wipes itself.
//
// First thing in main(): after the first use of libcrypto it is too late. Aborts if libcrypto cannot start.
void KeepLibcryptoAtExit();

}  // namespace seinpost::crypto

#endif  // SEINPOST_CRYPTO_PROCESS_H_
