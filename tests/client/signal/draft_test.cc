// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/draft.h"

#include <algorithm>
#include <map>

#include "client/terminal/context.h"
#include "client/terminal/decision.h"
#include "envelope/limits.h"
#include "envelope/seal.h"
#include "envelope/verify.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/network.h"

namespace seinpost::client {
namespace {

using policies::PartKind;
using policies::RefusalCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr char kCoordinator[] = "school/zorgcoordinator";
// The smallest file that passes for a JPEG: a frame, a scan, the end.
const Bytes kPhoto = Bytes("\xFF\xD8\xFF\xC0\x00\x04__\xFF\xDA\x00\x04__", 14) + "pixels\xFF\xD9";

class DraftTest : public testing::Test {
 protected:
  DraftTest() {
    files_["-"] = "van stdin";
    files_["wie.json"] = R"({"first": ["Jelle"], "birth_date": "2009-03-04"})";
    files_["bron.txt"] = "een klasgenoot vertelde het";
    files_["zorg.txt"] = "thuis is het onrustig";
    files_["foto.jpg"] = kPhoto;
    files_["brief.pdf"] = "%PDF-1.7";
  }

  absl::StatusOr<Draft> Make(const SendArgs& args, bool dry_run = false) {
    const auto read = [&](const std::string& path, size_t) -> absl::StatusOr<Bytes> {
      const auto file = files_.find(path);
      if (file == files_.end()) return absl::NotFoundError("no such file");
      return file->second;
    };
    const auto original = [&](ByteView) -> absl::StatusOr<policies::OriginalFacts> {
      return absl::NotFoundError("no such signal");
    };
    return MakeDraft(args, Desk{.directory = network_.directory(),
                                .self = *network_.directory().FindMember(network_.member(kCoordinator)),
                                .own_device = network_.device(kCoordinator).id,
                                .now = network_.now(),
                                .dry_run = dry_run,
                                .read = read,
                                .original = original});
  }

  // L1 in the core team, to one member.
  static SendArgs Small() {
    SendArgs args;
    args.channel = "core@school-a";
    args.level = "L1";
    args.category = "wapen";
    args.purpose = "dreiging";
    args.to = {"politie/wijkagent"};
    args.text = "een mes gevonden";
    return args;
  }
  // L2, one to one.
  static SendArgs Named() {
    SendArgs args = Small();
    args.channel = "direct@school-a";
    args.level = "L2";
    args.identity = "wie.json";
    args.identity_to = args.to;
    args.justify = {"kan ingrijpen"};
    args.informed = "yes";
    return args;
  }

  std::vector<RefusalCode> Codes(const SendArgs& args) {
    const absl::StatusOr<Draft> draft = Make(args);
    EXPECT_TRUE(draft.ok()) << draft.status();
    std::vector<RefusalCode> codes;
    if (!draft.ok()) return codes;
    for (const policies::Reason& reason : Judge(*draft).reasons) {
      if (std::find(codes.begin(), codes.end(), reason.code) == codes.end()) codes.push_back(reason.code);
    }
    return codes;
  }
  void ExpectUsage(const SendArgs& args, absl::string_view says, bool dry_run = false) {
    const absl::Status status = Make(args, dry_run).status();
    EXPECT_EQ(ExitCodeOf(status), kUsage) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(says)));
  }

  test::TestNetwork network_ = test::TestNetwork::Example(test::TestNetwork::AnyTime());
  std::map<std::string, Bytes> files_;
};

const policies::PartRequest& PartOf(const Draft& draft, PartKind kind) {
  for (const policies::PartRequest& part : draft.request.parts) {
    if (part.kind == kind) return part;
  }
  ADD_FAILURE() << "no such part";
  return draft.request.parts.front();
}

std::vector<std::string> NamesOf(const policies::PartRequest& part) {
  std::vector<std::string> names;
  for (const policies::MemberId& member : part.recipients) names.push_back(policies::ToString(member));
  return names;
}

