// SPDX-License-Identifier: EUPL-1.2
// Independent HPKE cases: {expect: "open"|"fail", mode, kem, kdf, aead, ikmR, skRm, pkRm, info, enc, [psk,
// psk_id], messages: [{seq, aad, pt, ct}], [export: {exporter_context, L, exported_value}]}.
//
// "open" means that setup works, that the messages open one after the other in one context to the given
// plaintexts, and that the exports match. "fail" means that any of this is refused or comes out differently.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/hpke.h"
#include "crypto/hpke_internal.h"
#include "tools/vectors/families.h"
#include "util/status_macros.h"

namespace seinpost::vectors {

namespace {

using crypto::HpkeKeyPair;
using crypto::HpkeOpenContext;
using crypto::internal::HpkeMode;
using crypto::internal::HpkeSchedule;

// kUnimplemented: a mode or suite that RFC 9180 has and Seinpost has not.
absl::StatusOr<HpkeMode> SupportedMode(const Json& test) {
  ASSIGN_OR_RETURN(const uint64_t mode, Number(test, {"mode"}));
  if (mode > 3) return absl::InvalidArgumentError("mode is unknown");
  const struct {
    Names names;
    uint64_t ours;
    std::initializer_list<uint64_t> others;
  } suite[] = {{{"kem", "kem_id"}, 0x0020, {0x0010, 0x0011, 0x0012, 0x0021}},
               {{"kdf", "kdf_id"}, 0x0001, {0x0002, 0x0003}},
               {{"aead", "aead_id"}, 0x0003, {0x0001, 0x0002, 0xffff}}};
  bool ours = mode == 0 || mode == 1;
  for (const auto& part : suite) {
    if (!Has(test, part.names)) continue;
    ASSIGN_OR_RETURN(const uint64_t id, Number(test, part.names));
    if (id == part.ours) continue;
    ours = false;
    if (std::find(part.others.begin(), part.others.end(), id) == part.others.end()) {
      return absl::InvalidArgumentError(absl::StrCat(*part.names.begin(), " is unknown"));
    }
  }
  if (!ours) return absl::UnimplementedError("mode or suite is not supported");
  return mode == 0 ? HpkeMode::kBase : HpkeMode::kPsk;
}

absl::StatusOr<HpkeKeyPair> RecipientPair(const Json& test) {
  if (!Has(test, {"skRm", "skR"})) {
    ASSIGN_OR_RETURN(const Bytes ikm, Hex(test, {"ikmR"}));
    ASSIGN_OR_RETURN(HpkeKeyPair derived, HpkeKeyPair::DeriveKeyPair(ikm));
    RETURN_IF_ERROR(MatchIfPresent(test, {"pkRm", "pkR"}, View(derived.public_key)));
    return derived;
  }
  ASSIGN_OR_RETURN(const Bytes secret_bytes, Hex(test, {"skRm", "skR"}));
  ASSIGN_OR_RETURN(crypto::Secret<32> secret, crypto::Secret<32>::FromBytes(secret_bytes));
  HpkeKeyPair pair = HpkeKeyPair::FromSecret(std::move(secret));
  RETURN_IF_ERROR(MatchIfPresent(test, {"pkRm", "pkR"}, View(pair.public_key)));
  if (Has(test, {"ikmR"})) {
    ASSIGN_OR_RETURN(const Bytes ikm, Hex(test, {"ikmR"}));
    ASSIGN_OR_RETURN(const HpkeKeyPair derived, HpkeKeyPair::DeriveKeyPair(ikm));
    RETURN_IF_ERROR(Same("the key derived from ikmR", View(derived.public_key), View(pair.public_key)));
  }
  return pair;
}

// Where the case gives the sender's randomness, sealing must reproduce the same bytes.
absl::Status Reproduce(const Json& test, HpkeMode mode, const HpkeKeyPair& recipient, ByteView info,
                       ByteView psk, ByteView psk_id) {
  if (!Has(test, {"ikmE"})) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Bytes ikm, Hex(test, {"ikmE"}));
  ASSIGN_OR_RETURN(const HpkeKeyPair ephemeral, HpkeKeyPair::DeriveKeyPair(ikm));
  RETURN_IF_ERROR(MatchIfPresent(test, {"enc"}, View(ephemeral.public_key)));
  ASSIGN_OR_RETURN(crypto::HpkeSender sender,
                   crypto::internal::SetupS(mode, View(recipient.public_key), info, psk, psk_id, ephemeral));
  for (const Json& message : Items(test, {"messages"})) {
    ASSIGN_OR_RETURN(const Bytes aad, HexOrEmpty(message, {"aad"}));
    ASSIGN_OR_RETURN(const Bytes pt, HexOrEmpty(message, {"pt"}));
    ASSIGN_OR_RETURN(const Bytes ct, sender.context.Seal(aad, pt));
    RETURN_IF_ERROR(MatchIfPresent(message, {"ct"}, ct));
  }
  return absl::OkStatus();
}

absl::Status RunExport(const Json& exported, const HpkeOpenContext& context) {
  ASSIGN_OR_RETURN(const Bytes exporter_context, HexOrEmpty(exported, {"exporter_context"}));
  ASSIGN_OR_RETURN(const Bytes expected, Hex(exported, {"exported_value"}));
  uint64_t length = expected.size();
  if (Has(exported, {"L"})) {
    ASSIGN_OR_RETURN(length, Number(exported, {"L"}));
  }
  ASSIGN_OR_RETURN(const Bytes value, context.Export(exporter_context, length));
  return Same("exported_value", expected, value);
}

absl::Status Open(const Json& test) {
  ASSIGN_OR_RETURN(const HpkeMode mode, SupportedMode(test));
  ASSIGN_OR_RETURN(const HpkeKeyPair recipient, RecipientPair(test));
  ASSIGN_OR_RETURN(const Bytes info, HexOrEmpty(test, {"info"}));
  ASSIGN_OR_RETURN(const Bytes enc, Hex(test, {"enc"}));
  ASSIGN_OR_RETURN(const Bytes psk, HexOrEmpty(test, {"psk"}));
  ASSIGN_OR_RETURN(const Bytes psk_id, HexOrEmpty(test, {"psk_id"}));
  ASSIGN_OR_RETURN(HpkeSchedule schedule,
                   crypto::internal::ScheduleR(mode, enc, recipient, info, psk, psk_id));
  HpkeOpenContext context(std::move(schedule));
  const std::vector<Json> messages = Items(test, {"messages"});
  for (const Json& message : messages) {
    ASSIGN_OR_RETURN(const Bytes aad, HexOrEmpty(message, {"aad"}));
    ASSIGN_OR_RETURN(const Bytes ct, Hex(message, {"ct"}));
    ASSIGN_OR_RETURN(const Bytes pt, context.Open(aad, ct));
    RETURN_IF_ERROR(MatchIfPresent(message, {"pt"}, pt));
  }
  const std::vector<Json> exports = Items(test, {"export", "exports"});
  for (const Json& exported : exports) RETURN_IF_ERROR(RunExport(exported, context));
  if (messages.empty() && exports.empty()) return absl::InvalidArgumentError("messages is missing");
  return Reproduce(test, mode, recipient, info, psk, psk_id);
}

}  // namespace

void RunHpkeCase(const Json& test, absl::string_view where, Report& report) {
  const absl::StatusOr<std::string> expect = Text(test, {"expect"});
  if (!expect.ok() || (*expect != "open" && *expect != "fail")) {
    report.Fail(where, "expect is neither open nor fail");
    return;
  }
  const absl::Status status = Open(test);
  if (absl::IsUnimplemented(status) && *expect == "open") {
    report.Skip();
    return;
  }
  report.Expect(*expect == "open", where, status);
}

}  // namespace seinpost::vectors
