// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SIGNALS_QUESTION_H_
#define SEINPOST_SERVER_SIGNALS_QUESTION_H_

#include <cstddef>
#include <functional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "seinpost/v1/signal.pb.h"
#include "server/signals/original.h"
#include "trust/directory.h"

namespace seinpost::server {

// What a question may hold, so that an answer cannot take long: a person asks about people he knows.
inline constexpr size_t kMaxQuestionBytes = 64 * 1024;
inline constexpr int kMaxNamesPerPart = 400;      // recipients or justified members
inline constexpr int kMaxNamesInQuestion = 1000;  // all of them together
inline constexpr int kMaxIdentifierHits = 64;
inline constexpr size_t kMaxIdentifierHitBytes = 64;
// What looking for what is allowed instead may cost the broker, in the terms of policies::SearchBudget: some
// ten milliseconds. Where more would be needed, a client that looks for itself finds more.
inline constexpr size_t kMaxSearchEffort = 32 * 1024;

// Whether nobody waits for an answer any more. Called on any thread until the answer was given; empty: never.
using Abandoned = std::function<bool()>;

// A DecideSendRequest in the words of policies/, with the facts about everybody in it. `facts` borrows from
// the directory it was made from.
struct Question {
  policies::SendRequest request;
  policies::Facts facts;
};
// kInvalidArgument names the field: an unknown kind or level, a malformed member, too many parts, names or
// hits. Members that the directory does not know keep an empty ref: the rules refuse them.
absl::StatusOr<Question> MakeQuestion(const v1::DecideSendRequest& message, const trust::Directory& directory,
                                      const trust::Device& sender, absl::Time now);

// Whether the facts know every recipient. Where they do not there is nothing to look for instead: somebody
// misspelt a name, or makes them up.
bool KnowsAllRecipients(const Question& question);

// What DecideOpen is asked when `device` wants a part. `holding` without a part makes it a question about a
// part of nobody, so that a part that is not there and one that is somebody else's get one answer. A key that
// was passed on stands for being chosen. An empty purpose asks for none in particular. `facts` borrows from
// the directory.
struct OpenQuestion {
  policies::OpenRequest request;
  policies::Facts facts;
};
OpenQuestion MakeOpenQuestion(const Original& original, const Holding& holding, absl::string_view purpose,
                              const trust::Device& device, const trust::Directory& directory, absl::Time now);
// The same about a part that has expired and was destroyed: of whom it was nobody knows any more, so that
// whoever names it is told that.
OpenQuestion MakeExpiredQuestion(absl::string_view channel, const trust::Device& device,
                                 const trust::Directory& directory, absl::Time now);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_QUESTION_H_
