// SPDX-License-Identifier: EUPL-1.2
#include "client/command_line/completion.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace seinpost::client {
namespace {

// One place in the tree: "signal send", with the words that may follow.
struct Place {
  std::string path;
  std::vector<std::string> commands, flags;
};

void Collect(const CommandNode& node, const std::string& path, const std::vector<std::string>& inherited,
             std::vector<Place>& places) {
  Place place{path, {}, node.flags};
  for (const std::string& flag : inherited) {
    if (std::find(place.flags.begin(), place.flags.end(), flag) == place.flags.end())
      place.flags.push_back(flag);
  }
  for (const CommandNode& command : node.commands) place.commands.push_back(command.name);
  const std::vector<std::string> flags = place.flags;
  places.push_back(std::move(place));
  for (const CommandNode& command : node.commands) {
    Collect(command, path.empty() ? command.name : absl::StrCat(path, " ", command.name), flags, places);
  }
}

std::string Words(const Place& place) {
  std::vector<std::string> words = place.commands;
  words.insert(words.end(), place.flags.begin(), place.flags.end());
  return absl::StrJoin(words, " ");
}

// Lines of a `case` that set `words` for each place; bash and zsh read them alike.
std::string Cases(const std::vector<Place>& places) {
  std::string cases;
  for (const Place& place : places) {
    absl::StrAppend(&cases, "    '", place.path, "') words='", Words(place), "' ;;\n");
  }
  return cases;
}

// The paths below the root, as alternatives of a `case`.
std::string Paths(const std::vector<Place>& places) {
  std::vector<std::string> paths;
  for (const Place& place : places) {
    if (!place.path.empty()) paths.push_back(absl::StrCat("'", place.path, "'"));
  }
  return absl::StrJoin(paths, "|");
}

constexpr absl::string_view kBash =
    R"(# bash completion for @NAME@; put it where bash-completion looks, or source it.
_@NAME@() {
  local current="${COMP_WORDS[COMP_CWORD]}" place="" words="" i next
  for ((i = 1; i < COMP_CWORD; i++)); do
    next="${place:+$place }${COMP_WORDS[i]}"
    case "$next" in
    @PATHS@) place="$next" ;;
    esac
  done
  case "$place" in
@CASES@  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _@NAME@ @NAME@
)";

constexpr absl::string_view kZsh = R"(#compdef @NAME@
# zsh completion for @NAME@; put it in a directory of $fpath as _@NAME@.
_@NAME@() {
  local place="" words_here="" next i
  for ((i = 2; i < CURRENT; i++)); do
    next="${place:+$place }${words[i]}"
    case "$next" in
    @PATHS@) place="$next" ;;
    esac
  done
  case "$place" in
@CASES@  esac
  compadd -- ${=words_here}
  [[ "${words[CURRENT]}" == -* ]] || _files
}
compdef _@NAME@ @NAME@
)";

constexpr absl::string_view kFish = R"(# fish completion for @NAME@; put it in ~/.config/fish/completions/.
function __@NAME@_place
  set -l place ""
  for word in (commandline -opc)[2..-1]
    set -l next (string trim -- "$place $word")
    if contains -- "$next" @PATHS@
      set place "$next"
    end
  end
  echo "$place"
end
@CASES@)";

std::string FishCases(const std::string& name, const std::vector<Place>& places) {
  std::string lines;
  for (const Place& place : places) {
    absl::StrAppend(&lines, "complete -c ", name, " -n 'test (__", name, "_place) = \"", place.path,
                    "\"' -a '", Words(place), "'\n");
  }
  return lines;
}

}  // namespace

absl::StatusOr<std::string> CompletionScript(absl::string_view shell, const CommandNode& root) {
  std::vector<Place> places;
  Collect(root, "", {}, places);
  std::string paths = Paths(places), cases = Cases(places);
  absl::string_view frame = kBash;
  if (shell == "zsh") {
    frame = kZsh;
    cases = absl::StrReplaceAll(cases, {{") words='", ") words_here='"}});
  } else if (shell == "fish") {
    frame = kFish;
    cases = FishCases(root.name, places);
    paths = absl::StrReplaceAll(paths, {{"'|'", "' '"}});
  } else if (shell != "bash") {
    return absl::InvalidArgumentError("completion is there for bash, zsh and fish");
  }
  return absl::StrReplaceAll(frame, {{"@NAME@", root.name}, {"@PATHS@", paths}, {"@CASES@", cases}});
}

}  // namespace seinpost::client
