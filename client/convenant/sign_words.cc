// SPDX-License-Identifier: EUPL-1.2
// What parties sign, how far that has come, and what becomes of it, in words.
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/convenant/commands.h"
#include "client/convenant/words.h"
#include "client/terminal/output.h"
#include "client/terminal/say.h"
#include "trust/levels.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

std::string DescribeAct(const v1::TrustUpdate& body) {
  std::string text = absl::StrCat("trust update ", body.number(), " of ", body.convenant_id());
  if (!body.log_key().empty()) absl::StrAppend(&text, "\n  log key: ", ToHex(body.log_key()));
  if (body.replaces_witnesses()) {
    absl::StrAppend(&text, "\n  witnesses, of which ", body.witness_quorum(),
                    " must sign:", body.witnesses().empty() ? " none" : "");
    for (const v1::WitnessKey& witness : body.witnesses()) {
      absl::StrAppend(&text, "\n    ", witness.name(), " ", ToHex(witness.key()));
    }
  }
  return text;
}

std::string DescribeAct(const v1::RestrictionOrder& body) {
  return absl::StrCat(
      "restriction order ", body.number(), " of ", body.convenant_id(), ": ",
      body.has_channel() ? absl::StrCat("channel ", body.channel()) : absl::StrCat("party ", body.party()),
      " goes up to ", policies::ToString(trust::LevelFromProto(body.ceiling())), " only");
}

std::string DescribeAct(const v1::LogEpoch& body) {
  return absl::StrCat("epoch ", body.number(), " of the log of ", body.convenant_id(),
                      "\n  lost: everything from leaf ", body.first_lost(),
                      " on\n  objects of the directory that are left: ", body.directory_size(),
                      "\n  new name: ", body.origin(), "\n  new log key: ", ToHex(body.log_key()));
}

// "signed by all who must", or "still to sign: …".
std::string StandingText(const Standing& standing) {
  if (standing.complete()) return "signed by all who must\n";
  if (standing.lacking < standing.missing.size()) {
    return absl::StrCat("still to sign: ", standing.lacking, " of ", absl::StrJoin(standing.missing, ", "),
                        "\n");
  }
  return absl::StrCat("still to sign: ", absl::StrJoin(standing.missing, ", "), "\n");
}

// Adds which version it is, of a convenant.
void AddVersion(const Document& document, Json& json) {
  if (!document.convenant) return;
  json["version"] = document.convenant->convenant.version();
  json["hash"] = ToHex(document.convenant->hash);
}

Json StandingJson(const Document& document, const Standing& standing) {
  Json json{{"file", document.path}};
  if (document.convenant) json["convenant"] = document.convenant_id();
  AddVersion(document, json);
  json["says"] = Describe(document);
  json["signatures"] = document.SignatureFile();
  json["missing"] = standing.missing;
  json["lacking"] = standing.lacking;
  return json;
}

}  // namespace

std::string Describe(const Document& document) {
  if (!document.convenant) {
    return std::visit([](const auto& act) { return DescribeAct(act); }, *document.act);
  }
  return absl::StrCat("convenant ", document.convenant_id(), " version ",
                      document.convenant->convenant.version(), "\n  SHA-256 ",
                      ToHex(document.convenant->hash));
}

Json ToJson(const DocumentSigned& done) {
  Json json = StandingJson(done.document, done.standing);
  json["signer"] = done.signer;
  json["signed_as"] = done.signed_as;
  return json;
}

std::string ToText(const DocumentSigned& done, Language /*language*/) {
  return absl::StrCat(Describe(done.document), "\nsigned as ", absl::StrJoin(done.signed_as, " and "), ": ",
                      done.document.SignatureFile(), "\n", StandingText(done.standing));
}

Json ToJson(const SignaturesBundled& bundled) { return StandingJson(bundled.document, bundled.standing); }

std::string ToText(const SignaturesBundled& bundled, Language /*language*/) {
  return absl::StrCat(Describe(bundled.document), "\n", bundled.document.SignatureFile(), ": ",
                      StandingText(bundled.standing));
}

