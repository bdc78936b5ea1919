// SPDX-License-Identifier: EUPL-1.2
#include "client/terminal/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"

namespace seinpost::client {
namespace {

// Values are taken apart by recursion, so a text from outside must not say how deep that goes.
constexpr size_t kMaxDepth = 64;

bool IsPlain(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; });
}

// Writes values one after the other.
struct Writer {
  const int indent;
  std::string out;

  void Text(const std::string& text) {
    if (IsPlain(text)) {
      absl::StrAppend(&out, "\"", text, "\"");
    } else {
      out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
  }
  void NewLine(int depth) {
    if (indent < 0) return;
    out += '\n';
    out.append(static_cast<size_t>(indent) * static_cast<size_t>(depth), ' ');
  }
  void Value(const Json& json, int depth) {
    switch (json.kind()) {
      case Json::Kind::kNull:
        out += "null";
        return;
      case Json::Kind::kFlag:
        out += json.flag() ? "true" : "false";
        return;
      case Json::Kind::kUnsigned:
        absl::StrAppend(&out, json.number());
        return;
      case Json::Kind::kNegative:
        absl::StrAppend(&out, json.integer());
        return;
      case Json::Kind::kFraction:
        out += nlohmann::json(json.fraction()).dump();
        return;
      case Json::Kind::kText:
        Text(json.text());
        return;
      case Json::Kind::kList: {
        bool first = true;
        out += '[';
        for (const Json& item : json.items()) {
          if (!std::exchange(first, false)) out += ',';
          NewLine(depth + 1);
          Value(item, depth + 1);
        }
        if (!first) NewLine(depth);
        out += ']';
        return;
      }
      case Json::Kind::kObject: {
        bool first = true;
        out += '{';
        for (const Json::Member& member : json.members()) {
          if (!std::exchange(first, false)) out += ',';
          NewLine(depth + 1);
          Text(member.name);
          out += indent < 0 ? ":" : ": ";
          Value(member.value, depth + 1);
        }
        if (!first) NewLine(depth);
        out += '}';
        return;
      }
    }
  }
};

}  // namespace

// The library's parser calls this for every token; it builds the value and keeps what it was refused for.
class JsonBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return Add(nullptr); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(number_integer_t value) override { return Add(value); }
  bool number_unsigned(number_unsigned_t value) override { return Add(value); }
  bool number_float(number_float_t value, const string_t&) override { return Add(value); }
  bool string(string_t& value) override { return Add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(Json::object()); }
  bool key(string_t& name) override {
    Level& level = open_.back();
    if (!level.names.insert(name).second) {
      status_ = absl::AlreadyExistsError("a member stands there twice");
      return false;
    }
    level.name = std::move(name);
    return true;
  }
  bool end_object() override { return Close(); }
  bool start_array(size_t) override { return Open(Json::array()); }
  bool end_array() override { return Close(); }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

  absl::StatusOr<Json> Take(bool parsed) {
    if (parsed) return std::move(root_);
    return status_.ok() ? absl::InvalidArgumentError("not JSON") : status_;
  }

 private:
  struct Level {
    Json value;
    std::set<std::string> names;
    std::string name;  // of the member that comes next
  };

  bool Open(Json value) {
    if (open_.size() == kMaxDepth) return false;
    open_.push_back({std::move(value), {}, ""});
    return true;
  }
  bool Close() {
    Json value = std::move(open_.back().value);
    open_.pop_back();
    return Add(std::move(value));
  }
  bool Add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().value.is_list()) {
      open_.back().value.push_back(std::move(value));
    } else {
      open_.back().value.Append(std::move(open_.back().name), std::move(value));
    }
    return true;
  }

  Json root_;
  std::vector<Level> open_;
  absl::Status status_;
};

Json::Json() = default;
Json::Json(std::nullptr_t) {}
Json::Json(std::initializer_list<Member> members) : kind_(Kind::kObject) {
  for (const Member& member : members) (*this)[member.name] = member.value;
}
Json::Json(double number) : kind_(Kind::kFraction), fraction_(number) {}
Json::Json(const char* text) : kind_(Kind::kText), text_(text) {}
Json::Json(std::string text) : kind_(Kind::kText), text_(std::move(text)) {}
Json::Json(absl::string_view text) : kind_(Kind::kText), text_(text) {}
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

void Json::SetFlag(bool flag) {
  kind_ = Kind::kFlag;
  number_ = flag ? 1 : 0;
}

void Json::SetInteger(uint64_t bits, bool negative) {
  kind_ = negative ? Kind::kNegative : Kind::kUnsigned;
  number_ = bits;
}

Json Json::array() {
  Json json;
  json.kind_ = Kind::kList;
  return json;
}

Json Json::object() {
  Json json;
  json.kind_ = Kind::kObject;
  return json;
}

absl::StatusOr<Json> Json::Parse(absl::string_view text) {
  JsonBuilder builder;
  return builder.Take(nlohmann::json::sax_parse(text.begin(), text.end(), &builder));
}

std::string Json::Dump(int indent) const {
  Writer writer{indent, ""};
  writer.Value(*this, 0);
  return std::move(writer.out);
}

void Json::push_back(Json value) {
  if (kind_ == Kind::kNull) kind_ = Kind::kList;
  items_.push_back(std::move(value));
}

Json& Json::operator[](absl::string_view name) {
  if (kind_ == Kind::kNull) kind_ = Kind::kObject;
  for (Member& member : members_) {
    if (member.name == name) return member.value;
  }
  Append(std::string(name), Json());
  return members_.back().value;
}

void Json::Append(std::string name, Json value) {
  members_.push_back(Member{std::move(name), std::move(value)});
}

void Json::update(const Json& object) {
  for (const Member& member : object.members_) (*this)[member.name] = member.value;
}

const Json* Json::Find(absl::string_view name) const {
  for (const Member& member : members_) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

size_t Json::size() const { return kind_ == Kind::kList ? items_.size() : members_.size(); }

bool operator==(const Json& a, const Json& b) {
  const auto same = [](const Json::Member& x, const Json::Member& y) {
    return x.name == y.name && x.value == y.value;
  };
  return a.kind_ == b.kind_ && a.number_ == b.number_ && a.fraction_ == b.fraction_ && a.text_ == b.text_ &&
         a.items_ == b.items_ &&
         std::equal(a.members_.begin(), a.members_.end(), b.members_.begin(), b.members_.end(), same);
}

Json OrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

}  // namespace seinpost::client
