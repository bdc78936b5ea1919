// SPDX-License-Identifier: EUPL-1.2
// seinpost-leak-search --needles FILE --control TEXT PATH… [--control TEXT PATH…]
//
// Looks for every line of FILE, in every spelling of patterns.h, in files and folders: databases opened and
// read record by record, so decompressed, and every file byte by byte as well. Proves on the way that it can
// find: the control text must stand somewhere in each PATH, and a database with compressed blocks that the
// tool makes itself must give up a planted sentence. Ends with "searched X MiB, control found, N found"; exit
// 0 only when N is 0.
//
// Read-only: a database is copied before it is opened.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "crypto/process.h"
#include "rocksdb/db.h"
#include "tools/leak_search/patterns.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::tools {
namespace {

namespace fs = std::filesystem;

struct Tally {
  uint64_t bytes = 0;
  std::set<size_t> found;  // patterns
};

absl::Status FromRocks(const rocksdb::Status& status) {
  return status.ok() ? absl::OkStatus() : absl::InternalError(status.ToString());
}

absl::Status SearchFile(const fs::path& path, const PatternSet& patterns, Tally& tally) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat("cannot open '", path.string(), "'"));
  constexpr size_t kBlock = 4 << 20;
  Bytes window;
  while (in) {
    // Keep the tail, so that a match across two blocks is seen.
    const size_t keep = std::min(window.size(), patterns.longest());
    window.erase(0, window.size() - keep);
    window.resize(keep + kBlock);
    in.read(window.data() + keep, kBlock);
    const auto got = static_cast<size_t>(in.gcount());
    window.resize(keep + got);
    tally.bytes += got;
    patterns.Search(window, tally.found);
  }
  return absl::OkStatus();
}

// Reads every key and value of every column family.
absl::Status SearchDatabase(const fs::path& directory, const PatternSet& patterns, Tally& tally) {
  rocksdb::Options options;
  std::vector<std::string> names;
  RETURN_IF_ERROR(FromRocks(rocksdb::DB::ListColumnFamilies(options, directory.string(), &names)));
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(names.size());
  for (const std::string& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  RETURN_IF_ERROR(
      FromRocks(rocksdb::DB::OpenForReadOnly(options, directory.string(), families, &handles, &raw)));
  const std::unique_ptr<rocksdb::DB> db(raw);
  absl::Status status;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(rocksdb::ReadOptions(), handle));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      for (const rocksdb::Slice& slice : {it->key(), it->value()}) {
        tally.bytes += slice.size();
        patterns.Search(ByteView(slice.data(), slice.size()), tally.found);
      }
    }
    if (status.ok()) status = FromRocks(it->status());
  }
  for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  return status;
}

absl::Status SearchPath(const fs::path& path, const fs::path& scratch, const PatternSet& patterns,
                        Tally& tally) {
  std::vector<fs::path> files;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  } else {
    files.push_back(path);
  }
  for (const fs::path& file : files) {
    RETURN_IF_ERROR(SearchFile(file, patterns, tally));
    if (file.filename() != "CURRENT") continue;
    const fs::path copy = scratch / absl::StrCat("copy-", tally.bytes);
    fs::copy(file.parent_path(), copy, fs::copy_options::recursive);
    RETURN_IF_ERROR(SearchDatabase(copy, patterns, tally));
    fs::remove_all(copy);
  }
  return absl::OkStatus();
}

// A sentence among two thousand in compressed blocks, where a plain search of the files misses it.
absl::Status ProveItFindsCompressed(const fs::path& scratch) {
  constexpr char kPlanted[] = "de controlezin die gevonden moet worden";
  const fs::path directory = scratch / "planted";
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kSnappyCompression;
  rocksdb::DB* raw = nullptr;
  RETURN_IF_ERROR(FromRocks(rocksdb::DB::Open(options, directory.string(), &raw)));
  std::unique_ptr<rocksdb::DB> db(raw);
  for (int i = 0; i < 2000; ++i) {
    RETURN_IF_ERROR(
        FromRocks(db->Put({}, absl::StrCat(i), i == 1234 ? kPlanted : absl::StrCat("rij ", i, " rij"))));
  }
  RETURN_IF_ERROR(FromRocks(db->Flush({})));
  db.reset();
  Tally tally;
  RETURN_IF_ERROR(SearchDatabase(directory, PatternSet(PatternsOf(0, kPlanted)), tally));
  return tally.found.empty() ? absl::InternalError("the planted sentence was not found: the search is blind")
                             : absl::OkStatus();
}

struct Place {
  fs::path path;
  std::string control;
};

struct Arguments {
  std::string needles_file;
  std::vector<Place> places;
};

absl::StatusOr<int> Run(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const Bytes text, ReadFile(arguments.needles_file, 1 << 20));
  std::vector<std::string> needles = absl::StrSplit(text, '\n', absl::SkipWhitespace());
  if (needles.empty()) return absl::InvalidArgumentError("the file of needles is empty");
  const size_t first_control = needles.size();
  for (const Place& place : arguments.places) needles.push_back(place.control);
  std::vector<Pattern> patterns;
  for (size_t i = 0; i < needles.size(); ++i) {
    if (needles[i].size() < 6)
      return absl::InvalidArgumentError(absl::StrCat("needle ", i + 1, " is too short to mean anything"));
    for (Pattern& pattern : PatternsOf(i, needles[i])) patterns.push_back(std::move(pattern));
  }
  const PatternSet set(std::move(patterns));

  std::string name = (fs::temp_directory_path() / "seinpost-search-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) return absl::UnavailableError("cannot make a temporary folder");
  const absl::Cleanup remove = [&name] { fs::remove_all(name); };
  RETURN_IF_ERROR(ProveItFindsCompressed(name));

  uint64_t bytes = 0;
  std::set<std::string> leaks;
  for (size_t place = 0; place < arguments.places.size(); ++place) {
    const fs::path& path = arguments.places[place].path;
    Tally tally;
    RETURN_IF_ERROR(SearchPath(path, name, set, tally));
    bytes += tally.bytes;
    bool seen_control = false;
    for (size_t i : tally.found) {
      const Pattern& pattern = set.patterns()[i];
      if (pattern.needle == first_control + place) seen_control = true;
      if (pattern.needle < first_control) {
        leaks.insert(absl::StrCat(path.string(), ": needle ", pattern.needle + 1, " as ", pattern.encoding));
      }
    }
    if (!seen_control) return absl::InternalError(absl::StrCat("control not found in '", path.string(), "'"));
  }
  for (const std::string& leak : leaks) std::cout << "FOUND " << leak << "\n";
  std::cout << "searched " << (bytes >> 20) << " MiB, control found, " << leaks.size() << " found\n";
  return leaks.empty() ? 0 : 1;
}

}  // namespace
}  // namespace seinpost::tools

int main(int argc, char** argv) {
  seinpost::crypto::StartProcess();
  seinpost::tools::Arguments arguments;
  std::string control;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--needles" && i + 1 < argc) {
      arguments.needles_file = argv[++i];
    } else if (argument == "--control" && i + 1 < argc) {
      control = argv[++i];
    } else {
      arguments.places.push_back({argument, control});
    }
  }
  if (arguments.needles_file.empty() || control.empty() || arguments.places.empty()) {
    std::cerr
        << "usage: seinpost-leak-search --needles FILE --control TEXT PATH... [--control TEXT PATH...]\n";
    return 2;
  }
  const absl::StatusOr<int> result = seinpost::tools::Run(arguments);
  if (!result.ok()) {
    std::cerr << "seinpost-leak-search: " << result.status().message() << "\n";
    return 2;
  }
  return *result;
}
