// SPDX-License-Identifier: EUPL-1.2
// Identity files, and texts that are searched for what is in them. Up to a zero byte it is the file, after it
// the text.
#include "client/signal/fold.h"
#include "client/signal/identity_json.h"
#include "tests/fuzz/fuzz_check.h"

using seinpost::ByteView;
using seinpost::FuzzCheck;
namespace client = seinpost::client;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView input = seinpost::FuzzView(data, size);
  const size_t zero = input.find('\0');
  const ByteView file = input.substr(0, zero);
  const ByteView text = zero == ByteView::npos ? ByteView() : input.substr(zero + 1);
  const std::string folded = client::Fold(text);
  FuzzCheck(client::Fold(folded) == folded, "folding twice is folding once");

  const absl::StatusOr<seinpost::v1::Identity> identity = client::ParseIdentity(file);
  if (!identity.ok()) return 0;
  const client::Json json = client::IdentityToJson(*identity);
  const auto again = client::ParseIdentity(json.Dump());
  FuzzCheck(again.ok() && again->SerializeAsString() == identity->SerializeAsString(),
            "it comes back as it was");
  client::IdentifierHits(*identity, text);
  // A text that is a name holds that name.
  for (const std::string& name : identity->first()) {
    if (client::Fold(name).size() < 8) continue;  // surely two letters
    const std::vector<std::string> hits = client::IdentifierHits(*identity, name);
    FuzzCheck(!hits.empty() && hits.front() == "first", "a name is found in itself");
  }
  return 0;
}
