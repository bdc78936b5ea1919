// SPDX-License-Identifier: EUPL-1.2
// The file that `seinpost audit export` writes and `seinpost audit verify` checks: JSON Lines, bytes in
// docs/formats/audit_export.md. There is exactly one way to write each line, so that every changed byte
// shows.
//
// Constant memory in both directions, whatever the size of the log. Not thread-safe.
#ifndef SEINPOST_CLIENT_AUDIT_EXPORT_H_
#define SEINPOST_CLIENT_AUDIT_EXPORT_H_

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audit/commitment.h"
#include "audit/signed_note.h"
#include "audit/verifier.h"
#include "client/audit/log_history.h"
#include "client/terminal/output.h"
#include "crypto/sign.h"
#include "util/bytes.h"

namespace seinpost::client {

// Files of format 1 do not hold what says who signs the log; they are read, and not written any more.
enum class ExportFormat { kFirst = 1, kSecond = 2 };

// The first line. The range is always the whole log up to the checkpoint, so that an omission shows.
struct ExportHead {
  ExportFormat format = ExportFormat::kSecond;
  std::string origin;           // of the log, in the checkpoint; in format 1 always its first
  crypto::PublicKey log_key{};  // that signs the checkpoint; in format 1 as the convenant states it
  std::string convenant;        // id
  uint64_t from = 0;            // 0
  uint64_t to = 0;              // the checkpoint's size
};

// ExportLines writes the lines of one export in order, each with its line end.
class ExportLines {
 public:
  static std::string FormatName(ExportFormat format);
  static std::string Head(const ExportHead& head);
  // The line of entry next(), an event; in format 1 any. `opening` is empty for what is withheld or erased.
  // kInvalidArgument: it is not empty and no opening; nothing changed.
  absl::StatusOr<std::string> Entry(ByteView leaf, ByteView opening);
  // The line of entry next(), a leaf of the directory: with its object if that says who signs the log, and
  // with the object's hash otherwise.
  std::string Object(ByteView leaf, ByteView object);
  std::string ObjectHash(ByteView leaf, const Digest& object_hash);
  static std::string Checkpoint(ByteView note);

  uint64_t next() const { return next_; }

 private:
  std::string Begin(ByteView leaf);

  uint64_t next_ = 0;
  Digest chain_{};  // binds each line to those before it, so that the first altered one can be named
};

// An event as people and programs read it: one member per field, named as docs/formats/audit_log.md names
// them. Redacted fields are {"redacted": true}.
Json EventJson(const audit::Opening& opening);

// A version of the convenant that was compared before, or comes from whoever signed it.
struct ConvenantPin {
  uint32_t version = 0;
  Digest hash{};                   // SHA-256 of its file
  std::optional<Digest> previous;  // of the version before
  crypto::PublicKey log_key{};
};

// What the verifier believes beforehand. Nothing: then the answer only says that whoever signed the convenant
// in the file logged all of it.
struct ExportPins {
  std::optional<crypto::PublicKey> log_key;  // the log's, at any time
  std::optional<ConvenantPin> convenant_file;
  std::string convenant;  // empty: whichever the file names
  std::vector<audit::VerifierKey> witnesses;
  size_t quorum = 0;  // how many of them must have cosigned
};

struct ExportCheck {
  audit::ExportReport report;
  ExportHead head;                 // empty if the first line is bad
  std::vector<LogPeriod> periods;  // who the log was; empty for format 1
  // Whether what was believed beforehand vouches for the key that signs the checkpoint.
  bool log_key_pinned = false;
};

// Checks a whole export; `in` must be seekable. `progress`, if set, is told bytes done and bytes in all now
// and then. A bad file is no error but report.ok = false with reason, and first_bad where one entry is to
// blame. kInvalidArgument: `in` cannot be read at all, or ends before a version that the pinned one follows.
absl::StatusOr<ExportCheck> VerifyExport(std::istream& in, const ExportPins& pins,
                                         const std::function<void(uint64_t, uint64_t)>& progress = nullptr);

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_AUDIT_EXPORT_H_
