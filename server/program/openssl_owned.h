// SPDX-License-Identifier: EUPL-1.2
// Owns what OpenSSL gives out: Owned<X509, X509_free>.
#ifndef SEINPOST_SERVER_PROGRAM_OPENSSL_OWNED_H_
#define SEINPOST_SERVER_PROGRAM_OPENSSL_OWNED_H_

#include <arpa/inet.h>

#include <memory>
#include <string>

namespace seinpost::server {

template <auto free>
struct OpensslFreer {
  template <typename T>
  void operator()(T* pointer) const {
    free(pointer);
  }
};
template <typename T, auto free>
using Owned = std::unique_ptr<T, OpensslFreer<free>>;

// Rather than a name.
inline bool IsIpAddress(const std::string& host) {
  unsigned char address[16];
  return inet_pton(AF_INET, host.c_str(), address) == 1 || inet_pton(AF_INET6, host.c_str(), address) == 1;
}

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_OPENSSL_OWNED_H_
