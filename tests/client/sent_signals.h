// SPDX-License-Identifier: EUPL-1.2
// Signals as one member's device sends them and another's gets them, against a FakeBroker.
#ifndef SEINPOST_TESTS_CLIENT_SENT_SIGNALS_H_
#define SEINPOST_TESTS_CLIENT_SENT_SIGNALS_H_

#include <memory>
#include <string>
#include <vector>

#include "client/mail/delivered.h"
#include "client/session/session.h"
#include "crypto/hash.h"
#include "envelope/seal.h"
#include "gtest/gtest.h"
#include "tests/client/test_member.h"

namespace seinpost::test {

inline constexpr char kSender[] = "school/zorgcoordinator";
inline constexpr char kReader[] = "politie/wijkagent";

// A sender and a reader, each with a session, and a log that both see.
class SentSignals : public testing::Test {
 protected:
  SentSignals() {
    sender_ = author_.OpenSession(broker_);
    reader_ = recipient_.OpenSession(broker_);
    Sync();
  }

  void Sync() {
    const absl::Status sender = sender_->SyncDirectory(), reader = reader_->SyncDirectory();
    ASSERT_TRUE(sender.ok()) << sender;
    ASSERT_TRUE(reader.ok()) << reader;
  }

  void Advance(absl::Duration time) {
    author_.clock().Advance(time);
    recipient_.clock().Advance(time);
  }

  absl::Time now() { return author_.clock().Now(); }

  envelope::SignalPlan Plan(const std::string& id, const std::string& case_ref = "c") {
    envelope::SignalPlan plan;
    v1::Core& core = plan.core;
    core.set_signal_id(Bytes(16, id[0]));
    core.set_channel("core@school-a");
    core.set_category("wapen");
    core.set_purpose("dreiging");
    core.set_level(v1::LEVEL_L1);
    core.set_case_ref(Bytes(16, case_ref[0]));
    core.set_created(absl::ToUnixSeconds(now()));
    core.set_checkpoint(sender_->checkpoint_note());
    envelope::PartPlan part;
    part.kind = v1::PART_KIND_NARRATIVE;
    part.retention_class = "casus";
    part.expires = now() + network_.convenant().FindRetention("casus")->cap;
    part.content = "een mes gevonden";
    part.members = {network_.member(kReader)};
    plan.parts.push_back(part);
    return plan;
  }

  // Seals, logs, remembers at the sender; the delivery that the reader would get.
  v1::Delivery Send(const envelope::SignalPlan& plan) {
    const absl::StatusOr<envelope::SealedSignal> sealed =
        envelope::Seal(plan, sender_->directory(), sender_->own_device_id(), sender_->profile().device_key());
    EXPECT_TRUE(sealed.ok()) << sealed.status();
    if (!sealed.ok()) return v1::Delivery();
    const v1::Receipt receipt = log_.Log(crypto::Sha256(sealed->envelope.header()), false, now());
    const uint64_t index = log_.size() - 1;
    v1::Header header;
    v1::Core core;
    EXPECT_TRUE(header.ParseFromString(sealed->envelope.header()) && core.ParseFromString(header.core()));
    EXPECT_TRUE(sender_->state()
                    .Update([&](client::StateData& data) {
                      client::RememberSent(data, core.signal_id(),
                                           client::SentOf(sender_->directory(), core, sealed->header_hash,
                                                          sealed->envelope.parts(), index));
                      return absl::OkStatus();
                    })
                    .ok());
    v1::Delivery delivery;
    delivery.set_cursor(index + 1);
    delivery.set_header(sealed->envelope.header());
    delivery.set_header_sig(sealed->envelope.header_sig());
    for (const v1::Part& part : sealed->envelope.parts()) {
      *delivery.add_parts() = part;
      delivery.mutable_parts(delivery.parts_size() - 1)->clear_wraps();
    }
    *delivery.mutable_receipt() = receipt;
    return delivery;
  }
  v1::Delivery Send(const std::string& id, const std::string& case_ref = "c") {
    return Send(Plan(id, case_ref));
  }

  TestNetwork network_ = TestNetwork::Example(TestNetwork::AnyTime());
  TestMember author_{network_, kSender};
  TestMember recipient_{network_, kReader};
  TestLog log_{network_};
  FakeBroker broker_{network_, log_, author_.clock()};
  std::unique_ptr<client::Session> sender_, reader_;
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_CLIENT_SENT_SIGNALS_H_
