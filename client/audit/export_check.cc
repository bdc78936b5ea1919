// SPDX-License-Identifier: EUPL-1.2
// Reading an export back, line by line, and checking it.
#include <istream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/audit/export.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "trust/log_identity.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// Reads lines of bounded length from a stream and counts bytes.
class LineReader {
 public:
  explicit LineReader(std::istream& in) : in_(in) {}

  // The next line without its end; nothing at the end of the stream. kInvalidArgument: too long, or the last
  // line has no end.
  absl::StatusOr<std::optional<absl::string_view>> Next() {
    line_.clear();
    while (true) {
      const size_t end = absl::string_view(buffer_).substr(start_).find('\n');
      if (end != absl::string_view::npos) {
        line_.append(buffer_, start_, end);
        start_ += end + 1;
        bytes_read_ += line_.size() + 1;
        return absl::string_view(line_);
      }
      line_.append(buffer_, start_, std::string::npos);
      if (line_.size() > kMaxLineBytes) return absl::InvalidArgumentError("a line is too long");
      buffer_.resize(kChunkBytes);
      in_.read(buffer_.data(), kChunkBytes);
      buffer_.resize(static_cast<size_t>(in_.gcount()));
      start_ = 0;
      if (!buffer_.empty()) continue;
      if (line_.empty()) return std::optional<absl::string_view>();
      return absl::InvalidArgumentError("the last line has no end");
    }
  }
  uint64_t bytes_read() const { return bytes_read_; }

 private:
  static constexpr size_t kChunkBytes = 256 * 1024;
  static constexpr size_t kMaxLineBytes = 16 * 1024 * 1024;
  std::istream& in_;
  std::string buffer_, line_;
  size_t start_ = 0;
  uint64_t bytes_read_ = 0;
};

// Takes `token` off the front of `text`; false if it is not there.
bool Take(absl::string_view& text, absl::string_view token) {
  if (text.substr(0, token.size()) != token) return false;
  text.remove_prefix(token.size());
  return true;
}

// Takes everything up to `end` and `end` itself.
std::optional<absl::string_view> TakeUntil(absl::string_view& text, absl::string_view end) {
  const size_t at = text.find(end);
  if (at == absl::string_view::npos) return std::nullopt;
  const absl::string_view taken = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return taken;
}

struct EntryLine {
  uint64_t index = 0;
  Bytes leaf;
  Bytes opening;  // empty: null
  // Of a leaf of the directory, from format 2 on:
  Bytes object;  // empty: only its hash is there
  std::optional<Digest> object_hash;
};

absl::Status BadLine() { return absl::InvalidArgumentError("the line is not written as an entry is"); }

// Finds the fields; whether the line is written in the one way is for the caller to check.
absl::StatusOr<EntryLine> ParseEntry(absl::string_view line) {
  EntryLine entry;
  if (!Take(line, "{\"index\":")) return BadLine();
  const std::optional<absl::string_view> index = TakeUntil(line, ",\"leaf\":\"");
  if (!index || !absl::SimpleAtoi(*index, &entry.index)) return BadLine();
  const std::optional<absl::string_view> leaf = TakeUntil(line, "\",\"chain\":\"");
  if (!leaf || !TakeUntil(line, "\",\"")) return BadLine();
  ASSIGN_OR_RETURN(entry.leaf, FromBase64(*leaf));
  if (Take(line, "object\":\"")) {
    ASSIGN_OR_RETURN(entry.object, FromBase64(line.substr(0, line.find('"'))));
    if (entry.object.empty()) return BadLine();
    entry.object_hash = crypto::Sha256(entry.object);
    return entry;
  }
  if (Take(line, "object_hash\":\"")) {
    ASSIGN_OR_RETURN(const Bytes hash, FromHex(line.substr(0, line.find('"'))));
    ASSIGN_OR_RETURN(entry.object_hash, ToFixed<32>(hash, "object_hash"));
    return entry;
  }
  if (!Take(line, "opening\":")) return BadLine();
  if (Take(line, "null,\"event\":")) return entry;
  if (!Take(line, "\"")) return BadLine();
  const std::optional<absl::string_view> opening = TakeUntil(line, "\",\"event\":");
  if (!opening || opening->empty()) return BadLine();
  ASSIGN_OR_RETURN(entry.opening, FromBase64(*opening));
  return entry;
}

