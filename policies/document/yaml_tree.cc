// SPDX-License-Identifier: EUPL-1.2
#include "policies/document/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <optional>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "policies/document/quote.h"

namespace seinpost::policies {
namespace {

// One code point at text[i], or nullopt unless it is shortest-form UTF-8 (RFC 3629 Section 4); advances i
// past it.
std::optional<uint32_t> NextCodePoint(absl::string_view text, size_t& i) {
  const uint8_t first = static_cast<uint8_t>(text[i++]);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC2 ? 1 : -1;
  if (more < 0 || first > 0xF4 || i + static_cast<size_t>(more) > text.size()) return std::nullopt;
  uint32_t code = first & (0x3F >> more);
  for (int k = 0; k < more; ++k) {
    const uint8_t next = static_cast<uint8_t>(text[i++]);
    if ((next & 0xC0) != 0x80) return std::nullopt;
    code = code << 6 | (next & 0x3F);
  }
  constexpr uint32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[more] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return std::nullopt;
  return code;
}

// Characters that show nothing, or turn the text around them, could make a signatory read another text than
// the machine does.
bool IsInvisible(uint32_t code) {
  return (code < 0x20 && code != '\n') || (code >= 0x7F && code < 0xA0) || code == 0xAD || code == 0x61C ||
         (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || (code >= 0xE0000 && code <= 0xE0FFF);
}

constexpr absl::string_view kNoAliases = "aliases (*) are not allowed";

// Thrown by the builder through yaml-cpp and caught in ParseYaml: yaml-cpp offers no other way to stop it.
struct StopParsing {};

// Builds a YamlNode from yaml-cpp's events. It never loads a node by yaml-cpp, which keeps duplicate keys and
// guesses types.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(absl::string_view text, Problems& problems)
      : lines_(absl::StrSplit(text, '\n')), problems_(problems) {}
  YamlNode TakeRoot() { return std::move(root_); }
  // What yaml-cpp itself could not read. Its mark is null where it knows no place.
  void AddSyntaxError(const YAML::Exception& error) {
    const bool placed = error.mark.line >= 0;
    const bool unknown = absl::StartsWith(error.msg, YAML::ErrorMsg::UNKNOWN_ANCHOR);
    problems_.Add(placed ? error.mark.line + 1 : 1, placed ? ColumnOf(error.mark) : 1,
                  unknown ? std::string(kNoAliases) : absl::StrCat("not valid YAML: ", error.msg));
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(in_document_, true)) Refuse(mark, "the file holds more than one YAML document (---)");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (anchor != 0) Refuse(mark, "anchors (&) are not allowed");
    RefuseMissing(mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { Refuse(mark, kNoAliases); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Check(mark, tag, anchor);
    CheckText(mark, value);
    if (stack_.empty()) Refuse(mark, "the file must be a list of sections, each written as name: value");
    if (stack_.back().node.kind == YamlNode::Kind::kMap && !stack_.back().key.has_value()) {
      return TakeKey(mark, value);
    }
    YamlNode node = Node(YamlNode::Kind::kScalar, mark, false);
    node.scalar = value;
    Attach(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    Check(mark, tag, anchor);
    Push(Node(YamlNode::Kind::kList, mark, style == YAML::EmitterStyle::Flow));
  }
  void OnSequenceEnd() override { Pop(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    Check(mark, tag, anchor);
    Push(Node(YamlNode::Kind::kMap, mark, style == YAML::EmitterStyle::Flow));
  }
  void OnMapEnd() override { Pop(); }

 private:
  struct Open {
    YamlNode node;
    std::set<std::string> seen;
    struct Key {
      std::string text;
      int line, column;
    };
    std::optional<Key> key;  // a map's key that waits for its value
  };

  [[noreturn]] void Refuse(const YAML::Mark& mark, absl::string_view sentence) {
    problems_.Add(mark.line + 1, ColumnOf(mark), sentence);
    throw StopParsing();
  }
  // yaml-cpp marks what is missing at whatever follows, lines further on: tell the place of the key, or of
  // the last line before that says something.
  [[noreturn]] void RefuseMissing(const YAML::Mark& mark) {
    constexpr absl::string_view kSentence = "a value is missing here";
    if (!stack_.empty() && stack_.back().key.has_value()) {
      problems_.Add(stack_.back().key->line, stack_.back().key->column, kSentence);
      throw StopParsing();
    }
    auto line = std::min(static_cast<size_t>(mark.line), lines_.size() - 1);
    absl::string_view before = LineOf(mark).substr(0, static_cast<size_t>(mark.column));
    const auto says_nothing = [](absl::string_view text) {
      text = absl::StripLeadingAsciiWhitespace(text);
      return text.empty() || text[0] == '#';
    };
    while (says_nothing(before) && line > 0) before = lines_[--line];
    const size_t indent = before.size() - absl::StripLeadingAsciiWhitespace(before).size();
    problems_.Add(static_cast<int>(line) + 1, static_cast<int>(indent) + 1, kSentence);
    throw StopParsing();
  }
  absl::string_view LineOf(const YAML::Mark& mark) const {
    const auto line = static_cast<size_t>(mark.line);
    return line < lines_.size() ? lines_[line] : absl::string_view();
  }
  // yaml-cpp counts columns in bytes, we in characters from 1.
  int ColumnOf(const YAML::Mark& mark) const {
    const absl::string_view before = LineOf(mark).substr(0, static_cast<size_t>(mark.column));
    return 1 + static_cast<int>(std::count_if(before.begin(), before.end(), [](char c) {
             return (static_cast<uint8_t>(c) & 0xC0) != 0x80;
           }));
  }
  // yaml-cpp lets a quoted text run over lines, and even off the end of the file; an escape could hide a
  // character.
  void CheckText(const YAML::Mark& mark, const std::string& value) {
    absl::string_view rest = LineOf(mark);
    rest.remove_prefix(std::min(rest.size(), static_cast<size_t>(mark.column)));
    if (!rest.empty() && (rest[0] == '"' || rest[0] == '\'') && !EndsInLine(rest)) {
      Refuse(mark, "a quoted text must end on the line where it starts");
    }
    for (size_t i = 0; i < value.size();) {
      const std::optional<uint32_t> code = NextCodePoint(value, i);
      if (!code.has_value() || IsInvisible(*code)) Refuse(mark, "this text holds an invisible character");
    }
  }
  // Whether the quote at the start of `text` is closed in it.
  static bool EndsInLine(absl::string_view text) {
    for (size_t i = 1; i < text.size(); ++i) {
      if (text[0] == '"' && text[i] == '\\') {
        ++i;
      } else if (text[i] == text[0]) {
        if (text[0] == '"' || i + 1 == text.size() || text[i + 1] != '\'') return true;
        ++i;  // '' stands for one quote
      }
    }
    return false;
  }
  void Check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != 0) Refuse(mark, "anchors (&) are not allowed");
    if (!tag.empty() && tag != "?" && tag != "!") Refuse(mark, "tags (!) are not allowed");
  }
  YamlNode Node(YamlNode::Kind kind, const YAML::Mark& mark, bool flow) const {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = ColumnOf(mark);
    node.flow = flow;
    return node;
  }
  void Push(YamlNode node) {
    if (stack_.size() >= kMaxYamlDepth) {
      problems_.Add(node.line, node.column, absl::StrCat("nested deeper than ", kMaxYamlDepth, " levels"));
      throw StopParsing();
    }
    if (!stack_.empty() && stack_.back().node.kind == YamlNode::Kind::kMap &&
        !stack_.back().key.has_value()) {
      problems_.Add(node.line, node.column, "a key must be a plain word, not a list or a map");
      throw StopParsing();
    }
    stack_.push_back(Open{std::move(node), {}, std::nullopt});
  }
  void Pop() {
    YamlNode node = std::move(stack_.back().node);
    stack_.pop_back();
    Attach(std::move(node));
  }
  void TakeKey(const YAML::Mark& mark, const std::string& text) {
    Open& open = stack_.back();
    if (!open.seen.insert(text).second) {
      problems_.Add(mark.line + 1, ColumnOf(mark),
                    absl::StrCat("the key ", Quote(text), " stands here twice"));
    }
    open.key = Open::Key{text, mark.line + 1, ColumnOf(mark)};
  }
  void Attach(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& open = stack_.back();
    if (open.node.items.size() + open.node.entries.size() >= kMaxYamlEntries) {
      problems_.Add(node.line, node.column,
                    absl::StrCat("more than ", kMaxYamlEntries, " entries in one place"));
      throw StopParsing();
    }
    if (open.node.kind == YamlNode::Kind::kList) {
      open.node.items.push_back(std::move(node));
      return;
    }
    open.node.entries.push_back(
        {std::move(open.key->text), open.key->line, open.key->column, std::move(node)});
    open.key.reset();
  }

  const std::vector<absl::string_view> lines_;
  Problems& problems_;
  std::vector<Open> stack_;
  YamlNode root_;
  bool in_document_ = false;
};

// Refuses at the first bad character. True: the text is clean.
bool CheckCharacters(absl::string_view text, Problems& problems) {
  int line = 1, column = 1;
  for (size_t i = 0; i < text.size();) {
    const bool directive = column == 1 && text[i] == '%';
    const std::optional<uint32_t> code = NextCodePoint(text, i);
    std::string sentence;
    if (!code.has_value()) {
      sentence = "the file is not UTF-8";
    } else if (*code == '\t') {
      sentence = "tabs are not allowed; use spaces";
    } else if (*code == '\r') {
      sentence = "Windows line ends are not allowed; save the file with plain line ends (LF)";
    } else if (IsInvisible(*code)) {
      sentence = absl::StrFormat("the invisible character U+%04X is not allowed", *code);
    } else if (directive) {
      sentence = "YAML directives (%) are not allowed";
    }
    if (!sentence.empty()) {
      problems.Add(line, column, sentence);
      return false;
    }
    if (*code == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return true;
}

}  // namespace

void Problems::Add(int line, int column, absl::string_view sentence) {
  const bool known = std::any_of(lines_.begin(), lines_.end(), [&](const Line& told) {
    return told.line == line && told.column == column && told.text == sentence;
  });
  if (known) return;
  if (full()) {
    more_ = true;
    return;
  }
  lines_.push_back({line, column, std::string(sentence)});
}

std::string Problems::Join() const {
  std::vector<Line> sorted = lines_;
  std::sort(sorted.begin(), sorted.end(), [](const Line& a, const Line& b) {
    return std::tie(a.line, a.column, a.text) < std::tie(b.line, b.column, b.text);
  });
  std::string text;
  for (const Line& line : sorted) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", file_, ":", line.line, ":", line.column, ": ",
                    line.text);
  }
  if (more_) absl::StrAppend(&text, "\n", file_, ": more problems follow; solve these first");
  return text;
}

const YamlNode::Entry* YamlNode::Find(absl::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

YamlNode ParseYaml(absl::string_view text, size_t max_bytes, Problems& problems) {
  if (text.size() > max_bytes) {
    problems.Add(1, 1,
                 absl::StrCat("the file has ", text.size(), " bytes; at most ", max_bytes, " are allowed"));
    return {};
  }
  if (!CheckCharacters(text, problems)) return {};
  TreeBuilder builder(text, problems);
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder)) {
      problems.Add(1, 1, "the file is empty");
      return {};
    }
    YamlNode root = builder.TakeRoot();
    parser.HandleNextDocument(builder);  // Refused by the builder if there is one.
    return root;
  } catch (const StopParsing&) {
    return {};
  } catch (const YAML::Exception& error) {
    builder.AddSyntaxError(error);
    return {};
  } catch (const std::exception&) {  // The parser is not ours; whatever it throws stops here.
    problems.Add(1, 1, "not valid YAML");
    return {};
  }
}

}  // namespace seinpost::policies
