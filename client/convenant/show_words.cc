// SPDX-License-Identifier: EUPL-1.2
// `seinpost convenant show`: the agreement in words, for the people it binds.
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/convenant/commands.h"
#include "client/convenant/words.h"
#include "client/terminal/fingerprint.h"
#include "client/terminal/output.h"
#include "client/terminal/say.h"
#include "policies/document/convenant.h"

namespace seinpost::client {
namespace {

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
    purposes.push_back(Json{{"code", code},
                            {"title", purpose.title},
                            {"ground", purpose.ground},
                            {"may_use", purpose.everyone_may_use ? Json("all") : Json(purpose.may_use)},
                            {"acute_danger", purpose.acute_danger}});
  }
  Json categories = Json::array();
  for (const auto& [code, category] : convenant.categories()) {
    categories.push_back(Json{
        {"code", code}, {"title", category.title}, {"kind", std::string(policies::ToString(category.kind))}});
  }
  Json channels = Json::array();
  for (const std::string& instance : convenant.ChannelInstances()) {
    const policies::Channel* channel = convenant.FindChannel(instance);
    channels.push_back(Json{{"channel", instance},
                            {"title", channel->title},
                            {"ceiling", std::string(policies::ToString(channel->ceiling))},
                            {"identity", channel->identity},
                            {"kept_identity", std::string(policies::ToString(channel->kept_identity))},
                            {"chair", channel->chair.empty() ? Json(nullptr) : Json(channel->chair)},
                            {"guests", channel->guests},
                            {"parties", PartyIds(convenant.PartiesOf(instance))}});
  }
  Json json{{"id", convenant.id()},
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
  json.update(AgreedJson(convenant));
  return json;
}

std::string KeptText(policies::KeptIdentity kept, bool nl) {
  switch (kept) {
    case policies::KeptIdentity::kForbidden:
      return nl ? "nee" : "no";
    case policies::KeptIdentity::kAllowed:
      return nl ? "mag" : "may";
    case policies::KeptIdentity::kRequired:
      return nl ? "moet" : "must";
  }
  return "?";
}

std::string ShowText(const policies::Convenant& convenant, const Digest& hash, Language language) {
  const bool nl = language == Language::kDutch;
  // The last day that it holds, as the file writes it.
  std::string text = absl::StrCat(
      convenant.title(), "\n", nl ? "versie " : "version ", convenant.version(),
      nl ? ", geldig van " : ", valid from ", DateText(convenant.valid_from()),
      nl ? " tot en met " : " up to and including ", DateText(convenant.valid_until() - absl::Seconds(1)),
      nl ? "\nverwerkingsverantwoordelijke: " : "\ncontroller: ", convenant.controller(), "\nSHA-256 ",
      ToHex(hash), "\n\n");
  std::vector<std::vector<std::string>> parties{
      {nl ? "partij" : "party", nl ? "soort" : "kind", nl ? "getekend door" : "signed by", ""}};
  for (const auto& [id, party] : convenant.parties()) {
    parties.push_back({id, party.kind, convenant.SignatoryOf(party).id, party.title});
  }
  std::vector<std::vector<std::string>> channels{
      {nl ? "kanaal" : "channel", nl ? "hoogste niveau" : "ceiling", nl ? "op naam" : "named",
       nl ? "naam in bewaring" : "kept identity", nl ? "partijen" : "parties"}};
  for (const std::string& instance : convenant.ChannelInstances()) {
    const policies::Channel* channel = convenant.FindChannel(instance);
    channels.push_back({instance, std::string(policies::ToString(channel->ceiling)),
                        channel->identity ? (nl ? "ja" : "yes") : (nl ? "nee" : "no"),
                        KeptText(channel->kept_identity, nl),
                        absl::StrJoin(PartyIds(convenant.PartiesOf(instance)), ", ")});
  }
  std::vector<std::vector<std::string>> purposes{{nl ? "doel" : "purpose", nl ? "grond" : "ground"}};
  for (const auto& [code, purpose] : convenant.purposes()) {
    purposes.push_back({code, absl::StrCat(purpose.title, ". ", purpose.ground)});
  }
  absl::StrAppend(&text, Table(parties), "\n", Table(channels), "\n", Table(purposes), "\n",
                  AgreedText(convenant, language));
  return text;
}

// What happened to the convenant since version 1.
Json HistoryJson(const ConvenantShown& shown) {
  Json versions = Json::array(), restrictions = Json::array(), logs = Json::array(), epochs = Json::array(),
       proposals = Json::array(), witnesses = Json::array();
  for (const trust::Version& version : shown.versions) {
    versions.push_back(Json{{"version", version.convenant->version()},
                            {"hash", ToHex(version.hash)},
                            {"fingerprint", GroupedHex(version.hash)},
                            {"dir_seq", version.seq}});
  }
  for (const policies::Restriction& order : shown.restrictions) {
    restrictions.push_back(Json{
        {"number", order.number},
        {order.channel.empty() ? "party" : "channel", order.channel.empty() ? order.party : order.channel},
        {"ceiling", std::string(policies::ToString(order.ceiling))}});
  }
  for (const trust::LogIdentity& log : shown.logs) {
    logs.push_back(Json{{"origin", log.origin}, {"key", ToHex(log.key)}, {"dir_seq", log.seq}});
  }
  for (const trust::LostTail& lost : shown.lost_tails) {
    epochs.push_back(Json{{"number", lost.number}, {"first_lost", lost.first}, {"end_lost", lost.end}});
  }
  for (const trust::Proposal& proposal : shown.proposals) {
    proposals.push_back(
        Json{{"version", proposal.version}, {"hash", ToHex(proposal.hash)}, {"lost", proposal.lost}});
  }
  for (const policies::Witness& witness : shown.witnesses) {
    witnesses.push_back(Json{{"name", witness.name}, {"key", ToHex(witness.key)}});
  }
  return Json{{"versions", std::move(versions)},
              {"restrictions", std::move(restrictions)},
              {"logs", std::move(logs)},
              {"epochs", std::move(epochs)},
              {"proposals", std::move(proposals)},
              {"witnesses", std::move(witnesses)},
              {"witness_quorum", shown.witness_quorum},
              {"next", Json{{"trust_update", shown.next_trust_update},
                            {"restriction", shown.next_restriction},
                            {"epoch", shown.next_epoch}}}};
}

std::string HistoryText(const ConvenantShown& shown, Language language) {
  const bool nl = language == Language::kDutch;
  std::vector<std::vector<std::string>> versions{
      {nl ? "versie" : "version", nl ? "vingerafdruk van het bestand" : "fingerprint of the file"}};
  for (const trust::Version& version : shown.versions) {
    versions.push_back({absl::StrCat(version.convenant->version()), GroupedHex(version.hash)});
  }
  std::string text = Table(versions);
  for (const policies::Restriction& order : shown.restrictions) {
    const bool channel = !order.channel.empty();
    absl::StrAppend(&text, nl ? "beperking " : "restriction ", order.number, ": ",
                    channel ? (nl ? "kanaal " : "channel ") : (nl ? "partij " : "party "),
                    channel ? order.channel : order.party, nl ? " tot en met " : " up to ",
                    policies::ToString(order.ceiling), "\n");
  }
  for (const trust::LostTail& lost : shown.lost_tails) {
    absl::StrAppend(&text, nl ? "het logboek verloor regel " : "the log lost leaves ", lost.first,
                    nl ? " tot en met " : " to ", lost.end - 1,
                    nl ? "; het gaat verder als deel " : "; it goes on as epoch ", lost.number, "\n");
  }
  for (const trust::Proposal& proposal : shown.proposals) {
    absl::StrAppend(
        &text, nl ? "voorgesteld: versie " : "proposed: version ", proposal.version,
        nl ? ", met een nieuwe sleutel van " : ", with a new key of ", absl::StrJoin(proposal.lost, ", "),
        nl ? " in plaats van een verloren, vingerafdruk " : " in place of a lost one, fingerprint ",
        GroupedHex(proposal.hash), "\n");
  }
  return text;
}

}  // namespace

Json ToJson(const ConvenantShown& shown) {
  Json json = ShowJson(*shown.convenant, shown.hash);
  json.update(HistoryJson(shown));
  return json;
}

std::string ToText(const ConvenantShown& shown, Language language) {
  return absl::StrCat(ShowText(*shown.convenant, shown.hash, language), "\n", HistoryText(shown, language));
}

absl::Status ConvenantShow(Context& context) { return Say(context, ShowConvenant(context)); }

}  // namespace seinpost::client
