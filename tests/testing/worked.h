// SPDX-License-Identifier: EUPL-1.2
// Worked examples in documents: bytes that a test computes again. In a Markdown file they stand as
//
//   ```worked name=core
//   0801 1001 …        hexadecimal, white space ignored
//   ```
#ifndef SEINPOST_TESTS_TESTING_WORKED_H_
#define SEINPOST_TESTS_TESTING_WORKED_H_

#include <map>
#include <string>

#include "util/bytes.h"

namespace seinpost::test {

// The worked blocks of a document by name. Aborts when the file is missing or a block is not hexadecimal,
// unnamed, unclosed or named twice.
std::map<std::string, Bytes> ReadWorked(const std::string& path);

// Compares the document's blocks with `computed`, both ways; the failure shows the block to be written.
void ExpectWorked(const std::string& path, const std::map<std::string, Bytes>& computed);

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_TESTING_WORKED_H_
