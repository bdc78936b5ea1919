// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DIRECTORY_DIRECTORY_PAGES_H_
#define SEINPOST_SERVER_DIRECTORY_DIRECTORY_PAGES_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "seinpost/v1/directory.pb.h"
#include "server/gate/context.h"
#include "server/realm/realm.h"
#include "server/stream/source.h"
#include "util/bytes.h"

namespace seinpost::server {

// Gives the objects [from, limit) of a directory in pages of some kStreamPageBytes, then `checkpoint`, the
// note that covers them. Reads on the workers. `realm` may go before it; `context` must outlive it.
class DirectoryPages final : public Source<v1::GetDirectoryReply>,
                             public std::enable_shared_from_this<DirectoryPages> {
 public:
  DirectoryPages(const Context& context, const Realm& realm, uint64_t from, uint64_t limit, Bytes checkpoint);

  // kDataLoss: an object that should be stored is not.
  void Next(Done<std::optional<v1::GetDirectoryReply>> done) override;

 private:
  absl::StatusOr<std::optional<v1::GetDirectoryReply>> ReadPage();

  const Context& context_;
  const Bytes prefix_;
  uint64_t next_;
  const uint64_t limit_;
  const Bytes checkpoint_;
  bool finished_ = false;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DIRECTORY_DIRECTORY_PAGES_H_
