// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_DIRECTORY_OBJECT_BODY_H_
#define SEINPOST_SERVER_DIRECTORY_OBJECT_BODY_H_

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "seinpost/v1/trust.pb.h"

namespace seinpost::server {

// The body of an object that the directory has checked; `name` is what it is called. kInternal: it does not
// parse, which is a bug of ours.
template <typename Body>
absl::StatusOr<Body> BodyOf(const v1::SignedObject& object, absl::string_view name) {
  Body body;
  if (body.ParseFromString(object.body())) return body;
  return absl::InternalError(absl::StrCat("a checked ", name, " does not parse"));
}

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_DIRECTORY_OBJECT_BODY_H_
