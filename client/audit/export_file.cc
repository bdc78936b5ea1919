// SPDX-License-Identifier: EUPL-1.2
#include "client/audit/export_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "audit/commitment.h"
#include "client/audit/log.h"
#include "client/broker/convenant_file.h"
#include "client/mail/sync.h"
#include "client/terminal/arguments.h"
#include "policies/document/convenant.h"
#include "trust/log_identity.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr uint64_t kProgressEntries = 10000;

// A file that appears under its name only when it is whole; mode 0600.
class ExportFile {
 public:
  explicit ExportFile(std::string path) : path_(std::move(path)), part_(path_ + ".part") {}
  ~ExportFile() {
    if (!finished_) unlink(part_.c_str());
  }
  ExportFile(const ExportFile&) = delete;
  ExportFile& operator=(const ExportFile&) = delete;

  absl::Status Open() {
    const int fd = open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return UsageError(absl::StrCat(path_, ": cannot be written"));
    close(fd);
    stream_.open(part_, std::ios::binary | std::ios::trunc);
    return absl::OkStatus();
  }
  std::ostream& stream() { return stream_; }
  absl::Status Finish() {
    stream_.close();
    if (!stream_.good())
      return absl::UnknownError(absl::StrCat(path_, ": cannot be written, perhaps the disk is full"));
    if (std::rename(part_.c_str(), path_.c_str()) != 0) {
      return absl::UnknownError(absl::StrCat(path_, ": cannot be renamed into place"));
    }
    finished_ = true;
    return absl::OkStatus();
  }

 private:
  const std::string path_, part_;
  std::ofstream stream_;
  bool finished_ = false;
};

// The line of one entry; `objects`: how many of the directory were written before.
absl::StatusOr<std::string> LineOf(const Session& session, const v1::ExportEntry& entry, ExportLines& lines,
                                   size_t& objects) {
  ASSIGN_OR_RETURN(const audit::Leaf leaf, audit::DecodeLeaf(entry.leaf()));
  if (leaf.leaf_class != audit::LeafClass::kDirectory) return lines.Entry(entry.leaf(), entry.opening());
  if (objects >= session.objects().size() || session.objects()[objects].leaf_index != entry.index()) {
    return TamperedError(
        absl::StrCat("entry ", entry.index(), " is not where the directory has its objects"));
  }
  return lines.Object(entry.leaf(), session.objects()[objects++].object);
}

absl::Status WriteLog(Session& session, std::ostream& out, const ExportProgress& progress) {
  const trust::LogIdentity& identity = session.directory().LogIdentityAsOf();
  ExportHead head;
  head.origin = identity.origin;
  head.log_key = identity.key;
  head.convenant = session.entry().id;
  head.to = session.checkpoint()->size;
  const Bytes note = session.checkpoint_note();
  out << ExportLines::Head(head);
  ExportLines lines;
  size_t objects = 0;
  RETURN_IF_ERROR(FetchLog(session, ByteView(), [&](const v1::ExportEntry& entry) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string line, LineOf(session, entry, lines, objects));
    out << line;
    if (!out.good()) return absl::UnknownError("the export cannot be written, perhaps the disk is full");
    if (progress != nullptr && (lines.next() % kProgressEntries == 0 || lines.next() == head.to)) {
      progress(lines.next(), head.to);
    }
    return absl::OkStatus();
  }));
  out << ExportLines::Checkpoint(note) << std::flush;
  return absl::OkStatus();
}

absl::StatusOr<ExportPins> MakePins(const Context& context, const AuditVerifyArgs& args) {
  ExportPins pins;
  pins.convenant = context.convenant;
  if (!args.log_key.empty()) {
    ASSIGN_OR_RETURN(const Bytes key, ParseKeyFlag(args.log_key, "--log-key"));
    ASSIGN_OR_RETURN(pins.log_key, ToFixed<32>(key, "--log-key"));
  }
  if (!args.convenant_file.empty()) {
    ASSIGN_OR_RETURN(const ConvenantFile file, ReadConvenantFile(args.convenant_file));
    const absl::StatusOr<FixedBytes<32>> key = trust::LogKey(file.convenant);
    if (!key.ok())
      return UsageError("--convenant-file: names no log key: it is an example, not what was signed");
    ConvenantPin pin{.version = file.convenant.version(), .hash = file.hash, .log_key = *key};
    if (file.convenant.previous()) {
      ASSIGN_OR_RETURN(pin.previous, ToFixed<32>(*file.convenant.previous(), "previous"));
    }
    pins.convenant_file = pin;
    pins.convenant = file.convenant.id();
  }
  for (const std::string& text : args.witnesses) {
    ASSIGN_OR_RETURN(audit::VerifierKey witness, audit::VerifierKey::Parse(text));
    pins.witnesses.push_back(std::move(witness));
  }
  if (args.quorum > pins.witnesses.size()) return UsageError("--quorum: more than the witnesses given");
  pins.quorum = args.quorum;
  return pins;
}

}  // namespace

absl::StatusOr<LogExported> ExportLog(const Context& context, const std::string& file,
                                      const ExportProgress& progress) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  ExportFile target(file);
  RETURN_IF_ERROR(target.Open());
  LogExported exported{file, session->checkpoint()->size};
  RETURN_IF_ERROR(WriteLog(*session, target.stream(), progress));
  RETURN_IF_ERROR(target.Finish());
  return exported;
}

absl::StatusOr<LogExported> ExportLogTo(const Context& context, std::ostream& out,
                                        const ExportProgress& progress) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  LogExported exported{"", session->checkpoint()->size};
  RETURN_IF_ERROR(WriteLog(*session, out, progress));
  return exported;
}

absl::StatusOr<ExportVerified> VerifyExportFile(const Context& context, const AuditVerifyArgs& args,
                                                const ExportProgress& progress) {
  ASSIGN_OR_RETURN(const ExportPins pins, MakePins(context, args));
  std::ifstream in(args.file, std::ios::binary);
  if (!in.good()) return UsageError(absl::StrCat(args.file, ": cannot be read"));
  absl::StatusOr<ExportCheck> check = VerifyExport(in, pins, progress);
  if (!check.ok()) return UsageError(absl::StrCat(args.file, ": ", check.status().message()));
  return ExportVerified{*std::move(check)};
}

}  // namespace seinpost::client
