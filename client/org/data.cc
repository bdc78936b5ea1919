// SPDX-License-Identifier: EUPL-1.2
// org.json: docs/formats/org_directory.md.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/org/store.h"
#include "client/terminal/output.h"
#include "crypto/hash.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr char kFormat[] = "seinpost-org/1";

// Takes a JSON object apart. After the first field that is missing or of another type every further one gives
// nothing, and status() names the first.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  std::string Text(const char* name) {
    const Json* value = Find(name);
    if (value == nullptr || !value->is_string()) return Fail(name);
    return value->get<std::string>();
  }
  // A field that files of an earlier version of this program do not have: empty then.
  std::string LaterText(const char* name) { return Find(name) == nullptr ? std::string() : Text(name); }
  uint64_t Number(const char* name) {
    const Json* value = Find(name);
    if (value != nullptr && value->is_number_unsigned()) return value->get<uint64_t>();
    Fail(name);
    return 0;
  }
  bool Flag(const char* name) {
    const Json* value = Find(name);
    if (value != nullptr && value->is_boolean()) return value->get<bool>();
    Fail(name);
    return false;
  }
  absl::Time Time(const char* name) {
    const Json* value = Find(name);
    if (value != nullptr && value->is_number_integer()) return absl::FromUnixSeconds(value->get<int64_t>());
    Fail(name);
    return absl::UnixEpoch();
  }
  Bytes Hex(const char* name, size_t size, bool optional = false) {
    absl::StatusOr<Bytes> bytes = FromHex(Text(name));
    if (bytes.ok() && (bytes->size() == size || (optional && bytes->empty()))) return *std::move(bytes);
    return Fail(name);
  }
  const Json& List(const char* name) {
    static const Json kNone = Json::array();
    const Json* value = Find(name);
    if (value != nullptr && value->is_array()) return *value;
    Fail(name);
    return kNone;
  }
  std::vector<std::string> Texts(const char* name) {
    std::vector<std::string> texts;
    for (const Json& item : List(name)) {
      if (item.is_string()) {
        texts.push_back(item.get<std::string>());
      } else {
        Fail(name);
      }
    }
    return texts;
  }

  std::string Fail(absl::string_view name) {
    if (status_.ok()) {
      status_ =
          absl::InvalidArgumentError(absl::StrCat("org.json: field \"", name, "\" is missing or wrong"));
    }
    return std::string();
  }
  const absl::Status& status() const { return status_; }

 private:
  const Json* Find(const char* name) const {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }

  const Json& object_;
  absl::Status status_;
};

absl::StatusOr<OrgData::Device> DecodeDevice(const Json& object) {
  Fields fields(object);
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
  Fields fields(object);
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
  mandate.deputy_for = fields.LaterText("deputy_for");
  RETURN_IF_ERROR(fields.status());
  return mandate;
}

absl::StatusOr<OrgData::Member> DecodeMember(const Json& object) {
  Fields fields(object);
  OrgData::Member member;
  member.handle = fields.Text("handle");
  member.ref = fields.Hex("ref", 16);
  RETURN_IF_ERROR(fields.status());
  return member;
}

}  // namespace

const OrgData::Member* OrgData::FindMember(absl::string_view handle) const {
  for (const Member& member : members) {
    if (member.handle == handle) return &member;
  }
  return nullptr;
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
                            {"deputy_for", mandate.deputy_for}});
  }
  Json pending = Json::array();
  for (const Bytes& object : data.pending) pending.push_back(ToBase64(object));
  const Json object{{"format", kFormat},
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
                    {"pending", std::move(pending)}};
  return absl::StrCat(object.dump(2, ' ', false, Json::error_handler_t::replace), "\n");
}

absl::StatusOr<OrgData> DecodeOrgData(absl::string_view text) {
  const Json object = Json::parse(text.begin(), text.end(), nullptr, false);
  Fields fields(object);
  if (fields.Text("format") != kFormat) fields.Fail("format");
  OrgData data;
  data.organisation = fields.Text("organisation");
  data.convenant = fields.Text("convenant");
  data.broker = fields.Text("broker");
  data.tls_ca_pem = fields.Text("tls_ca");
  data.root_key = fields.Hex("root_key", 32, true);
  if (object.is_object() && object.contains("next_root_key")) {
    data.next_root_key = fields.Hex("next_root_key", 32, true);
  }
  data.issuer_key = fields.Hex("issuer_key", 32, true);
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
  RETURN_IF_ERROR(fields.status());
  return data;
}

std::string GroupedHex(const Digest& hash) {
  const std::string hex = ToHex(hash);
  std::string grouped;
  for (size_t i = 0; i < hex.size(); i += 4) {
    absl::StrAppend(&grouped, i == 0 ? "" : " ", hex.substr(i, 4));
  }
  return grouped;
}

std::string Fingerprint(ByteView public_key) { return GroupedHex(crypto::Sha256(public_key)); }

}  // namespace seinpost::client
