// SPDX-License-Identifier: EUPL-1.2
#include "client/org/words.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/org/commands.h"
#include "client/terminal/fingerprint.h"
#include "client/terminal/output.h"
#include "client/terminal/say.h"

namespace seinpost::client {
namespace {

// "published", or what is still needed for that.
std::string PublishedText(bool published) {
  return published ? "published\n" : "not published yet: give --broker and --tls-ca with the next command\n";
}

const char* WordOf(MandateState state) {
  switch (state) {
    case MandateState::kWaiting:
      return "not published";
    case MandateState::kNotYet:
      return "not yet";
    case MandateState::kInForce:
      return "in force";
    case MandateState::kEnding:
      return "end not published";
    case MandateState::kEnded:
      return "ended";
    case MandateState::kExpired:
      return "expired";
    case MandateState::kRefused:
      return "refused";
  }
  return "?";
}

Json MandateJson(const std::string& organisation, const OrgData::Mandate& mandate) {
  Json json{{"mandate_id", ToHex(mandate.id)},
            {"member", absl::StrCat(organisation, "/", mandate.handle)},
            {"function", mandate.function},
            {"scopes", mandate.scopes},
            {"max_level", std::string(policies::ToString(mandate.max_level))},
            {"from", FormatUtc(mandate.from)},
            {"until", FormatUtc(mandate.until)}};
  if (!mandate.deputy_for.empty()) json["deputy_for"] = absl::StrCat(organisation, "/", mandate.deputy_for);
  return json;
}

}  // namespace

Json ToJson(const KeyDirectoryMade& made) {
  const bool root = !made.root_key.empty();
  return Json{{"organisation", made.organisation},
              {"root_key", root ? Json(ToHex(made.root_key)) : Json(nullptr)},
              {"fingerprint", root ? Json(Fingerprint(made.root_key)) : Json(nullptr)}};
}

std::string ToText(const KeyDirectoryMade& made, Language /*language*/) {
  std::string text = absl::StrCat("key directory of ", made.organisation, ": ", made.directory, "\n");
  if (!made.root_key.empty()) {
    absl::StrAppend(&text, "root key:    ", ToHex(made.root_key),
                    "\nfingerprint: ", Fingerprint(made.root_key), "\n");
  }
  return text;
}

Json ToJson(const IssuerMade& made) {
  return Json{{"organisation", made.organisation},
              {"issuer_key", ToHex(made.issuer_key)},
              {"serial", made.serial},
              {"published", made.published}};
}

std::string ToText(const IssuerMade& made, Language /*language*/) {
  return absl::StrCat("issuer key ", made.serial, " of ", made.organisation, ", certified by ", made.signer,
                      "\n", PublishedText(made.published));
}

Json ToJson(const RootChanged& changed) {
  return Json{{"organisation", changed.organisation},
              {"root_key", ToHex(changed.root_key)},
              {"fingerprint", Fingerprint(changed.root_key)},
              {"in_force", changed.in_force}};
}

std::string ToText(const RootChanged& changed, Language /*language*/) {
  return absl::StrCat(changed.in_force ? "root key of " : "next root key of ", changed.organisation, ": ",
                      ToHex(changed.root_key), "\nfingerprint: ", Fingerprint(changed.root_key), "\n");
}

Json ToJson(const RootKeysListed& listed) {
  Json json = Json::object();
  for (const RootKeysListed::Key& key : listed.keys) json[key.party] = Fingerprint(key.public_key);
  return json;
}

std::string ToText(const RootKeysListed& listed, Language /*language*/) {
  std::vector<std::vector<std::string>> rows{{"party", "fingerprint"}};
  for (const RootKeysListed::Key& key : listed.keys) rows.push_back({key.party, Fingerprint(key.public_key)});
  return Table(rows);
}

Json ToJson(const InvitationWritten& written) {
  const Invitation& invitation = written.invitation;
  return Json{{"invitation", written.file},
              {"organisation", invitation.organisation},
              {"convenant", invitation.convenant},
              {"version", invitation.version},
              {"convenant_fingerprint", GroupedHex(invitation.hash)},
              {"broker", invitation.broker},
              {"signed_by_own_key", written.signed_by_own_key}};
}

std::string ToText(const InvitationWritten& written, Language /*language*/) {
  const Invitation& invitation = written.invitation;
  return absl::StrCat(
      written.file, ": invitation to ", invitation.convenant, " version ", invitation.version,
      "\nits fingerprint, to tell the new member by another way:\n  ", GroupedHex(invitation.hash), "\n",
      written.signed_by_own_key
          ? ""
          : "no key of yours has signed it: compare it first with the party that signs for you\n");
}

// One mandate is told as ever; what a deputy takes over may be several.
Json ToJson(const MandatesGranted& granted) {
  Json mandates = Json::array();
  for (const OrgData::Mandate& mandate : granted.mandates) {
    mandates.push_back(MandateJson(granted.organisation, mandate));
  }
  Json json = granted.as_deputy ? Json{{"mandates", std::move(mandates)}} : mandates.items().front();
  json["published"] = granted.published;
  return json;
}

std::string ToText(const MandatesGranted& granted, Language /*language*/) {
  std::string text;
  for (const OrgData::Mandate& mandate : granted.mandates) {
    absl::StrAppend(&text, "mandate ", ToHex(mandate.id), ": ", mandate.function, " ",
                    absl::StrJoin(mandate.scopes, ","), " ", policies::ToString(mandate.max_level), " until ",
                    FormatLocal(mandate.until), "\n");
  }
  return absl::StrCat(text, PublishedText(granted.published));
}

Json ToJson(const MandatesListed& listed) {
  Json list = Json::array();
  for (const MandatesListed::One& one : listed.mandates) {
    Json json = MandateJson(listed.organisation, one.mandate);
    json["state"] = WordOf(one.state);
    if (!one.mandate.refused.empty()) json["reason"] = one.mandate.refused;
    list.push_back(std::move(json));
  }
  return list;
}

std::string ToText(const MandatesListed& listed, Language /*language*/) {
  std::vector<std::vector<std::string>> rows{
      {"mandate", "member", "function", "scope", "level", "until", "state"}};
  for (const MandatesListed::One& one : listed.mandates) {
    const OrgData::Mandate& mandate = one.mandate;
    rows.push_back({ToHex(mandate.id), mandate.handle, mandate.function, absl::StrJoin(mandate.scopes, ","),
                    std::string(policies::ToString(mandate.max_level)), FormatLocal(mandate.until),
                    WordOf(one.state)});
  }
  return Table(rows);
}

Json ToJson(const MandateEnded& ended) {
  return Json{{"mandate_id", ToHex(ended.mandate_id)}, {"published", ended.published}};
}

std::string ToText(const MandateEnded& ended, Language /*language*/) {
  return absl::StrCat("mandate ", ToHex(ended.mandate_id),
                      ended.published ? " has ended\n" : " ends once this is published\n");
}

absl::Status OrgInit(Context& context, const OrgInitArgs& args) {
  return Say(context, MakeKeyDirectory(context, args));
}

absl::Status OrgIssuer(Context& context, const OrgIssuerArgs& args) {
  return Say(context, MakeIssuer(context, args));
}

absl::Status OrgRoot(Context& context, const OrgRootArgs& args) {
  return Say(context, ChangeRoot(context, args));
}

absl::Status OrgFingerprint(Context& context, const OrgFingerprintArgs& args) {
  return Say(context, ListRootKeys(args));
}

absl::Status OrgInvite(Context& context, const OrgInviteArgs& args) {
  return Say(context, WriteInvitation(context, args));
}

absl::Status OrgGrant(Context& context, const OrgGrantArgs& args) {
  return Say(context, GrantMandates(context, args));
}

absl::Status OrgMandates(Context& context, const OrgMandatesArgs& args) {
  return Say(context, ListMandates(context, args));
}

absl::Status OrgEnd(Context& context, const OrgEndArgs& args) {
  return Say(context, EndMandate(context, args));
}

}  // namespace seinpost::client
