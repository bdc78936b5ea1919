// SPDX-License-Identifier: EUPL-1.2
// `seinpost convenant show`: the agreement in words, for the people it binds.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/convenant_commands.h"
#include "client/output.h"
#include "client/session.h"
#include "policies/convenant.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

std::string Date(absl::Time time) { return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()); }

std::vector<std::string> PartyIds(const std::vector<const policies::Party*>& parties) {
  std::vector<std::string> ids;
  ids.reserve(parties.size());
  for (const policies::Party* party : parties) ids.push_back(party->id);
  return ids;
}

Json ShowJson(const policies::Convenant& convenant, const Digest& hash) {
  Json parties = Json::array();
  for (const auto& [id, party] : convenant.parties()) {
    parties.push_back(Json{{"id", id},
                           {"title", party.title},
                           {"kind", party.kind},
                           {"signed_by", convenant.SignatoryOf(party).id},
                           {"host", party.host},
                           {"guest", party.guest}});
  }
  Json purposes = Json::array();
  for (const auto& [code, purpose] : convenant.purposes()) {
    purposes.push_back(Json{{"code", code}, {"title", purpose.title}, {"ground", purpose.ground}});
  }
  Json categories = Json::array();
  for (const auto& [code, category] : convenant.categories()) {
    categories.push_back(Json{{"code", code}, {"title", category.title}});
  }
  Json channels = Json::array();
  for (const std::string& instance : convenant.ChannelInstances()) {
    const policies::Channel* channel = convenant.FindChannel(instance);
    channels.push_back(Json{{"channel", instance},
                            {"title", channel->title},
                            {"ceiling", std::string(policies::ToString(channel->ceiling))},
                            {"identity", channel->identity},
                            {"parties", PartyIds(convenant.PartiesOf(instance))}});
  }
  return Json{{"id", convenant.id()},
              {"title", convenant.title()},
              {"kind", std::string(policies::ToString(convenant.kind()))},
              {"version", convenant.version()},
              {"hash", ToHex(hash)},
              {"valid_from", FormatUtc(convenant.valid_from())},
              {"valid_until", FormatUtc(convenant.valid_until())},
              {"controller", convenant.controller()},
              {"parties", std::move(parties)},
              {"purposes", std::move(purposes)},
              {"categories", std::move(categories)},
              {"channels", std::move(channels)}};
}

std::string ShowText(const policies::Convenant& convenant, const Digest& hash, Language language) {
  const bool nl = language == Language::kDutch;
  // The last day that it holds, as the file writes it.
  std::string text = absl::StrCat(
      convenant.title(), "\n", nl ? "versie " : "version ", convenant.version(),
      nl ? ", geldig van " : ", valid from ", Date(convenant.valid_from()),
      nl ? " tot en met " : " up to and including ", Date(convenant.valid_until() - absl::Seconds(1)),
      nl ? "\nverwerkingsverantwoordelijke: " : "\ncontroller: ", convenant.controller(), "\nSHA-256 ",
      ToHex(hash), "\n\n");
  std::vector<std::vector<std::string>> parties{
      {nl ? "partij" : "party", nl ? "soort" : "kind", nl ? "getekend door" : "signed by", ""}};
  for (const auto& [id, party] : convenant.parties()) {
    parties.push_back({id, party.kind, convenant.SignatoryOf(party).id, party.title});
  }
  std::vector<std::vector<std::string>> channels{{nl ? "kanaal" : "channel",
                                                  nl ? "hoogste niveau" : "ceiling", nl ? "op naam" : "named",
                                                  nl ? "partijen" : "parties"}};
  for (const std::string& instance : convenant.ChannelInstances()) {
    const policies::Channel* channel = convenant.FindChannel(instance);
    channels.push_back({instance, std::string(policies::ToString(channel->ceiling)),
                        channel->identity ? (nl ? "ja" : "yes") : (nl ? "nee" : "no"),
                        absl::StrJoin(PartyIds(convenant.PartiesOf(instance)), ", ")});
  }
  std::vector<std::vector<std::string>> purposes{{nl ? "doel" : "purpose", nl ? "grond" : "ground"}};
  for (const auto& [code, purpose] : convenant.purposes()) {
    purposes.push_back({code, absl::StrCat(purpose.title, ". ", purpose.ground)});
  }
  absl::StrAppend(&text, Table(parties), "\n", Table(channels), "\n", Table(purposes));
  return text;
}

}  // namespace

absl::Status ConvenantShow(Context& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  if (!session->has_directory()) RETURN_IF_ERROR(session->SyncDirectory());
  const policies::Convenant& convenant = session->convenant();
  Print(context, ShowJson(convenant, session->entry().hash),
        ShowText(convenant, session->entry().hash, context.language));
  return absl::OkStatus();
}

}  // namespace seinpost::client
