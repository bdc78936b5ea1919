// SPDX-License-Identifier: EUPL-1.2
// What the tests of audit/ share.
#ifndef SEINPOST_TESTS_AUDIT_AUDIT_TESTING_H_
#define SEINPOST_TESTS_AUDIT_AUDIT_TESTING_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "audit/event.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "crypto/sign.h"
#include "util/bytes.h"

namespace seinpost::audit {

inline constexpr char kOrigin[] = "seinpost.example/plaats";

// A directory that is gone with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string path = testing::TempDir() + "/audit_test.XXXXXX";
    path_ = mkdtemp(path.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// RFC 6962 Section 2.1 word for word, slow, and with none of the code under test.
inline Digest ReferenceRoot(std::span<const Bytes> leaves) {
  if (leaves.empty()) return crypto::Sha256("");
  if (leaves.size() == 1) return crypto::Sha256(Bytes(1, '\0') + leaves[0]);
  size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return crypto::Sha256(Bytes(1, '\1') + ToBytes(ReferenceRoot(leaves.first(k))) +
                        ToBytes(ReferenceRoot(leaves.subspan(k))));
}

inline std::string ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Every other string that differs from `bytes` by one bit, is cut short, or is one byte longer.
inline void ForEachDamage(const Bytes& bytes, absl::FunctionRef<void(const Bytes& damaged)> visit) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      visit(damaged);
    }
    visit(bytes.substr(0, i));
  }
  visit(bytes + '\0');
  visit(bytes + '\n');
}

inline crypto::SigningKey TestKey(char fill) {
  return crypto::SigningKey::FromSeed(crypto::Secret<32>::FromBytes(Bytes(32, fill)).value());
}

// An event such as SUBMIT writes.
inline Event TestEvent() {
  Event event;
  event.SetTime(absl::FromUnixSeconds(1795000000))
      .SetType(EventType::kSubmit)
      .SetText(Tag::kAction, "C")
      .SetNumber(Tag::kOutcome, 0)
      .SetText(Tag::kConvenant, "plaats")
      .SetNumber(Tag::kConvenantVersion, 1)
      .SetText(Tag::kChannel, "core@school")
      .SetText(Tag::kActorOrganisation, "school")
      .SetText(Tag::kActorFunction, "care-coordinator")
      .SetText(Tag::kActorMember, Bytes(16, 'm'))
      .SetText(Tag::kActorDevice, Bytes(16, 'd'))
      .SetText(Tag::kObject, Bytes(16, 's'))
      .SetText(Tag::kObjectType, "signal")
      .SetText(Tag::kCaseRef, "c-7f3a")
      .SetText(Tag::kLevel, "L1")
      .SetText(Tag::kCategory, "fight")
      .SetRecipients({{Bytes(16, 'p'), 0, true, ""}, {Bytes(16, 'q'), 0, false, "LEVEL_EXCEEDED"}})
      .SetText(Tag::kPurpose, "prevention")
      .SetTexts(Tag::kRules, {"R4", "R10"})
      .SetText(Tag::kClause, "plaats.yaml:41")
      .SetText(Tag::kRequestHash, Bytes(32, 'h'));
  return event;
}

}  // namespace seinpost::audit

#endif  // SEINPOST_TESTS_AUDIT_AUDIT_TESTING_H_
