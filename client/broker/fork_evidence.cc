// SPDX-License-Identifier: EUPL-1.2
#include "client/broker/fork_evidence.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/profile/disk.h"
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

// What was asked about the two, and the answer; null where nothing was.
absl::Status ReadAsked(const Json& asked, ForkEvidence& evidence) {
  JsonFields fields(asked, "asked");
  evidence.size1 = fields.Number("size1");
  evidence.size2 = fields.Number("size2");
  evidence.error = fields.Text("error");
  for (const std::string& hash : fields.Texts("hashes")) {
    ASSIGN_OR_RETURN(const Bytes bytes, FromHex(hash));
    evidence.answer.add_hashes(bytes);
  }
  return fields.status();
}

}  // namespace

std::string EncodeEvidence(const ForkEvidence& evidence) {
  Json asked;
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
      .Dump(1);
}

absl::StatusOr<ForkEvidence> DecodeEvidence(absl::string_view text) {
  const absl::StatusOr<Json> json = Json::Parse(text);
  if (!json.ok()) return NoEvidence();
  JsonFields fields(*json, "evidence");
  if (fields.Text("format") != kFormat) fields.Fail("format");
  if (fields.Number("version") != 1) fields.Fail("version");
  ForkEvidence evidence;
  evidence.time = fields.Time("time");
  evidence.convenant = fields.Text("convenant");
  evidence.found = fields.Text("found");
  evidence.first = fields.Text("first");
  evidence.second = fields.Text("second");
  const bool read = fields.IsNull("asked") || ReadAsked(fields.Object("asked"), evidence).ok();
  if (!read || !fields.ok()) return NoEvidence();
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
  RETURN_IF_ERROR(DiskError(MakePrivateDirectory(FolderOf(directory))));
  // The hash keeps two findings of one second apart.
  const std::string text = EncodeEvidence(evidence);
  const std::string path = absl::StrCat(
      FolderOf(directory), "/fork-", absl::FormatTime("%Y%m%dT%H%M%SZ", evidence.time, absl::UTCTimeZone()),
      "-", ToHex(crypto::Sha256(text)).substr(0, 8), ".json");
  RETURN_IF_ERROR(DiskError(WriteFileAtomically(path, text)));
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
