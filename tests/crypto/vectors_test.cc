// SPDX-License-Identifier: EUPL-1.2
// All published vectors of tests/vectors/, through the runner of seinpost-vectors, with the counts that must
// come out. Then the runner itself: a vector that was tampered with must fail.
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tools/vectors/json.h"
#include "tools/vectors/runner.h"
#include "util/secure_file.h"

namespace seinpost::vectors {
namespace {

const char kFolder[] = "tests/vectors/";

struct Expected {
  const char* file;
  size_t passed;
  size_t skipped;
};

const Expected kExpected[] = {
    {"c2sp_signed_note_checkpoint_cosignature.json", 17,
     6},  // Roots that are no SHA-256, a message without signature.
    {"cctv_ed25519_edge_cases.json", 914, 0},
    {"expand_message_xmd_rfc9380_sha512.json", 10, 0},
    {"hpke_rfc9180_x25519_hkdfsha256_chacha20poly1305.json", 2 * 261, 2 * 261},  // Modes 2 and 3 are skipped.
    {"merkle_rfc6962_consistency.json", 98, 0},
    {"merkle_rfc6962_inclusion.json", 98, 0},
    {"merkle_rfc6962_reference_tree.json", 13, 1},    // One node of children that are no digests.
    {"oprf_rfc9497_ristretto255_sha512.json", 5, 3},  // POPRF is skipped.
    {"ristretto255_bad_encodings.json", 29, 0},
    {"wycheproof_chacha20_poly1305.json", 325, 0},
    {"wycheproof_ed25519.json", 151, 0},
    {"wycheproof_hkdf_sha256.json", 86, 0},
    {"wycheproof_hmac_sha256.json", 174, 0},
    {"wycheproof_x25519.json", 518, 0},
    {"xwing_draft_connolly_vectors.json", 0, 3},  // A suite for later.
};

Json Load(const std::string& file) {
  const Bytes content = *ReadFile(kFolder + file, 64 * 1024 * 1024);
  return Json::parse(content.begin(), content.end());
}

Report RunJson(const Json& file) {
  const absl::StatusOr<FileResult> result = RunVectors(file.dump());
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? result->report : Report();
}

class PublishedVectors : public testing::TestWithParam<Expected> {};

TEST_P(PublishedVectors, Pass) {
  const absl::StatusOr<FileResult> result = RunVectorFile(absl::StrCat(kFolder, GetParam().file));
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->report.failed(), 0u) << absl::StrJoin(result->report.failures(), "\n");
  EXPECT_EQ(result->report.passed(), GetParam().passed);
  EXPECT_EQ(result->report.skipped(), GetParam().skipped);
}

INSTANTIATE_TEST_SUITE_P(EveryFile, PublishedVectors, testing::ValuesIn(kExpected), [](const auto& test) {
  const std::string name = test.param.file;
  return name.substr(0, name.find('.'));
});

TEST(PublishedVectorFiles, AreAllListedHere) {
  std::set<std::string> listed;
  for (const Expected& expected : kExpected) listed.insert(expected.file);
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".json") continue;
    EXPECT_TRUE(listed.count(entry.path().filename().string()) == 1) << entry.path();
  }
}

// A flipped hex digit.
void Flip(Json& field) {
  std::string text = field.get<std::string>();
  char& digit = text[text.size() / 2];
  digit = digit == '0' ? '1' : '0';
  field = text;
}

TEST(VectorRunner, NoticesTampering) {
  const struct {
    const char* file;
    std::function<void(Json&)> tamper;
  } cases[] = {
      {"cctv_ed25519_edge_cases.json", [](Json& f) { f[0]["flags"] = nullptr; }},
      {"expand_message_xmd_rfc9380_sha512.json", [](Json& f) { Flip(f["tests"][3]["uniform_bytes"]); }},
      {"hpke_rfc9180_x25519_hkdfsha256_chacha20poly1305.json",
       [](Json& f) { Flip(f[0]["encryptions"][256]["ct"]); }},
      {"hpke_rfc9180_x25519_hkdfsha256_chacha20poly1305.json",
       [](Json& f) { Flip(f[1]["exports"][2]["exported_value"]); }},
      {"merkle_rfc6962_consistency.json", [](Json& f) { f[1]["wantErr"] = !f[1]["wantErr"].get<bool>(); }},
      {"merkle_rfc6962_inclusion.json", [](Json& f) { f[1]["wantErr"] = !f[1]["wantErr"].get<bool>(); }},
      {"merkle_rfc6962_reference_tree.json", [](Json& f) { Flip(f["root_by_tree_size_hex"][7]); }},
      {"merkle_rfc6962_reference_tree.json", [](Json& f) { Flip(f["node_hashes_hex"][1][2]); }},
      {"oprf_rfc9497_ristretto255_sha512.json", [](Json& f) { Flip(f[1]["vectors"][2]["Output"]); }},
      {"oprf_rfc9497_ristretto255_sha512.json", [](Json& f) { Flip(f[1]["vectors"][0]["Proof"]["proof"]); }},
      {"ristretto255_bad_encodings.json",
       [](Json& f) {
         f["bad_encodings"][0]["encoding"] =
             "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76";
       }},
      {"wycheproof_x25519.json", [](Json& f) { Flip(f["testGroups"][0]["tests"][0]["shared"]); }},
      {"wycheproof_ed25519.json", [](Json& f) { Flip(f["testGroups"][0]["tests"][0]["sig"]); }},
      {"wycheproof_hmac_sha256.json", [](Json& f) { Flip(f["testGroups"][0]["tests"][0]["tag"]); }},
      {"wycheproof_hkdf_sha256.json", [](Json& f) { Flip(f["testGroups"][0]["tests"][0]["okm"]); }},
      {"wycheproof_chacha20_poly1305.json", [](Json& f) { Flip(f["testGroups"][0]["tests"][0]["tag"]); }},
  };
  for (const auto& c : cases) {
    Json file = Load(c.file);
    c.tamper(file);
    EXPECT_EQ(RunJson(file).failed(), 1u) << c.file;
  }
}

TEST(VectorRunner, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"", "{", "[]", "{}", "null", "7", "[1,2]", "{\"cases\":[]}", "{\"cases\":7}",
                           "{\"testGroups\":[],\"algorithm\":\"RSA\"}", "[{\"a\":1}]", "\xff"}) {
    EXPECT_FALSE(RunVectors(text).ok()) << text;
  }
  EXPECT_EQ(RunVectorFile("tests/vectors/none.json").status().code(), absl::StatusCode::kNotFound);
}

TEST(VectorRunner, FailsCasesOfNoKnownShapeOrExpectation) {
  for (const char* text :
       {R"({"cases":[{"expect":"valid"}]})", R"({"cases":[7]})", R"({"cases":[{"expect":"maybe","enc":""}]})",
        R"({"cases":[{"expect":"open","blinded_element":[]}]})",
        R"({"cases":[{"expect":"maybe","holders":[]}]})", R"({"cases":[{"expect":7,"pkS":""}]})"}) {
    EXPECT_EQ(RunVectors(text)->report.failed(), 1u) << text;
  }
}

}  // namespace
}  // namespace seinpost::vectors
