// SPDX-License-Identifier: EUPL-1.2
// What the files of flags share.
#ifndef SEINPOST_CLIENT_COMMAND_LINE_PARTS_H_
#define SEINPOST_CLIENT_COMMAND_LINE_PARTS_H_

#include <string>

#include "client/command_line/command_line.h"
#include "client/org/commands.h"

namespace seinpost::client {

// Commands under one word, of which one must be given.
inline Flags Group(Flags app, const char* name, const char* help) {
  Flags group = app.Sub(name, help);
  group.NeedsSub();
  return group;
}

struct NoArgs {};
struct FileArgs {
  std::string file;
};

inline void AddOrgFlags(Flags command, OrgArgs& args) {
  command.Add("--org", args.dir, "key directory of the organisation").Required();
  command.Add("--broker", args.broker, "host:port; remembered");
  command.Add("--tls-ca", args.tls_ca, "the broker's certificate authority, PEM; remembered");
}

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_COMMAND_LINE_PARTS_H_
