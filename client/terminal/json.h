// SPDX-License-Identifier: EUPL-1.2
// A JSON value (RFC 8259) as a plain type: what a command prints, and what lies in a file of the client. The
// library behind it is seen by json.cc alone, since it costs every file that includes it seconds to compile.
#ifndef SEINPOST_CLIENT_TERMINAL_JSON_H_
#define SEINPOST_CLIENT_TERMINAL_JSON_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "util/bytes.h"

namespace seinpost::client {

// Json is null, a truth value, a number, a text, a list, or an object whose members keep their order. Built
// from what it should hold: `Json{{"size", 3}, {"names", names}}` is an object, `Json::array()` an empty
// list. A value type; one thread at a time.
class Json {
 public:
  enum class Kind { kNull, kFlag, kUnsigned, kNegative, kFraction, kText, kList, kObject };
  struct Member;

  Json();  // null
  Json(std::nullptr_t);
  Json(std::initializer_list<Member> members);
  template <std::integral T>
  Json(T number) : Json() {
    if constexpr (std::same_as<T, bool>) {
      SetFlag(number);
    } else if constexpr (std::signed_integral<T>) {
      SetInteger(static_cast<uint64_t>(number), number < 0);
    } else {
      SetInteger(number, false);
    }
  }
  Json(double number);
  Json(const char* text);
  Json(std::string text);
  Json(absl::string_view text);
  template <typename T>
  Json(const std::vector<T>& values) : Json(array()) {
    for (const T& value : values) push_back(value);
  }
  template <typename T>
  Json(const std::set<T>& values) : Json(array()) {
    for (const T& value : values) push_back(value);
  }
  template <typename T>
  Json(const std::map<std::string, T>& values) : Json(object()) {
    for (const auto& [name, value] : values) (*this)[name] = value;
  }
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  static Json array();
  static Json object();

  // The value of a JSON text. kInvalidArgument: it is none, is not UTF-8, or is nested deeper than 64 values.
  // kAlreadyExists: an object has two members of one name.
  static absl::StatusOr<Json> Parse(absl::string_view text);

  // On one line; or on many, each level `indent` spaces further in. Bytes that are not UTF-8 become U+FFFD.
  std::string Dump(int indent = -1) const;

  // Building. A null value becomes a list or an object by its first element.
  void push_back(Json value);
  Json& operator[](absl::string_view name);  // the member, made null if it is not there
  void update(const Json& object);           // takes over its members

  // Reading. What the value is not reads as empty: "", 0, false, no elements.
  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_unsigned() const { return kind_ == Kind::kUnsigned; }
  bool is_text() const { return kind_ == Kind::kText; }
  bool is_list() const { return kind_ == Kind::kList; }
  bool is_object() const { return kind_ == Kind::kObject; }
  bool flag() const { return kind_ == Kind::kFlag && number_ != 0; }
  uint64_t number() const { return kind_ == Kind::kUnsigned ? number_ : 0; }
  int64_t integer() const {
    return kind_ == Kind::kUnsigned || kind_ == Kind::kNegative ? static_cast<int64_t>(number_) : 0;
  }
  double fraction() const { return fraction_; }
  const std::string& text() const { return text_; }
  const std::vector<Json>& items() const { return items_; }
  const std::vector<Member>& members() const { return members_; }
  // nullptr: no such member, or no object.
  const Json* Find(absl::string_view name) const;
  bool contains(absl::string_view name) const { return Find(name) != nullptr; }
  size_t size() const;  // of a list or an object
  bool empty() const { return size() == 0; }

  friend bool operator==(const Json& a, const Json& b);

 private:
  friend class JsonBuilder;
  void SetFlag(bool flag);
  void SetInteger(uint64_t bits, bool negative);
  void Append(std::string name, Json value);  // a name that is not there yet

  Kind kind_ = Kind::kNull;
  uint64_t number_ = 0;
  double fraction_ = 0;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

struct Json::Member {
  std::string name;
  Json value;
};

// null for an empty text.
Json OrNull(const std::string& text);

// JsonFields takes an object apart, field by field. After the first field that is missing or of another type
// every further one gives nothing, and status() names the first. Borrows `object`.
class JsonFields {
 public:
  // `what` stands before the name of a bad field: "org.json" makes `org.json: field "serial" is missing or
  // wrong`.
  JsonFields(const Json& object, absl::string_view what);

  bool Has(absl::string_view name) const { return object_.contains(name); }
  bool IsNull(absl::string_view name) const;  // it is there, and null
  std::string Text(absl::string_view name);
  std::string TextOrNull(absl::string_view name);  // "" for null
  uint64_t Number(absl::string_view name);
  bool Flag(absl::string_view name);
  absl::Time Time(absl::string_view name);  // seconds since 1970, not before
  Bytes Hex(absl::string_view name, size_t size);
  Bytes HexOrEmpty(absl::string_view name, size_t size);  // of this size, or none
  Digest Hash(absl::string_view name);                    // 32 bytes in hexadecimal
  Bytes Base64(absl::string_view name);
  const std::vector<Json>& List(absl::string_view name);
  std::vector<std::string> Texts(absl::string_view name);
  std::set<Bytes> HexSet(absl::string_view name, size_t size);  // each once
  const Json& Object(absl::string_view name);                   // an empty one if it is missing

  // Makes `name` the bad field, if there is none yet.
  void Fail(absl::string_view name);
  bool ok() const { return status_.ok(); }
  // kInvalidArgument.
  const absl::Status& status() const { return status_; }

 private:
  // The member, if it is there and of `kind`; otherwise Fail and nullptr.
  const Json* Take(absl::string_view name, Json::Kind kind);

  const Json& object_;
  const std::string what_;
  absl::Status status_;
};

}  // namespace seinpost::client

#endif  // SEINPOST_CLIENT_TERMINAL_JSON_H_