absl::StatusOr<ExportHead> ParseHead(absl::string_view line) {
  const absl::Status bad = absl::InvalidArgumentError("the first line is no header of an export");
  const absl::StatusOr<Json> object = Json::Parse(line);
  if (!object.ok()) return bad;
  JsonFields fields(*object, "header");
  const std::string format = fields.Text("format");
  ExportHead head;
  if (format == ExportLines::FormatName(ExportFormat::kFirst)) head.format = ExportFormat::kFirst;
  if (format != ExportLines::FormatName(head.format)) return bad;
  head.origin = fields.Text("origin");
  head.convenant = fields.Text("convenant");
  head.from = fields.Number("from");
  head.to = fields.Number("to");
  head.log_key = fields.Hash("log_key");
  if (!fields.ok()) return bad;
  if (ExportLines::Head(head) != absl::StrCat(line, "\n")) return bad;
  if (head.from != 0) return absl::InvalidArgumentError("the export does not start at entry 0");
  if (head.format == ExportFormat::kFirst && head.origin != trust::LogOrigin(head.convenant)) {
    return absl::InvalidArgumentError("the header's origin is not the one of its convenant");
  }
  return head;
}

// The note in the last line, found from the end of the stream, which is rewound.
absl::StatusOr<Bytes> ReadCheckpoint(std::istream& in, uint64_t size) {
  // A note is at most 64 KiB, and JSON makes at most six characters of a byte.
  const uint64_t tail_size = std::min<uint64_t>(size, audit::kMaxNoteBytes * 6 + 64);
  in.seekg(static_cast<std::streamoff>(size - tail_size));
  std::string tail(tail_size, '\0');
  in.read(tail.data(), static_cast<std::streamsize>(tail_size));
  if (static_cast<uint64_t>(in.gcount()) != tail_size) return absl::InvalidArgumentError("cannot be read");
  in.clear();
  in.seekg(0);
  const absl::Status bad = absl::DataLossError("the last line is no checkpoint");
  if (tail.empty() || tail.back() != '\n') return bad;
  tail.pop_back();
  const size_t start = tail.rfind('\n');
  const std::string line = start == std::string::npos ? tail : tail.substr(start + 1);
  const absl::StatusOr<Json> object = Json::Parse(line);
  if (!object.ok()) return bad;
  JsonFields fields(*object, "last line");
  const Bytes note = fields.Text("checkpoint");
  if (!fields.ok()) return bad;
  if (ExportLines::Checkpoint(note) != line + "\n") return bad;
  return note;
}

// One pass over the entries. Stops at the first one that is bad.
class Pass {
 public:
  Pass(audit::ExportVerifier& verifier, LogHistory& history, const ExportHead& head)
      : verifier_(verifier), history_(history), format_(head.format), limit_(head.to) {}

  void Entry(absl::string_view line) {
    const uint64_t index = lines_.next();
    const absl::Status status = Check(line);
    if (status.ok()) return;
    first_bad_ = index;
    reason_ = std::string(status.message());
  }
  bool failed() const { return first_bad_.has_value(); }

  audit::ExportReport Finish() {
    audit::ExportReport report = verifier_.Finish();
    if (!first_bad_ && lines_.next() < limit_) {
      first_bad_ = lines_.next();
      reason_ = absl::StrCat("entry ", lines_.next(), " and what follows is missing");
    }
    if (first_bad_) {
      report.ok = false;
      report.first_bad = first_bad_;
      report.reason = reason_;
    }
    return report;
  }

 private:
  absl::Status Check(absl::string_view line) {
    const uint64_t index = lines_.next();
    ASSIGN_OR_RETURN(const EntryLine entry, ParseEntry(line));
    if (entry.index != index)
      return absl::InvalidArgumentError(absl::StrCat("entry ", index, " is not here"));
    if (index >= limit_) return absl::InvalidArgumentError("more entries than the header states");
    const Digest leaf_hash = crypto::LeafHash(entry.leaf);
    audit::ExportEntry checked;
    checked.index = index;
    checked.leaf = entry.leaf;
    checked.leaf_hash = View(leaf_hash);
    if (!entry.opening.empty()) checked.opening = entry.opening;
    if (!verifier_.Add(checked)) return absl::InvalidArgumentError("the opening is not the one of the leaf");
    ASSIGN_OR_RETURN(const std::string again, Written(index, entry));
    if (absl::string_view(again).substr(0, again.size() - 1) != line) {
      return absl::InvalidArgumentError(
          "the line is not the one that was exported: another leaf, or an event that its opening does not "
          "tell");
    }
    return absl::OkStatus();
  }

