// SPDX-License-Identifier: EUPL-1.2
// A broker that lies about who takes part: objects withheld, added, altered, misplaced; other convenants.
#include <algorithm>

#include "crypto/hash.h"
#include "policies/document/draft.h"
#include "tests/hostile/hostile_testing.h"
#include "trust/objects.h"
#include "trust/strict.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kAddsOrWithholds[] =
    "het adresboek is niet dat van het checkpoint: de broker houdt iets achter of voegt iets toe";
constexpr char kDoesNotVerify[] = "in het adresboek staat iets dat niet klopt";

class HostileDirectory : public Hostile {
 protected:
  using Reply = v1::GetDirectoryReply;

  // The first of `reply`'s objects of that kind which fits; -1: none.
  static int Find(const Reply& reply, v1::ObjectKind kind) {
    for (int i = 0; i < reply.objects_size(); ++i) {
      const absl::StatusOr<v1::SignedObject> object = trust::ParseSignedObject(reply.objects(i));
      if (object.ok() && object->kind() == kind) return i;
    }
    return -1;
  }
  static void Remove(Reply& reply, int place) {
    if (place < 0) return;
    reply.mutable_objects()->DeleteSubrange(place, 1);
    reply.mutable_leaf_indexes()->erase(reply.mutable_leaf_indexes()->begin() + place);
  }
  // The same object with another body, under the signatures it had, or signed by `key`.
  template <typename Body>
  static void Rewrite(Reply& reply, v1::ObjectKind kind, const std::function<void(Body&)>& change,
                      const crypto::SigningKey* key = nullptr) {
    const int place = Find(reply, kind);
    if (place < 0) return;
    v1::SignedObject object = *trust::ParseSignedObject(reply.objects(place));
    Body body;
    if (!body.ParseFromString(object.body())) std::abort();
    change(body);
    object.set_body(trust::StrictSerialize(body));
    reply.set_objects(
        place, key == nullptr ? trust::StrictSerialize(object)
                              : trust::SignObject(kind, object.body(), object.signatures(0).signer(), *key));
  }
  // Objects in the profile.
  static size_t Held(const LiveMember& member) { return member.OpenState().LoadDirectory()->size(); }
};

