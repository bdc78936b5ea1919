// SPDX-License-Identifier: EUPL-1.2
// What a hostile device of a member can ask and answer under its own signature. The first byte says whether a
// RewrapRequest, a Prekey within one or a Rewrap follows. To come past the first checks, what the input
// leaves empty is filled in with what is right; bytes that do not parse are signed as they are.
#include "crypto/hash.h"
#include "envelope/rewrap.h"
#include "tests/envelope/signals.h"
#include "tests/fuzz/fuzz_check.h"
#include "trust/labels.h"
#include "trust/strict.h"

using seinpost::Bytes;
using seinpost::ByteView;
using seinpost::FuzzCheck;
using seinpost::test::TestNetwork;
namespace crypto = seinpost::crypto;
namespace envelope = seinpost::envelope;
namespace pb = seinpost::v1;
namespace test = seinpost::test;
namespace trust = seinpost::trust;

namespace {

// A signal, a recipient's first device and his new one, and a request that holds.
struct Scene {
  Scene() {
    sealed = test::SealOrDie(network, test::SmallPlan(network));
    envelope::VerifyOptions options = test::AsBroker(network);
    options.as_of.keys = network.directory().size();
    phone = &network.AddDevice(test::kReader);
    header = std::make_unique<envelope::VerifiedHeader>(
        envelope::VerifyEnvelope(sealed.envelope, network.directory(), options).value());
    request = envelope::MakeRewrapRequest(*header, part(), network.directory(), phone->id, phone->key, pair,
                                          network.now())
                  .value();
    checked = Check(request).value();
  }
  const envelope::VerifiedPart& part() const { return header->parts()[0]; }
  absl::StatusOr<envelope::CheckedRewrapRequest> Check(const envelope::SignedStatement& asked) const {
    return envelope::CheckRewrapRequest(asked, *header, part(), network.directory(), network.now());
  }
  absl::StatusOr<envelope::SignedStatement> Give(const envelope::CheckedRewrapRequest& asked) const {
    const test::TestDevice& giver = network.device(test::kReader);
    const auto lookup = [&giver](ByteView id) { return giver.FindPrekey(id); };
    return envelope::MakeRewrap(asked, *header, part(), giver.id, giver.key,
                                test::WrapsFor(sealed.envelope, part().index, giver), lookup, network.now());
  }
  absl::StatusOr<pb::Rewrap> Receive(const envelope::SignedStatement& given,
                                     const envelope::CheckedRewrapRequest& asked) const {
    return envelope::CheckRewrap(given, asked, *header, part(), network.directory(), network.now());
  }

  TestNetwork network = TestNetwork::Example(TestNetwork::AnyTime());
  envelope::SealedSignal sealed;
  const test::TestDevice* phone = nullptr;
  std::unique_ptr<envelope::VerifiedHeader> header;
  const crypto::HpkeKeyPair pair = crypto::HpkeKeyPair::FromSecret(TestNetwork::SecretNamed("one-off"));
  envelope::SignedStatement request;
  envelope::CheckedRewrapRequest checked;
};

const Scene& TheScene() {
  static const Scene* scene = new Scene();
  return *scene;
}

// Fields of `right` wherever `message` has none.
void FillIn(const google::protobuf::Message& right, google::protobuf::Message& message) {
  const google::protobuf::Reflection* reflection = message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(right, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    if (reflection->HasField(message, field)) continue;
    switch (field->cpp_type()) {
      case google::protobuf::FieldDescriptor::CPPTYPE_STRING:
        reflection->SetString(&message, field, reflection->GetString(right, field));
        break;
      case google::protobuf::FieldDescriptor::CPPTYPE_INT64:
        reflection->SetInt64(&message, field, reflection->GetInt64(right, field));
        break;
      default:
        reflection->SetUInt32(&message, field, reflection->GetUInt32(right, field));
    }
  }
}

// The bytes of `message`, completed if they parse.
Bytes Completed(ByteView bytes, const google::protobuf::Message& right, google::protobuf::Message& message) {
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return Bytes(bytes);
  FillIn(right, message);
  return trust::StrictSerialize(message);
}

void TryRequest(const Bytes& statement) {
  const Scene& scene = TheScene();
  const envelope::SignedStatement asked{
      statement, crypto::Sign(scene.phone->key, trust::kRewrapRequestLabel, statement)};
  const auto checked = scene.Check(asked);
  if (!checked.ok()) return;
  FuzzCheck(trust::StrictSerialize(checked->request) == statement, "one encoding of a request");
  FuzzCheck(trust::StrictSerialize(checked->prekey) == checked->request.prekey(), "one encoding of a prekey");
  FuzzCheck(checked->prekey.device_id() == scene.phone->id, "for the device that signed");
  FuzzCheck(checked->prekey.delete_after() == scene.checked.prekey.delete_after(), "ends with the part");
  const auto given = scene.Give(*checked);
  if (!given.ok()) {
    FuzzCheck(given.status().code() == absl::StatusCode::kInvalidArgument, "but for what is no public key");
    return;
  }
  FuzzCheck(scene.Receive(*given, *checked).ok(), "what is given holds");
}

void TryRewrap(const Bytes& statement) {
  const Scene& scene = TheScene();
  const envelope::SignedStatement given{
      statement, crypto::Sign(scene.network.device(test::kReader).key, trust::kRewrapLabel, statement)};
  const auto rewrap = scene.Receive(given, scene.checked);
  if (!rewrap.ok()) return;
  FuzzCheck(trust::StrictSerialize(*rewrap) == statement, "one encoding of a rewrap");
  FuzzCheck(rewrap->target_device() == scene.phone->id, "for the device that asked");
  const Bytes ciphertext = test::CiphertextOf(scene.sealed, scene.part());
  const auto opened = envelope::OpenRewrapped(*scene.header, scene.part(), *rewrap, scene.pair, ciphertext);
  FuzzCheck(opened.ok() ? *opened == "een mes gevonden"
                        : opened.status().code() == absl::StatusCode::kUnauthenticated,
            "opens to what was sealed, or not at all");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const ByteView bytes = seinpost::FuzzView(data + 1, size - 1);
  const Scene& scene = TheScene();
  pb::RewrapRequest request;
  pb::Prekey prekey;
  pb::Rewrap rewrap, right;
  switch (data[0] % 3) {
    case 0:
      TryRequest(Completed(bytes, scene.checked.request, request));
      break;
    case 1:
      request = scene.checked.request;
      request.set_prekey(Completed(bytes, scene.checked.prekey, prekey));
      request.set_prekey_sig(crypto::Sign(scene.phone->key, trust::kPrekeyLabel, request.prekey()));
      TryRequest(trust::StrictSerialize(request));
      break;
    default:
      FuzzCheck(right.ParseFromString(scene.Give(scene.checked)->statement), "a rewrap");
      TryRewrap(Completed(bytes, right, rewrap));
  }
  return 0;
}