  // The line as it is written in the one way.
  absl::StatusOr<std::string> Written(uint64_t index, const EntryLine& entry) {
    const absl::StatusOr<audit::Leaf> leaf = audit::DecodeLeaf(entry.leaf);
    const bool of_directory =
        format_ != ExportFormat::kFirst && leaf.ok() && leaf->leaf_class == audit::LeafClass::kDirectory;
    if (of_directory != entry.object_hash.has_value()) return BadLine();
    if (!of_directory) return lines_.Entry(entry.leaf, entry.opening);
    RETURN_IF_ERROR(history_.Add(index, entry.leaf, entry.object, *entry.object_hash));
    return entry.object.empty() ? lines_.ObjectHash(entry.leaf, *entry.object_hash)
                                : lines_.Object(entry.leaf, entry.object);
  }

  audit::ExportVerifier& verifier_;
  LogHistory& history_;
  const ExportFormat format_;
  const uint64_t limit_;
  ExportLines lines_;
  std::optional<uint64_t> first_bad_;
  std::string reason_;
};

ExportCheck Broken(ExportHead head, absl::string_view reason) {
  ExportCheck check;
  check.head = std::move(head);
  check.report.reason = std::string(reason);
  return check;
}

constexpr uint64_t kProgressBytes = 8 * 1024 * 1024;

std::optional<trust::Pin> PinOf(const ExportPins& pins) {
  if (!pins.convenant_file) return std::nullopt;
  return trust::Pin{pins.convenant_file->version, pins.convenant_file->hash};
}

absl::Status AnotherKey() {
  return absl::PermissionDeniedError("the export names another log key than the one pinned");
}

// A file of format 1 says no more than what the convenant stated; who has since followed must be known.
absl::Status FindFirstSigner(ByteView note, const ExportPins& pins, audit::ExportVerifier& verifier,
                             ExportCheck& check) {
  std::optional<crypto::PublicKey> pinned = pins.log_key;
  if (!pinned && pins.convenant_file) pinned = pins.convenant_file->log_key;
  if (!pinned) return absl::OkStatus();
  const std::string origin(note.substr(0, note.find('\n')));
  const std::string first = trust::LogOrigin(check.head.convenant);
  if (origin != first && !absl::StartsWith(origin, absl::StrCat(first, "/"))) return AnotherKey();
  verifier.SetLogKey(audit::LogKey(origin, *pinned));
  check.head.log_key = *pinned;
  check.log_key_pinned = true;
  return absl::OkStatus();
}

// Whether the pinned version of the convenant is one of the history's, or follows its last one.
absl::Status CheckConvenantPin(const trust::Directory& directory, const ConvenantPin& pin) {
  if (directory.FindVersion(View(pin.hash)) != nullptr) return absl::OkStatus();
  const uint32_t last = directory.convenant()->version();
  if (pin.version <= last)
    return absl::PermissionDeniedError("the export is of another convenant than the one pinned");
  if (pin.version == last + 1) {
    return pin.previous == directory.convenant_hash()
               ? absl::OkStatus()
               : absl::PermissionDeniedError("the convenant pinned does not follow that of the export");
  }
  return absl::OutOfRangeError(
      absl::StrCat("the export ends at version ", last,
                   " of the convenant: give the file of that version, or of the next"));
}

