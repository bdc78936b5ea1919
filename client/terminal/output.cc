// SPDX-License-Identifier: EUPL-1.2
#include "client/terminal/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "client/terminal/texts.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

size_t CodePoints(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(),
                                           [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

}  // namespace

std::string Printable(absl::string_view text) {
  std::string printable;
  printable.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t byte = static_cast<uint8_t>(text[i]);
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<uint8_t>(text[i + 1]) >= 0x80 &&
                    static_cast<uint8_t>(text[i + 1]) < 0xA0;
    if (c1) {
      absl::StrAppend(&printable, kReplacement);
      ++i;
    } else if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) {
      absl::StrAppend(&printable, kReplacement);
    } else {
      printable.push_back(text[i]);
    }
  }
  return printable;
}

void PrintJson(const Context& context, const Json& value) {
  context.out << value.Dump() << '\n' << std::flush;
}

void PrintText(const Context& context, absl::string_view text) {
  context.out << Printable(text);
  if (!text.empty() && text.back() != '\n') context.out << '\n';
  context.out << std::flush;
}

void Print(const Context& context, const Json& value, absl::string_view text) {
  if (context.json) {
    PrintJson(context, value);
  } else {
    PrintText(context, text);
  }
}

void Note(const Context& context, absl::string_view text) {
  context.err << Printable(text);
  if (!text.empty() && text.back() != '\n') context.err << '\n';
  context.err << std::flush;
}

absl::Status CheckWritten(const Context& context) {
  context.out.flush();
  if (context.out.good()) return absl::OkStatus();
  return WithExit(absl::UnknownError(TextOf(Text::kNotWritten, context.language)), kFailed);
}

absl::Status CheckOnDisk(const Context& context) {
  RETURN_IF_ERROR(CheckWritten(context));
  // What is no file has nothing to sync, and says so.
  if (&context.out != &std::cout || fsync(STDOUT_FILENO) == 0 || errno == EINVAL || errno == EROFS) {
    return absl::OkStatus();
  }
  return WithExit(absl::UnknownError(TextOf(Text::kNotWritten, context.language)), kFailed);
}

TellProgress ProgressOf(const Context& context, absl::string_view what) {
  if (!context.progress) return nullptr;
  return [&context, name = std::string(what), shown = uint64_t{101}](uint64_t done, uint64_t all) mutable {
    const uint64_t percent = all == 0 ? 100 : done * 100 / all;
    if (percent == shown) return;
    shown = percent;
    context.err << "\r" << name << " " << percent << " %" << (percent == 100 ? "\n" : "") << std::flush;
  };
}

std::string Table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    if (row.size() > widths.size()) widths.resize(row.size());
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], CodePoints(row[i]));
  }
  std::string table;
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&table, row[i]);
      if (i + 1 < row.size()) table.append(widths[i] - CodePoints(row[i]) + 2, ' ');
    }
    table.push_back('\n');
  }
  return table;
}

std::string FormatUtc(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::string FormatLocal(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M", time, absl::LocalTimeZone());
}

}  // namespace seinpost::client
