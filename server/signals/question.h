// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_SIGNALS_QUESTION_H_
#define SEINPOST_SERVER_SIGNALS_QUESTION_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/decide/decide.h"
#include "seinpost/v1/signal.pb.h"
#include "server/signals/original.h"
#include "trust/directory.h"

namespace seinpost::server {

// A DecideSendRequest in the words of policies/, with the facts about everybody in it. `facts` borrows from
// the directory it was made from.
struct Question {
  policies::SendRequest request;
  policies::Facts facts;
};
// kInvalidArgument names the field: an unknown kind or level, a malformed member, too many parts. Members
// that the directory does not know keep an empty ref: the rules refuse them.
absl::StatusOr<Question> MakeQuestion(const v1::DecideSendRequest& message, const trust::Directory& directory,
                                      const trust::Device& sender, absl::Time now);

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

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_SIGNALS_QUESTION_H_
