// SPDX-License-Identifier: EUPL-1.2
#include "client/audit/export.h"

#include "absl/strings/str_cat.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "trust/objects.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr char kChainLabel[] = "seinpost/v1/export-chain";

std::string Dump(const Json& value) { return value.Dump(); }

Json FieldJson(const audit::Event& event, const audit::OpenedField& field) {
  if (field.redacted) return Json{{"redacted", true}};
  const std::optional<audit::ValueKind> kind = audit::KindOf(field.tag);
  if (field.tag == audit::Tag::kTime && event.Time()) return FormatUtc(*event.Time());
  if (field.tag == audit::Tag::kEventType && event.Type()) return audit::EventTypeName(*event.Type());
  if (kind == audit::ValueKind::kNumber && event.Number(field.tag)) return *event.Number(field.tag);
  if (kind == audit::ValueKind::kText && event.Text(field.tag)) return *event.Text(field.tag);
  if (kind == audit::ValueKind::kTexts && event.Texts(field.tag)) return *event.Texts(field.tag);
  if (const auto verdicts = event.Recipients(); kind == audit::ValueKind::kRecipients && verdicts) {
    Json recipients = Json::array();
    for (const audit::RecipientVerdict& verdict : *verdicts) {
      Json one{{"member", ToHex(verdict.member_ref)}, {"part", verdict.part}, {"allowed", verdict.allowed}};
      if (!verdict.code.empty()) one["code"] = verdict.code;
      recipients.push_back(std::move(one));
    }
    return recipients;
  }
  return ToHex(field.value);
}

}  // namespace

std::string ExportLines::FormatName(ExportFormat format) {
  return absl::StrCat("seinpost-audit-export/", static_cast<int>(format));
}

std::string ExportLines::Head(const ExportHead& head) {
  return absl::StrCat(Dump(Json{{"format", FormatName(head.format)},
                                {"origin", head.origin},
                                {"log_key", ToHex(head.log_key)},
                                {"convenant", head.convenant},
                                {"from", head.from},
                                {"to", head.to}}),
                      "\n");
}

Json EventJson(const audit::Opening& opening) {
  Json event = Json::object();
  for (const audit::OpenedField& field : opening.fields()) {
    event[audit::TagName(field.tag)] = FieldJson(opening.event(), field);
  }
  return event;
}

absl::StatusOr<std::string> ExportLines::Entry(ByteView leaf, ByteView opening) {
  std::string tail = "null,\"event\":null}\n";
  if (!opening.empty()) {
    ASSIGN_OR_RETURN(const audit::Opening opened, audit::Opening::Decode(opening));
    tail = absl::StrCat("\"", ToBase64(opening), "\",\"event\":", Dump(EventJson(opened)), "}\n");
  }
  return absl::StrCat(Begin(leaf), "opening\":", tail);
}

std::string ExportLines::Begin(ByteView leaf) {
  chain_ = crypto::Sha256Concat({kChainLabel, View(chain_), View(crypto::LeafHash(leaf))});
  return absl::StrCat("{\"index\":", next_++, ",\"leaf\":\"", ToBase64(leaf), "\",\"chain\":\"",
                      ToHex(chain_), "\",\"");
}

std::string ExportLines::Object(ByteView leaf, ByteView object) {
  const absl::StatusOr<v1::SignedObject> parsed = trust::ParseSignedObject(object);
  if (!parsed.ok() || !trust::SaysWhoSigns(parsed->kind())) return ObjectHash(leaf, crypto::Sha256(object));
  return absl::StrCat(Begin(leaf), "object\":\"", ToBase64(object), "\"}\n");
}

std::string ExportLines::ObjectHash(ByteView leaf, const Digest& object_hash) {
  return absl::StrCat(Begin(leaf), "object_hash\":\"", ToHex(object_hash), "\"}\n");
}

std::string ExportLines::Checkpoint(ByteView note) {
  return absl::StrCat(Dump(Json{{"checkpoint", std::string(note)}}), "\n");
}

}  // namespace seinpost::client
