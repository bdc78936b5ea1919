// SPDX-License-Identifier: EUPL-1.2
#include "envelope/status_details.h"

#include <algorithm>

namespace seinpost::envelope {
namespace {

constexpr char kDecisionUrl[] = "type.googleapis.com/seinpost.v1.Decision";
constexpr size_t kMaxMessageBytes = 1024;
// Tags and lengths of RpcStatus and Any around a decision below 16 KiB, and the code.
constexpr size_t kFrameBytes = 32;
// The three numbers of what was left out, each a tag and a varint of at most five bytes.
constexpr size_t kCountBytes = 3 * 6;
// A tag and the length of an element below 2 MiB.
constexpr size_t kElementBytes = 1 + 3;

// Adds the elements of `from` after the first `next` to `to`, in order, while they fit in what `room` still
// has. Returns how many of `from` are there now.
template <typename List>
int AddWhileFits(const List& from, int next, size_t& room, List& to) {
  for (; next < from.size(); ++next) {
    const size_t bytes = from.Get(next).ByteSizeLong() + kElementBytes;
    if (bytes > room) break;
    room -= bytes;
    *to.Add() = from.Get(next);
  }
  return next;
}

}  // namespace

v1::Decision CutToFit(const v1::Decision& decision, size_t max_bytes) {
  if (decision.ByteSizeLong() <= max_bytes) return decision;
  v1::Decision cut;
  cut.set_allowed(decision.allowed());
  size_t room = max_bytes - std::min(max_bytes, kCountBytes + 2);
  size_t for_reasons = decision.instead().empty() ? room : room * 5 / 8;
  const size_t for_others = room - for_reasons;
  int reasons = AddWhileFits(decision.reasons(), 0, for_reasons, *cut.mutable_reasons());
  if (reasons == 0 && !decision.reasons().empty()) {
    v1::Reason& first = *cut.add_reasons();
    first.set_code(decision.reasons(0).code());
    first.set_rule(decision.reasons(0).rule());
    for_reasons -= std::min(for_reasons, first.ByteSizeLong() + kElementBytes);
    reasons = 1;
  }
  room = for_reasons + for_others;
  const int instead = AddWhileFits(decision.instead(), 0, room, *cut.mutable_instead());
  reasons = AddWhileFits(decision.reasons(), reasons, room, *cut.mutable_reasons());
  const int verdicts = AddWhileFits(decision.verdicts(), 0, room, *cut.mutable_verdicts());
  cut.set_more_reasons(decision.more_reasons() + static_cast<uint32_t>(decision.reasons_size() - reasons));
  cut.set_more_instead(decision.more_instead() + static_cast<uint32_t>(decision.instead_size() - instead));
  cut.set_more_verdicts(decision.more_verdicts() +
                        static_cast<uint32_t>(decision.verdicts_size() - verdicts));
  return cut;
}

std::string EncodeStatusDetails(int code, absl::string_view message, const v1::Decision& decision) {
  message = message.substr(0, kMaxMessageBytes);
  v1::RpcStatus status;
  status.set_code(code);
  status.set_message(std::string(message));
  google::protobuf::Any& detail = *status.add_details();
  detail.set_type_url(kDecisionUrl);
  const size_t taken = kFrameBytes + message.size() + detail.type_url().size();
  detail.set_value(CutToFit(decision, kMaxStatusDetailsBytes - taken).SerializeAsString());
  return status.SerializeAsString();
}

std::optional<v1::Decision> DecisionInStatusDetails(const std::string& details) {
  v1::RpcStatus status;
  if (!status.ParseFromString(details)) return std::nullopt;
  for (const google::protobuf::Any& detail : status.details()) {
    if (detail.type_url() != kDecisionUrl) continue;
    v1::Decision decision;
    if (!decision.ParseFromString(detail.value())) return std::nullopt;
    return decision;
  }
  return std::nullopt;
}

}  // namespace seinpost::envelope
