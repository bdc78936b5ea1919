// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant/bundle.h"

#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/terminal/arguments.h"
#include "client/terminal/context.h"
#include "trust/fields.h"
#include "trust/objects.h"
#include "trust/strict.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

// The first byte of an encoded SignedObject, the tag of `kind`; no text starts with it.
constexpr char kFirstByte = '\x08';

// The kinds of object that are acts.
v1::ObjectKind KindOf(const v1::TrustUpdate&) { return v1::OBJECT_KIND_TRUST_UPDATE; }
v1::ObjectKind KindOf(const v1::RestrictionOrder&) { return v1::OBJECT_KIND_RESTRICTION_ORDER; }
v1::ObjectKind KindOf(const v1::LogEpoch&) { return v1::OBJECT_KIND_LOG_EPOCH; }

absl::StatusOr<Act> ParseAct(v1::ObjectKind kind, ByteView body) {
  const auto parse = [body](auto act) -> absl::StatusOr<Act> {
    RETURN_IF_ERROR(trust::StrictParse(body, trust::kMaxObjectBytes, "act", act));
    return Act(std::move(act));
  };
  switch (kind) {
    case v1::OBJECT_KIND_TRUST_UPDATE:
      return parse(v1::TrustUpdate());
    case v1::OBJECT_KIND_RESTRICTION_ORDER:
      return parse(v1::RestrictionOrder());
    case v1::OBJECT_KIND_LOG_EPOCH:
      return parse(v1::LogEpoch());
    default:
      return absl::InvalidArgumentError("not an act that parties sign");
  }
}

trust::Version VersionOf(const ConvenantFile& file) {
  trust::Version version;
  version.convenant = std::make_shared<const policies::Convenant>(file.convenant);
  version.hash = file.hash;
  return version;
}

absl::StatusOr<Needed> NeededForConvenant(const policies::Convenant& convenant,
                                          const ConvenantFile* previous) {
  Needed needed;
  if (convenant.version() > 1) {
    if (previous == nullptr) {
      return UsageError(absl::StrCat("--previous: needed, since version ", convenant.version(),
                                     " is signed with the keys that the version before states"));
    }
    RETURN_IF_ERROR(trust::CheckSuccession(VersionOf(*previous), convenant));
    needed.previous = previous;
  }
  needed.keys =
      trust::ConvenantSigners(needed.previous == nullptr ? nullptr : &needed.previous->convenant, convenant);
  needed.quorum = needed.keys.size();
  return needed;
}

absl::StatusOr<Document> ReadAct(const std::string& path, const Bytes& content) {
  v1::SignedObject object;
  if (!trust::StrictParse(content, trust::kMaxObjectBytes, "act", object).ok() ||
      !object.signatures().empty() || !object.evidence().empty()) {
    return UsageError(absl::StrCat(path, ": neither a convenant nor an act to be signed"));
  }
  absl::StatusOr<Act> act = ParseAct(object.kind(), object.body());
  if (!act.ok()) return UsageError(absl::StrCat(path, ": neither a convenant nor an act to be signed"));
  return Document{path, object.kind(), object.body(), std::nullopt, *std::move(act)};
}

}  // namespace

absl::StatusOr<Document> ReadDocument(const std::string& path) {
  ASSIGN_OR_RETURN(const Bytes content, ReadArgumentFile(path, policies::kMaxConvenantBytes));
  if (absl::StartsWith(content, absl::string_view(&kFirstByte, 1))) return ReadAct(path, content);
  ASSIGN_OR_RETURN(ConvenantFile convenant, ParseSignableConvenant(content, path));
  return Document{path, v1::OBJECT_KIND_CONVENANT, content, std::move(convenant), std::nullopt};
}

const std::string& Document::convenant_id() const {
  if (convenant) return convenant->convenant.id();
  return std::visit([](const auto& spoken) -> const std::string& { return spoken.convenant_id(); }, *act);
}

