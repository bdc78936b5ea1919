// SPDX-License-Identifier: EUPL-1.2
// A broker with a sender on its side, whose signature is good: what the signal says of itself is judged all
// the same.
#include "tests/hostile/hostile_testing.h"

namespace seinpost::test {
namespace {

TEST_F(Hostile, StaleOrForeignPrekey) {
  LiveMember reader(broker_, kReader, liar_.door());
  const trust::Directory& directory = network().directory();
  const auto other = [&](const std::function<bool(const trust::PrekeyEntry&)>& fits) {
    for (const trust::PrekeyEntry* prekey : directory.PrekeysOf(reader.device_id())) {
      if (fits(*prekey)) return prekey->prekey_id;
    }
    ADD_FAILURE() << "no such prekey";
    return Bytes(32, '?');
  };
  const struct {
    const char* what;
    Bytes prekey_id;
    const char* reason;
  } rows[] = {
      {"of next month", other([&](const trust::PrekeyEntry& prekey) {
         return prekey.retention_class == "casus" && !prekey.OpenAt(now());
       }),
       "not open for sealing at that time"},
      {"of another class", other([&](const trust::PrekeyEntry& prekey) {
         return prekey.retention_class != "casus" && prekey.OpenAt(now());
       }),
       "of another retention class"},
      {"of nobody", Bytes(32, 'p'), "not in the directory"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    const auto change = [&](v1::PartDescriptor& descriptor) {
      for (v1::Recipient& recipient : *descriptor.mutable_recipients()) {
        if (recipient.device_id() == reader.device_id()) recipient.set_prekey_id(row.prekey_id);
      }
    };
    DeliverOnly({});
    Slip(Resigned(network(), SealedBy(kAccomplice), {}, change, &network().device(kAccomplice).key), reader);
    ExpectRefused(reader, row.reason);
  }
  EXPECT_EQ(Kept(reader), 0u);
}

TEST_F(Hostile, DowngradedOrForeignCore) {
  LiveMember reader(broker_, kReader, liar_.door());
  const struct {
    const char* what;
    std::function<void(v1::Core&)> change;
    const char* reason;
  } rows[] = {
      {"suite", [](v1::Core& core) { core.set_suite_id(2); }, "step 4: suite_id"},
      {"no suite", [](v1::Core& core) { core.set_suite_id(0); }, "step 4: suite_id"},
      {"version", [](v1::Core& core) { core.set_version(2); }, "step 4: version"},
      {"convenant", [](v1::Core& core) { core.set_convenant_id("elders"); }, "step 4: convenant_id"},
      {"convenant version", [](v1::Core& core) { core.set_convenant_version(2); },
       "step 4: convenant_version"},
      {"convenant hash", [](v1::Core& core) { core.set_convenant_hash(Bytes(32, 'h')); },
       "step 4: convenant_hash"},
      {"backdated", [](v1::Core& core) { core.set_created(core.created() - 301); }, "step 4: created"},
      {"of tomorrow", [](v1::Core& core) { core.set_created(core.created() + 301); }, "step 4: created"},
      {"queued too long",
       [](v1::Core& core) {
         core.set_queued(true);
         core.set_created(core.created() - 86'401);
       },
       "step 4: created"},
      {"another's certificate", [](v1::Core& core) { core.set_sender_cert_hash(Bytes(32, 'c')); },
       "step 2: sender_cert_hash"},
      {"a ghost's", [](v1::Core& core) { core.set_sender_device(Bytes(16, 'g')); },
       "step 2: sender_device: not certified"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    DeliverOnly({});
    Slip(Resigned(network(), SealedBy(kAccomplice), row.change, {}, &network().device(kAccomplice).key),
         reader);
    ExpectRefused(reader, row.reason);
  }
  EXPECT_EQ(Kept(reader), 0u);
}

// What the convenant forbids is refused by the recipient too, whatever the broker let through.
TEST_F(Hostile, BrokerThatLetsTheForbiddenThrough) {
  LiveMember reader(broker_, kReader, liar_.door());
  const struct {
    const char* what;
    std::function<void(v1::Core&)> change;
    const char* reason;
  } rows[] = {
      {"named where only pseudonyms may go",
       [](v1::Core& core) {
         core.set_level(v1::LEVEL_L2);
         core.set_informed(v1::INFORMED_YES);
       },
       "LEVEL_EXCEEDED"},
      {"a purpose of nobody", [](v1::Core& core) { core.set_purpose("nieuwsgierigheid"); },
       "PURPOSE_NOT_ALLOWED"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    DeliverOnly({});
    Slip(Resigned(network(), SealedBy(kAccomplice), row.change, {}, &network().device(kAccomplice).key),
         reader);
    ExpectRefused(reader, row.reason);
  }
  EXPECT_EQ(Kept(reader), 0u);
}

}  // namespace
}  // namespace seinpost::test
