// SPDX-License-Identifier: EUPL-1.2
// What members see of a broker that can store nothing for a while.
#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/live.h"

namespace seinpost::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

std::string ToldDutch() { return "kan nu niets opslaan"; }

TEST(ReadOnlyBroker, IsListedFromAndSaysSoInPlainDutch) {
  const std::shared_ptr<FaultyEnv> disk = MakeFaultyEnv();
  TestBrokerOptions options;
  options.file_system = disk->handle();
  LiveBroker broker(options);
  LiveMember sender(broker, kSender);
  LiveMember reader(broker, kReader);
  const std::string id = sender.Send(kReader, "een mes gevonden");
  disk->Set(Fault::kNoSpace);
  const Ran refused = sender.Run({"signal", "send", "--channel", "core@school-a", "--level", "L1",
                                  "--category", "wapen", "--purpose", "dreiging", "--to",
                                  std::string(kReader), "--text", "nog een mes", "--lang", "nl"});
  EXPECT_EQ(refused.code, client::kUnreachable) << refused.out << refused.err;
  EXPECT_THAT(refused.err, AllOf(HasSubstr(ToldDutch()), Not(HasSubstr("onbereikbaar"))));

  const Ran listed = reader.Run({"signal", "list", "--json", "--lang", "nl"});
  ASSERT_EQ(listed.code, client::kOk) << listed.out << listed.err;
  ASSERT_THAT(listed.json(), SizeIs(1));
  EXPECT_EQ(listed.json()[0]["signal_id"], id);
  EXPECT_THAT(listed.err, HasSubstr(ToldDutch()));
  EXPECT_EQ(reader.Open(id).code, client::kUnreachable) << "opening leaves a leaf";

  disk->Set(Fault::kNone);
  broker.test().broker().RunMaintenance();
  broker.Advance(server::RetryPace::kFirst);
  broker.test().broker().RunMaintenance();
  const Ran opened = reader.Open(id);
  EXPECT_EQ(opened.code, client::kOk) << opened.out << opened.err;
  EXPECT_THAT(reader.Run({"signal", "list", "--lang", "nl"}).err, Not(HasSubstr(ToldDutch())));
}

// The same when the log lost its tail, and nothing is signed any more.
TEST(ReadOnlyBroker, IsListedFromWhenTheLogLostItsTail) {
  namespace fs = std::filesystem;
  LiveBroker broker;
  LiveMember sender(broker, kSender);
  LiveMember reader(broker, kReader);
  const std::string id = sender.Send(kReader, "een mes gevonden");
  ASSERT_EQ(reader.Run({"status"}).code, client::kOk);
  const std::string data = broker.test().directory() + "/data";
  broker.Stop();
  fs::copy(data, data + "-saved", fs::copy_options::recursive);
  broker.Start();
  sender.Send(kReader, "en dit gaat verloren");
  broker.Stop();
  fs::remove_all(data);
  fs::rename(data + "-saved", data);
  broker.Start();
  ASSERT_FALSE(broker.test().broker().Writable().ok());
  const Ran listed = reader.Run({"signal", "list", "--json", "--lang", "nl"});
  EXPECT_EQ(listed.code, client::kOk) << listed.out << listed.err;
  EXPECT_THAT(listed.json(), Not(IsEmpty()));
  EXPECT_THAT(listed.err, HasSubstr(ToldDutch()));
}

}  // namespace
}  // namespace seinpost::test
