// SPDX-License-Identifier: EUPL-1.2
#include "server/copies/backup_copy.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "policies/document/fields.h"
#include "policies/document/yaml_tree.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

using policies::Fields;
using policies::Need;
using policies::Position;
using policies::YamlNode;

constexpr size_t kMaxLabelBytes = 64 * 1024;
constexpr size_t kStampBytes = 16;
constexpr char kStampFormat[] = "%Y%m%dT%H%M%SZ";

}  // namespace

std::string EncodeBackupLabel(const BackupLabel& label) {
  std::string yaml = absl::StrCat("format: 1\nmade: ", StampOf(label.made), "\nidentity: \"",
                                  ToHex(label.identity), "\"\nconvenants:\n");
  for (const BackupLabel::Convenant& convenant : label.convenants) {
    absl::StrAppend(&yaml, "  - id: ", convenant.id, "\n    leaves: ", convenant.leaves, "\n");
  }
  return yaml;
}

absl::StatusOr<BackupLabel> ParseBackupLabel(absl::string_view yaml, const std::string& filename) {
  policies::Problems problems(filename);
  const YamlNode root = policies::ParseYaml(yaml, kMaxLabelBytes, problems);
  if (!problems.empty()) return absl::InvalidArgumentError(problems.Join());
  Fields fields(root, Position{1, 1, ""}, problems);
  BackupLabel label;
  fields.Number("format", Need::kRequired, 1, 1);
  const absl::StatusOr<absl::Time> made = TimeOfStamp(fields.Text("made", Need::kRequired));
  if (made.ok()) label.made = *made;
  if (!made.ok()) fields.Complain(fields.At("made"), "made: not a time");
  label.identity = fields.Hex32("identity", Need::kRequired).value_or(Bytes());
  const YamlNode::Entry* entry = fields.Entry("convenants", Need::kRequired);
  if (entry != nullptr && entry->value.kind != YamlNode::Kind::kList) {
    fields.Complain(entry->value, "convenants: a list is wanted");
  } else if (entry != nullptr) {
    for (const YamlNode& item : entry->value.items) {
      Fields one(item, Position{item.line, item.column, "convenants"}, problems);
      BackupLabel::Convenant convenant;
      convenant.id = one.Word("id", Need::kRequired);
      if (!absl::SimpleAtoi(one.Text("leaves", Need::kRequired), &convenant.leaves)) {
        one.Complain(one.At("leaves"), "leaves: not a number");
      }
      one.Finish();
      label.convenants.push_back(std::move(convenant));
    }
  }
  fields.Finish();
  if (!problems.empty()) return absl::InvalidArgumentError(problems.Join());
  return label;
}

std::string StampOf(absl::Time time) { return absl::FormatTime(kStampFormat, time, absl::UTCTimeZone()); }

// A year may have any number of digits for absl::ParseTime(), so the stamp is taken apart first.
absl::StatusOr<absl::Time> TimeOfStamp(const std::string& stamp) {
  absl::Time time;
  if (stamp.size() == kStampBytes) {
    const absl::string_view text = stamp;
    const std::string apart = absl::StrCat(text.substr(0, 4), "-", text.substr(4, 2), "-", text.substr(6, 5),
                                           ":", text.substr(11, 2), ":", text.substr(13));
    if (absl::ParseTime(absl::RFC3339_full, apart, &time, nullptr) && StampOf(time) == stamp) return time;
  }
  return absl::InvalidArgumentError(absl::StrCat("\"", stamp, "\" is not the name of a copy"));
}

absl::StatusOr<std::vector<std::string>> StampsIn(const std::string& directory) {
  std::vector<std::string> stamps;
  std::error_code error;
  if (!std::filesystem::exists(directory, error)) return stamps;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    if (TimeOfStamp(name).ok()) stamps.push_back(name);
  }
  if (error)
    return absl::UnavailableError(absl::StrCat("cannot look through '", directory, "': ", error.message()));
  std::sort(stamps.begin(), stamps.end());
  return stamps;
}

}  // namespace seinpost::server
