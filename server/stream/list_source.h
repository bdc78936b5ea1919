// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_STREAM_LIST_SOURCE_H_
#define SEINPOST_SERVER_STREAM_LIST_SOURCE_H_

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "server/commit/workers.h"
#include "server/stream/source.h"

namespace seinpost::server {

// ListSource gives one reply for each item of a list, made on a worker when it is asked for. Items for which
// `load` gives nothing are left out. Borrows `workers`.
template <typename Item, typename Reply>
class ListSource final : public Source<Reply>, public std::enable_shared_from_this<ListSource<Item, Reply>> {
 public:
  using Load = std::function<absl::StatusOr<std::optional<Reply>>(const Item& item)>;
  ListSource(Workers& workers, std::vector<Item> items, Load load)
      : workers_(workers), items_(std::move(items)), load_(std::move(load)) {}

  void Next(Done<std::optional<Reply>> done) override {
    workers_.Schedule([self = this->shared_from_this(), done = std::move(done)] { done(self->LoadNext()); });
  }

 private:
  absl::StatusOr<std::optional<Reply>> LoadNext() {
    while (next_ < items_.size()) {
      absl::StatusOr<std::optional<Reply>> reply = load_(items_[next_++]);
      if (!reply.ok() || *reply) return reply;
    }
    return std::optional<Reply>();
  }

  Workers& workers_;
  const std::vector<Item> items_;
  const Load load_;
  size_t next_ = 0;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_STREAM_LIST_SOURCE_H_
