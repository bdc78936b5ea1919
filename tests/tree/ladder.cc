// SPDX-License-Identifier: EUPL-1.2
#include "tests/tree/ladder.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace seinpost::tree {
namespace {

namespace fs = std::filesystem;

constexpr absl::string_view kGenerated = "seinpost/v1";

// Files of audit/ that need RocksDB's side: closed to the client, to what it links (trust/) and to the other
// files of audit/.
bool IsAuditLog(absl::string_view include) {
  for (const char* name : {"log", "payload_keys", "anchor", "search_index"}) {
    if (include == absl::StrCat("audit/", name, ".h")) return true;
  }
  return false;
}

// The folder of a path within the tree; empty: none of ours.
std::string FolderOf(absl::string_view path) {
  if (absl::StartsWith(path, absl::StrCat(kGenerated, "/"))) return std::string(kGenerated);
  const size_t slash = path.find('/');
  const std::string folder = slash == absl::string_view::npos ? "" : std::string(path.substr(0, slash));
  return FindPlace(folder) == nullptr ? "" : folder;
}

// The room of a path; the folder, if that has no rooms or the path is in none.
std::string PlaceOf(absl::string_view path) {
  const std::string folder = FolderOf(path);
  if (folder.empty() || folder == kGenerated) return folder;
  const size_t slash = path.find('/', folder.size() + 1);
  if (slash == absl::string_view::npos) return folder;
  const absl::string_view room = path.substr(0, slash);
  return FindPlace(room) == nullptr ? folder : std::string(room);
}

bool Allows(const Place& place, absl::string_view folder, absl::string_view target) {
  return std::any_of(place.may_include.begin(), place.may_include.end(),
                     [&](const std::string& name) { return name == target || name == folder; });
}

}  // namespace

const std::vector<Place>& Ladder() {
  static const auto* const ladder = new std::vector<Place>{
      {"util", {}},
      {"crypto", {"util"}},
      {"policies", {"util"}},
      {"policies/document", {}},
      {"policies/decide", {"policies/document"}},
      {"policies/instead", {"policies/decide", "policies/document"}},
      {"policies/acts", {"policies/decide", "policies/document"}},
      {"policies/analysis", {"policies/instead", "policies/decide", "policies/document"}},
      {"policies/questions", {"policies/acts", "policies/instead", "policies/decide", "policies/document"}},
      {"seinpost/v1", {}},
      {"storage", {"util"}},
      {"audit", {"util", "crypto", "storage"}},
      {"trust", {"util", "crypto", "policies/document", "policies/decide", "audit", "seinpost/v1"}},
      {"envelope", {"util", "crypto", "policies/document", "policies/decide", "trust", "seinpost/v1"}},
      {"server",
       {"util", "crypto", "policies/document", "policies/decide", "policies/instead", "policies/acts",
        "storage", "audit", "trust", "envelope", "seinpost/v1"}},
      {"server/commit", {}},
      {"server/stream", {"server/commit"}},
      {"server/rows", {}},
      {"server/realm", {"server/rows", "server/commit"}},
      {"server/gate", {"server/realm", "server/rows", "server/stream", "server/commit"}},
      {"server/health", {"server/gate"}},
      {"server/signals", {"server/gate", "server/realm", "server/rows", "server/stream"}},
      {"server/directory",
       {"server/signals", "server/gate", "server/realm", "server/rows", "server/stream", "server/commit"}},
      {"server/oversight", {"server/signals", "server/gate", "server/realm", "server/stream"}},
      {"server/devices",
       {"server/oversight", "server/signals", "server/gate", "server/realm", "server/rows", "server/stream"}},
      {"server/retention", {"server/signals", "server/gate", "server/realm", "server/rows", "server/commit"}},
      {"server/broker",
       {"server/retention", "server/devices", "server/oversight", "server/directory", "server/signals",
        "server/health", "server/gate", "server/realm", "server/rows"}},
      {"server/rpc", {"server/commit", "server/gate", "server/stream"}},
      {"server/services", {"server/broker", "server/health", "server/rpc", "server/signals"}},
      {"server/grpc",
       {"server/services", "server/rpc", "server/broker", "server/health", "server/gate", "server/stream"}},
      {"server/copies", {}},
      {"server/program", {"server/copies", "server/grpc", "server/broker", "server/gate", "server/realm"}},
      {"client", {"util", "crypto", "policies", "audit", "trust", "envelope", "seinpost/v1"}},
      {"client/terminal", {}},
      {"client/profile", {"client/terminal"}},
      {"client/broker", {"client/profile", "client/terminal"}},
      {"client/session", {"client/broker", "client/profile", "client/terminal"}},
      {"client/mail", {"client/session", "client/broker", "client/profile", "client/terminal"}},
      {"client/org", {"client/broker", "client/terminal"}},
      {"client/signal",
       {"client/mail", "client/session", "client/broker", "client/profile", "client/terminal"}},
      {"client/device",
       {"client/org", "client/mail", "client/session", "client/broker", "client/profile", "client/terminal"}},
      {"client/convenant", {"client/org", "client/session", "client/broker", "client/terminal"}},
      {"client/lab",
       {"client/convenant", "client/org", "client/broker", "client/profile", "client/terminal"}},
      {"client/audit", {"client/mail", "client/session", "client/broker", "client/terminal"}},
      {"client/command_line",
       {"client/audit", "client/lab", "client/convenant", "client/device", "client/signal", "client/org",
        "client/terminal"}},
  };
  return *ladder;
}

