// SPDX-License-Identifier: EUPL-1.2
// For every convenant file with a lab: a broker with its members, and a thousand sends drawn by seed from
// what the file declares, sealed whatever the rules say. The broker's answer is that of DecideSend on the
// directory's facts, and that of the reference; what it accepts is opened by a recipient and by somebody
// else, with the answers of DecideOpen and the reference.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "envelope/vocabulary.h"
#include "policies/decide/decide.h"
#include "tests/policies/reference/files.h"
#include "tests/policies/reference/reference.h"
#include "tests/server/harness.h"
#include "trust/facts.h"
#include "trust/levels.h"
#include "trust/strict.h"

namespace seinpost::test {
namespace {

using policies::Level;
using policies::MemberId;
using policies::PartKind;
using policies::RefusalCode;

#ifdef __SANITIZE_ADDRESS__
constexpr int kSends = 50;
#else
constexpr int kSends = 1000;
#endif
constexpr int kMostDraws = 200 * kSends;
constexpr int kCaseRefs = 8;  // so few that they meet in several places (R23)

TestBrokerOptions OptionsFor(const std::string& path) {
  TestBrokerOptions options;
  options.limits = server::Limits::WithoutQuotas();
  options.network = [path] {
    return TestNetwork::Make(policies::reference::TextOf(path),
                             policies::reference::TextOf(policies::reference::LabOf(path)),
                             TestNetwork::AnyTime());
  };
  return options;
}

std::string Words(const std::set<RefusalCode>& codes) { return policies::reference::ToString(codes); }

std::set<RefusalCode> CodesIn(const policies::Decision& decision) {
  std::set<RefusalCode> codes;
  for (const policies::Reason& reason : decision.reasons) codes.insert(reason.code);
  return codes;
}

// What the broker said; nothing for an answer that is neither yes nor a refusal by the rules.
std::optional<std::set<RefusalCode>> AnswerOf(const absl::Status& status) {
  std::set<RefusalCode> codes;
  for (const std::string& code : CodesOf(status)) codes.insert(*policies::ParseRefusalCode(code));
  if (codes.empty() != status.ok()) return std::nullopt;
  return codes;
}

// One network, its broker, and a source of chance that is the same at every run.
class Matrix {
 public:
  explicit Matrix(const std::string& path) : test_(OptionsFor(path)), chance_(2026) {
    for (const TestDevice* device : test_.network().devices()) profiles_.push_back(device->profile);
    channels_ = convenant().ChannelInstances();
    for (const auto& [code, purpose] : convenant().purposes()) purposes_.push_back(code);
    for (const auto& [code, category] : convenant().categories()) categories_.push_back(code);
  }

  void Run() {
    for (int draws = 0; sent_ < kSends && draws < kMostDraws && !testing::Test::HasFailure(); ++draws) Send();
    EXPECT_EQ(sent_, kSends);
    EXPECT_GT(accepted_, 0);
    EXPECT_LT(accepted_, sent_);
    EXPECT_GT(opened_, 0);
  }
  std::string Told() const {
    return absl::StrCat(sent_, " sent, ", accepted_, " accepted, ", sent_ - accepted_, " refused, ",
                        unsealable_, " not sealable; ", opened_, " parts opened, ", closed_, " not");
  }

 private:
  const policies::Convenant& convenant() { return test_.network().convenant(); }
  const trust::Directory& directory() { return test_.network().directory(); }
  size_t Below(size_t bound) { return chance_() % bound; }
  bool OneIn(size_t bound) { return Below(bound) == 0; }
  const std::string& AnyOf(const std::vector<std::string>& words) { return words[Below(words.size())]; }
  const trust::Member& MemberOf(const std::string& profile) {
    return *directory().FindMember(test_.network().member(profile));
  }

