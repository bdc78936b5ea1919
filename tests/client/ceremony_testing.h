// SPDX-License-Identifier: EUPL-1.2
// Key directories of the signatories of the example, and the files they sign, for tests of `seinpost
// convenant`.
#ifndef SEINPOST_TESTS_CLIENT_CEREMONY_TESTING_H_
#define SEINPOST_TESTS_CLIENT_CEREMONY_TESTING_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/convenant/commands.h"
#include "client/org/store.h"
#include "tests/client/admin_testing.h"
#include "trust/objects.h"

namespace seinpost::client {

constexpr char kExample[] = "tests/testing/convenants/plaats.yaml";
constexpr char kOrgPassphrase[] = "correct horse";
constexpr auto kQuick = crypto::PassphraseStrength::kInteractive;

// Replaces the first `before` in `text`, which must hold it.
inline std::string Replaced(std::string text, const std::string& before, const std::string& after) {
  const size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  if (at != std::string::npos) text.replace(at, before.size(), after);
  return text;
}

class CeremonyTest : public testing::Test {
 protected:
  CeremonyTest() : bench_(absl::FromUnixSeconds(1'795'000'000)) {
    bench_.passphrase_file = directory_.Write("passphrase", absl::StrCat(kOrgPassphrase, "\n"));
    parties_ = policies::SignatoryParties(ReadWholeFile(kExample), kExample).value();
    for (const std::string& party : parties_) MakeKeys(party, party);
    directory_.Write("broker.json",
                     absl::StrCat(R"({"identity":")", std::string(64, '1'), R"(","log_keys":{"plaats":")",
                                  std::string(64, '2'), R"("}})"));
  }

  // A key directory keys/NAME of a party with a new root key.
  void MakeKeys(const std::string& name, const std::string& party) {
    roots_.insert_or_assign(name, crypto::SigningKey::Generate());
    ASSERT_TRUE(OrgStore::Create(Keys(name), party, &roots_.at(name), kOrgPassphrase, kQuick).ok());
  }
  std::string Keys(const std::string& name) const { return directory_.Path("keys/" + name); }
  std::string Path(const std::string& name) const { return directory_.Path(name); }

  absl::Status Draft(const std::string& from = kExample, const std::string& out = "v1.yaml") {
    Context context = bench_.context();
    return ConvenantDraft(context, {.file = from,
                                    .keys_dir = Path("keys"),
                                    .roots = {},
                                    .broker_keys = Path("broker.json"),
                                    .out = Path(out)});
  }
  // v1.yaml, signed by all, without asking for a passphrase each time.
  void MakeFirst() {
    ASSERT_TRUE(Draft().ok());
    bench_.Printed();
    Bytes object;
    for (const std::string& party : parties_) {
      object = trust::AddConvenantSignature(ReadWholeFile(Path("v1.yaml")), object, party, roots_.at(party))
                   .value();
    }
    directory_.Write("v1.yaml.sig", object);
  }
  // The next version out of an edited copy of `previous`; roots are "PARTY=HEX".
  absl::Status DraftNext(const std::string& edited, const std::string& previous, const std::string& out,
                         const std::vector<std::string>& roots = {}) {
    Context context = bench_.context();
    const std::string from = directory_.Write("edited.yaml", edited);
    return ConvenantDraft(context,
                          {.file = from, .roots = roots, .out = Path(out), .previous = Path(previous)});
  }
  absl::Status Sign(const std::string& file, const std::string& keys, const std::string& previous = "",
                    bool lost_root = false) {
    Context context = bench_.context();
    return ConvenantSign(context, {.file = Path(file),
                                   .org_dir = Keys(keys),
                                   .previous = previous.empty() ? "" : Path(previous),
                                   .lost_root = lost_root});
  }
  absl::Status Bundle(const std::string& file, const std::vector<std::string>& signatures,
                      const std::string& previous = "") {
    Context context = bench_.context();
    std::vector<std::string> paths;
    for (const std::string& name : signatures) paths.push_back(Path(name));
    return ConvenantBundle(
        context,
        {.file = Path(file), .signatures = paths, .previous = previous.empty() ? "" : Path(previous)});
  }

  TemporaryDirectory directory_;
  AdminBench bench_;
  std::vector<std::string> parties_;
  std::map<std::string, crypto::SigningKey> roots_;  // by name of the key directory
};

}  // namespace seinpost::client

#endif  // SEINPOST_TESTS_CLIENT_CEREMONY_TESTING_H_
