// SPDX-License-Identifier: EUPL-1.2
#include "client/broker/fork_evidence.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/terminal/context.h"
#include "client/terminal/output.h"
#include "crypto/hash.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr absl::string_view kFormat = "seinpost-fork-evidence";
constexpr size_t kMaxEvidenceBytes = 1024 * 1024;
constexpr size_t kMaxFiles = 64;  // a fork that goes on is proved by then

absl::Status NoEvidence() { return absl::InvalidArgumentError("this is no file of evidence"); }

// Origin, size and root of a note: what it says of the log, whenever it was signed.
absl::string_view TreeOf(absl::string_view note) {
  size_t end = 0;
  for (int line = 0; line < 3 && end != absl::string_view::npos; ++line) end = note.find('\n', end + 1);
  return note.substr(0, end);
}

std::string FolderOf(const std::string& directory) { return absl::StrCat(directory, "/evidence"); }

// Disk errors of a command are failures (exit 1), not an unreachable broker.
absl::Status Disk(absl::Status status) { return status.ok() ? status : WithExit(std::move(status), kFailed); }

bool GetText(const Json& object, const char* key, std::string& value) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_string()) return false;
  value = it->get<std::string>();
  return true;
}

bool GetNumber(const Json& object, const char* key, uint64_t& value) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_number_unsigned()) return false;
  value = it->get<uint64_t>();
  return true;
}

bool ReadAsked(const Json& json, ForkEvidence& evidence) {
  const auto asked = json.find("asked");
  if (asked == json.end()) return false;
  if (asked->is_null()) return true;
  const auto hashes = asked->find("hashes");
  if (!asked->is_object() || !GetNumber(*asked, "size1", evidence.size1) ||
      !GetNumber(*asked, "size2", evidence.size2) || !GetText(*asked, "error", evidence.error) ||
      hashes == asked->end() || !hashes->is_array()) {
    return false;
  }
  for (const Json& hash : *hashes) {
    const absl::StatusOr<Bytes> bytes =
        hash.is_string() ? FromHex(hash.get_ref<const std::string&>()) : absl::StatusOr<Bytes>(NoEvidence());
    if (!bytes.ok()) return false;
    evidence.answer.add_hashes(*bytes);
  }
  return true;
}

}  // namespace

std::string EncodeEvidence(const ForkEvidence& evidence) {
  Json asked = nullptr;
  if (evidence.size2 != 0) {
    Json hashes = Json::array();
    for (const std::string& hash : evidence.answer.hashes()) hashes.push_back(ToHex(hash));
    asked = Json{{"size1", evidence.size1},
                 {"size2", evidence.size2},
                 {"hashes", std::move(hashes)},
                 {"error", evidence.error}};
  }
  return Json{
      {"format", std::string(kFormat)},  {"version", 1u},
      {"convenant", evidence.convenant}, {"time", static_cast<uint64_t>(absl::ToUnixSeconds(evidence.time))},
      {"found", evidence.found},         {"first", evidence.first},
      {"second", evidence.second},       {"asked", std::move(asked)}}
      .dump(1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<ForkEvidence> DecodeEvidence(absl::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  std::string format;
  uint64_t version = 0, time = 0;
  ForkEvidence evidence;
  if (!json.is_object() || !GetText(json, "format", format) || format != kFormat ||
      !GetNumber(json, "version", version) || version != 1 || !GetNumber(json, "time", time) ||
      !GetText(json, "convenant", evidence.convenant) || !GetText(json, "found", evidence.found) ||
      !GetText(json, "first", evidence.first) || !GetText(json, "second", evidence.second) ||
      !ReadAsked(json, evidence)) {
    return NoEvidence();
  }
  evidence.time = absl::FromUnixSeconds(static_cast<int64_t>(time));
  return evidence;
}

absl::StatusOr<std::string> KeepEvidence(const std::string& directory, const ForkEvidence& evidence) {
  const std::vector<std::string> kept = ListEvidence(directory);
  for (const std::string& path : kept) {
    const absl::StatusOr<Bytes> file = ReadFile(path, kMaxEvidenceBytes);
    if (!file.ok()) continue;
    const absl::StatusOr<ForkEvidence> known = DecodeEvidence(*file);
    if (known.ok() && known->found == evidence.found && TreeOf(known->first) == TreeOf(evidence.first)) {
      return path;
    }
  }
  if (kept.size() >= kMaxFiles) return kept.back();
  RETURN_IF_ERROR(Disk(MakePrivateDirectory(FolderOf(directory))));
  // The hash keeps two findings of one second apart.
  const std::string text = EncodeEvidence(evidence);
  const std::string path = absl::StrCat(
      FolderOf(directory), "/fork-", absl::FormatTime("%Y%m%dT%H%M%SZ", evidence.time, absl::UTCTimeZone()),
      "-", ToHex(crypto::Sha256(text)).substr(0, 8), ".json");
  RETURN_IF_ERROR(Disk(WriteFileAtomically(path, text)));
  return path;
}

std::vector<std::string> ListEvidence(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator it(FolderOf(directory), error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (absl::StartsWith(name, "fork-") && absl::EndsWith(name, ".json"))
      paths.push_back(it->path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace seinpost::client