  std::vector<std::string> Sitting(const std::string& channel);
  v1::Core DrawCore();
  bool AddPart(PartKind kind, const std::set<std::string>& to, envelope::SignalPlan& plan);
  std::optional<envelope::SignalPlan> Draw(const std::string& sender);
  void Claim(const std::string& sender, envelope::SignalPlan& plan);
  void Send();
  policies::Facts FactsFor(const policies::SendRequest& asked);
  void OpenParts(const envelope::SealedSignal& sealed, const policies::SendRequest& asked);
  void OpenPart(const envelope::SealedSignal& sealed, const policies::SendRequest& asked, size_t part,
                const std::string& reader);

  TestBroker test_;
  std::mt19937_64 chance_;
  std::vector<std::string> profiles_, channels_, purposes_, categories_;
  std::string channel_;
  std::vector<std::string> among_;              // whom this draw chooses from
  std::map<Bytes, std::string> scope_of_case_;  // of what was accepted
  int sent_ = 0, accepted_ = 0, unsealable_ = 0, opened_ = 0, closed_ = 0;
};

// Members of the parties that sit in a channel, or everybody where nobody does.
std::vector<std::string> Matrix::Sitting(const std::string& channel) {
  std::set<std::string> parties;
  for (const policies::Party* party : convenant().PartiesOf(channel)) parties.insert(party->id);
  std::vector<std::string> sitting;
  for (const std::string& profile : profiles_) {
    if (parties.count(test_.network().device(profile).party) == 1) sitting.push_back(profile);
  }
  return sitting.empty() ? profiles_ : sitting;
}

v1::Core Matrix::DrawCore() {
  const Level level = static_cast<Level>(Below(3));
  v1::Core core;
  core.set_channel(channel_);
  core.set_category(AnyOf(categories_));
  core.set_purpose(AnyOf(purposes_));
  core.set_level(trust::LevelToProto(level));
  if (level != Level::kL0) core.set_case_ref(Bytes(16, static_cast<char>('a' + Below(kCaseRefs))));
  if (level == Level::kL2 && !OneIn(5)) core.set_informed(v1::INFORMED_YES);
  core.set_created(absl::ToUnixSeconds(test_.clock().Now()));
  core.set_checkpoint(test_.Checkpoint());
  return core;
}

// False: there is no retention class for such a part here.
bool Matrix::AddPart(PartKind kind, const std::set<std::string>& to, envelope::SignalPlan& plan) {
  const policies::Channel& channel = *convenant().FindChannel(channel_);
  const std::string* name = channel.RetentionClass(kind, trust::LevelFromProto(plan.core.level()));
  if (name == nullptr) return false;
  envelope::PartPlan& part = plan.parts.emplace_back();
  part.kind = envelope::PartKindToProto(kind);
  part.retention_class = *name;
  part.expires = absl::FromUnixSeconds(plan.core.created()) + convenant().FindRetention(*name)->cap;
  part.content = "een bericht";
  if (kind == PartKind::kIdentity) {
    v1::Identity identity;
    identity.add_first("Voornaam");
    part.content = trust::StrictSerialize(identity);
  }
  if (kind == PartKind::kAttachment) {
    part.attachment_head.set_name("foto-1.jpg");
    part.attachment_head.set_content_type("image/jpeg");
  }
  for (const std::string& profile : to) part.members.push_back(test_.network().member(profile));
  return true;
}

// Text for one to three, mostly with something named, a source or a justification besides.
std::optional<envelope::SignalPlan> Matrix::Draw(const std::string& sender) {
  envelope::SignalPlan plan;
  plan.core = DrawCore();
  std::set<std::string> readers;
  for (size_t count = 1 + Below(3); count > 0; --count) readers.insert(AnyOf(among_));
  readers.erase(sender);
  if (readers.empty()) return std::nullopt;
  bool possible = AddPart(PartKind::kNarrative, readers, plan);
  std::set<std::string> named;
  const bool at_l2 = plan.core.level() == v1::LEVEL_L2;
  for (const PartKind kind : {PartKind::kIdentity, PartKind::kCare, PartKind::kAttachment}) {
    if (!OneIn(at_l2 ? 2 : 8)) continue;
    std::set<std::string> to = {*readers.begin()};
    if (OneIn(4)) to.insert(AnyOf(among_));
    to.erase(sender);
    named.insert(to.begin(), to.end());
    possible = possible && AddPart(kind, to, plan);
  }
  if (OneIn(6)) possible = possible && AddPart(PartKind::kSource, {OneIn(2) ? sender : AnyOf(among_)}, plan);
  if (at_l2 && !OneIn(5)) {
    possible = possible && AddPart(PartKind::kJustification, {}, plan);
    if (!possible) return std::nullopt;
    for (const trust::Member* officer :
         trust::JustificationReaders(directory(), MemberOf(sender), test_.clock().Now()))
      plan.parts.back().members.push_back(officer->ref);
    for (const std::string& profile : named)
      plan.parts.back().justifies.push_back(test_.network().member(profile));
  }
  if (!possible) return std::nullopt;
  return plan;
}

// Ties as the client finds them, and now and then none or another.
void Matrix::Claim(const std::string& sender, envelope::SignalPlan& plan) {
  const policies::Facts facts = trust::AllFacts(directory(), test_.clock().Now());
  policies::SendRequest asked;
  asked.sender = trust::ToMemberId(MemberOf(sender));
  asked.convenant_id = convenant().id();
  asked.channel = plan.core.channel();
  asked.purpose = plan.core.purpose();
  asked.level = trust::LevelFromProto(plan.core.level());
  asked.has_case_ref = !plan.core.case_ref().empty();
  for (envelope::PartPlan& part : plan.parts) {
    const PartKind kind = envelope::PartKindFromProto(part.kind);
    if (kind != PartKind::kIdentity && kind != PartKind::kCare && kind != PartKind::kAttachment) continue;
    for (const trust::MemberRef& ref : part.members) {
      std::optional<policies::Tie> tie =
          policies::TieOf(asked, trust::ToMemberId(*directory().FindMember(ref)), facts, test_.clock().Now());
      if (OneIn(10)) tie = static_cast<policies::Tie>(1 + Below(5));
      if (tie && !OneIn(20)) part.ties[ref] = std::string(policies::ToString(*tie));
    }
  }
}

// What the directory knows of everybody the request speaks of.
policies::Facts Matrix::FactsFor(const policies::SendRequest& asked) {
  std::set<const trust::Member*> members = {directory().FindMember(asked.sender.ref)};
  for (const policies::PartRequest& part : asked.parts) {
    for (const MemberId& member : part.recipients) members.insert(directory().FindMember(member.ref));
  }
  return trust::FactsAbout(directory(), {members.begin(), members.end()}, asked.created);
}

void Matrix::Send() {
  channel_ = AnyOf(channels_);
  // Half of the draws are among those who belong here, or hardly one would be allowed.
  among_ = OneIn(2) ? profiles_ : Sitting(channel_);
  const std::string sender = AnyOf(among_);
  std::optional<envelope::SignalPlan> plan = Draw(sender);
  if (!plan) {
    ++unsealable_;
    return;
  }
  Claim(sender, *plan);
  const TestDevice& device = test_.network().device(sender);
  const absl::StatusOr<envelope::SealedSignal> sealed =
      envelope::Seal(*plan, directory(), device.id, device.key);
  if (!sealed.ok()) {
    ++unsealable_;
    return;
  }
  const policies::SendRequest asked =
      envelope::ToSendRequest(Verified(sealed->envelope, directory()), directory());
  policies::Facts facts = FactsFor(asked);
  const Bytes& case_ref = plan->core.case_ref();
  if (scope_of_case_.count(case_ref) == 1) facts.case_scope = scope_of_case_[case_ref];
  const std::set<RefusalCode> decided = CodesIn(policies::DecideSend(asked, facts, test_.clock().Now()));
  const std::set<RefusalCode> reference = policies::reference::Send(asked, facts, test_.clock().Now()).codes;
  for (const auto& [hash, ciphertext] : sealed->attachments) {
    const absl::Status uploaded = test_.Upload(hash, ciphertext, sender);
    ASSERT_TRUE(uploaded.ok()) << uploaded;
  }
  const absl::Status answer = test_.Submit(sealed->envelope, sender).status();
  const auto told = AnswerOf(answer);
  ASSERT_TRUE(told) << sender << " in " << channel_ << ": " << answer;
  ASSERT_EQ(Words(*told), Words(decided)) << sender << " in " << channel_;
  ASSERT_EQ(Words(*told), Words(reference)) << sender << " in " << channel_;
  ++sent_;
  if (!told->empty()) return;
  ++accepted_;
  if (!case_ref.empty())
    scope_of_case_.emplace(case_ref, std::string(policies::Convenant::ScopeOf(channel_)));
  OpenParts(*sealed, asked);
}

void Matrix::OpenParts(const envelope::SealedSignal& sealed, const policies::SendRequest& asked) {
  for (size_t part = 0; part < asked.parts.size(); ++part) {
    const std::vector<MemberId>& recipients = asked.parts[part].recipients;
    OpenPart(sealed, asked, part, policies::ToString(recipients[Below(recipients.size())]));
    OpenPart(sealed, asked, part, AnyOf(profiles_));
  }
}

void Matrix::OpenPart(const envelope::SealedSignal& sealed, const policies::SendRequest& asked, size_t part,
                      const std::string& reader) {
  const trust::Member& member = MemberOf(reader);
  policies::Facts facts = trust::FactsAbout(directory(), {&member}, test_.clock().Now());
  facts.made_under = &convenant();
  policies::OriginalFacts& original = facts.original.emplace();
  original.sender = asked.sender;
  original.channel = asked.channel;
  original.category = asked.category;
  original.purpose = asked.purpose;
  original.level = asked.level;
  original.created = asked.created;
  for (const policies::PartRequest& one : asked.parts)
    original.parts.push_back({one.kind, *one.expires, one.recipients, one.kept});
  policies::OpenRequest open;
  open.reader = trust::ToMemberId(member);
  open.part = asked.parts[part].kind;
  open.part_index = part;
  // A part that he has no key to is judged as a text for nobody, so that the answer says nothing about it.
  const std::vector<MemberId>& holders = original.parts[part].recipients;
  if (std::count(holders.begin(), holders.end(), open.reader) == 0) {
    original.sender = {};
    original.parts = {{PartKind::kNarrative, absl::InfiniteFuture(), {}}};
    open.part = PartKind::kNarrative;
    open.part_index = 0;
  }
  const std::set<RefusalCode> decided = CodesIn(policies::DecideOpen(open, facts, test_.clock().Now()));
  const std::set<RefusalCode> reference = policies::reference::Open(open, facts, test_.clock().Now()).codes;
  const uint32_t place = Verified(sealed.envelope, directory()).parts()[part].index;
  const absl::Status answer =
      test_.Open(test_.OpenStatementOf(sealed.envelope, place, test_.network().device(reader)), reader)
          .status();
  const auto told = AnswerOf(answer);
  ASSERT_TRUE(told) << reader << ": " << answer;
  ASSERT_EQ(Words(*told), Words(decided)) << reader << " reads part " << part;
  ASSERT_EQ(Words(*told), Words(reference)) << reader << " reads part " << part;
  told->empty() ? ++opened_ : ++closed_;
}

class BrokerEqualsMatrix : public testing::TestWithParam<std::string> {};

TEST_P(BrokerEqualsMatrix, SendsAndOpens) {
  Matrix matrix(GetParam());
  matrix.Run();
  std::cout << policies::reference::NameOf(GetParam()) << ": " << matrix.Told() << std::endl;
}

INSTANTIATE_TEST_SUITE_P(Convenants, BrokerEqualsMatrix,
                         testing::ValuesIn(policies::reference::FilesWithLab()),
                         [](const auto& file) { return policies::reference::NameOf(file.param); });

}  // namespace
}  // namespace seinpost::test
