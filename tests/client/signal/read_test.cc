// SPDX-License-Identifier: EUPL-1.2
// What counts as read: what was shown, and nothing else. And watching through a broker that restarts.
#include "client/signal/read.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <sstream>
#include <streambuf>
#include <thread>

#include "absl/synchronization/notification.h"
#include "client/command_line/command_line.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/live.h"
#include "util/secure_file.h"

namespace seinpost::test {
namespace {

using testing::HasSubstr;

constexpr char kTeacher[] = "school/zorgcoordinator";
constexpr char kOfficerOnTheBeat[] = "politie/wijkagent";
// One grey pixel.
constexpr char kPng[] =
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c636800000082008177"
    "cd72b60000000049454e44ae426082";

// An output that goes on until it has had `end`, and then is closed.
class ClosedAfter : public std::streambuf {
 public:
  explicit ClosedAfter(std::string end) : end_(std::move(end)) {}
  const std::string& taken() const { return taken_; }

 private:
  int overflow(int byte) override {
    if (taken_.size() >= end_.size() && taken_.compare(taken_.size() - end_.size(), end_.size(), end_) == 0) {
      return traits_type::eof();
    }
    taken_.push_back(static_cast<char>(byte));
    return byte;
  }
  const std::string end_;
  std::string taken_;
};

class ReadTest : public testing::Test {
 protected:
  ReadTest() {
    photo_ = sender_.profile_directory() + "/photo.png";
    identity_ = sender_.profile_directory() + "/identity.json";
    if (!WriteFileAtomically(photo_, FromHex(kPng).value()).ok()) std::abort();
    if (!WriteFileAtomically(identity_, R"({"first":["Noor"],"last":["Voorbeeld"]})").ok()) std::abort();
  }

  // A text, who it is about, and a photo.
  std::string SendWithPhoto() {
    return sender_.Send({"--channel",     "direct@school-a",
                         "--level",       "L2",
                         "--category",    "wapen",
                         "--purpose",     "dreiging",
                         "--to",          kOfficerOnTheBeat,
                         "--text",        "een mes",
                         "--identity",    identity_,
                         "--identity-to", kOfficerOnTheBeat,
                         "--justify",     "ernstige dreiging",
                         "--informed",    "yes",
                         "--attach",      photo_,
                         "--attach-to",   kOfficerOnTheBeat});
  }

  // `seinpost … signal open` of the reader, into an output that is closed once it has had `end`.
  Ran OpenInto(std::vector<std::string> arguments, const std::string& end) {
    arguments.insert(arguments.end(), {"--profile", reader_.profile_directory(), "--passphrase-file",
                                       reader_.passphrase_file(), "--lang", "en"});
    std::istringstream in;
    ClosedAfter closed(end);
    std::ostream out(&closed);
    std::ostringstream err;
    broker_.test().broker().PublishCheckpoints();
    const int code = client::RunCommandLine(arguments, in, out, err, broker_.clock(), nullptr);
    broker_.test().broker().PublishCheckpoints();
    return {code, closed.taken(), err.str()};
  }

  std::set<uint32_t> Read(const std::string& id) {
    const client::StateData data = reader_.OpenState().Load().value();
    const auto read = data.read.find(FromHex(id).value());
    return read == data.read.end() ? std::set<uint32_t>() : read->second;
  }

  int Leaves(audit::EventType type) {
    int count = 0;
    for (uint64_t i = 0; i < broker_.test().LogSize(); ++i) {
      const std::optional<audit::Event> event = broker_.test().EventAt(i);
      count += event && event->Type() == type ? 1 : 0;
    }
    return count;
  }