TEST_F(DraftTest, OfASmallSignalHasANewCase) {
  const absl::StatusOr<Draft> draft = Make(Small());
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_TRUE(Judge(*draft).allowed) << Judge(*draft).Sentence(Language::kEnglish);
  EXPECT_TRUE(draft->new_case);
  EXPECT_EQ(draft->case_ref.size(), 16u);
  EXPECT_NE(draft->case_ref, Make(Small())->case_ref);
  SendArgs known = Small();
  known.case_ref = "00112233445566778899aabbccddeeff";
  EXPECT_EQ(ToHex(Make(known)->case_ref), known.case_ref);
  SendArgs thematic = Small();
  thematic.channel = "theme";
  thematic.level = "L0";
  thematic.purpose = "preventie";
  EXPECT_TRUE(Make(thematic)->case_ref.empty());
}

TEST_F(DraftTest, ReadsTheTextFromStdin) {
  SendArgs args = Small();
  args.text = "-";
  EXPECT_EQ(Make(args)->plans[0].content, "van stdin");
}

TEST_F(DraftTest, TheWholeChannelIsEveryoneInItButTheSender) {
  SendArgs args = Small();
  args.to = {"@channel"};
  const absl::StatusOr<Draft> draft = Make(args);
  ASSERT_TRUE(draft.ok());
  EXPECT_TRUE(draft->request.parts[0].broadcast);
  EXPECT_THAT(NamesOf(draft->request.parts[0]),
              UnorderedElementsAre("jongerenwerk/jongerenwerker", "politie/wijkagent", "sass/coordinator",
                                   "school/teamleider", "wijkteam/medewerker"));
  EXPECT_TRUE(Judge(*draft).allowed);
}

TEST_F(DraftTest, ASourceStaysInTheOwnPartyOnThatChannel) {
  SendArgs args = Named();
  args.source = "bron.txt";
  const absl::StatusOr<Draft> draft = Make(args);
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_THAT(NamesOf(PartOf(*draft, PartKind::kSource)),
              UnorderedElementsAre(kCoordinator, "school/teamleider"));
  EXPECT_TRUE(Judge(*draft).allowed) << Judge(*draft).Sentence(Language::kEnglish);
  args.source_to = {"politie/wijkagent"};
  EXPECT_THAT(Codes(args), ElementsAre(RefusalCode::kSourceProtected));
}

TEST_F(DraftTest, HasOneJustificationForEachDistinctText) {
  SendArgs args = Named();
  args.to = {"politie/wijkagent", "wijkteam/medewerker"};
  args.identity_to = args.to;
  const auto justifications = [](const Draft& draft) {
    std::map<std::string, size_t> texts;
    for (size_t i = 0; i < draft.plans.size(); ++i) {
      if (draft.request.parts[i].kind != PartKind::kJustification) continue;
      EXPECT_EQ(draft.request.parts[i].recipients.size(), 2u);  // both officers
      texts[draft.plans[i].content] = draft.request.parts[i].justifies.size();
    }
    return texts;
  };
  EXPECT_EQ(justifications(*Make(args)), (std::map<std::string, size_t>{{"kan ingrijpen", 2}}));
  args.justify = {"politie/wijkagent=grijpt in", "wijkteam/medewerker=helpt thuis"};
  EXPECT_EQ(justifications(*Make(args)),
            (std::map<std::string, size_t>{{"grijpt in", 1}, {"helpt thuis", 1}}));
  EXPECT_TRUE(Judge(*Make(args)).allowed);
  args.justify = {"politie/wijkagent=grijpt in"};
  EXPECT_THAT(Codes(args), ElementsAre(RefusalCode::kNoJustification));
  args.justify = {"school/teamleider=hoort het"};
  ExpectUsage(args, "gets nothing that needs one");
}

TEST_F(DraftTest, StripsPhotosAndNamesThemItself) {
  SendArgs args = Named();
  args.attach = {"foto.jpg", "foto.jpg"};
  args.attach_to = {"politie/wijkagent"};
  const absl::StatusOr<Draft> draft = Make(args);
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_TRUE(Judge(*draft).allowed);
  std::vector<std::string> names;
  for (const envelope::PartPlan& plan : draft->plans) {
    if (plan.kind != v1::PART_KIND_ATTACHMENT) continue;
    names.push_back(plan.attachment_head.name());
    EXPECT_EQ(plan.attachment_head.content_type(), "image/jpeg");
    EXPECT_EQ(plan.attachment_head.size(), plan.content.size());
  }
  EXPECT_THAT(names, ElementsAre("foto-1.jpg", "foto-2.jpg"));
  args.attach = {"brief.pdf"};
  ExpectUsage(args, "only photos");
}

