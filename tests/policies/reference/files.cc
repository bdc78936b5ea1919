// SPDX-License-Identifier: EUPL-1.2
#include "tests/policies/reference/files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

namespace seinpost::policies::reference {

std::vector<std::string> ConvenantFiles() {
  std::vector<std::string> files = {"tests/testing/convenants/plaats.yaml"};
  for (const auto& entry : std::filesystem::directory_iterator("policies/convenants")) {
    const std::string stem = entry.path().stem().string();
    if (entry.path().extension() == ".yaml" && stem.find('.') == std::string::npos)
      files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> FilesWithLab() {
  std::vector<std::string> files = ConvenantFiles();
  std::erase_if(files, [](const std::string& path) { return !std::filesystem::exists(LabOf(path)); });
  return files;
}

std::string NameOf(const std::string& path) {
  std::string name = std::filesystem::path(path).stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string LabOf(const std::string& path) {
  return std::filesystem::path(path).replace_extension(".lab.yaml").string();
}

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    std::cerr << path << ": cannot be read" << std::endl;
    std::abort();
  }
  return text.str();
}

// SplitMix64, the finalizer.
bool Drawn(uint64_t index, uint64_t every) {
  uint64_t z = index + 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z ^= z >> 31;
  return z % every == 0;
}

uint64_t DrawnEvery() {
  if (std::getenv("SEINPOST_EXHAUSTIVE") != nullptr) return 1;
#ifdef __SANITIZE_ADDRESS__
  return 100;
#else
  return 10;
#endif
}

}  // namespace seinpost::policies::reference