// Who signs the checkpoint, by the convenant and the leaves in the file.
absl::Status FindSigner(const LogHistory& history, const ExportPins& pins, audit::ExportVerifier& verifier,
                        ExportCheck& check) {
  const trust::Directory& directory = history.directory();
  if (history.empty() || directory.convenant()->id() != check.head.convenant) {
    return absl::DataLossError("the export holds no convenant, or another than it names");
  }
  const trust::LogIdentity& identity = directory.LogIdentityAsOf();
  if (check.head.origin != identity.origin || check.head.log_key != identity.key) {
    return absl::DataLossError("the header names another log than the convenant and its changes");
  }
  verifier.SetLogKey(audit::LogKey(identity.origin, identity.key));
  check.periods = history.Periods();
  if (pins.log_key && !history.HadKey(*pins.log_key)) return AnotherKey();
  if (pins.convenant_file) RETURN_IF_ERROR(CheckConvenantPin(directory, *pins.convenant_file));
  // An earlier key does not vouch for the later one: the parties do, whom the convenant names.
  check.log_key_pinned = pins.convenant_file.has_value() || pins.log_key == identity.key;
  return absl::OkStatus();
}

// The checkpoint speaks of the directory that is in the file.
absl::Status CheckDirectoryLine(const LogHistory& history, const ExportCheck& check) {
  if (check.head.format == ExportFormat::kFirst) return absl::OkStatus();
  const trust::Directory& directory = history.directory();
  const std::optional<audit::DirectoryHead>& said = check.report.checkpoint->directory;
  if (said.has_value() && said->seq == directory.size() && said->hash == directory.chain_hash()) {
    return absl::OkStatus();
  }
  return absl::DataLossError("the checkpoint speaks of another directory than the one in the export");
}

}  // namespace

absl::StatusOr<ExportCheck> VerifyExport(std::istream& in, const ExportPins& pins,
                                         const std::function<void(uint64_t, uint64_t)>& progress) {
  in.seekg(0, std::ios::end);
  const std::streamoff end = in.tellg();
  in.seekg(0);
  if (!in.good() || end < 0) return absl::InvalidArgumentError("the file cannot be read");
  const uint64_t size = static_cast<uint64_t>(end);

  const absl::StatusOr<Bytes> note = ReadCheckpoint(in, size);
  if (absl::IsInvalidArgument(note.status())) return note.status();
  LineReader lines(in);
  const absl::StatusOr<std::optional<absl::string_view>> first = lines.Next();
  if (!first.ok()) return Broken({}, first.status().message());
  if (!*first) return Broken({}, "the file is empty");
  absl::StatusOr<ExportHead> head = ParseHead(**first);
  if (!head.ok()) return Broken({}, head.status().message());
  if (!note.ok()) return Broken(*std::move(head), note.status().message());
  if (!pins.convenant.empty() && head->convenant != pins.convenant) {
    return Broken(*std::move(head), "the export is of another convenant than the one pinned");
  }
  audit::ExportVerifier verifier({head->from, head->to, *note},
                                 {audit::LogKey(head->origin, head->log_key), pins.witnesses, pins.quorum});
  LogHistory history(head->convenant, PinOf(pins));
  Pass pass(verifier, history, *head);
  uint64_t told = 0;
  bool checkpoint_seen = false;
  while (!pass.failed()) {
    const absl::StatusOr<std::optional<absl::string_view>> line = lines.Next();
    if (line.ok() && !*line) break;
    checkpoint_seen = lines.bytes_read() == size;
    if (checkpoint_seen) break;
    pass.Entry(line.ok() ? **line : absl::string_view());
    if (progress != nullptr && lines.bytes_read() - told > kProgressBytes) {
      told = lines.bytes_read();
      progress(told, size);
    }
  }
  ExportCheck check;
  check.head = *std::move(head);
  absl::Status signer;
  if (check.head.format == ExportFormat::kFirst) {
    signer = FindFirstSigner(*note, pins, verifier, check);
  } else if (!pass.failed()) {
    signer = FindSigner(history, pins, verifier, check);
  }
  if (absl::IsOutOfRange(signer)) return absl::InvalidArgumentError(signer.message());
  check.report = pass.Finish();
  if (check.report.ok && signer.ok()) signer = CheckDirectoryLine(history, check);
  if (check.report.ok && !checkpoint_seen) signer = absl::DataLossError("the last line is no checkpoint");
  if (!pass.failed() && !signer.ok()) {
    check.report.ok = false;
    check.report.reason = std::string(signer.message());
  }
  if (!check.report.ok) check.log_key_pinned = false;
  return check;
}

}  // namespace seinpost::client