TEST_F(DraftTest, TellsWhichFlagIsWrong) {
  const struct {
    void (*spoil)(SendArgs&);
    const char* says;
  } kCases[] = {
      {[](SendArgs& a) { a.channel.clear(); }, "--channel is missing"},
      {[](SendArgs& a) { a.level.clear(); }, "--level is missing"},
      {[](SendArgs& a) { a.category.clear(); }, "--category is missing"},
      {[](SendArgs& a) { a.purpose.clear(); }, "--purpose is missing"},
      {[](SendArgs& a) { a.to.clear(); }, "--to is missing"},
      {[](SendArgs& a) { a.text.clear(); }, "--text is missing"},
      {[](SendArgs& a) { a.level = "L3"; }, "--level"},
      {[](SendArgs& a) { a.identity_to.clear(); }, "--identity-to is missing"},
      {[](SendArgs& a) { a.identity.clear(); }, "--identity is missing"},
      {[](SendArgs& a) { a.identity = "weg.json"; }, "--identity: no such file"},
      {[](SendArgs& a) { a.care = "zorg.txt"; }, "--care-to is missing"},
      {[](SendArgs& a) { a.attach = {"foto.jpg"}; }, "--attach-to is missing"},
      {[](SendArgs& a) { a.source_to = {"school/teamleider"}; }, "--source is missing"},
      {[](SendArgs& a) { a.case_ref = "zaak 7"; }, "--case takes 32"},
      {[](SendArgs& a) { a.reply_to = "00"; }, "--reply-to takes 32"},
      {[](SendArgs& a) { a.forward = "00112233445566778899aabbccddeeff"; }, "--forward: no such signal"},
      {[](SendArgs& a) { a.informed = "maybe"; }, "--informed"},
      {[](SendArgs& a) { a.level = "L1"; }, "--informed belongs to L2"},
      {[](SendArgs& a) { a.expires = "ooit"; }, "--expires"},
      {[](SendArgs& a) { a.to = {"wijkagent"}; }, "party/handle"},
      {[](SendArgs& a) { a.justify = {""}; }, "--justify: the text is empty"},
      {[](SendArgs& a) { a.kept_identity = "wie.json"; }, "cannot seal to approval groups"},
  };
  for (const auto& test : kCases) {
    SendArgs args = Named();
    test.spoil(args);
    ExpectUsage(args, test.says);
  }
}

TEST_F(DraftTest, SaysWhatIsTooLarge) {
  const auto code = [&](const SendArgs& args) {
    const absl::Status status = Make(args).status();
    EXPECT_EQ(ExitCodeOf(status), kUsage) << status;
    return status.code();
  };
  SendArgs args = Named();
  args.text = std::string(envelope::kMaxTextBytes + 1, 'x');
  EXPECT_EQ(code(args), absl::StatusCode::kResourceExhausted);
  args = Named();
  args.justify = {std::string(envelope::kMaxTextBytes + 1, 'x')};
  EXPECT_EQ(code(args), absl::StatusCode::kResourceExhausted);
  args = Named();
  files_["foto.jpg"] = kPhoto + Bytes(envelope::kMaxAttachmentBytes, 'x');
  args.attach = {"foto.jpg"};
  args.attach_to = args.to;
  EXPECT_EQ(code(args), absl::StatusCode::kResourceExhausted);
}

TEST_F(DraftTest, AnswersAMisspeltNameWithWhatExists) {
  SendArgs args = Named();
  args.channel = "core@school-z";
  ExpectUsage(args, "core@school-a");
  args = Named();
  args.purpose = "nieuwsgierigheid";
  ExpectUsage(args, "dreiging");
  args = Named();
  args.category = "roddel";
  ExpectUsage(args, "wapen");
  args = Named();
  args.to = {"politie/agent"};
  ExpectUsage(args, "wijkagent");
}

