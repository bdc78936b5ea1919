// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_CLIENT_TERMINAL_VERSION_H_
#define SEINPOST_CLIENT_TERMINAL_VERSION_H_

namespace seinpost::client {

inline constexpr char kVersion[] = "0.1.0";  // as in the top CMakeLists.txt

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_TERMINAL_VERSION_H_
