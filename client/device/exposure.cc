// SPDX-License-Identifier: EUPL-1.2
// `device exposure`.
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/substitute.h"
#include "client/device/keys.h"
#include "client/mail/sync.h"
#include "client/session/session.h"
#include "client/terminal/arguments.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "envelope/vocabulary.h"
#include "trust/levels.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

std::string LevelOf(const v1::Exposure& exposure) {
  return std::string(policies::ToString(trust::LevelFromProto(exposure.level())));
}

Json ToJson(const v1::Exposure& exposure) {
  return Json{{"signal_id", ToHex(exposure.signal_id())},
              {"channel", exposure.channel()},
              {"level", LevelOf(exposure)},
              {"category", exposure.category()},
              {"purpose", exposure.purpose()},
              {"case_ref", exposure.case_ref().empty() ? Json(nullptr) : Json(ToHex(exposure.case_ref()))},
              {"created", FormatUtc(absl::FromUnixSeconds(exposure.created()))},
              {"part", exposure.part()},
              {"kind", std::string(envelope::NameOf(exposure.kind()))},
              {"expires", FormatUtc(absl::FromUnixSeconds(exposure.expires()))},
              {"released", exposure.released()}};
}

}  // namespace

absl::Status DeviceExposure(Context& context, const std::string& device) {
  ASSIGN_OR_RETURN(const Bytes id, ParseId(device, "device: not an id of 32 hexadecimal digits"));
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  Json json = Json::array();
  std::vector<std::vector<std::string>> rows = {
      absl::StrSplit(TextOf(Text::kExposureHead, context.language), '|')};
  std::set<Bytes> signals;
  size_t released = 0;
  const absl::Status listed =
      session->connection().ListExposure(id, [&](const v1::Exposure& exposure) -> absl::Status {
        json.push_back(ToJson(exposure));
        rows.push_back({ToHex(exposure.signal_id()), exposure.channel(), LevelOf(exposure),
                        exposure.category(), exposure.purpose(), ToHex(exposure.case_ref()),
                        FormatLocal(absl::FromUnixSeconds(exposure.created())),
                        std::string(envelope::NameOf(exposure.kind())),
                        std::string(TextOf(exposure.released() ? Text::kYes : Text::kNo, context.language))});
        signals.insert(exposure.signal_id());
        if (exposure.released()) ++released;
        return absl::OkStatus();
      });
  if (absl::IsNotFound(listed)) return UsageError(TextOf(Text::kExposureUnknown, context.language));
  RETURN_IF_ERROR(listed);
  const std::string count = absl::Substitute(TextOf(Text::kExposureCount, context.language), rows.size() - 1,
                                             signals.size(), released);
  Print(context, json,
        rows.size() == 1 ? absl::StrCat(TextOf(Text::kExposureNone, context.language), "\n")
                         : absl::StrCat(Table(rows), count, "\n"));
  return absl::OkStatus();
}

}  // namespace seinpost::client
