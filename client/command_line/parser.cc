// SPDX-License-Identifier: EUPL-1.2
#include "client/command_line/parser.h"

#include <CLI/CLI.hpp>

namespace seinpost::client {

Option Option::Required() {
  option_.required();
  return *this;
}

Option Option::Type(const char* name) {
  option_.type_name(name);
  return *this;
}

Option Option::Commas() {
  option_.delimiter(',');
  return *this;
}

Option Option::OneWord() {
  option_.allow_extra_args(false);
  return *this;
}

Option Option::OneOf(const std::vector<std::string>& words) {
  option_.check(CLI::IsMember(words));
  return *this;
}

Option Option::Excludes(Option other) {
  option_.excludes(&other.option_);
  return *this;
}

Option Flags::Add(const char* names, std::string& into, const char* help) const {
  return Option(*app_.add_option(names, into, help));
}
Option Flags::Add(const char* names, std::vector<std::string>& into, const char* help) const {
  return Option(*app_.add_option(names, into, help));
}
Option Flags::Add(const char* names, int& into, const char* help) const {
  return Option(*app_.add_option(names, into, help));
}
Option Flags::Add(const char* names, uint32_t& into, const char* help) const {
  return Option(*app_.add_option(names, into, help));
}
Option Flags::Add(const char* names, uint64_t& into, const char* help) const {
  return Option(*app_.add_option(names, into, help));
}
Option Flags::Add(const char* names, double& into, const char* help) const {
  return Option(*app_.add_option(names, into, help));
}
Option Flags::AddFlag(const char* names, bool& into, const char* help) const {
  return Option(*app_.add_flag(names, into, help));
}

Flags Flags::Sub(const char* name, const char* help) const { return Flags(*app_.add_subcommand(name, help)); }

void Flags::NeedsSub(bool optional) const { app_.require_subcommand(optional ? 0 : 1, 1); }

void Flags::LetFlagsFollow() const { app_.fallthrough(); }

void Flags::SetVersion(const std::string& text) const { app_.set_version_flag("--version", text); }

CommandNode Flags::Tree(const std::string& name) const {
  CommandNode node{name, app_.get_description(), {}, {}};
  for (const CLI::Option* option : app_.get_options()) {
    for (const std::string& flag : option->get_lnames()) node.flags.push_back("--" + flag);
  }
  for (CLI::App* command : app_.get_subcommands([](const CLI::App*) { return true; })) {
    if (!command->get_name().empty()) node.commands.push_back(Flags(*command).Tree(command->get_name()));
  }
  return node;
}

namespace {

// The tree's root, which knows what the command that was given does.
struct Root : CLI::App {
  using CLI::App::App;
  Flags::Run run;
};

Root& RootOf(CLI::App& app) {
  CLI::App* top = &app;
  while (top->get_parent() != nullptr) top = top->get_parent();
  return static_cast<Root&>(*top);
}

}  // namespace

// CLI11 calls back from the innermost command outwards.
void Flags::Does(Run run) const {
  app_.callback([&root = RootOf(app_), run = std::move(run)] {
    if (!root.run) root.run = run;
  });
}

struct Parser::Tree {
  Tree(const char* description, const char* name) : root(description, name) {}
  Root root;
};

Parser::Parser(const char* description, const char* name)
    : tree_(std::make_unique<Tree>(description, name)) {}
Parser::~Parser() = default;

Flags Parser::root() { return Flags(tree_->root); }

absl::StatusOr<Parser::Parsed> Parser::Parse(const std::vector<std::string>& arguments, std::ostream& out,
                                             std::ostream& err) {
  try {
    // CLI11 takes them from the back.
    tree_->root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success& success) {  // --help, --version
    return Parsed{{}, tree_->root.exit(success, out, err)};
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(error.what());
  }
  return Parsed{tree_->root.run, std::nullopt};
}

}  // namespace seinpost::client