TEST_F(HostileDirectory, ObjectsWithheldAddedOrAltered) {
  const TestDevice& lost = network().device("school2/zorgcoordinator");
  broker_.Add({network().RevokeDeviceObject(lost)});
  LiveMember reader(broker_, kReader, liar_.door());
  const crypto::SigningKey liars_key = crypto::SigningKey::Generate();
  const crypto::HpkeKeyPair liars_pair = crypto::HpkeKeyPair::Generate();
  const Bytes extra = network().PrekeyObject(network().device(kAccomplice), "casus", 9);
  const struct {
    const char* what;
    std::function<void(Reply&)> lie;
    const char* sentence;
  } rows[] = {
      {"the last object withheld", [](Reply& reply) { Remove(reply, reply.objects_size() - 1); },
       kAddsOrWithholds},
      {"a revocation withheld", [](Reply& reply) { Remove(reply, Find(reply, v1::OBJECT_KIND_REVOCATION)); },
       kAddsOrWithholds},
      {"a mandate withheld", [](Reply& reply) { Remove(reply, Find(reply, v1::OBJECT_KIND_MANDATE)); },
       kAddsOrWithholds},
      {"an object more than there are",
       [&](Reply& reply) {
         if (reply.checkpoint().empty()) return;
         reply.add_objects(extra);
         reply.add_leaf_indexes(reply.leaf_indexes(reply.leaf_indexes_size() - 1) + 1);
       },
       kAddsOrWithholds},
      {"an object twice",
       [](Reply& reply) {
         if (reply.checkpoint().empty()) return;
         reply.add_objects(reply.objects(reply.objects_size() - 1));
         reply.add_leaf_indexes(reply.leaf_indexes(reply.leaf_indexes_size() - 1) + 1);
       },
       kDoesNotVerify},
      {"two objects swapped",
       [](Reply& reply) {
         if (!reply.checkpoint().empty())
           reply.mutable_objects()->SwapElements(reply.objects_size() - 1, reply.objects_size() - 2);
       },
       kAddsOrWithholds},
      {"a gap",
       [](Reply& reply) {
         if (reply.first_seq() == 0) reply.set_first_seq(1);
       },
       "de broker laat een gat in het adresboek"},
      {"no checkpoint", [](Reply& reply) { reply.clear_checkpoint(); },
       "de broker geeft geen checkpoint bij zijn adresboek"},
      {"a checkpoint by another key",
       [&](Reply& reply) {
         if (reply.checkpoint().empty()) return;
         reply.set_checkpoint(
             audit::SignCheckpoint(ReadCheckpoint(network(), reply.checkpoint()), liars_key));
       },
       "het checkpoint is niet door het logboek van dit convenant ondertekend"},
      {"a ghost: a device with a key of the liar",
       [&](Reply& reply) {
         Rewrite<v1::DeviceCertificate>(
             reply, v1::OBJECT_KIND_DEVICE_CERTIFICATE, [&](v1::DeviceCertificate& certificate) {
               certificate.set_sig_pk(ToBytes(liars_key.public_key()));
               certificate.set_device_id(trust::DeviceIdOf(View(liars_key.public_key())));
             });
       },
       kDoesNotVerify},
      {"the same, signed by the liar",
       [&](Reply& reply) {
         Rewrite<v1::DeviceCertificate>(
             reply, v1::OBJECT_KIND_DEVICE_CERTIFICATE,
             [&](v1::DeviceCertificate& certificate) {
               certificate.set_sig_pk(ToBytes(liars_key.public_key()));
               certificate.set_device_id(trust::DeviceIdOf(View(liars_key.public_key())));
             },
             &liars_key);
       },
       kDoesNotVerify},
      {"an issuer of the liar's",
       [&](Reply& reply) {
         Rewrite<v1::IssuerCertificate>(
             reply, v1::OBJECT_KIND_ISSUER_CERTIFICATE,
             [&](v1::IssuerCertificate& issuer) { issuer.set_issuer_pk(ToBytes(liars_key.public_key())); },
             &liars_key);
       },
       kDoesNotVerify},
      {"a prekey swapped",
       [&](Reply& reply) {
         Rewrite<v1::Prekey>(reply, v1::OBJECT_KIND_PREKEY,
                             [&](v1::Prekey& prekey) { prekey.set_hpke_pk(ToBytes(liars_pair.public_key)); });
       },
       kDoesNotVerify},
      {"a prekey swapped and signed by the liar",
       [&](Reply& reply) {
         Rewrite<v1::Prekey>(
             reply, v1::OBJECT_KIND_PREKEY,
             [&](v1::Prekey& prekey) { prekey.set_hpke_pk(ToBytes(liars_pair.public_key)); }, &liars_key);
       },
       kDoesNotVerify},
      {"a higher mandate",
       [&](Reply& reply) {
         Rewrite<v1::Mandate>(reply, v1::OBJECT_KIND_MANDATE,
                              [](v1::Mandate& mandate) { mandate.set_until(mandate.until() + 1); });
       },
       kDoesNotVerify},
      {"fewer places than objects",
       [](Reply& reply) {
         if (reply.leaf_indexes_size() > 0) reply.mutable_leaf_indexes()->RemoveLast();
       },
       "onmogelijke plaats in het logboek"},
      {"a place past the end of the log",
       [](Reply& reply) {
         if (!reply.checkpoint().empty())
           reply.set_leaf_indexes(reply.leaf_indexes_size() - 1, uint64_t{1} << 40);
       },
       "onmogelijke plaats in het logboek"},
      {"places that do not rise",
       [](Reply& reply) {
         if (reply.leaf_indexes_size() > 1) reply.set_leaf_indexes(1, reply.leaf_indexes(0));
       },
       "onmogelijke plaats in het logboek"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    liar_.BeHonest();
    liar_.OnReply<Reply>("GetDirectory", row.lie);
    ExpectCaught(reader.Run({"signal", "list"}), row.sentence);
    EXPECT_EQ(Held(reader), 0u) << "kept what does not verify";
    EXPECT_THAT(reader.OpenState().Load()->checkpoint, IsEmpty());
  }
  liar_.BeHonest();
  EXPECT_EQ(reader.Run({"signal", "list"}).code, 0);
}

// A revocation claimed later than it is would let what the revoked device sent meanwhile through.
TEST_F(HostileDirectory, RevocationSaidToBeLaterInTheLog) {
  LiveMember sender(broker_, kSender), reader(broker_, kReader, liar_.door());
  ASSERT_EQ(reader.Run({"signal", "list"}).code, 0);
  broker_.Add({network().RevokeDeviceObject(network().device(kAccomplice))});
  sender.Send(kReader, "een regel verder");  // leaves after it
  sender.Send(kReader, "nog een regel verder");
  liar_.OnReply<Reply>("GetDirectory", [](Reply& reply) {
    const int place = Find(reply, v1::OBJECT_KIND_REVOCATION);
    if (place >= 0) reply.set_leaf_indexes(place, reply.leaf_indexes(place) + 1);
  });
  const size_t held = Held(reader);
  ExpectCaught(reader.Run({"signal", "list"}), "staat niet in het logboek waar de broker zegt dat het staat");
  EXPECT_EQ(Held(reader), held);
  EXPECT_EQ(Kept(reader), 0u);
}

// The broker shows yesterday's directory, under its own old checkpoint, so that a revoked device goes on.
TEST_F(HostileDirectory, WithheldRevocation) {
  LiveMember reader(broker_, kReader, liar_.door());
  envelope::SignalPlan plan = SmallPlan(network(), "van een gestolen apparaat");
  plan.core.set_signal_id(Bytes(16, 's'));
  const v1::Envelope sealed = SealedBy(kAccomplice, plan);
  Reply old;
  liar_.OnReply<Reply>("GetDirectory", [&](Reply& reply) {
    if (!reply.checkpoint().empty()) old = reply;
  });
  ASSERT_EQ(reader.Run({"signal", "list"}).code, 0);
  ASSERT_EQ(reader.Run({"signal", "list"}).code, 0);
  ASSERT_EQ(old.objects_size(), 0) << "nothing new";
  broker_.Add({network().RevokeDeviceObject(network().device(kAccomplice))});
  liar_.BeHonest();
  liar_.OnReply<Reply>("GetDirectory", [&](Reply& reply) { reply = old; });
  Slip(sealed, reader);  // its leaf comes after the revocation's
  AnswerOpenOf(sealed, reader);
  (void)reader.Run({"signal", "list"});
  // What the device may still believe for ten minutes ends as soon as the revocation shows …
  liar_.BeHonest("GetDirectory");
  Ran ran = reader.Run({"signal", "open", ToHex(Bytes(16, 's'))});
  EXPECT_EQ(ran.code, client::kTampered) << ran.out << ran.err;
  EXPECT_THAT(ran.out + ran.err, Not(HasSubstr("gestolen")));
  // … and the broker cannot hold it back for longer than that: StaleCheckpoint.
}

TEST_F(HostileDirectory, StaleCheckpoint) {
  LiveMember reader(broker_, kReader, liar_.door());
  Reply old;
  liar_.OnReply<Reply>("GetDirectory", [&](Reply& reply) {
    if (!reply.checkpoint().empty()) old = reply;
  });
  ASSERT_EQ(reader.Run({"signal", "list"}).code, 0);
  ASSERT_EQ(reader.Run({"signal", "list"}).code, 0);
  liar_.BeHonest();
  liar_.OnReply<Reply>("GetDirectory", [&](Reply& reply) { reply = old; });
  EXPECT_EQ(reader.Run({"signal", "list"}).code, 0) << "nothing happened meanwhile";
  broker_.Advance(absl::Minutes(11));
  ExpectCaught(reader.Run({"signal", "list"}),
               "de broker houdt achter wat nieuwer is: zijn laatste checkpoint is 11 minuten oud");
}

// A device certified behind its member's back, with the issuer's help: nobody can tell it from a good one but
// he.
TEST_F(HostileDirectory, GhostDeviceInOnesOwnName) {
  LiveMember reader(broker_, kReader, liar_.door());
  ASSERT_EQ(reader.Run({"signal", "list"}).code, 0);
  const size_t before = network().objects().size();
  const TestDevice& ghost = network().AddDevice(kReader);
  const std::vector<Bytes> added(network().objects().begin() + static_cast<std::ptrdiff_t>(before),
                                 network().objects().end());
  ASSERT_TRUE(broker_.test().Publish(added).ok());
  for (int again = 0; again < 2; ++again) {
    const Ran ran = reader.Run({"signal", "list"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_THAT(ran.err, HasSubstr("ALARM"));
    EXPECT_THAT(ran.err, HasSubstr(ToHex(ghost.id)));
  }
}

// The convenant of version 1 is the one whose fingerprints were compared.
TEST_F(HostileDirectory, SelfMadeConvenant) {
  LiveMember reader(broker_, kReader, liar_.door());
  const Bytes yaml = *ReadFile("tests/testing/convenants/plaats.yaml", policies::kMaxConvenantBytes);
  policies::DraftKeys keys;
  std::map<std::string, crypto::SigningKey> roots;
  const absl::StatusOr<std::vector<std::string>> parties = policies::SignatoryParties(yaml, "convenant.yaml");
  ASSERT_TRUE(parties.ok());
  for (const std::string& party : *parties) {
    const auto root = roots.emplace(party, crypto::SigningKey::Generate()).first;
    keys.party_roots[party] = ToBytes(root->second.public_key());
  }
  keys.log_key = ToBytes(network().log_key().public_key());
  keys.broker_key = keys.log_key;
  const Bytes made = *policies::Instantiate(yaml, "convenant.yaml", keys);
  Bytes object;
  for (const auto& [party, root] : roots) {
    object = *trust::AddConvenantSignature(made, object, party, root);
  }
  // The liar's, and the good one with signatures of the liar's.
  v1::SignedObject resigned = *trust::ParseSignedObject(object);
  resigned.set_body(network().yaml());
  for (const Bytes& lie : {object, trust::StrictSerialize(resigned)}) {
    liar_.BeHonest();
    liar_.OnReply<v1::GetConvenantReply>("GetConvenant", [&](v1::GetConvenantReply& reply) {
      reply.set_object(lie);
      reply.set_first(lie);
    });
    liar_.OnReply<Reply>("GetDirectory", [&](Reply& reply) {
      if (reply.first_seq() == 0 && reply.objects_size() > 0) reply.set_objects(0, lie);
    });
    ExpectCaught(reader.Run({"signal", "list"}),
                 "de broker toont een ander convenant dan dat waarvan de vingerafdrukken zijn vergeleken");
    EXPECT_EQ(Held(reader), 0u);
  }
}

}  // namespace
}  // namespace seinpost::test
