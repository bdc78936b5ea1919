// SPDX-License-Identifier: EUPL-1.2
// Writes the seed corpora of the envelope_* fuzz targets from the example test network. Run from the root of
// the tree after the convenant or a format has changed; the files are checked in. An envelope is sealed with
// fresh random keys, so its file differs each time.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "crypto/process.h"
#include "seinpost/v1/signal.pb.h"
#include "tests/envelope/signals.h"
#include "tests/testing/network.h"
#include "trust/strict.h"

using seinpost::Bytes;
using seinpost::test::TestNetwork;
using seinpost::trust::StrictSerialize;
namespace pb = seinpost::v1;
namespace test = seinpost::test;

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

// The fields that envelope_sender_fuzz fills in are left out.
Bytes ForSender(pb::Core core, pb::PartDescriptor descriptor) {
  core.clear_sender_device();
  core.clear_sender_cert_hash();
  core.clear_convenant_hash();
  descriptor.clear_ct_hash();
  for (pb::Recipient& recipient : *descriptor.mutable_recipients()) {
    recipient.clear_prekey_id();
    recipient.clear_wrap_hash();
  }
  return absl::StrCat(seinpost::Lp(StrictSerialize(core)), StrictSerialize(descriptor));
}

void WriteEnvelopes(const TestNetwork& network) {
  const auto small = test::SealOrDie(network, test::SmallPlan(network));
  Write("envelope_verify_fuzz", "small", small.envelope.SerializeAsString());
  const pb::Envelope delivered = test::Delivered(small.envelope, network.device(test::kReader));
  Write("envelope_verify_fuzz", "delivered", delivered.SerializeAsString());
  const pb::Envelope named = test::SealOrDie(network, test::NamedPlan(network)).envelope;
  pb::Header header;
  header.ParseFromString(named.header());
  pb::Core core;
  core.ParseFromString(header.core());
  Write("envelope_strict_fuzz", "core", Chosen(0, header.core()));
  Write("envelope_strict_fuzz", "header", Chosen(2, named.header()));
  for (const pb::Part& part : named.parts()) {
    const pb::PartDescriptor descriptor = test::DescriptorOf(part);
    std::string name = pb::PartKind_Name(descriptor.kind()).substr(10);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    Write("envelope_strict_fuzz", absl::StrCat("descriptor_", name), Chosen(1, part.descriptor_bytes()));
    Write("envelope_sender_fuzz", name, ForSender(core, descriptor));
  }
}

void WriteStatements() {
  pb::Identity identity;
  identity.add_first("Voornaam");
  identity.add_last("Achternaam");
  identity.set_birth_date("2010-05-04");
  Write("envelope_strict_fuzz", "identity", Chosen(3, StrictSerialize(identity)));
  pb::AttachmentHead head;
  head.set_name("foto-1.jpg");
  head.set_content_type("image/jpeg");
  head.set_size(5);
  Write("envelope_strict_fuzz", "attachment_head", Chosen(4, StrictSerialize(head)));
  pb::RewrapRequest request;
  request.set_version(1);
  request.set_convenant_id("plaats");
  request.set_signal_id(Bytes(16, 's'));
  request.set_header_hash(Bytes(32, 'h'));
  request.set_part(5);
  request.set_prekey("prekey");
  request.set_prekey_sig(Bytes(64, 'p'));
  request.set_time(1'772'000'000);
  request.set_expires(1'772'000'600);
  request.set_nonce(Bytes(16, 'n'));
  Write("envelope_strict_fuzz", "rewrap_request", Chosen(5, StrictSerialize(request)));
  pb::Rewrap rewrap;
  rewrap.set_version(1);
  rewrap.set_convenant_id("plaats");
  rewrap.set_signal_id(Bytes(16, 's'));
  rewrap.set_header_hash(Bytes(32, 'h'));
  rewrap.set_part(5);
  rewrap.set_request_hash(Bytes(32, 'r'));
  rewrap.set_giver_device(Bytes(16, 'g'));
  rewrap.set_target_device(Bytes(16, 't'));
  rewrap.set_prekey_id(Bytes(32, 'k'));
  rewrap.set_wrap(Bytes(80, 'w'));
  rewrap.set_time(1'772'000'000);
  rewrap.set_expires(1'772'000'600);
  Write("envelope_strict_fuzz", "rewrap", Chosen(6, StrictSerialize(rewrap)));
  pb::DeliveredStatement delivered;
  delivered.set_convenant_id("plaats");
  delivered.set_signal_id(Bytes(16, 's'));
  delivered.set_header_hash(Bytes(32, 'h'));
  delivered.set_device_id(Bytes(16, 'd'));
  delivered.set_time(1'772'000'000);
  Write("envelope_strict_fuzz", "delivered", Chosen(7, StrictSerialize(delivered)));
  pb::OpenStatement open;
  open.set_convenant_id("plaats");
  open.set_signal_id(Bytes(16, 's'));
  open.set_header_hash(Bytes(32, 'h'));
  open.set_part(5);
  open.set_purpose("dreiging");
  open.set_device_id(Bytes(16, 'd'));
  open.set_time(1'772'000'000);
  open.set_nonce(Bytes(16, 'n'));
  Write("envelope_strict_fuzz", "open", Chosen(8, StrictSerialize(open)));

  // envelope_rewrap_fuzz fills in what is left out.
  Write("envelope_rewrap_fuzz", "request_right", Chosen(0, ""));
  Write("envelope_rewrap_fuzz", "prekey_right", Chosen(1, ""));
  Write("envelope_rewrap_fuzz", "rewrap_right", Chosen(2, ""));
  Write("envelope_rewrap_fuzz", "request_other", Chosen(0, StrictSerialize(request)));
  Write("envelope_rewrap_fuzz", "rewrap_other", Chosen(2, StrictSerialize(rewrap)));
  pb::Prekey prekey;
  prekey.set_hpke_pk(Bytes(32, 'k'));
  Write("envelope_rewrap_fuzz", "prekey_other_key", Chosen(1, StrictSerialize(prekey)));
  prekey.set_header_hash(Bytes(32, 'h'));
  Write("envelope_rewrap_fuzz", "prekey_other_signal", Chosen(1, StrictSerialize(prekey)));
  pb::RewrapRequest nonce;
  nonce.set_nonce(Bytes(16, 'm'));
  Write("envelope_rewrap_fuzz", "request_other_nonce", Chosen(0, StrictSerialize(nonce)));
  pb::Rewrap wrap;
  wrap.set_wrap(Bytes(80, 'w'));
  Write("envelope_rewrap_fuzz", "rewrap_other_wrap", Chosen(2, StrictSerialize(wrap)));
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
        Chosen(5, absl::StrCat(id, seinpost::U8(6), seinpost::Lp(StrictSerialize(head)), "bytes")));
}

}  // namespace

int main() {
  seinpost::crypto::StartProcess();
  const TestNetwork network = TestNetwork::Example(TestNetwork::AnyTime());
  WriteEnvelopes(network);
  WriteStatements();
  WriteContents();
  return 0;
}
