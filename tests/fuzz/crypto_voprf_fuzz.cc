// SPDX-License-Identifier: EUPL-1.2
// Untrusted public key (32 bytes), proof (64), then pairs of blinded and evaluated elements (64 each).
#include <algorithm>
#include <vector>

#include "crypto/voprf.h"
#include "tests/fuzz/fuzz_check.h"

using seinpost::ByteView;
using seinpost::FuzzCheck;
using seinpost::View;
namespace voprf = seinpost::crypto::voprf;

namespace {

constexpr size_t kMaxPairs = 4;

voprf::Element Take(ByteView& rest) {
  voprf::Element element{};
  const size_t size = std::min(rest.size(), element.size());
  std::copy_n(rest.begin(), size, element.begin());
  rest.remove_prefix(size);
  return element;
}

bool IsElement(const voprf::Element& element) { return voprf::DeserializeElement(View(element)).ok(); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ByteView rest = seinpost::FuzzView(data, size);
  const voprf::Element public_key = Take(rest);
  const voprf::Element c = Take(rest);
  const voprf::Element s = Take(rest);
  voprf::Proof proof;
  std::copy(c.begin(), c.end(), proof.begin());
  std::copy(s.begin(), s.end(), proof.begin() + 32);
  std::vector<voprf::Element> blinded;
  std::vector<voprf::Element> evaluated;
  while (!rest.empty() && blinded.size() < kMaxPairs) {
    blinded.push_back(Take(rest));
    evaluated.push_back(Take(rest));
  }
  const bool proven = voprf::VerifyProof(public_key, blinded, evaluated, proof).ok();
  FuzzCheck(!proven || IsElement(public_key), "a proof needs a good key");
  FuzzCheck(!proven || voprf::DeserializeScalar(View(c)).ok(), "c is canonical");
  FuzzCheck(!proven || voprf::DeserializeScalar(View(s)).ok(), "s is canonical");

  static const auto* const key =
      new voprf::KeyPair(*voprf::FromSecret(*voprf::DeserializeScalar("\x02" + seinpost::Bytes(31, '\0'))));
  for (size_t i = 0; i < blinded.size(); ++i) {
    FuzzCheck(!proven || (IsElement(blinded[i]) && IsElement(evaluated[i])), "a proof needs good elements");
    const absl::StatusOr<voprf::Element> doubled = voprf::Evaluate(key->secret, blinded[i]);
    FuzzCheck(doubled.ok() == IsElement(blinded[i]), "good elements, and only those, are evaluated");
    const absl::StatusOr<voprf::Element> sum = voprf::AddElements(blinded[i], blinded[i]);
    FuzzCheck(doubled.ok() == sum.ok(), "2 * B works where B + B does");
    FuzzCheck(!sum.ok() || *doubled == *sum, "2 * B = B + B");
    FuzzCheck(voprf::Finalize("input", key->secret, evaluated[i]).ok() == IsElement(evaluated[i]),
              "good elements, and only those, are finalized");
  }
  return 0;
}