  LiveBroker broker_;
  LiveMember sender_{broker_, kTeacher}, reader_{broker_, kOfficerOnTheBeat};
  std::string photo_, identity_;
};

TEST_F(ReadTest, WhatWasShownCountsAsRead) {
  const std::string id = SendWithPhoto();
  const std::string folder = reader_.profile_directory();
  const Ran opened = reader_.Run({"signal", "open", id, "--out", folder});
  EXPECT_EQ(opened.code, client::kOk) << opened.err;
  EXPECT_THAT(opened.out, HasSubstr("een mes"));
  EXPECT_EQ(Read(id).size(), 3u);
  // Nothing but the whole file.
  int files = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string name = file.path().filename();
    EXPECT_EQ(name.find(".part"), std::string::npos) << name;
    files += name.rfind("seinpost-", 0) == 0 ? 1 : 0;
  }
  EXPECT_EQ(files, 1);
}

TEST_F(ReadTest, WhatCouldNotBeShownDoesNotCountAsRead) {
  const std::string id = sender_.Send(kOfficerOnTheBeat, "een mes");
  for (const bool json : {false, true}) {
    std::vector<std::string> arguments{"signal", "open", id};
    if (json) arguments.insert(arguments.begin(), "--json");
    const Ran opened = OpenInto(arguments, "");
    EXPECT_EQ(opened.code, client::kFailed);
    EXPECT_THAT(opened.err, HasSubstr("part narrative could not be shown and does not count as read"));
    EXPECT_THAT(opened.err, HasSubstr("the result could not be written"));
    EXPECT_TRUE(Read(id).empty());
    EXPECT_EQ(reader_.List()[0]["unread"], true);
  }
  EXPECT_EQ(Leaves(audit::EventType::kRead), 2) << "the log says what was asked for";
}

TEST_F(ReadTest, PartByPart) {
  const std::string id = SendWithPhoto();
  const Ran opened = OpenInto({"signal", "open", id, "--out", reader_.profile_directory()}, "een mes\n");
  EXPECT_EQ(opened.code, client::kFailed);
  EXPECT_THAT(opened.err, HasSubstr("part identity could not be shown"));
  EXPECT_EQ(Read(id).size(), 1u)
      << "the text was shown; the identity was not, and the photo was not asked for";
  EXPECT_EQ(Leaves(audit::EventType::kRead) + Leaves(audit::EventType::kKeyReleased), 2);
}

TEST_F(ReadTest, AFolderThatCannotBeWrittenInIsToldBeforeAnythingIsAsked) {
  const std::string id = SendWithPhoto();
  ASSERT_EQ(reader_.List().size(), 1u);
  for (const std::string& folder : {std::string("/nonexistent"), photo_}) {
    const uint64_t size = broker_.test().LogSize();
    const Ran opened = reader_.Run({"signal", "open", id, "--out", folder});
    EXPECT_EQ(opened.code, client::kUsage) << opened.out;
    EXPECT_THAT(opened.err, HasSubstr(folder));
    EXPECT_EQ(broker_.test().LogSize(), size);
    EXPECT_TRUE(Read(id).empty());
  }
}

TEST_F(ReadTest, ListSignsForWhatItHasJustFetched) {
  const std::string id = sender_.Send(kOfficerOnTheBeat, "een mes");
  ASSERT_EQ(reader_.List().size(), 1u);
  EXPECT_TRUE(reader_.OpenState().Load()->to_confirm.empty());
  // The other device of the same member has not, as it was not there.
  const std::string device = reader_.Run({"--json", "whoami"}).json()["device_id"];
  const Ran outbox = sender_.Run({"--json", "signal", "outbox"});
  ASSERT_EQ(outbox.json().size(), 1u) << outbox.out << outbox.err;
  EXPECT_NE(outbox.json()[0]["device_id"], device) << "nobody is suspected";
}

// Tells each line as soon as it is there.
class Lines : public std::streambuf {
 public:
  explicit Lines(std::function<void(int line)> told) : told_(std::move(told)) {}

 private:
  int overflow(int byte) override {
    if (byte == '\n') told_(++lines_);
    return byte;
  }
  const std::function<void(int)> told_;
  int lines_ = 0;
};

TEST_F(ReadTest, WatchGoesOnAfterTheBrokerRestarted) {
  sender_.Send(kOfficerOnTheBeat, "een");
  absl::Notification first;
  Lines lines([&](int line) {
    if (line == 1) first.Notify();
  });
  int code = -1;
  std::ostringstream err;
  std::thread watching([&] {
    std::ostream out(&lines);
    std::istringstream in;
    code =
        client::RunCommandLine({"--json", "signal", "watch", "--count", "2", "--profile",
                                reader_.profile_directory(), "--passphrase-file", reader_.passphrase_file()},
                               in, out, err, broker_.clock(), nullptr);
  });
  first.WaitForNotification();
  broker_.Stop();
  broker_.Start();
  sender_.Send(kOfficerOnTheBeat, "twee");
  watching.join();
  EXPECT_EQ(code, client::kOk) << err.str();
}

}  // namespace
}  // namespace seinpost::test
