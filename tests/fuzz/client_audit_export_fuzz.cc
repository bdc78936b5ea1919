// SPDX-License-Identifier: EUPL-1.2
// Untrusted exports: whatever is accepted is exactly what we would write.
#include <sstream>

#include "client/audit/export.h"
#include "tests/fuzz/fuzz_check.h"

using seinpost::FuzzCheck;
namespace client = seinpost::client;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(seinpost::FuzzView(data, size));
  std::istringstream in(text);
  const absl::StatusOr<client::ExportCheck> check = client::VerifyExport(in, {});
  if (!check.ok() || !check->report.ok) return 0;
  FuzzCheck(text.rfind(client::ExportLines::Head(check->head), 0) == 0,
            "the header is the one we would write");
  FuzzCheck(check->report.size == check->head.to, "every entry of the range is there");
  FuzzCheck(check->report.checkpoint.has_value(), "and a checkpoint");
  return 0;
}
