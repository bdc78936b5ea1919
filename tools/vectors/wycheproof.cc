// SPDX-License-Identifier: EUPL-1.2
// Wycheproof files: {algorithm, testGroups: [{…, tests: [{tcId, …, result: valid|invalid|acceptable}]}]}.
#include "absl/strings/str_cat.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/sign.h"
#include "crypto/x25519.h"
#include "tools/vectors/families.h"
#include "util/status_macros.h"

namespace seinpost::vectors {

namespace {

using crypto::Secret;

// Each of these runs one test and returns OK when it comes out as the file's values say.
using RunTest = absl::Status (*)(const Json& group, const Json& test);

absl::Status RunX25519(const Json& /*group*/, const Json& test) {
  ASSIGN_OR_RETURN(const Bytes public_key, Hex(test, {"public"}));
  ASSIGN_OR_RETURN(const Bytes private_key, Hex(test, {"private"}));
  ASSIGN_OR_RETURN(const Bytes shared, Hex(test, {"shared"}));
  ASSIGN_OR_RETURN(const Secret<32> secret, Secret<32>::FromBytes(private_key));
  FixedBytes<32> computed;
  const absl::Status status = crypto::X25519(secret.ExposeSecret().data(), public_key, computed.data());
  // "acceptable" tests with an all-zero result are those that RFC 7748 Section 6.1 lets one refuse, and RFC
  // 9180 Section 7.1.4 makes one refuse.
  if (shared == Bytes(32, '\0')) {
    return status.ok() ? absl::InternalError("an all-zero result was accepted") : absl::OkStatus();
  }
  RETURN_IF_ERROR(status);
  return Same("shared", shared, View(computed));
}

absl::Status RunEd25519(const Json& group, const Json& test) {
  const Json* key = Find(group, {"publicKey"});
  if (key == nullptr) return absl::InvalidArgumentError("publicKey is missing");
  ASSIGN_OR_RETURN(const Bytes public_key, Hex(*key, {"pk"}));
  ASSIGN_OR_RETURN(const Bytes message, Hex(test, {"msg"}));
  ASSIGN_OR_RETURN(const Bytes signature, Hex(test, {"sig"}));
  return crypto::VerifyRaw(public_key, message, signature);
}

absl::Status RunChaCha20Poly1305(const Json& /*group*/, const Json& test) {
  ASSIGN_OR_RETURN(const Bytes key_bytes, Hex(test, {"key"}));
  ASSIGN_OR_RETURN(const Bytes iv, Hex(test, {"iv"}));
  ASSIGN_OR_RETURN(const Bytes aad, Hex(test, {"aad"}));
  ASSIGN_OR_RETURN(const Bytes message, Hex(test, {"msg"}));
  ASSIGN_OR_RETURN(const Bytes ct, Hex(test, {"ct"}));
  ASSIGN_OR_RETURN(const Bytes tag, Hex(test, {"tag"}));
  ASSIGN_OR_RETURN(const Secret<32> key, Secret<32>::FromBytes(key_bytes));
  ASSIGN_OR_RETURN(const crypto::AeadNonce nonce, ToFixed<12>(iv, "iv"));
  ASSIGN_OR_RETURN(const Bytes opened, crypto::AeadOpen(key, nonce, aad, ct + tag));
  RETURN_IF_ERROR(Same("msg", message, opened));
  return Same("ct", ct + tag, crypto::AeadSeal(key, nonce, aad, message));
}

absl::Status RunHkdf(const Json& /*group*/, const Json& test) {
  ASSIGN_OR_RETURN(const Bytes ikm, Hex(test, {"ikm"}));
  ASSIGN_OR_RETURN(const Bytes salt, Hex(test, {"salt"}));
  ASSIGN_OR_RETURN(const Bytes info, Hex(test, {"info"}));
  ASSIGN_OR_RETURN(const Bytes okm, Hex(test, {"okm"}));
  ASSIGN_OR_RETURN(const uint64_t size, Number(test, {"size"}));
  ASSIGN_OR_RETURN(const Bytes expanded,
                   crypto::HkdfExpandPublic(crypto::HkdfExtract(salt, ikm), info, size));
  return Same("okm", okm, expanded);
}

absl::Status RunHmac(const Json& group, const Json& test) {
  ASSIGN_OR_RETURN(const uint64_t tag_bits, Number(group, {"tagSize"}));
  ASSIGN_OR_RETURN(const Bytes key, Hex(test, {"key"}));
  ASSIGN_OR_RETURN(const Bytes message, Hex(test, {"msg"}));
  ASSIGN_OR_RETURN(const Bytes tag, Hex(test, {"tag"}));
  const Digest computed = crypto::HmacSha256(key, message);
  if (!crypto::ConstantTimeEquals(tag, View(computed).substr(0, tag_bits / 8))) {
    return absl::PermissionDeniedError("tag differs");
  }
  return absl::OkStatus();
}

void RunGroups(const Json& file, RunTest run, Report& report) {
  for (const Json& group : Items(file, {"testGroups"})) {
    for (const Json& test : Items(group, {"tests"})) {
      const std::string where = absl::StrCat("tcId ", Number(test, {"tcId"}).value_or(0));
      const std::string result = Text(test, {"result"}).value_or("");
      if (result == "valid" || result == "acceptable") {
        report.ExpectOk(where, run(group, test));
      } else if (result == "invalid") {
        report.ExpectRefused(where, run(group, test));
      } else {
        report.Fail(where, "result is not valid, invalid or acceptable");
      }
    }
  }
}

}  // namespace

bool RunWycheproof(const Json& file, Report& report) {
  const struct {
    const char* algorithm;
    RunTest run;
  } algorithms[] = {{"XDH", RunX25519},
                    {"EDDSA", RunEd25519},
                    {"CHACHA20-POLY1305", RunChaCha20Poly1305},
                    {"HKDF-SHA-256", RunHkdf},
                    {"HMACSHA256", RunHmac}};
  const std::string algorithm = Text(file, {"algorithm"}).value_or("");
  for (const auto& known : algorithms) {
    if (algorithm != known.algorithm) continue;
    RunGroups(file, known.run, report);
    return true;
  }
  return false;
}

}  // namespace seinpost::vectors
