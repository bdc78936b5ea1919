// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_STREAM_PAGED_SOURCE_H_
#define SEINPOST_SERVER_STREAM_PAGED_SOURCE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "server/commit/workers.h"
#include "server/stream/source.h"

namespace seinpost::server {

// PagedSource gives one reply for each item of a list that is read a page at a time, on a worker, when it is
// asked for: it holds one page of items, however long the list. Items for which `load` gives nothing are left
// out; after a page of nothing else others have their turn on the worker. Borrows `workers`.
template <typename Item, typename Reply>
class PagedSource final : public Source<Reply>,
                          public std::enable_shared_from_this<PagedSource<Item, Reply>> {
 public:
  // The next items, perhaps none; nothing: the list has ended.
  using Items = std::optional<std::vector<Item>>;
  using More = std::function<absl::StatusOr<Items>()>;
  using Load = std::function<absl::StatusOr<std::optional<Reply>>(const Item& item)>;
  PagedSource(Workers& workers, More more, Load load)
      : workers_(workers), more_(std::move(more)), load_(std::move(load)) {}

  void Next(Done<std::optional<Reply>> done) override {
    workers_.Schedule([self = this->shared_from_this(), done = std::move(done)] { self->Step(done); });
  }
  void Cancel() override { cancelled_ = true; }

 private:
  void Step(const Done<std::optional<Reply>>& done) {
    if (cancelled_) return done(absl::CancelledError("cancelled"));
    while (next_ < items_.size()) {
      absl::StatusOr<std::optional<Reply>> reply = load_(items_[next_++]);
      if (!reply.ok() || *reply) return done(std::move(reply));
    }
    absl::StatusOr<Items> items = more_();
    if (!items.ok()) return done(items.status());
    if (!*items) return done(std::optional<Reply>());
    items_ = **std::move(items);
    next_ = 0;
    Next(done);
  }

  Workers& workers_;
  const More more_;
  const Load load_;
  std::atomic<bool> cancelled_ = false;
  std::vector<Item> items_;
  size_t next_ = 0;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_STREAM_PAGED_SOURCE_H_
