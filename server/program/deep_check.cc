// SPDX-License-Identifier: EUPL-1.2
#include "server/program/deep_check.h"

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audit/commitment.h"
#include "audit/erasure.h"
#include "audit/log.h"
#include "audit/tree.h"
#include "crypto/merkle.h"
#include "server/realm/anchored_store.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr size_t kMostFaults = 20;
constexpr uint64_t kLeavesPerLine = 100'000;

void Tell(const CheckProgress& progress, absl::string_view line) {
  if (progress) progress(line);
}

// Counts what went wrong the same way many times, and tells the first.
class Faults {
 public:
  explicit Faults(std::vector<std::string>& sentences) : sentences_(sentences) {}
  void Add(std::string sentence) {
    if (sentences_.size() < kMostFaults) sentences_.push_back(std::move(sentence));
  }

 private:
  std::vector<std::string>& sentences_;
};

// Forms the tree anew, and compares each tile that fills with the stored one.
class TreeCheck {
 public:
  TreeCheck(const audit::Log& log, Faults& faults) : log_(log), faults_(faults) {}

  void Append(ByteView leaf) {
    edge_.Append(crypto::LeafHash(leaf), [this](int level, uint64_t index, const Digest& hash) {
      if (level % audit::kTileHeight == 0) Formed(level / audit::kTileHeight, index, hash);
    });
  }
  const audit::RightEdge& edge() const { return edge_; }

 private:
  void Formed(int tile_level, uint64_t index, const Digest& hash) {
    const size_t level = static_cast<size_t>(tile_level);
    if (tiles_.size() <= level) tiles_.resize(level + 1);
    tiles_[level].push_back(hash);
    if (tiles_[level].size() < audit::kTileWidth) return;
    const uint64_t tile = index / audit::kTileWidth;
    const auto stored = log_.ReadTile(tile_level, tile, audit::kTileWidth);
    if (!stored.ok() || *stored != tiles_[level]) {
      faults_.Add(absl::StrCat("tile ", tile, " of level ", tile_level,
                               " of the tree does not follow from the leaves", stored.ok() ? "" : ": ",
                               stored.ok() ? "" : stored.status().message()));
    }
    tiles_[level].clear();
  }

  const audit::Log& log_;
  Faults& faults_;
  audit::RightEdge edge_;
  std::vector<std::vector<Digest>> tiles_;
};

// Openings that cannot be read, less those of keys that were erased: a leaf says so (audit/erasure.h), or
// will, since the file of the key says that it was destroyed and the database is older than that.
class MissingOpenings {
 public:
  explicit MissingOpenings(const audit::Log& log) : log_(log), missing_(log.head().size) {}

  void Add(uint64_t index) { missing_[index] = true; }
  void Add(const audit::Erasure& erasure) { erasures_.push_back(erasure); }

  // Those that nothing explains.
  absl::StatusOr<std::vector<uint64_t>> Unexplained() {
    for (const audit::Erasure& erasure : erasures_) {
      uint64_t explained = 0;
      for (uint64_t index = erasure.first;
           index <= erasure.last && index < missing_.size() && explained < erasure.count; ++index) {
        if (missing_[index]) ++explained;
        missing_[index] = false;
      }
    }
    RETURN_IF_ERROR(ExplainDestroyed());
    std::vector<uint64_t> unexplained;
    for (uint64_t index = 0; index < missing_.size(); ++index) {
      if (missing_[index]) unexplained.push_back(index);
    }
    return unexplained;
  }

 private:
  absl::Status ExplainDestroyed() {
    std::set<std::pair<std::string, uint32_t>> destroyed;
    for (const audit::KeyPeriod& key : log_.Keys()) {
      if (log_.WasDestroyedUnnamed(key)) destroyed.insert({key.retention_class, key.month});
    }
    if (destroyed.empty()) return absl::OkStatus();
    return log_
        .VisitSealed(0, missing_.size(),
                     [&](uint64_t index, absl::string_view retention_class, uint32_t month) {
                       if (destroyed.count({std::string(retention_class), month}) > 0) {
                         missing_[index] = false;
                       }
                       return true;
                     })
        .status();
  }

  const audit::Log& log_;
  std::vector<bool> missing_;
  std::vector<audit::Erasure> erasures_;
};

}  // namespace

std::vector<std::string> CheckFiles(const Store& store, const CheckProgress& progress) {
  std::vector<std::string> sentences;
  Faults faults(sentences);
  const std::string tail = store.truncated();
  if (!tail.empty() && !IsCutShort(tail)) faults.Add(TruncatedSentence(tail));
  Tell(progress, "reading every block of the database");
  if (const absl::Status files = store.VerifyFiles(); !files.ok()) faults.Add(std::string(files.message()));
  for (size_t i = 0; i < kFamilyCount; ++i) {
    const Family family = static_cast<Family>(i);
    uint64_t rows = 0;
    const absl::Status scanned = store.Scan(family, "", "", [&rows](ByteView, ByteView) {
      ++rows;
      return true;
    });
    Tell(progress, absl::StrCat("read ", rows, " rows of ", FamilyName(family)));
    if (!scanned.ok()) {
      faults.Add(
          absl::StrCat("family ", FamilyName(family), " ends after ", rows, " rows: ", scanned.message()));
    }
  }
  return sentences;
}

DeepReport CheckLog(const audit::Log& log, const std::string& name, const CheckProgress& progress) {
  DeepReport report;
  Faults faults(report.faults);
  TreeCheck tree(log, faults);
  MissingOpenings missing(log);
  const audit::LogHead head = log.head();
  const absl::Status read = log.ReadLeaves(0, head.size, [&](uint64_t index, ByteView bytes) {
    tree.Append(bytes);
    if (++report.leaves % kLeavesPerLine == 0) {
      Tell(progress, absl::StrCat(name, ": ", report.leaves, " of ", head.size, " leaves"));
    }
    const absl::StatusOr<audit::Leaf> leaf = audit::DecodeLeaf(bytes);
    if (!leaf.ok()) {
      faults.Add(absl::StrCat("leaf ", index, ": ", leaf.status().message()));
      return true;
    }
    if (leaf->leaf_class == audit::LeafClass::kDirectory) return true;
    const absl::StatusOr<audit::Opening> opening = log.ReadOpening(index);
    if (opening.ok()) {
      ++report.openings;
      if (const auto erasure = audit::ErasureOf(opening->event())) missing.Add(*erasure);
    } else if (absl::IsNotFound(opening.status())) {
      missing.Add(index);
    } else {
      faults.Add(absl::StrCat("the opening of leaf ", index, ": ", opening.status().message()));
    }
    return true;
  });
  if (!read.ok()) faults.Add(absl::StrCat("after ", report.leaves, " leaves: ", read.message()));
  if (read.ok() && tree.edge().Root() != head.root)
    faults.Add("the leaves do not hash to the head of the log");
  const absl::StatusOr<std::vector<uint64_t>> unreadable = missing.Unexplained();
  if (!unreadable.ok()) faults.Add(std::string(unreadable.status().message()));
  if (unreadable.ok() && !unreadable->empty()) {
    faults.Add(absl::StrCat(unreadable->size(), " openings cannot be read, that of leaf ",
                            unreadable->front(), " first: their keys are not in payload/, or are others"));
  }
  Tell(progress, absl::StrCat(name, ": ", report.leaves, " leaves, ", report.openings, " openings"));
  return report;
}

}  // namespace seinpost::server