Document MakeDocument(std::string path, Act act) {
  Document document;
  document.path = std::move(path);
  std::visit(
      [&](const auto& body) {
        document.kind = KindOf(body);
        document.body = trust::StrictSerialize(body);
      },
      act);
  document.act = std::move(act);
  return document;
}

Bytes EncodeAct(const Document& act) {
  v1::SignedObject object;
  object.set_kind(act.kind);
  object.set_body(act.body);
  return trust::StrictSerialize(object);
}

absl::StatusOr<Needed> NeededFor(const Document& document, const ConvenantFile* in_force) {
  if (document.convenant) return NeededForConvenant(document.convenant->convenant, in_force);
  if (in_force == nullptr) return UsageError("--convenant-file: needed, since it states who signs this");
  const Bytes& hash =
      std::visit([](const auto& body) -> const Bytes& { return body.convenant_hash(); }, *document.act);
  if (hash != View(in_force->hash)) return UsageError("this act speaks of another version of the convenant");
  const policies::Convenant& convenant = in_force->convenant;
  if (document.kind == v1::OBJECT_KIND_RESTRICTION_ORDER)
    return Needed{trust::ControllerKey(convenant), 1, nullptr};
  const Needed needed{trust::RootKeys(convenant), convenant.trust()->change_quorum, nullptr};
  if (needed.quorum == 0) {
    return UsageError("the convenant states no change_quorum: its keys change by a new version only");
  }
  return needed;
}

bool IsReplaced(const Needed& needed, absl::string_view signer) {
  return needed.keys.count(absl::StrCat(signer, trust::kNewKeySuffix)) > 0;
}

absl::StatusOr<Standing> CheckSignatures(ByteView object, const Document& document, const Needed& needed) {
  Standing standing;
  v1::SignedObject parsed;
  if (object.empty()) {
    for (const auto& [signer, key] : needed.keys) standing.missing.push_back(signer);
  } else {
    ASSIGN_OR_RETURN(parsed, trust::ParseSignedObject(object));
    absl::StatusOr<std::vector<std::string>> missing =
        trust::CheckSignatures(parsed, needed.keys, document.convenant ? "convenant" : "act");
    if (!missing.ok()) return TamperedError(missing.status().message());
    standing.missing = *std::move(missing);
  }
  const size_t have = needed.keys.size() - standing.missing.size();
  standing.lacking = have >= needed.quorum ? 0 : needed.quorum - have;
  if (needed.previous != nullptr && !standing.complete()) {
    standing.lost =
        trust::LostKeyOf(&needed.previous->convenant, document.convenant->convenant, standing.missing)
            .value_or("");
  }
  return standing;
}

absl::StatusOr<Bytes> ReadSignaturesFrom(const std::string& path, const Document& document) {
  ASSIGN_OR_RETURN(Bytes content, ReadArgumentFile(path, trust::kMaxObjectBytes));
  const absl::StatusOr<v1::SignedObject> object = trust::ParseSignedObject(content);
  if (!object.ok()) return UsageError(absl::StrCat(path, ": not a file of signatures"));
  if (object->kind() != document.kind || object->body() != document.body || !object->evidence().empty()) {
    return UsageError(absl::StrCat(path, ": the signatures are over another text than ", document.path));
  }
  return content;
}

absl::StatusOr<Bytes> ReadSignatures(const Document& document) {
  struct stat found{};
  if (stat(document.SignatureFile().c_str(), &found) != 0) return Bytes();
  return ReadSignaturesFrom(document.SignatureFile(), document);
}

absl::StatusOr<Bytes> AddSignature(ByteView object, const Document& document, absl::string_view signer,
                                   const crypto::SigningKey& key) {
  if (!object.empty()) return trust::AddSignature(object, signer, key);
  return trust::SignObject(document.kind, document.body, signer, key);
}

}  // namespace seinpost::client
