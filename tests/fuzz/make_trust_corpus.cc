// SPDX-License-Identifier: EUPL-1.2
// Writes the seed corpora of the trust_* and envelope_* fuzz targets from the Arnhem test network. Run from
// the root of the tree after the convenant or a format has changed; the files are checked in. An envelope is
// sealed with fresh random keys, so its file differs each time.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/envelope/signals.h"
#include "tests/testing/network.h"
#include "trust/objects.h"
#include "trust/strict.h"

using seinpost::Bytes;
using seinpost::test::TestNetwork;
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

Bytes Chosen(char choice, const Bytes& bytes) { return absl::StrCat(Bytes(1, choice), bytes); }

void WriteObjects(const TestNetwork& network) {
  std::set<pb::ObjectKind> written = {pb::OBJECT_KIND_CONVENANT};  // policies_convenant_fuzz has its text
  for (const Bytes& object : network.objects()) {
    const pb::SignedObject parsed = seinpost::trust::ParseSignedObject(object).value();
    if (!written.insert(parsed.kind()).second) continue;
    std::string name = pb::ObjectKind_Name(parsed.kind()).substr(12);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    Write("trust_directory_fuzz", name, object);
    Write("trust_strict_fuzz", absl::StrCat("object_", name), Chosen(0, object));
    Write("trust_strict_fuzz", name, Chosen(static_cast<char>(parsed.kind() - 1), parsed.body()));
  }
}

void WriteEnvelopes(const TestNetwork& network) {
  const auto small = seinpost::test::SealOrDie(network, seinpost::test::SmallPlan(network));
  Write("envelope_verify_fuzz", "small", small.envelope.SerializeAsString());
  const pb::Envelope delivered =
      seinpost::test::Delivered(small.envelope, network.device(seinpost::test::kReader));
  Write("envelope_verify_fuzz", "delivered", delivered.SerializeAsString());
  pb::Header header;
  header.ParseFromString(small.envelope.header());
  Write("trust_strict_fuzz", "core", Chosen(6, header.core()));
  Write("trust_strict_fuzz", "descriptor", Chosen(7, small.envelope.parts(0).descriptor_bytes()));
  Write("trust_strict_fuzz", "header", Chosen(8, small.envelope.header()));
}

void WriteContents() {
  const Bytes id = seinpost::Lp(Bytes(16, 's'));
  for (int kind = 1; kind <= 5; ++kind) {
    Write("envelope_content_fuzz", absl::StrCat("kind_", kind),
          Chosen(static_cast<char>(kind - 1),
                 absl::StrCat(id, seinpost::U8(static_cast<uint8_t>(kind)), seinpost::Lp("tekst"))));
  }
  pb::AttachmentHead head;
  head.set_name("foto-1.jpg");
  head.set_content_type("image/jpeg");
  head.set_size(5);
  Write("envelope_content_fuzz", "kind_6",
        Chosen(5, absl::StrCat(id, seinpost::U8(6), seinpost::Lp(seinpost::trust::StrictSerialize(head)),
                               "bytes")));
}

}  // namespace

int main() {
  TestNetwork network = TestNetwork::Arnhem(TestNetwork::AnyTime());
  network.Add(network.RevokeDeviceObject(network.device("school2/zorgcoordinator")));
  WriteObjects(network);
  WriteEnvelopes(network);
  WriteContents();
  return 0;
}
