// SPDX-License-Identifier: EUPL-1.2
// `seinpostd check --deep`: reads everything that a broker keeps, of which a start reads the ends only.
#ifndef SEINPOST_SERVER_PROGRAM_DEEP_CHECK_H_
#define SEINPOST_SERVER_PROGRAM_DEEP_CHECK_H_

#include <string>
#include <vector>

#include "audit/log.h"
#include "server/program/check.h"
#include "storage/store.h"

namespace seinpost::server {

// Every block of every file, and every row of every family. Returns what is wrong, as sentences.
std::vector<std::string> CheckFiles(const Store& store, const CheckProgress& progress);

// Every leaf, hashed anew to the head and held against the stored tiles, and every opening. `name` is for
// `progress`.
DeepReport CheckLog(const audit::Log& log, const std::string& name, const CheckProgress& progress);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_PROGRAM_DEEP_CHECK_H_
