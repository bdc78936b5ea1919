// SPDX-License-Identifier: EUPL-1.2
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "audit/checkpoint.h"
#include "audit/signed_note.h"
#include "client/convenant/acts.h"
#include "client/terminal/arguments.h"
#include "client/terminal/json.h"
#include "trust/fields.h"
#include "trust/log_identity.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr size_t kMaxCheckBytes = 1024 * 1024;
constexpr uint64_t kFirstSuccessor = 2;
constexpr absl::string_view kCheckFile = "--check: not what seinpostd check --json prints";

absl::Status Bad(absl::string_view field) {
  return UsageError(absl::StrCat("--check: not what seinpostd check --json prints: field \"", field,
                                 "\" is missing or wrong"));
}

// The line that speaks of this convenant.
absl::StatusOr<Json> FindReport(absl::string_view text, const std::string& convenant_id) {
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipWhitespace())) {
    Json report = Json::Parse(line).value_or(Json());
    JsonFields fields(report, kCheckFile);
    const std::string convenant = fields.Text("convenant");
    RETURN_IF_ERROR(fields.status());
    if (convenant == convenant_id) return report;
  }
  return UsageError("--check: says nothing about this convenant");
}

absl::StatusOr<std::string> NoteOf(JsonFields& report, const std::string& checkpoint_file) {
  if (!checkpoint_file.empty()) return ReadArgumentFile(checkpoint_file, audit::kMaxNoteBytes);
  const Json& anchor = report.Object("anchor");
  JsonFields fields(anchor, kCheckFile);
  std::string note = fields.Text("note");
  if (!fields.ok()) return Bad("anchor.note");
  return note;
}

// Epoch n has the origin "seinpost/ID/n", the first "seinpost/ID".
absl::StatusOr<uint64_t> NumberAfter(absl::string_view origin, const std::string& convenant_id) {
  const std::string first = trust::LogOrigin(convenant_id);
  if (origin == first) return kFirstSuccessor;
  uint64_t number = 0;
  if (!absl::ConsumePrefix(&origin, absl::StrCat(first, "/")) || !absl::SimpleAtoi(origin, &number) ||
      number < kFirstSuccessor) {
    return UsageError("the checkpoint is that of another log");
  }
  return number + 1;
}

}  // namespace

absl::StatusOr<ActMade> MakeLogEpoch(const Context& context, const ConvenantEpochArgs& args) {
  ASSIGN_OR_RETURN(const ConvenantFile in_force, ReadSignableConvenant(args.convenant_file));
  const std::string& id = in_force.convenant.id();
  ASSIGN_OR_RETURN(const Bytes text, ReadArgumentFile(args.check_file, kMaxCheckBytes));
  ASSIGN_OR_RETURN(const Json report, FindReport(text, id));
  JsonFields fields(report, kCheckFile);
  if (fields.IsNull("lost")) return UsageError("--check: this log lost nothing: no epoch is needed");
  JsonFields lost(fields.Object("lost"), kCheckFile);
  const uint64_t first_lost = lost.Number("first");
  const uint64_t directory_size = fields.Number("directory_size");
  RETURN_IF_ERROR(fields.status());
  RETURN_IF_ERROR(lost.status());
  if (fields.TextOrNull("next_log_key").empty()) {
    return UsageError(absl::StrCat("the broker has no next log key yet: seinpostd init --next-log-key ", id));
  }
  const Bytes log_key = fields.Hex("next_log_key", trust::kKeyBytes);
  RETURN_IF_ERROR(fields.status());
  ASSIGN_OR_RETURN(const std::string note, NoteOf(fields, args.checkpoint));
  const absl::StatusOr<audit::SignedNote> parsed = audit::SignedNote::Parse(note);
  if (!parsed.ok()) return Bad("anchor.note");
  const absl::StatusOr<audit::Checkpoint> checkpoint = audit::ParseCheckpointText(parsed->text);
  if (!checkpoint.ok()) return Bad("anchor.note");
  if (checkpoint->size <= first_lost) return UsageError("the checkpoint covers nothing of what was lost");
  ASSIGN_OR_RETURN(const uint64_t number, NumberAfter(checkpoint->origin, id));
  v1::LogEpoch epoch;
  epoch.set_version(1);
  epoch.set_convenant_id(id);
  epoch.set_convenant_hash(ToBytes(in_force.hash));
  epoch.set_number(number);
  epoch.set_last_checkpoint(note);
  epoch.set_first_lost(first_lost);
  epoch.set_directory_size(directory_size);
  epoch.set_origin(trust::EpochOrigin(id, number));
  epoch.set_log_key(log_key);
  epoch.set_time(absl::ToUnixSeconds(context.clock.Now()));
  return WriteAct(args.out, std::move(epoch), in_force);
}

}  // namespace seinpost::client
