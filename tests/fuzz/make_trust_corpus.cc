// SPDX-License-Identifier: EUPL-1.2
// Writes the seed corpora of the trust_* fuzz targets. Run from the root of the tree after a format has
// changed; the files are checked in.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "crypto/process.h"
#include "tests/fuzz/trust_world.h"
#include "trust/objects.h"

using seinpost::Bytes;
namespace pb = seinpost::v1;

namespace {

void Write(const std::string& target, const std::string& name, const Bytes& content) {
  const std::filesystem::path folder = std::filesystem::path("tests/fuzz/corpus") / target;
  std::filesystem::create_directories(folder);
  std::ofstream file(folder / name, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file.flush()) {
    std::cerr << "cannot write " << (folder / name) << "\n";
    std::exit(1);
  }
}

Bytes Chosen(int choice, const Bytes& bytes) {
  return absl::StrCat(Bytes(1, static_cast<char>(choice)), bytes);
}

}  // namespace

int main() {
  seinpost::crypto::StartProcess();
  const seinpost::test::TrustWorld world;
  for (const auto& [name, object] : world.next) {
    const pb::SignedObject parsed = seinpost::trust::ParseSignedObject(object).value();
    const bool text = parsed.kind() == pb::OBJECT_KIND_CONVENANT || parsed.kind() == pb::OBJECT_KIND_PROPOSAL;
    Write("trust_directory_fuzz", name, object);
    Write("trust_fields_fuzz", name, Chosen(parsed.kind(), text ? object : parsed.body()));
    Write("trust_strict_fuzz", absl::StrCat("object_", name), Chosen(0, object));
    if (!text) Write("trust_strict_fuzz", name, Chosen(parsed.kind(), parsed.body()));
  }
  const seinpost::crypto::SigningKey key =
      seinpost::crypto::SigningKey::FromSeed(seinpost::test::TestNetwork::SecretNamed("fuzz device"));
  const auto request = seinpost::trust::MakeDeviceRequest("politie", "nieuw", world.network.now(), key);
  Write("trust_strict_fuzz", "device_request", Chosen(1, request.request));
  return 0;
}
