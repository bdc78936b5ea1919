// SPDX-License-Identifier: EUPL-1.2
#include "client/audit/words.h"

#include <ostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/audit/commands.h"
#include "client/terminal/output.h"
#include "client/terminal/say.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// On a terminal; nothing otherwise.
ExportProgress ShowProgress(const Context& context, const char* what) {
  if (!context.progress) return nullptr;
  return [&context, what](uint64_t done, uint64_t all) {
    if (all == 0) return;
    context.err << "\r" << what << " " << done * 100 / all << " %" << (done == all ? "\n" : "") << std::flush;
  };
}

}  // namespace

Json ToJson(const EntryProven& proven) {
  Json hashes = Json::array();
  for (const Digest& hash : proven.hashes) hashes.push_back(ToHex(hash));
  return Json{{"ok", true},
              {"index", proven.index},
              {"size", proven.size},
              {"leaf", ToHex(proven.leaf)},
              {"leaf_hash", ToHex(proven.leaf_hash)},
              {"hashes", std::move(hashes)},
              {"root", ToHex(proven.root)},
              {"checkpoint", proven.checkpoint}};
}

std::string ToText(const EntryProven& proven, Language language) {
  const bool nl = language == Language::kDutch;
  return absl::StrCat(nl ? "regel " : "entry ", proven.index,
                      nl ? " staat in het logboek van " : " is in the log of ", proven.size,
                      nl ? " regels" : " entries", "\n", proven.checkpoint);
}

Json ToJson(const LogExported& exported) { return Json{{"file", exported.file}, {"size", exported.size}}; }

std::string ToText(const LogExported& exported, Language language) {
  return absl::StrCat(exported.file, ": ", exported.size,
                      language == Language::kDutch ? " regels\n" : " entries\n");
}

Json ToJson(const ExportVerified& verified) {
  const ExportCheck& check = verified.check;
  const audit::ExportReport& report = check.report;
  Json checkpoint = nullptr;
  if (report.checkpoint) {
    const audit::Checkpoint& known = *report.checkpoint;
    checkpoint = Json{{"origin", known.origin},
                      {"size", known.size},
                      {"root", ToHex(known.root)},
                      {"time", known.time ? Json(FormatUtc(*known.time)) : Json(nullptr)}};
  }
  Json periods = Json::array();
  for (const LogPeriod& period : check.periods) {
    periods.push_back(
        Json{{"origin", period.origin}, {"log_key", ToHex(period.log_key)}, {"from", period.from}});
  }
  Json witnesses = Json::array();
  for (const audit::WitnessResult& witness : report.witnesses) {
    witnesses.push_back(Json{{"name", witness.name},
                             {"ok", witness.ok},
                             {"time", witness.time ? Json(FormatUtc(*witness.time)) : Json(nullptr)},
                             {"reason", witness.ok ? Json(nullptr) : Json(witness.reason)}});
  }
  Json erasures = Json::array();
  for (const audit::ErasureResult& result : report.erasures) {
    const audit::Erasure& erasure = result.erasure;
    erasures.push_back(Json{{"index", result.index},
                            {"retention_class", erasure.retention_class},
                            {"month", erasure.month},
                            {"fingerprint", ToHex(View(erasure.fingerprint))},
                            {"first", erasure.first},
                            {"last", erasure.last},
                            {"count", erasure.count},
                            {"erased", result.erased}});
  }
  return Json{{"ok", report.ok},
              {"size", report.size},
              {"first_bad", report.first_bad ? Json(*report.first_bad) : Json(nullptr)},
              {"reason", report.ok ? Json(nullptr) : Json(report.reason)},
              {"checkpoint", std::move(checkpoint)},
              {"witnesses", std::move(witnesses)},
              {"convenant", check.head.convenant},
              {"log_key", ToHex(check.head.log_key)},
              {"log_key_pinned", check.log_key_pinned},
              {"periods", std::move(periods)},
              {"opened", report.opened},
              {"redacted", report.redacted},
              {"withheld", report.withheld},
              {"erased", report.erased},
              {"erasures", std::move(erasures)}};
}

std::string ToText(const ExportVerified& verified, Language language) {
  const bool nl = language == Language::kDutch;
  const ExportCheck& check = verified.check;
  const audit::ExportReport& report = check.report;
  std::string text;
  if (report.ok) {
    text = absl::StrCat(
        nl ? "in orde: " : "in order: ", report.size, nl ? " regels, waarvan " : " entries, of which ",
        report.opened, nl ? " leesbaar, " : " readable, ", report.withheld,
        nl ? " achtergehouden en " : " withheld and ", report.erased, nl ? " gewist" : " erased");
    for (const audit::ErasureResult& result : report.erasures) {
      absl::StrAppend(&text, nl ? "\n  gewist door regel " : "\n  erased by entry ", result.index, ": ",
                      result.erased, nl ? " van maand " : " of month ", result.erasure.month);
    }
  } else {
    text = absl::StrCat(nl ? "NIET in orde: " : "NOT in order: ", report.reason);
    if (report.first_bad) {
      absl::StrAppend(&text, nl ? "\neerste foute regel: " : "\nfirst bad entry: ", *report.first_bad);
    }
  }
  for (size_t i = 1; i < check.periods.size(); ++i) {
    const LogPeriod& period = check.periods[i];
    absl::StrAppend(&text, nl ? "\nvanaf regel " : "\nfrom entry ", period.from,
                    nl ? " getekend als " : " signed as ", period.origin, nl ? ", sleutel " : ", key ",
                    ToHex(period.log_key));
  }
  absl::StrAppend(&text, nl ? "\nlogsleutel " : "\nlog key ", ToHex(check.head.log_key));
  if (!check.log_key_pinned) {
    absl::StrAppend(&text,
                    nl ? " (uit het bestand zelf: vergelijk hem met het ondertekende convenant, of geef "
                         "--log-key of --convenant-file)"
                       : " (from the file itself: compare it with the signed convenant, or give --log-key or "
                         "--convenant-file)");
  }
  return absl::StrCat(text, "\n");
}

absl::Status AuditProof(Context& context, uint64_t index) { return Say(context, ProveEntry(context, index)); }

absl::Status AuditExport(Context& context, const std::string& file) {
  const ExportProgress progress = ShowProgress(context, "export");
  if (file == "-") {
    RETURN_IF_ERROR(ExportLogTo(context, context.out, progress).status());
    return CheckOnDisk(context);
  }
  return Say(context, ExportLog(context, file, progress));
}

absl::Status AuditVerify(Context& context, const AuditVerifyArgs& args) {
  const absl::StatusOr<ExportVerified> verified =
      VerifyExportFile(context, args, ShowProgress(context, "verify"));
  RETURN_IF_ERROR(Say(context, verified));
  return verified->check.report.ok ? absl::OkStatus() : PrintedError(kTampered);
}

}  // namespace seinpost::client
