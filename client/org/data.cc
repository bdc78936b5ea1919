// SPDX-License-Identifier: EUPL-1.2
// org.json: docs/formats/org_directory.md.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/org/store.h"
#include "client/terminal/json.h"
#include "crypto/hash.h"
#include "trust/fields.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr char kOrgFormat[] = "seinpost-org/1";
constexpr absl::string_view kFile = "org.json";

absl::StatusOr<OrgData::Device> DecodeDevice(const Json& object) {
  JsonFields fields(object, kFile);
  OrgData::Device device;
  device.id = fields.Hex("id", 16);
  device.handle = fields.Text("handle");
  device.serial = fields.Number("serial");
  device.not_after = fields.Time("not_after");
  device.revoked = fields.Flag("revoked");
  RETURN_IF_ERROR(fields.status());
  return device;
}

absl::StatusOr<OrgData::Mandate> DecodeMandate(const Json& object) {
  JsonFields fields(object, kFile);
  OrgData::Mandate mandate;
  mandate.id = fields.Hex("id", 16);
  mandate.handle = fields.Text("handle");
  mandate.function = fields.Text("function");
  mandate.scopes = fields.Texts("scopes");
  const absl::StatusOr<policies::Level> level = policies::ParseLevel(fields.Text("max_level"));
  if (!level.ok()) fields.Fail("max_level");
  mandate.max_level = level.value_or(policies::Level::kL0);
  mandate.from = fields.Time("from");
  mandate.until = fields.Time("until");
  mandate.ended = fields.Flag("ended");
  // Earlier versions of this program did not write it.
  if (fields.Has("deputy_for")) mandate.deputy_for = fields.Text("deputy_for");
  if (fields.Has("refused")) mandate.refused = fields.Text("refused");
  RETURN_IF_ERROR(fields.status());
  return mandate;
}

absl::StatusOr<OrgData::Member> DecodeMember(const Json& object) {
  JsonFields fields(object, kFile);
  OrgData::Member member;
  member.handle = fields.Text("handle");
  member.ref = fields.Hex("ref", 16);
  RETURN_IF_ERROR(fields.status());
  return member;
}

absl::StatusOr<OrgData::Refused> DecodeRefused(const Json& object) {
  JsonFields fields(object, kFile);
  OrgData::Refused refused;
  refused.what = fields.Text("what");
  refused.id = fields.Hex("id", fields.Text("id").size() / 2);
  refused.reason = fields.Text("reason");
  refused.time = fields.Time("time");
  RETURN_IF_ERROR(fields.status());
  return refused;
}

}  // namespace

const OrgData::Member* OrgData::FindMember(absl::string_view handle) const {
  for (const Member& member : members) {
    if (member.handle == handle) return &member;
  }
  return nullptr;
}

std::string OrgData::AddressOf(absl::string_view handle) const {
  return absl::StrCat(organisation, "/", handle);
}

std::string EncodeOrgData(const OrgData& data) {
  Json members = Json::array();
  for (const OrgData::Member& member : data.members) {
    members.push_back(Json{{"handle", member.handle}, {"ref", ToHex(member.ref)}});
  }
  Json devices = Json::array();
  for (const OrgData::Device& device : data.devices) {
    devices.push_back(Json{{"id", ToHex(device.id)},
                           {"handle", device.handle},
                           {"serial", device.serial},
                           {"not_after", absl::ToUnixSeconds(device.not_after)},
                           {"revoked", device.revoked}});
  }
  Json mandates = Json::array();
  for (const OrgData::Mandate& mandate : data.mandates) {
    mandates.push_back(Json{{"id", ToHex(mandate.id)},
                            {"handle", mandate.handle},
                            {"function", mandate.function},
                            {"scopes", mandate.scopes},
                            {"max_level", std::string(policies::ToString(mandate.max_level))},
                            {"from", absl::ToUnixSeconds(mandate.from)},
                            {"until", absl::ToUnixSeconds(mandate.until)},
                            {"ended", mandate.ended},
                            {"deputy_for", mandate.deputy_for},
                            {"refused", mandate.refused}});
  }
  Json pending = Json::array();
  for (const Bytes& object : data.pending) pending.push_back(ToBase64(object));
  Json refused = Json::array();
  for (const OrgData::Refused& one : data.refused) {
    refused.push_back(Json{{"what", one.what},
                           {"id", ToHex(one.id)},
                           {"reason", one.reason},
                           {"time", absl::ToUnixSeconds(one.time)}});
  }
  const Json object{{"format", kOrgFormat},
                    {"organisation", data.organisation},
                    {"convenant", data.convenant},
                    {"broker", data.broker},
                    {"tls_ca", data.tls_ca_pem},
                    {"root_key", ToHex(data.root_key)},
                    {"next_root_key", ToHex(data.next_root_key)},
                    {"issuer_key", ToHex(data.issuer_key)},
                    {"issuer_serial", data.issuer_serial},
                    {"certificate_serial", data.certificate_serial},
                    {"revocation_number", data.revocation_number},
                    {"members", std::move(members)},
                    {"devices", std::move(devices)},
                    {"mandates", std::move(mandates)},
                    {"pending", std::move(pending)},
                    {"refused", std::move(refused)},
                    {"convenant_hash", ToHex(data.convenant_hash)}};
  return absl::StrCat(object.Dump(2), "\n");
}

absl::StatusOr<OrgData> DecodeOrgData(absl::string_view text) {
  const Json object = Json::Parse(text).value_or(Json());
  JsonFields fields(object, kFile);
  if (fields.Text("format") != kOrgFormat) fields.Fail("format");
  OrgData data;
  data.organisation = fields.Text("organisation");
  data.convenant = fields.Text("convenant");
  data.broker = fields.Text("broker");
  data.tls_ca_pem = fields.Text("tls_ca");
  data.root_key = fields.HexOrEmpty("root_key", trust::kKeyBytes);
  if (fields.Has("next_root_key")) data.next_root_key = fields.HexOrEmpty("next_root_key", trust::kKeyBytes);
  data.issuer_key = fields.HexOrEmpty("issuer_key", trust::kKeyBytes);
  data.issuer_serial = fields.Number("issuer_serial");
  data.certificate_serial = fields.Number("certificate_serial");
  data.revocation_number = fields.Number("revocation_number");
  for (const Json& item : fields.List("members")) {
    ASSIGN_OR_RETURN(OrgData::Member member, DecodeMember(item));
    data.members.push_back(std::move(member));
  }
  for (const Json& item : fields.List("devices")) {
    ASSIGN_OR_RETURN(OrgData::Device device, DecodeDevice(item));
    data.devices.push_back(std::move(device));
  }
  for (const Json& item : fields.List("mandates")) {
    ASSIGN_OR_RETURN(OrgData::Mandate mandate, DecodeMandate(item));
    data.mandates.push_back(std::move(mandate));
  }
  for (const std::string& item : fields.Texts("pending")) {
    absl::StatusOr<Bytes> signed_object = FromBase64(item);
    if (!signed_object.ok()) fields.Fail("pending");
    data.pending.push_back(std::move(signed_object).value_or(Bytes()));
  }
  // Earlier versions of this program wrote neither.
  if (fields.Has("convenant_hash")) data.convenant_hash = fields.HexOrEmpty("convenant_hash", 32);
  if (fields.Has("refused")) {
    for (const Json& item : fields.List("refused")) {
      ASSIGN_OR_RETURN(OrgData::Refused one, DecodeRefused(item));
      data.refused.push_back(std::move(one));
    }
  }
  RETURN_IF_ERROR(fields.status());
  return data;
}

}  // namespace seinpost::client
