// SPDX-License-Identifier: EUPL-1.2
// Independent cases as seinpost-vectors takes them, made here from published vectors: each is accepted as it
// is and refused with any one of its values changed.
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "crypto/voprf.h"
#include "crypto/voprf_internal.h"
#include "gtest/gtest.h"
#include "tools/vectors/json.h"
#include "tools/vectors/runner.h"
#include "util/secure_file.h"

namespace seinpost::vectors {
namespace {

namespace voprf = crypto::voprf;

Json Load(const std::string& file) {
  const Bytes content = *ReadFile("tests/vectors/" + file, 64 * 1024 * 1024);
  return Json::parse(content.begin(), content.end());
}

Report RunOne(const Json& test) {
  const absl::StatusOr<FileResult> result = RunVectors(Json{{"cases", {test}}}.dump());
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? result->report : Report();
}

// The case holds as it says, and does not hold with `expect` reversed.
void ExpectAccepted(Json test, const char* accept, const char* refuse) {
  test["expect"] = accept;
  const Report good = RunOne(test);
  EXPECT_EQ(good.passed(), 1u) << absl::StrJoin(good.failures(), "\n");
  test["expect"] = refuse;
  EXPECT_EQ(RunOne(test).failed(), 1u) << test.dump();
}

void ExpectRefused(Json test, const char* accept, const char* refuse) {
  test["expect"] = refuse;
  EXPECT_EQ(RunOne(test).passed(), 1u) << test.dump();
  test["expect"] = accept;
  EXPECT_EQ(RunOne(test).failed(), 1u) << test.dump();
}

// Calls `check` with `test` after flipping one digit, in turn, of each hex string in it; also with the string
// cut by one byte and with one that is no hexadecimal. Strings under a name in `spared` stay.
void ForEachChange(const Json& test, const std::vector<std::string>& spared,
                   const std::function<void(const Json&)>& check) {
  const Json flat = test.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    if (!value.is_string() || value.get<std::string>().empty()) continue;
    const std::string name = pointer.substr(pointer.rfind('/') + 1);
    if (std::find(spared.begin(), spared.end(), name) != spared.end()) continue;
    const std::string text = value.get<std::string>();
    std::string flipped = text;
    flipped[text.size() / 2] = text[text.size() / 2] == '0' ? '1' : '0';
    for (const std::string& changed : {flipped, text.substr(2), text.substr(1), std::string("zz")}) {
      Json copy = test;
      copy[Json::json_pointer(pointer)] = changed;
      SCOPED_TRACE(absl::StrCat(pointer, " = ", changed.substr(0, 20)));
      check(copy);
    }
  }
}

Json HpkeCase(size_t mode) {
  const Json vector = Load("hpke_rfc9180_x25519_hkdfsha256_chacha20poly1305.json")[mode];
  Json test = {{"mode", mode}, {"kem", 0x20}, {"kdf", 1}, {"aead", 3}};
  for (const char* field : {"ikmR", "skRm", "pkRm", "info", "enc", "psk", "psk_id"}) {
    if (vector.contains(field)) test[field] = vector[field];
  }
  for (int seq = 0; seq < 3; ++seq) {
    Json message = vector["encryptions"][seq];
    message["seq"] = seq;
    message.erase("nonce");
    test["messages"].push_back(message);
  }
  test["export"] = vector["exports"];
  return test;
}

TEST(HpkeCases, AcceptsTheRfcsAndRefusesEveryChange) {
  for (size_t mode : {0, 1}) {
    const Json test = HpkeCase(mode);
    ExpectAccepted(test, "open", "fail");
    ForEachChange(test, {}, [](const Json& changed) { ExpectRefused(changed, "open", "fail"); });
  }
}

TEST(HpkeCases, RefusesMessagesOutOfOrderDroppedOrRepeated) {
  Json swapped = HpkeCase(0);
  std::swap(swapped["messages"][0], swapped["messages"][1]);
  ExpectRefused(swapped, "open", "fail");
  Json dropped = HpkeCase(0);
  dropped["messages"].erase(0);
  ExpectRefused(dropped, "open", "fail");
  Json repeated = HpkeCase(0);
  repeated["messages"].push_back(repeated["messages"][2]);
  ExpectRefused(repeated, "open", "fail");
}

TEST(HpkeCases, RefusesMixedUpModes) {
  Json base_with_psk = HpkeCase(0);
  base_with_psk["psk"] = HpkeCase(1)["psk"];
  base_with_psk["psk_id"] = HpkeCase(1)["psk_id"];
  ExpectRefused(base_with_psk, "open", "fail");
  Json psk_without_id = HpkeCase(1);
  psk_without_id["psk_id"] = "";
  ExpectRefused(psk_without_id, "open", "fail");
  Json psk_as_base = HpkeCase(1);
  psk_as_base["mode"] = 0;
  ExpectRefused(psk_as_base, "open", "fail");
}

TEST(HpkeCases, IsLenientAboutShape) {
  Json test = HpkeCase(0);
  test["export"] = test["export"][0];
  test["kem"] = "0x0020";
  test.erase("pkRm");
  test.erase("ikmR");
  test.erase("kdf");
  test["psk"] = nullptr;
  ExpectAccepted(test, "open", "fail");
  test["exports"] = test["export"];
  test.erase("export");
  ExpectAccepted(test, "open", "fail");
}

TEST(HpkeCases, SkipsWhatWeDoNotHaveButCountsItsRefusals) {
  for (const auto& [field, value] : {std::pair("mode", 2), std::pair("aead", 1), std::pair("kem", 0x10)}) {
    Json test = HpkeCase(0);
    test[field] = value;
    test["expect"] = "open";
    EXPECT_EQ(RunOne(test).skipped(), 1u);
    test["expect"] = "fail";
    EXPECT_EQ(RunOne(test).passed(), 1u);
  }
  Json unknown = HpkeCase(0);
  unknown["aead"] = 77;
  ExpectRefused(unknown, "open", "fail");
}

std::vector<std::string> Split(const std::string& list) {
  const size_t comma = list.find(',');
  if (comma == std::string::npos) return {list};
  return {list.substr(0, comma), list.substr(comma + 1)};
}

Json VoprfCase(size_t number) {
  const Json group = Load("oprf_rfc9497_ristretto255_sha512.json")[1];
  const Json vector = group["vectors"][number];
  return {{"skS", group["skSm"]},
          {"pkS", group["pkSm"]},
          {"seed", group["seed"]},
          {"key_info", group["keyInfo"]},
          {"batch", vector["Batch"]},
          {"input", Split(vector["Input"])},
          {"blind", Split(vector["Blind"])},
          {"blinded_element", Split(vector["BlindedElement"])},
          {"evaluated_element", Split(vector["EvaluationElement"])},
          {"output", Split(vector["Output"])},
          {"proof", vector["Proof"]["proof"]},
          {"proof_random_scalar", vector["Proof"]["r"]}};
}

TEST(VoprfCases, AcceptsTheRfcsAndRefusesEveryChange) {
  for (size_t number : {0, 1, 2}) {
    const Json test = VoprfCase(number);
    ExpectAccepted(test, "valid", "invalid");
    ForEachChange(test, {}, [](const Json& changed) { ExpectRefused(changed, "valid", "invalid"); });
  }
}

TEST(VoprfCases, RefusesWrongBatches) {
  Json count = VoprfCase(2);
  count["batch"] = 1;
  ExpectRefused(count, "valid", "invalid");
  Json shorter = VoprfCase(2);
  shorter["evaluated_element"].erase(1);
  ExpectRefused(shorter, "valid", "invalid");
  Json swapped = VoprfCase(2);
  std::swap(swapped["evaluated_element"][0], swapped["evaluated_element"][1]);
  ExpectRefused(swapped, "valid", "invalid");
  Json empty = VoprfCase(2);
  for (const char* list : {"input", "blind", "blinded_element", "evaluated_element", "output"}) {
    empty[list] = Json::array();
  }
  empty["batch"] = 0;
  ExpectRefused(empty, "valid", "invalid");
}

TEST(VoprfCases, RefusesIdentityAndNonCanonicalValues) {
  const std::string identity(64, '0');
  const std::string order = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";
  for (const char* field : {"pkS", "blinded_element", "evaluated_element"}) {
    Json test = VoprfCase(0);
    test[field] = identity;
    ExpectRefused(test, "valid", "invalid");
  }
  for (const char* field : {"skS", "blind", "proof_random_scalar"}) {
    for (const std::string& scalar : {order, identity}) {
      Json test = VoprfCase(0);
      test[field] = scalar;
      ExpectRefused(test, "valid", "invalid");
    }
  }
}

TEST(VoprfCases, IsLenientAboutShape) {
  Json test = VoprfCase(0);
  for (const char* list : {"input", "blind", "blinded_element", "evaluated_element", "output"}) {
    test[list] = test[list][0];
  }
  for (const char* optional : {"seed", "key_info", "proof_random_scalar", "skS", "batch"})
    test.erase(optional);
  ExpectAccepted(test, "valid", "invalid");
}

Json SplitCase(size_t holders, const std::vector<Bytes>& inputs) {
  std::vector<voprf::Element> blinded;
  Json test = {{"holders", Json::array()}};
  std::vector<voprf::Scalar> blinds;
  for (const Bytes& input : inputs) {
    voprf::Blinded one = *voprf::Blind(voprf::Mode::kVoprf, input);
    blinded.push_back(one.blinded_element);
    test["input"].push_back(ToHex(input));
    test["blind"].push_back(ToHex(one.blind.ExposeSecretView()));
    blinds.push_back(std::move(one.blind));
  }
  voprf::KeyPair whole = voprf::GenerateKeyPair();
  for (size_t h = 0; h < holders; ++h) {
    const voprf::KeyPair key = voprf::GenerateKeyPair();
    const voprf::Scalar r = voprf::GenerateKeyPair().secret.Clone();
    const voprf::Evaluation evaluation = *voprf::BlindEvaluate(key, blinded);
    Json holder = {{"sk", ToHex(key.secret.ExposeSecretView())},
                   {"pk", ToHex(key.public_key)},
                   {"proof_random_scalar", ToHex(r.ExposeSecretView())}};
    holder["proof"] =
        ToHex(*voprf::internal::GenerateProofWith(key, blinded, evaluation.evaluated_elements, r));
    for (const voprf::Element& e : evaluation.evaluated_elements)
      holder["evaluated_element"].push_back(ToHex(e));
    test["holders"].push_back(holder);
    voprf::Scalar sum = h == 0 ? key.secret.Clone() : *voprf::internal::AddScalars(whole.secret, key.secret);
    whole = *voprf::FromSecret(std::move(sum));
  }
  test["pk_sum"] = ToHex(whole.public_key);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const voprf::Element evaluated = *voprf::Evaluate(whole.secret, blinded[i]);
    test["evaluated_sum"].push_back(ToHex(evaluated));
    test["output"].push_back(ToHex(*voprf::Finalize(inputs[i], blinds[i], evaluated)));
  }
  return test;
}

