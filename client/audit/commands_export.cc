// SPDX-License-Identifier: EUPL-1.2
// `seinpost audit export` and `seinpost audit verify`.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "client/audit/commands.h"
#include "client/audit/export.h"
#include "client/mail/sync.h"
#include "client/terminal/arguments.h"
#include "client/terminal/output.h"
#include "crypto/merkle.h"
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

void Progress(const Context& context, absl::string_view what, uint64_t done, uint64_t all) {
  if (!context.progress || all == 0) return;
  context.err << "\r" << std::string(what) << " " << done * 100 / all << " %" << (done == all ? "\n" : "")
              << std::flush;
}

absl::Status WriteLog(Session& session, std::ostream& out) {
  const Context& context = session.context();
  ASSIGN_OR_RETURN(const FixedBytes<32> log_key, trust::LogKey(session.convenant()));
  ExportHead head;
  head.origin = trust::LogOrigin(session.entry().id);
  head.log_key = log_key;
  head.convenant = session.entry().id;
  head.to = session.checkpoint()->size;
  const Bytes note = session.checkpoint_note();
  out << ExportLines::Head(head);
  ExportLines lines;
  RETURN_IF_ERROR(FetchLog(session, ByteView(), [&](const v1::ExportEntry& entry) -> absl::Status {
    ASSIGN_OR_RETURN(const std::string line, lines.Entry(entry.leaf(), entry.opening()));
    out << line;
    if (!out.good()) return absl::UnknownError("the export cannot be written, perhaps the disk is full");
    if (lines.next() % kProgressEntries == 0 || lines.next() == head.to) {
      Progress(context, "export", lines.next(), head.to);
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
    ASSIGN_OR_RETURN(const Bytes yaml, ReadArgumentFile(args.convenant_file, policies::kMaxConvenantBytes));
    ASSIGN_OR_RETURN(const policies::Convenant convenant,
                     policies::Convenant::Parse(yaml, args.convenant_file));
    const absl::StatusOr<FixedBytes<32>> key = trust::LogKey(convenant);
    if (!key.ok())
      return UsageError("--convenant-file: names no log key: it is an example, not what was signed");
    if (pins.log_key && *pins.log_key != *key)
      return UsageError("--log-key: the convenant file names another");
    pins.log_key = *key;
    pins.convenant = convenant.id();
  }
  for (const std::string& text : args.witnesses) {
    ASSIGN_OR_RETURN(audit::VerifierKey witness, audit::VerifierKey::Parse(text));
    pins.witnesses.push_back(std::move(witness));
  }
  if (args.quorum > pins.witnesses.size()) return UsageError("--quorum: more than the witnesses given");
  pins.quorum = args.quorum;
  return pins;
}

Json CheckJson(const ExportCheck& check, bool pinned) {
  const audit::ExportReport& report = check.report;
  Json checkpoint = nullptr;
  if (report.checkpoint) {
    const audit::Checkpoint& known = *report.checkpoint;
    checkpoint = Json{{"origin", known.origin},
                      {"size", known.size},
                      {"root", ToHex(known.root)},
                      {"time", known.time ? Json(FormatUtc(*known.time)) : Json(nullptr)}};
  }
  Json witnesses = Json::array();
  for (const audit::WitnessResult& witness : report.witnesses) {
    witnesses.push_back(Json{{"name", witness.name},
                             {"ok", witness.ok},
                             {"time", witness.time ? Json(FormatUtc(*witness.time)) : Json(nullptr)},
                             {"reason", witness.ok ? Json(nullptr) : Json(witness.reason)}});
  }
  return Json{{"ok", report.ok},
              {"size", report.size},
              {"first_bad", report.first_bad ? Json(*report.first_bad) : Json(nullptr)},
              {"reason", report.ok ? Json(nullptr) : Json(report.reason)},
              {"checkpoint", std::move(checkpoint)},
              {"witnesses", std::move(witnesses)},
              {"convenant", check.head.convenant},
              {"log_key", ToHex(check.head.log_key)},
              {"log_key_pinned", pinned},
              {"opened", report.opened},
              {"redacted", report.redacted}};
}

std::string CheckText(const ExportCheck& check, bool pinned, bool nl) {
  const audit::ExportReport& report = check.report;
  std::string text;
  if (report.ok) {
    text = absl::StrCat(nl ? "in orde: " : "in order: ", report.size,
                        nl ? " regels, waarvan " : " entries, of which ", report.opened,
                        nl ? " leesbaar" : " readable");
  } else {
    text = absl::StrCat(nl ? "NIET in orde: " : "NOT in order: ", report.reason);
    if (report.first_bad) {
      absl::StrAppend(&text, nl ? "\neerste foute regel: " : "\nfirst bad entry: ", *report.first_bad);
    }
  }
  absl::StrAppend(&text, nl ? "\nlogsleutel " : "\nlog key ", ToHex(check.head.log_key));
  if (!pinned) {
    absl::StrAppend(&text,
                    nl ? " (uit het bestand zelf: vergelijk hem met het ondertekende convenant, of geef "
                         "--log-key of --convenant-file)"
                       : " (from the file itself: compare it with the signed convenant, or give --log-key or "
                         "--convenant-file)");
  }
  return absl::StrCat(text, "\n");
}

}  // namespace

absl::Status AuditExport(Context& context, const std::string& file) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  if (file == "-") return WriteLog(*session, context.out);
  ExportFile target(file);
  RETURN_IF_ERROR(target.Open());
  const uint64_t size = session->checkpoint()->size;
  RETURN_IF_ERROR(WriteLog(*session, target.stream()));
  RETURN_IF_ERROR(target.Finish());
  Print(context, Json{{"file", file}, {"size", size}},
        absl::StrCat(file, ": ", size, context.language == Language::kDutch ? " regels\n" : " entries\n"));
  return absl::OkStatus();
}

absl::Status AuditVerify(Context& context, const AuditVerifyArgs& args) {
  ASSIGN_OR_RETURN(const ExportPins pins, MakePins(context, args));
  std::ifstream in(args.file, std::ios::binary);
  if (!in.good()) return UsageError(absl::StrCat(args.file, ": cannot be read"));
  const absl::StatusOr<ExportCheck> check =
      VerifyExport(in, pins, [&](uint64_t done, uint64_t all) { Progress(context, "verify", done, all); });
  if (!check.ok()) return UsageError(absl::StrCat(args.file, ": ", check.status().message()));
  Print(context, CheckJson(*check, pins.log_key.has_value()),
        CheckText(*check, pins.log_key.has_value(), context.language == Language::kDutch));
  return check->report.ok ? absl::OkStatus() : PrintedError(kTampered);
}

}  // namespace seinpost::client
