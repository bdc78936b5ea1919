// SPDX-License-Identifier: EUPL-1.2
// The convenant files that tests go through one by one. Read from the working directory, which is the source
// tree.
#ifndef SEINPOST_TESTS_POLICIES_REFERENCE_FILES_H_
#define SEINPOST_TESTS_POLICIES_REFERENCE_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace seinpost::policies::reference {

// policies/convenants/*.yaml without the lab and expect files, and the example of the tests; sorted.
std::vector<std::string> ConvenantFiles();
// Of these, the ones that come with a lab file.
std::vector<std::string> FilesWithLab();
// "tests/testing/convenants/plaats.yaml" → "plaats", fit for the name of a test.
std::string NameOf(const std::string& path);
// "…/plaats.yaml" → "…/plaats.lab.yaml".
std::string LabOf(const std::string& path);
// The whole file; aborts when it cannot be read.
std::string TextOf(const std::string& path);

// Whether one of `every` by chance, the same at every run: a hash of `index` decides.
bool Drawn(uint64_t index, uint64_t every);
// One of how many is asked: all with SEINPOST_EXHAUSTIVE in the environment, a hundredth under sanitizers,
// else a tenth.
uint64_t DrawnEvery();

}  // namespace seinpost::policies::reference

#endif  // SEINPOST_TESTS_POLICIES_REFERENCE_FILES_H_
