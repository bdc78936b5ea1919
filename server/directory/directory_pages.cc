// SPDX-License-Identifier: EUPL-1.2
#include "server/directory/directory_pages.h"

#include <cstddef>
#include <utility>

#include "server/rows/records.h"
#include "util/status_macros.h"

namespace seinpost::server {

DirectoryPages::DirectoryPages(const Context& context, const Realm& realm, uint64_t from, uint64_t limit,
                               Bytes checkpoint)
    : context_(context),
      prefix_(realm.prefix()),
      next_(from),
      limit_(limit),
      checkpoint_(std::move(checkpoint)) {}

void DirectoryPages::Next(Done<std::optional<v1::GetDirectoryReply>> done) {
  context_.workers.Schedule([self = shared_from_this(), done = std::move(done)] { done(self->ReadPage()); });
}

absl::StatusOr<std::optional<v1::GetDirectoryReply>> DirectoryPages::ReadPage() {
  if (finished_) return std::optional<v1::GetDirectoryReply>();
  v1::GetDirectoryReply reply;
  reply.set_first_seq(next_);
  size_t bytes = 0;
  absl::Status read;
  RETURN_IF_ERROR(context_.store.Scan(Family::kDirectory, DirectoryKey(prefix_, next_),
                                      DirectoryKey(prefix_, limit_), [&](ByteView, ByteView row) {
                                        if (bytes > 0 && bytes + row.size() > kStreamPageBytes) return false;
                                        bytes += row.size();
                                        absl::StatusOr<DirectoryRow> object = DirectoryRow::Decode(row);
                                        read = object.status();
                                        if (!read.ok()) return false;
                                        reply.add_leaf_indexes(object->leaf_index);
                                        reply.add_objects(std::move(object->object));
                                        return true;
                                      }));
  RETURN_IF_ERROR(read);
  next_ += static_cast<uint64_t>(reply.objects_size());
  finished_ = next_ >= limit_;
  if (finished_) reply.set_checkpoint(checkpoint_);
  if (!finished_ && reply.objects().empty()) return absl::DataLossError("the stored directory has a gap");
  return std::optional<v1::GetDirectoryReply>(std::move(reply));
}

}  // namespace seinpost::server
