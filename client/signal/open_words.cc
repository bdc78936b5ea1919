// SPDX-License-Identifier: EUPL-1.2
// `signal open`, and `may-i open`.
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "client/mail/key_release.h"
#include "client/signal/identity_json.h"
#include "client/signal/signal_commands.h"
#include "client/signal/words.h"
#include "client/terminal/say.h"
#include "client/terminal/texts.h"
#include "envelope/vocabulary.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

std::string KindOf(const OpenedPart& part) { return std::string(envelope::NameOf(part.kind)); }

std::string ReasonOf(const Withheld& withheld) { return absl::StrJoin(withheld.reasons, ","); }

std::string TitleOf(v1::PartKind kind, Language language) {
  static constexpr Text kTitles[] = {Text::kPartNarrative, Text::kPartNarrative, Text::kPartIdentity,
                                     Text::kPartCare,      Text::kPartSource,    Text::kPartJustification,
                                     Text::kPartAttachment};
  const auto place = static_cast<size_t>(kind);
  return std::string(TextOf(kTitles[place < std::size(kTitles) ? place : 0], language));
}

std::string LinesOf(const v1::Identity& identity, Language language) {
  const auto line = [&](Text label, const auto& values) {
    const std::string joined = absl::StrJoin(values, ", ");
    return joined.empty() ? std::string() : absl::StrCat("  ", TextOf(label, language), ": ", joined, "\n");
  };
  const auto one = [](const std::string& value) {
    return value.empty() ? std::vector<std::string>() : std::vector<std::string>{value};
  };
  return absl::StrCat(line(Text::kFirstNames, identity.first()), line(Text::kLastNames, identity.last()),
                      line(Text::kNickNames, identity.nick()),
                      line(Text::kBirthDate, one(identity.birth_date())),
                      line(Text::kNumbers, identity.numbers()), line(Text::kAddress, one(identity.address())),
                      line(Text::kHandles, identity.handles()));
}

// One of parts[].
Json PartJson(const OpenedPart& part) {
  Json json{{"kind", KindOf(part)}};
  if (const auto* text = std::get_if<std::string>(&part.content)) json["text"] = *text;
  if (const auto* identity = std::get_if<v1::Identity>(&part.content)) {
    json["identity"] = IdentityToJson(*identity);
  }
  if (const auto* file = std::get_if<OpenedFile>(&part.content)) {
    json["file"] = file->path;
    json["content_type"] = file->content_type;
  }
  return json;
}

std::string PartText(const OpenedPart& part, Language language) {
  const std::string title = TitleOf(part.kind, language);
  if (const auto* text = std::get_if<std::string>(&part.content)) {
    return absl::StrCat(title, ":\n", *text, "\n");
  }
  if (const auto* identity = std::get_if<v1::Identity>(&part.content)) {
    return absl::StrCat(title, ":\n", LinesOf(*identity, language));
  }
  if (const auto* file = std::get_if<OpenedFile>(&part.content)) {
    return absl::StrCat(title, ": ", file->path, "\n");
  }
  return absl::StrCat(absl::Substitute(TextOf(Text::kWithheld, language), KindOf(part),
                                       ReasonOf(std::get<Withheld>(part.content))),
                      "\n");
}

}  // namespace

Json ToJson(const OpenedSignal& opened) {
  Json parts = Json::array(), withheld = Json::array();
  for (const OpenedPart& part : opened.parts) {
    if (const auto* why = std::get_if<Withheld>(&part.content)) {
      withheld.push_back(Json{{"kind", KindOf(part)}, {"reason", ReasonOf(*why)}});
    } else {
      parts.push_back(PartJson(part));
    }
  }
  return Json{
      {"signal_id", ToHex(opened.signal_id)}, {"parts", std::move(parts)}, {"withheld", std::move(withheld)}};
}

absl::Status SignalOpen(Context& context, const OpenArgs& args) {
  Showing showing;
  if (context.json) {
    showing.whole = [&context](const OpenedSignal& opened) {
      PrintJson(context, ToJson(opened));
      return CheckOnDisk(context);
    };
  } else {
    showing.part = [&context](const OpenedPart& part) {
      PrintText(context, PartText(part, context.language));
      return CheckOnDisk(context);
    };
  }
  const absl::Status opened = OpenSignal(context, args, showing);
  if (!IsKeyGone(opened)) return opened;
  Note(context, TextOf(Text::kKeyGone, context.language));
  return PrintedError(kFailed);
}

absl::Status MayIOpen(Context& context, const OpenArgs& args) {
  return Say(context, AskToOpen(context, args));
}

}  // namespace seinpost::client
