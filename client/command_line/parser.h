// SPDX-License-Identifier: EUPL-1.2
// What commands and flags there are, told to the parser. CLI11 stands behind it and is seen by parser.cc
// alone: it costs every file that includes it seconds to compile.
#ifndef SEINPOST_CLIENT_COMMAND_LINE_PARSER_H_
#define SEINPOST_CLIENT_COMMAND_LINE_PARSER_H_

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/command_line/completion.h"
#include "client/terminal/context.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace seinpost::client {

// One flag ("--to") or word ("FILE"), as a handle to the parser's own.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(option) {}
  Option Required();
  Option Type(const char* name);  // how --help calls its value
  Option Commas();                // a list with commas
  Option OneWord();               // takes one word each time it is given
  Option OneOf(const std::vector<std::string>& words);
  Option Excludes(Option other);

 private:
  CLI::Option& option_;
};

// A command with its flags and the commands below it, as a handle. What flags fill must outlive the parsing;
// Command() below sees to that.
class Flags {
 public:
  using Run = std::function<absl::Status(Context&)>;

  explicit Flags(CLI::App& app) : app_(app) {}
  Option Add(const char* names, std::string& into, const char* help) const;
  Option Add(const char* names, std::vector<std::string>& into, const char* help) const;
  Option Add(const char* names, int& into, const char* help) const;
  Option Add(const char* names, uint32_t& into, const char* help) const;
  Option Add(const char* names, uint64_t& into, const char* help) const;
  Option Add(const char* names, double& into, const char* help) const;
  Option AddFlag(const char* names, bool& into, const char* help) const;

  // A command below this one.
  Flags Sub(const char* name, const char* help) const;
  // One of the commands below must be given; with `optional`, may.
  void NeedsSub(bool optional = false) const;
  // Flags of this command may also follow those below it.
  void LetFlagsFollow() const;
  void SetVersion(const std::string& text) const;
  // What the command does. A command below that was given as well goes before.
  void Does(Run run) const;

  // The whole tree below, for completion.
  CommandNode Tree(const std::string& name) const;

 private:
  CLI::App& app_;
};

// The root of all commands.
class Parser {
 public:
  Parser(const char* description, const char* name);
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  Flags root();
  // What the command given does; nothing if none was. kInvalidArgument: a word that is wrong. An exit code
  // when all that was asked for, --help or --version, is said on `out`.
  struct Parsed {
    Flags::Run run;
    std::optional<int> said;
  };
  absl::StatusOr<Parsed> Parse(const std::vector<std::string>& arguments, std::ostream& out,
                               std::ostream& err);

 private:
  struct Tree;
  std::unique_ptr<Tree> tree_;
};

// A command that fills an Args and runs `run` with it. Returned with its Args, for flags to fill.
template <typename Args>
std::pair<Flags, std::shared_ptr<Args>> Command(Flags parent, const char* name, const char* help,
                                                absl::Status (*run)(Context&, const Args&)) {
  Flags command = parent.Sub(name, help);
  auto args = std::make_shared<Args>();
  command.Does([args, run](Context& context) { return run(context, *args); });
  return {command, args};
}

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_COMMAND_LINE_PARSER_H_
