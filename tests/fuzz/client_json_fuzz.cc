// SPDX-License-Identifier: EUPL-1.2
// Json: any bytes are a value or an error, never a crash; what was read prints as something that reads the
// same.
#include "absl/status/statusor.h"
#include "client/terminal/json.h"
#include "tests/fuzz/fuzz_check.h"

using seinpost::FuzzCheck;
using seinpost::client::Json;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::StatusOr<Json> json = Json::Parse(seinpost::FuzzView(data, size));
  if (!json.ok()) return 0;
  for (const int indent : {-1, 2}) {
    const absl::StatusOr<Json> again = Json::Parse(json->Dump(indent));
    FuzzCheck(again.ok(), "what is printed can be read");
    FuzzCheck(again->Dump() == json->Dump(), "and says the same");
  }
  return 0;
}