const Place* FindPlace(absl::string_view name) {
  for (const Place& place : Ladder()) {
    if (place.name == name) return &place;
  }
  return nullptr;
}

std::vector<std::string> RoomsOf(absl::string_view folder) {
  std::vector<std::string> rooms;
  for (const Place& place : Ladder()) {
    if (place.name != kGenerated && absl::StartsWith(place.name, absl::StrCat(folder, "/"))) {
      rooms.push_back(place.name);
    }
  }
  return rooms;
}

std::string TextOf(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<fs::path> SourcesBelow(const fs::path& root, absl::string_view folder) {
  std::vector<fs::path> files;
  const fs::path start = root / std::string(folder);
  if (!fs::exists(start)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(start)) {
    const std::string extension = entry.path().extension().string();
    if (entry.is_regular_file() && (extension == ".cc" || extension == ".h" || extension == ".inc")) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Include> IncludesOf(const fs::path& root, const fs::path& file) {
  std::vector<Include> includes;
  std::ifstream in(file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    absl::string_view rest = line;
    if (!absl::ConsumePrefix(&rest, "#include ")) continue;
    if (!absl::ConsumePrefix(&rest, "\"") && !absl::ConsumePrefix(&rest, "<")) continue;
    includes.push_back({file.lexically_relative(root).string(), number,
                        std::string(rest.substr(0, rest.find_first_of("\">")))});
  }
  return includes;
}

std::string Complaint(absl::string_view file, absl::string_view include) {
  const std::string folder = FolderOf(file), place = PlaceOf(file);
  const std::string target_folder = FolderOf(include), target = PlaceOf(include);
  if (target.empty() || target == place) return "";
  const absl::string_view from = folder == target_folder ? place : folder;
  const Place* const allowed = FindPlace(from);
  if (allowed == nullptr || !Allows(*allowed, target_folder, target)) {
    return absl::StrCat(place, " may not include ", target);
  }
  if ((folder == "client" || folder == "trust") && IsAuditLog(include)) {
    return absl::StrCat(folder, " may not include audit_log");
  }
  return "";
}

std::vector<std::string> Complaints(const fs::path& root, size_t& seen) {
  std::vector<std::string> complaints;
  for (const Place& place : Ladder()) {
    if (place.IsRoom()) continue;  // its folder holds it
    for (const fs::path& file : SourcesBelow(root, place.name)) {
      for (const Include& include : IncludesOf(root, file)) {
        ++seen;
        const std::string complaint = Complaint(include.file, include.text);
        if (!complaint.empty()) {
          complaints.push_back(absl::StrCat(include.file, ":", include.line, ": ", complaint));
        }
      }
    }
  }
  return complaints;
}

}  // namespace seinpost::tree
