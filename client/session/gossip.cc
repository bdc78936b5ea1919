// SPDX-License-Identifier: EUPL-1.2
#include "client/session/gossip.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audit/signed_note.h"
#include "crypto/hash.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

std::string FolderOf(const Context& context) {
  if (!context.gossip_dir.empty()) return context.gossip_dir;
  const char* variable = std::getenv("SEINPOST_GOSSIP");
  return variable == nullptr ? "" : variable;
}

// The notes of this log that others have left, sorted by file.
std::vector<Bytes> NotesIn(const std::string& folder, const std::string& prefix, const std::string& own) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (absl::StartsWith(name, prefix) && absl::EndsWith(name, ".note") && name != own) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  std::vector<Bytes> notes;
  for (const std::string& name : names) {
    absl::StatusOr<Bytes> note = ReadFile(absl::StrCat(folder, "/", name), audit::kMaxNoteBytes);
    if (note.ok()) notes.push_back(*std::move(note));
  }
  return notes;
}

}  // namespace

absl::Status Gossip(Session& session) {
  const std::string folder = FolderOf(session.context());
  if (folder.empty() || session.checkpoint_note().empty()) return absl::OkStatus();
  // Who leaves a note need not be known to the others.
  const std::string prefix = absl::StrCat(session.entry().id, ".");
  const std::string own = absl::StrCat(
      prefix, ToHex(crypto::Sha256(absl::StrCat("seinpost gossip", session.own_device_id()))).substr(0, 16),
      ".note");
  absl::Status left = MakePrivateDirectory(folder);
  if (left.ok()) left = WriteFileAtomically(absl::StrCat(folder, "/", own), session.checkpoint_note());
  // Not being heard is no reason not to listen.
  if (!left.ok()) {
    session.state().Log(session.context().clock.Now(), absl::StrCat("gossip: ", left.message()));
  }
  for (const Bytes& note : NotesIn(folder, prefix, own)) {
    const absl::StatusOr<audit::Checkpoint> other = VerifyNoteOfLog(note, session.directory());
    if (!other.ok()) continue;
    RETURN_IF_ERROR(session.log().CheckSameHistory(note, *other, session.directory(), "profile"));
  }
  return absl::OkStatus();
}

}  // namespace seinpost::client
