// SPDX-License-Identifier: EUPL-1.2
// The vectors that RFC 9180 points to: [{mode, ikmR, …, encryptions[], exports[]}].
#include "absl/strings/str_cat.h"
#include "crypto/hpke.h"
#include "crypto/hpke_internal.h"
#include "tools/vectors/families.h"
#include "util/status_macros.h"

namespace seinpost::vectors {

namespace {

using crypto::HpkeKeyPair;
using crypto::HpkeOpenContext;
using crypto::HpkeSealContext;
using crypto::internal::HpkeMode;
using crypto::internal::HpkeSchedule;

struct Setup {
  HpkeSealContext sender;
  HpkeOpenContext recipient;
};

absl::StatusOr<HpkeKeyPair> DerivedPair(const Json& vector, const char* ikm, const char* secret,
                                        const char* pub) {
  ASSIGN_OR_RETURN(const Bytes ikm_bytes, Hex(vector, {ikm}));
  ASSIGN_OR_RETURN(HpkeKeyPair pair, HpkeKeyPair::DeriveKeyPair(ikm_bytes));
  ASSIGN_OR_RETURN(const Bytes secret_bytes, Hex(vector, {secret}));
  ASSIGN_OR_RETURN(const Bytes public_bytes, Hex(vector, {pub}));
  RETURN_IF_ERROR(Same(secret, secret_bytes, pair.secret.ExposeSecretView()));
  RETURN_IF_ERROR(Same(pub, public_bytes, View(pair.public_key)));
  return pair;
}

// The key schedule's results on both sides, as the vector gives them.
absl::StatusOr<Setup> SetUp(const Json& vector, HpkeMode mode) {
  ASSIGN_OR_RETURN(const HpkeKeyPair recipient, DerivedPair(vector, "ikmR", "skRm", "pkRm"));
  ASSIGN_OR_RETURN(const HpkeKeyPair ephemeral, DerivedPair(vector, "ikmE", "skEm", "pkEm"));
  ASSIGN_OR_RETURN(const Bytes info, Hex(vector, {"info"}));
  ASSIGN_OR_RETURN(const Bytes enc, Hex(vector, {"enc"}));
  ASSIGN_OR_RETURN(const Bytes psk, HexOrEmpty(vector, {"psk"}));
  ASSIGN_OR_RETURN(const Bytes psk_id, HexOrEmpty(vector, {"psk_id"}));
  RETURN_IF_ERROR(Same("enc", enc, View(ephemeral.public_key)));

  ASSIGN_OR_RETURN(HpkeSchedule s, crypto::internal::ScheduleS(mode, View(recipient.public_key), info, psk,
                                                               psk_id, ephemeral));
  ASSIGN_OR_RETURN(HpkeSchedule r, crypto::internal::ScheduleR(mode, enc, recipient, info, psk, psk_id));
  ASSIGN_OR_RETURN(const Bytes key, Hex(vector, {"key"}));
  ASSIGN_OR_RETURN(const Bytes base_nonce, Hex(vector, {"base_nonce"}));
  ASSIGN_OR_RETURN(const Bytes exporter_secret, Hex(vector, {"exporter_secret"}));
  const Bytes expected = key + base_nonce + exporter_secret;
  RETURN_IF_ERROR(Same("the sender's key schedule", expected, s.keys.ExposeSecretView()));
  RETURN_IF_ERROR(Same("the recipient's key schedule", expected, r.keys.ExposeSecretView()));
  return Setup{.sender = HpkeSealContext(std::move(s)), .recipient = HpkeOpenContext(std::move(r))};
}

absl::Status RunEncryption(const Json& encryption, Setup& setup) {
  ASSIGN_OR_RETURN(const Bytes aad, Hex(encryption, {"aad"}));
  ASSIGN_OR_RETURN(const Bytes pt, Hex(encryption, {"pt"}));
  ASSIGN_OR_RETURN(const Bytes ct, Hex(encryption, {"ct"}));
  ASSIGN_OR_RETURN(const Bytes sealed, setup.sender.Seal(aad, pt));
  RETURN_IF_ERROR(Same("ct", ct, sealed));
  ASSIGN_OR_RETURN(const Bytes opened, setup.recipient.Open(aad, ct));
  return Same("pt", pt, opened);
}

absl::Status RunExport(const Json& exported, const Setup& setup) {
  ASSIGN_OR_RETURN(const Bytes context, Hex(exported, {"exporter_context"}));
  ASSIGN_OR_RETURN(const uint64_t length, Number(exported, {"L"}));
  ASSIGN_OR_RETURN(const Bytes value, Hex(exported, {"exported_value"}));
  ASSIGN_OR_RETURN(const Bytes by_sender, setup.sender.Export(context, length));
  ASSIGN_OR_RETURN(const Bytes by_recipient, setup.recipient.Export(context, length));
  RETURN_IF_ERROR(Same("exported_value", value, by_sender));
  return Same("exported_value", value, by_recipient);
}

}  // namespace

void RunHpkeRfc9180(const Json& file, Report& report) {
  for (const Json& vector : file) {
    const absl::StatusOr<uint64_t> mode = Number(vector, {"mode"});
    const std::vector<Json> encryptions = Items(vector, {"encryptions"});
    const std::vector<Json> exports = Items(vector, {"exports"});
    const std::string where = absl::StrCat("mode ", mode.ok() ? absl::StrCat(*mode) : "?");
    if (mode.ok() && (*mode == 2 || *mode == 3)) {
      report.Skip(1 + encryptions.size() + exports.size());
      continue;
    }
    absl::StatusOr<Setup> setup = !mode.ok()   ? mode.status()
                                  : *mode == 0 ? SetUp(vector, HpkeMode::kBase)
                                  : *mode == 1 ? SetUp(vector, HpkeMode::kPsk)
                                               : absl::InvalidArgumentError("mode is unknown");
    report.ExpectOk(absl::StrCat(where, " setup"), setup.status());
    if (!setup.ok()) continue;
    for (size_t i = 0; i < encryptions.size(); ++i) {
      report.ExpectOk(absl::StrCat(where, " encryption ", i), RunEncryption(encryptions[i], *setup));
    }
    for (size_t i = 0; i < exports.size(); ++i) {
      report.ExpectOk(absl::StrCat(where, " export ", i), RunExport(exports[i], *setup));
    }
  }
}

}  // namespace seinpost::vectors