Json ToJson(const DocumentActivated& activated) {
  Json json{{"convenant", activated.document.convenant_id()}};
  if (activated.active) {
    AddVersion(activated.document, json);
    json["says"] = Describe(activated.document);
    json["active"] = true;
    return json;
  }
  json["active"] = false;
  json["proposed"] = FormatUtc(activated.proposed);
  json["earliest"] = FormatUtc(activated.earliest);
  json["wait_seconds"] = absl::ToInt64Seconds(absl::Ceil(activated.wait, absl::Seconds(1)));
  return json;
}

std::string ToText(const DocumentActivated& activated, Language /*language*/) {
  if (activated.active) return absl::StrCat(Describe(activated.document), "\nis in force\n");
  return absl::StrCat("proposed ", FormatLocal(activated.proposed),
                      ", to be in public for 72 hours; activate it after ", FormatLocal(activated.earliest),
                      "\n");
}

Json ToJson(const VersionProposed& proposed) {
  Json json{{"convenant", proposed.document.convenant_id()}};
  AddVersion(proposed.document, json);
  json["lost"] = proposed.lost;
  json["proposed"] = FormatUtc(proposed.proposed);
  json["earliest"] = FormatUtc(proposed.earliest);
  json["checkpoint"] = proposed.checkpoint;
  return json;
}

std::string ToText(const VersionProposed& proposed, Language /*language*/) {
  return absl::StrCat("proposed; everybody's client shows it\nkeep ", proposed.checkpoint,
                      " and activate after ", FormatLocal(proposed.earliest), "\n");
}

Json ToJson(const RestrictionPublished& restriction) {
  const bool channel = !restriction.channel.empty();
  return Json{{"convenant", restriction.convenant},
              {"number", restriction.number},
              {channel ? "channel" : "party", channel ? restriction.channel : restriction.party},
              {"ceiling", policies::ToString(restriction.ceiling)},
              {"published", true}};
}

std::string ToText(const RestrictionPublished& restriction, Language /*language*/) {
  return absl::StrCat("order ", restriction.number, ": ",
                      restriction.channel.empty() ? absl::StrCat("party ", restriction.party)
                                                  : absl::StrCat("channel ", restriction.channel),
                      " goes up to ", policies::ToString(restriction.ceiling), " only, from now on\n");
}

Json ToJson(const ActMade& made) {
  return Json{{"file", made.document.path},
              {"convenant", made.document.convenant_id()},
              {"convenant_hash", ToHex(made.convenant_hash)},
              {"says", Describe(made.document)},
              {"lacking", made.quorum}};
}

std::string ToText(const ActMade& made, Language /*language*/) {
  return absl::StrCat(Describe(made.document), "\n", made.document.path, ": to be signed by ", made.quorum,
                      " of ", made.signers, " parties\n");
}

absl::Status ConvenantSign(Context& context, const ConvenantSignArgs& args) {
  return Say(context, SignDocument(context, args));
}

absl::Status ConvenantBundle(Context& context, const ConvenantBundleArgs& args) {
  return Say(context, BundleSignatures(args));
}

absl::Status ConvenantActivate(Context& context, const ConvenantActivateArgs& args) {
  const absl::StatusOr<DocumentActivated> activated = ActivateDocument(context, args);
  RETURN_IF_ERROR(Say(context, activated));
  return activated->active ? absl::OkStatus() : PrintedError(kFailed);
}

absl::Status ConvenantPropose(Context& context, const ConvenantActivateArgs& args) {
  return Say(context, ProposeVersion(context, args));
}

absl::Status ConvenantRestrict(Context& context, const ConvenantRestrictArgs& args) {
  return Say(context, PublishRestriction(context, args));
}

absl::Status ConvenantTrustUpdate(Context& context, const ConvenantTrustUpdateArgs& args) {
  return Say(context, MakeTrustUpdate(context, args));
}

absl::Status ConvenantEpoch(Context& context, const ConvenantEpochArgs& args) {
  return Say(context, MakeLogEpoch(context, args));
}

}  // namespace seinpost::client
