// SPDX-License-Identifier: EUPL-1.2
#include "server/program/deep_check.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "audit/commitment.h"
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
  uint64_t unreadable = 0;
  std::optional<uint64_t> first_unreadable;
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
    const absl::Status opening = log.ReadOpening(index).status();
    if (opening.ok()) {
      ++report.openings;
    } else if (absl::IsNotFound(opening)) {
      if (unreadable++ == 0) first_unreadable = index;
    } else {
      faults.Add(absl::StrCat("the opening of leaf ", index, ": ", opening.message()));
    }
    return true;
  });
  if (!read.ok()) faults.Add(absl::StrCat("after ", report.leaves, " leaves: ", read.message()));
  if (read.ok() && tree.edge().Root() != head.root)
    faults.Add("the leaves do not hash to the head of the log");
  if (unreadable > 0) {
    faults.Add(absl::StrCat(unreadable, " openings cannot be read, that of leaf ", *first_unreadable,
                            " first: their keys are not in payload/, or are others"));
  }
  Tell(progress, absl::StrCat(name, ": ", report.leaves, " leaves, ", report.openings, " openings"));
  return report;
}

}  // namespace seinpost::server