TEST_F(DraftTest, R02AnUnknownPartyIsARefusal) {
  SendArgs args = Named();
  args.to = args.identity_to = {"brandweer/commandant"};
  EXPECT_THAT(Codes(args), ElementsAre(RefusalCode::kNotAParty));
}

TEST_F(DraftTest, R06NamesInTheTextAreFoundByTheirKindOnly) {
  SendArgs args = Named();
  args.text = "Jelle had een mes";
  EXPECT_THAT(Codes(args), ElementsAre(RefusalCode::kIdentifierInPseudonymous));
  const absl::StatusOr<Draft> draft = Make(args);
  const v1::DecideSendRequest question = ToProto(draft->request, draft->facts);
  EXPECT_THAT(question.identifier_hits(), ElementsAre("first"));
  const std::string wire = question.SerializeAsString();
  for (const char* secret : {"Jelle", "2009", "mes", "ingrijpen"})
    EXPECT_THAT(wire, testing::Not(HasSubstr(secret)));
}

TEST_F(DraftTest, R08TheWholeChannelGetsNothingNamed) {
  SendArgs args = Named();
  args.identity_to = {"@channel"};
  const std::vector<RefusalCode> codes = Codes(args);
  EXPECT_THAT(codes, testing::Contains(RefusalCode::kBroadcastNamed));
}

TEST_F(DraftTest, R13AnotherConvenantNeedsABridge) {
  SendArgs args = Named();
  args.to = args.identity_to = {"politie/wijkagent@elders"};
  EXPECT_THAT(Codes(args), ElementsAre(RefusalCode::kNoBridge));
  args.to = args.identity_to = {"politie/wijkagent@plaats"};
  EXPECT_TRUE(Codes(args).empty());
}

TEST_F(DraftTest, ADryRunNeedsNoContents) {
  SendArgs args = Named();
  args.text.clear();
  args.identity.clear();
  const absl::StatusOr<Draft> draft = Make(args, true);
  ASSERT_TRUE(draft.ok()) << draft.status();
  EXPECT_TRUE(Judge(*draft).allowed);
  args.identity_to = {"jongerenwerk/jongerenwerker"};
  EXPECT_FALSE(Judge(*Make(args, true)).allowed);
}

TEST_F(DraftTest, R35IsSealedToExactlyWhatWasJudged) {
  SendArgs args = Named();
  args.source = "bron.txt";
  args.attach = {"foto.jpg"};
  args.attach_to = {"politie/wijkagent"};
  args.expires = "30d";
  const absl::StatusOr<Draft> draft = Make(args);
  ASSERT_TRUE(draft.ok()) << draft.status();
  ASSERT_TRUE(Judge(*draft).allowed) << Judge(*draft).Sentence(Language::kEnglish);
  const absl::StatusOr<envelope::SignalPlan> plan = ToPlan(*draft, network_.directory(), "a checkpoint");
  ASSERT_TRUE(plan.ok()) << plan.status();
  const test::TestDevice& device = network_.device(kCoordinator);
  const absl::StatusOr<envelope::SealedSignal> sealed =
      envelope::Seal(*plan, network_.directory(), device.id, device.key);
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  const absl::StatusOr<envelope::VerifiedHeader> header =
      envelope::VerifyEnvelope(sealed->envelope, network_.directory(),
                               {.verifier = envelope::Verifier::kBroker, .now = network_.now()});
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->core().case_ref(), draft->case_ref);
  EXPECT_EQ(header->core().checkpoint(), "a checkpoint");

  const policies::SendRequest request = envelope::ToSendRequest(*header, network_.directory());
  const policies::Decision decision = policies::DecideSend(
      request, envelope::LoadFacts(*header, network_.directory(), network_.now()), network_.now());
  EXPECT_TRUE(decision.allowed) << decision.Sentence(Language::kEnglish);
  const absl::Time in_30_days = draft->created + absl::Hours(24 * 30);
  for (const policies::PartRequest& part : request.parts) {
    if (part.kind == PartKind::kJustification) {
      EXPECT_GT(*part.expires, in_30_days);  // --expires never shortens it
    } else {
      EXPECT_EQ(*part.expires, in_30_days);
    }
  }
}

}  // namespace
}  // namespace seinpost::client