// Lists of one become single values, as the shape has them.
Json Single(Json test) {
  for (const char* field : {"input", "blind", "evaluated_sum", "output"}) test[field] = Json(test[field][0]);
  for (Json& holder : test["holders"]) holder["evaluated_element"] = Json(holder["evaluated_element"][0]);
  return test;
}

TEST(SplitCases, AcceptsSumsAndRefusesEveryChange) {
  const Json test = Single(SplitCase(2, {"subject"}));
  const Report silent = RunOne(test);  // Without `expect` a split must be valid.
  EXPECT_EQ(silent.passed(), 1u) << absl::StrJoin(silent.failures(), "\n");
  ExpectAccepted(test, "valid", "invalid");
  ForEachChange(test, {}, [](const Json& changed) { ExpectRefused(changed, "valid", "invalid"); });
}

TEST(SplitCases, TakesBatchesAndMoreHolders) {
  ExpectAccepted(SplitCase(3, {"a", "", "c"}), "valid", "invalid");
}

TEST(SplitCases, RefusesARogueShareThatItsOwnProofDoesNotCover) {
  Json test = Single(SplitCase(2, {"subject"}));
  const Json other = Single(SplitCase(2, {"subject"}));
  test["holders"][1]["evaluated_element"] = other["holders"][1]["evaluated_element"];
  ExpectRefused(test, "valid", "invalid");
  Json missing = Single(SplitCase(2, {"subject"}));
  missing["holders"].erase(1);
  ExpectRefused(missing, "valid", "invalid");
  missing["holders"] = Json::array();
  ExpectRefused(missing, "valid", "invalid");
}

TEST(IndependentCases, MayBeMixedInOneList) {
  Json hpke = HpkeCase(0);
  hpke["expect"] = "open";
  Json voprf_case = VoprfCase(0);
  voprf_case["expect"] = "valid";
  const Json cases = {hpke, voprf_case, Single(SplitCase(2, {"x"}))};
  EXPECT_EQ(RunVectors(Json{{"cases", cases}}.dump())->report.passed(), 3u);
  EXPECT_EQ(RunVectors(cases.dump())->report.passed(), 3u);
}

}  // namespace
}  // namespace seinpost::vectors
