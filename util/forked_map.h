// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_UTIL_FORKED_MAP_H_
#define SEINPOST_UTIL_FORKED_MAP_H_

#include <array>
#include <atomic>
#include <bitset>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "util/bytes.h"

namespace seinpost {

// ForkedMap maps bytes to values, only grows, and is cheap to copy: it lies in 256 parts, copies share them,
// and a change copies the part that the key falls in, once. Const methods, being copied among them, may be
// called from several threads, others may not.
template <typename Value>
class ForkedMap {
 public:
  ForkedMap() = default;
  ForkedMap(const ForkedMap& other) : parts_(other.parts_), size_(other.size_) {
    other.forked_.store(true, std::memory_order_relaxed);
  }
  ForkedMap& operator=(const ForkedMap& other) {
    if (this == &other) return *this;
    parts_ = other.parts_;
    size_ = other.size_;
    own_.reset();
    forked_.store(false, std::memory_order_relaxed);
    other.forked_.store(true, std::memory_order_relaxed);
    return *this;
  }

  // nullptr: no such key. Lives until this map changes.
  const Value* Find(ByteView key) const {
    const std::shared_ptr<Part>& part = parts_[PlaceOf(key)];
    if (part == nullptr) return nullptr;
    const auto found = part->find(key);
    return found == part->end() ? nullptr : &found->second;
  }
  bool Contains(ByteView key) const { return Find(key) != nullptr; }
  size_t size() const { return size_; }

  // False, and nothing changes: the key is there.
  bool Emplace(ByteView key, Value value) {
    if (Contains(key)) return false;
    OwnPart(key).emplace(Bytes(key), std::move(value));
    ++size_;
    return true;
  }
  // The value of the key, an empty one if it is new. For this copy alone; lives until the next change.
  Value& Mutable(ByteView key) {
    Part& part = OwnPart(key);
    const auto found = part.find(key);
    if (found != part.end()) return found->second;
    ++size_;
    return part[Bytes(key)];
  }

 private:
  static constexpr size_t kParts = 256;
  using Part = std::map<Bytes, Value, std::less<>>;

  static size_t PlaceOf(ByteView key) {
    return std::hash<std::string_view>()(std::string_view(key.data(), key.size())) % kParts;
  }

  Part& OwnPart(ByteView key) {
    if (forked_.exchange(false, std::memory_order_relaxed)) own_.reset();
    const size_t place = PlaceOf(key);
    std::shared_ptr<Part>& part = parts_[place];
    if (!own_[place]) part = part == nullptr ? std::make_shared<Part>() : std::make_shared<Part>(*part);
    own_[place] = true;
    return *part;
  }

  std::array<std::shared_ptr<Part>, kParts> parts_;
  std::bitset<kParts> own_;                   // parts that nobody shares, unless forked_
  mutable std::atomic<bool> forked_ = false;  // copied since own_ was right
  size_t size_ = 0;
};

}  // namespace seinpost

#endif  // SEINPOST_UTIL_FORKED_MAP_H_
