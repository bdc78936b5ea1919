// SPDX-License-Identifier: EUPL-1.2
#include "client/signal/read.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "client/mail/inbox.h"
#include "client/mail/key_release.h"
#include "client/mail/sync.h"
#include "client/mail/watch.h"
#include "client/session/session.h"
#include "client/terminal/arguments.h"
#include "client/terminal/decision.h"
#include "client/terminal/output.h"
#include "client/terminal/texts.h"
#include "crypto/hash.h"
#include "envelope/open.h"
#include "envelope/vocabulary.h"
#include "trust/strict.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr char kHere[] = ".";  // --out, if it is not given

absl::StatusOr<Bytes> SignalIdOf(const OpenArgs& args) {
  return ParseId(args.signal_id, "a signal is named by 32 hexadecimal digits");
}

absl::Status CheckPurpose(const Session& session, const std::string& purpose) {
  if (purpose.empty() || session.convenant().FindPurpose(purpose) != nullptr) return absl::OkStatus();
  const std::string known =
      absl::StrJoin(session.convenant().purposes(), ", ",
                    [](std::string* out, const auto& entry) { out->append(entry.first); });
  return UsageError(absl::StrCat("unknown purpose \"", purpose, "\"; there are: ", known));
}

// Fetches mail only if the signal is not here yet.
absl::Status EnsureDelivered(Session& session, ByteView signal_id) {
  const absl::Status stored = CheckTakenIn(session, signal_id);
  if (stored.code() != absl::StatusCode::kNotFound) return stored;
  const absl::Status fetched = FetchMail(session);
  RETURN_IF_ERROR(ConfirmWhatCame(session));
  return fetched;
}

// The parts that --part names; empty: all.
absl::StatusOr<std::vector<Letter::Part>> ChosenParts(const Letter& letter, const std::string& part) {
  std::vector<Letter::Part> chosen;
  std::vector<std::string> kinds;
  uint32_t index = 0;
  const bool number = absl::SimpleAtoi(part, &index);
  for (const Letter::Part& own : letter.parts) {
    const std::string kind(envelope::NameOf(own.kind));
    if (part.empty() || kind == part || (number && own.index == index)) chosen.push_back(own);
    kinds.push_back(kind);
  }
  if (chosen.empty()) {
    return UsageError(
        absl::StrCat("--part: this device has no such part; it has ", absl::StrJoin(kinds, ", ")));
  }
  // Who it is about comes after what happened.
  std::sort(chosen.begin(), chosen.end(), [](const Letter::Part& a, const Letter::Part& b) {
    return std::tie(a.kind, a.index) < std::tie(b.kind, b.index);
  });
  return chosen;
}

void NoteNotShown(const Context& context, v1::PartKind kind) {
  Note(context, absl::Substitute(TextOf(Text::kNotShown, context.language), envelope::NameOf(kind)));
}

absl::Status CheckCanWriteIn(const std::string& directory) {
  struct stat info{};
  if (stat(directory.c_str(), &info) == 0 && S_ISDIR(info.st_mode) &&
      access(directory.c_str(), W_OK | X_OK) == 0) {
    return absl::OkStatus();
  }
  return UsageError(absl::StrCat("--out: cannot write in ", directory));
}

// Writes all of it to the disk, or nothing: the name is that of a whole file. False: errno says why.
bool WriteWhole(const std::string& path, ByteView content) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return false;
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t written = write(file, content.data() + done, content.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) break;
    done += static_cast<size_t>(written);
  }
  const bool whole = done == content.size() && fsync(file) == 0;
  const int why = errno;
  const bool closed = close(file) == 0;
  if (whole && closed) return true;
  const int kept = whole ? errno : why;
  unlink(path.c_str());
  errno = kept;
  return false;
}

// Writes a new file of this name in `directory`, or one with a number added. Never writes over a file, nor
// through a link. Returns its path.
absl::StatusOr<std::string> WriteNewFile(const std::string& directory, const std::string& stem,
                                         const std::string& extension, ByteView content) {
  const std::string part = absl::StrCat(directory, "/.", stem, "-", ToHex(crypto::RandomBytes(4)), ".part");
  const auto failed = [&directory] {
    return absl::InternalError(
        absl::StrCat("--out: a photo cannot be written in ", directory, ": ", strerror(errno)));
  };
  if (!WriteWhole(part, content)) return failed();
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const std::string path =
        absl::StrCat(directory, "/", stem, attempt == 0 ? "" : absl::StrCat("-", attempt), extension);
    if (renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return path;
    if (errno == EEXIST) continue;
    const int why = errno;
    unlink(part.c_str());
    errno = why;
    if (why != EINVAL) return failed();
    // A file system that cannot rename so.
    if (!WriteWhole(path, content)) return failed();
    return path;
  }
  unlink(part.c_str());
  return UsageError(absl::StrCat("--out: too many files of that name in ", directory));
}

// Opens parts of one letter, one after the other.
class Opener {
 public:
  Opener(Session& session, OpenableLetter letter, const OpenArgs& args)
      : session_(session), letter_(std::move(letter)), args_(args) {}

  // kPermissionDenied as a refusal: the rules keep it shut. kNotFound: its key is destroyed. kDataLoss:
  // tampered with.
  absl::StatusOr<OpenedPart> Open(const Letter::Part& part) {
    const envelope::VerifiedPart* verified = letter_.header.FindPart(part.index);
    if (verified == nullptr) return TamperedError("a part that was not delivered");
    const absl::StatusOr<ReleasedKeys> released =
        ReleaseKeys(session_, letter_.header, part.index, args_.purpose);
    if (IsRefusal(released.status()) && !IsAddressedTo(verified->descriptor, session_.own_device_id())) {
      Note(session_.context(), TextOf(Text::kNotPassedOn, session_.context().language));
    }
    ASSIGN_OR_RETURN(const ReleasedKeys keys, released);
    ASSIGN_OR_RETURN(const Bytes ciphertext, CiphertextOf(part, *verified));
    // From here on the replay state holds the signal: Accept() stored it before it was ever listed.
    if (part.kind == v1::PART_KIND_ATTACHMENT) {
      const absl::StatusOr<envelope::AttachmentContent> content = Unseal<envelope::AttachmentContent>(
          envelope::OpenAttachmentPart, envelope::OpenRewrappedAttachment, *verified, keys, ciphertext);
      if (!content.ok()) return DoesNotOpen(content.status());
      ASSIGN_OR_RETURN(OpenedFile file, Write(*content));
      return OpenedPart{part.kind, std::move(file)};
    }
    absl::StatusOr<Bytes> content =
        Unseal<Bytes>(envelope::OpenPart, envelope::OpenRewrapped, *verified, keys, ciphertext);
    if (!content.ok()) return DoesNotOpen(content.status());
    if (part.kind != v1::PART_KIND_IDENTITY) return OpenedPart{part.kind, *std::move(content)};
    v1::Identity identity;
    if (!trust::StrictParse(*content, content->size(), "identity", identity).ok()) {
      return TamperedError("the part does not open");
    }
    return OpenedPart{part.kind, std::move(identity)};
  }

 private:
  // With the sender's wrap for this device, or with a key that was passed on to it.
  template <typename Content, typename WithWrap, typename WithRewrap>
  absl::StatusOr<Content> Unseal(WithWrap with_wrap, WithRewrap with_rewrap,
                                 const envelope::VerifiedPart& part, const ReleasedKeys& keys,
                                 ByteView ciphertext) const {
    if (IsAddressedTo(part.descriptor, session_.own_device_id())) {
      const auto prekeys = [this](ByteView prekey_id) { return session_.profile().FindPrekey(prekey_id); };
      return with_wrap(letter_.header, part, session_.own_device_id(), keys.wraps, prekeys, ciphertext);
    }
    ASSIGN_OR_RETURN(const PassedOn passed, FindPassedOn(session_, letter_.header, part, keys));
    return with_rewrap(letter_.header, part, passed.rewrap, *passed.pair, ciphertext);
  }

  absl::StatusOr<Bytes> CiphertextOf(const Letter::Part& part, const envelope::VerifiedPart& verified) {
    if (part.kind == v1::PART_KIND_ATTACHMENT) {
      ASSIGN_OR_RETURN(Bytes ciphertext,
                       session_.connection().FetchAttachment(letter_.letter.signal_id, part.index));
      if (View(crypto::Sha256(ciphertext)) != verified.descriptor.ct_hash()) {
        return TamperedError("the attachment is not the one that was sent");
      }
      return ciphertext;
    }
    for (const v1::Part& delivered : letter_.delivery.parts()) {
      if (delivered.index() == part.index) return delivered.ciphertext();
    }
    return TamperedError("a part that was not delivered");
  }

  // One sentence for all that is wrong with the bytes; the reason goes to the local log.
  absl::Status DoesNotOpen(const absl::Status& status) {
    if (status.code() == absl::StatusCode::kNotFound || IsKeyGone(status)) return status;
    const auto reason = status.GetPayload(envelope::kOpenReason);
    session_.state().Log(
        session_.context().clock.Now(),
        absl::StrCat("signal ", ToHex(letter_.letter.signal_id), " does not open: ",
                     reason.has_value() ? std::string(*reason) : std::string(status.message())));
    return TamperedError("the part does not open");
  }

  absl::StatusOr<OpenedFile> Write(const envelope::AttachmentContent& content) {
    const bool png = content.head.content_type() == "image/png";
    // The name is ours, not the sender's: it goes into a path.
    const std::string stem =
        absl::StrCat("seinpost-", ToHex(letter_.letter.signal_id).substr(0, 8), "-", ++attachments_);
    absl::StatusOr<std::string> path = WriteNewFile(args_.out, stem, png ? ".png" : ".jpg", content.bytes);
    if (!path.ok()) {
      NoteNotShown(session_.context(), v1::PART_KIND_ATTACHMENT);
      return path.status();
    }
    return OpenedFile{.path = *std::move(path), .content_type = png ? "image/png" : "image/jpeg"};
  }

  Session& session_;
  OpenableLetter letter_;
  const OpenArgs& args_;
  int attachments_ = 0;
};

// Shows what was opened, and marks as read what was shown.
class Shower {
 public:
  Shower(Session& session, const Bytes& signal_id, const Showing& showing)
      : session_(session), showing_(showing), opened_{.signal_id = signal_id, .parts = {}} {}

  absl::Status Opened(const Letter::Part& part, OpenedPart content) {
    if (showing_.part == nullptr) {
      waiting_.push_back(part);
      opened_.parts.push_back(std::move(content));
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(ShowKept());
    shown_ = true;
    const absl::Status shown = showing_.part(content);
    return shown.ok() ? MarkRead({part}) : NotShown({part}, shown);
  }

  // Part of it stays shut: told beside what is shown, or instead if nothing is.
  absl::Status Kept(const Letter::Part& part, const Withheld& why, const absl::Status& status) {
    first_kept_.Update(status);
    if (IsKeyGone(status)) key_gone_ = status;
    opened_.parts.push_back({part.kind, why});
    return showing_.part != nullptr && shown_ ? ShowKept() : absl::OkStatus();
  }

  // Nothing more is opened, since one part failed: what waits to be shown with it is not.
  absl::Status Failed(const absl::Status& status) { return NotShown(waiting_, status); }

  absl::Status Finish() {
    const bool nothing = !shown_ && waiting_.empty();
    if (nothing && IsRefusal(first_kept_)) return first_kept_;
    RETURN_IF_ERROR(ShowRest());
    return key_gone_;
  }

 private:
  absl::Status ShowRest() {
    if (showing_.part != nullptr) return ShowKept();
    const absl::Status shown = showing_.whole(opened_);
    return shown.ok() ? MarkRead(waiting_) : NotShown(waiting_, shown);
  }

  absl::Status ShowKept() {
    for (const OpenedPart& part : opened_.parts) RETURN_IF_ERROR(showing_.part(part));
    opened_.parts.clear();
    return absl::OkStatus();
  }

  absl::Status MarkRead(const std::vector<Letter::Part>& parts) {
    if (parts.empty()) return absl::OkStatus();
    return session_.state().Update([&](StateData& data) {
      for (const Letter::Part& part : parts) data.read[opened_.signal_id].insert(part.index);
      return absl::OkStatus();
    });
  }

  absl::Status NotShown(const std::vector<Letter::Part>& parts, const absl::Status& why) const {
    for (const Letter::Part& part : parts) {
      NoteNotShown(session_.context(), part.kind);
    }
    return why;
  }

  Session& session_;
  const Showing& showing_;
  OpenedSignal opened_;                // what is still to be shown
  std::vector<Letter::Part> waiting_;  // of it, those that will count as read
  absl::Status first_kept_;
  absl::Status key_gone_;
  bool shown_ = false;
};

// Why a part is withheld while others are shown; no reasons: it is none to go on, but a failure.
Withheld WhyWithheld(const absl::Status& status) {
  if (IsRefusal(status)) return {.reasons = CodesOf(RefusalOf(status))};
  if (IsKeyGone(status)) return {.reasons = {"KEY_GONE"}};
  if (status.code() == absl::StatusCode::kNotFound) return {.reasons = {"EXPIRED"}};
  return {};
}

}  // namespace

absl::StatusOr<ListedSignals> ListSignals(const Context& context, bool unread_only) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  const absl::Status fetched = FetchMail(*session);
  RETURN_IF_ERROR(ConfirmWhatCame(*session));
  RETURN_IF_ERROR(fetched);
  ListedSignals listed;
  ASSIGN_OR_RETURN(listed.letters, ReadInbox(*session));
  if (unread_only) std::erase_if(listed.letters, [](const Letter& letter) { return !letter.unread; });
  return listed;
}

absl::Status WatchSignals(const Context& context, const WatchArgs& args,
                          absl::FunctionRef<absl::Status(const Letter&)> each) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  uint64_t shown = 0;
  return WatchMail(*session, context.clock.Now() + args.timeout,
                   [&](const Letter& letter) -> absl::StatusOr<bool> {
                     if (letter.own) return true;
                     RETURN_IF_ERROR(each(letter));
                     return ++shown != args.count;
                   });
}

absl::Status OpenSignal(const Context& context, const OpenArgs& args, const Showing& showing) {
  ASSIGN_OR_RETURN(const Bytes signal_id, SignalIdOf(args));
  if (args.out != kHere) RETURN_IF_ERROR(CheckCanWriteIn(args.out));
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, OpenOnline(context));
  RETURN_IF_ERROR(CheckPurpose(*session, args.purpose));
  RETURN_IF_ERROR(EnsureDelivered(*session, signal_id));
  RETURN_IF_ERROR(ReadInbox(*session).status());  // what has expired goes first
  ASSIGN_OR_RETURN(OpenableLetter found, FindLetter(*session, signal_id));
  ASSIGN_OR_RETURN(const std::vector<Letter::Part> chosen, ChosenParts(found.letter, args.part));
  if (std::any_of(chosen.begin(), chosen.end(),
                  [](const Letter::Part& part) { return part.kind == v1::PART_KIND_ATTACHMENT; })) {
    RETURN_IF_ERROR(CheckCanWriteIn(args.out));
  }
  Opener opener(*session, std::move(found), args);
  Shower shower(*session, signal_id, showing);
  for (const Letter::Part& part : chosen) {
    absl::StatusOr<OpenedPart> content = opener.Open(part);
    if (content.ok()) {
      RETURN_IF_ERROR(shower.Opened(part, *std::move(content)));
      continue;
    }
    const Withheld why = WhyWithheld(content.status());
    if (why.reasons.empty()) return shower.Failed(content.status());
    RETURN_IF_ERROR(shower.Kept(part, why, content.status()));
  }
  return shower.Finish();
}

absl::StatusOr<OpenAllowed> AskToOpen(const Context& context, const OpenArgs& args) {
  ASSIGN_OR_RETURN(const Bytes signal_id, SignalIdOf(args));
  ASSIGN_OR_RETURN(const std::unique_ptr<Session> session, Session::Open(context));
  RETURN_IF_ERROR(session->SyncDirectory());
  RETURN_IF_ERROR(CheckPurpose(*session, args.purpose));
  RETURN_IF_ERROR(EnsureDelivered(*session, signal_id));
  ASSIGN_OR_RETURN(const OpenableLetter found, FindLetter(*session, signal_id));
  ASSIGN_OR_RETURN(const std::vector<Letter::Part> chosen, ChosenParts(found.letter, args.part));
  OpenAllowed allowed;
  for (const Letter::Part& part : chosen) {
    v1::DecideOpenRequest question;
    question.set_convenant_id(session->entry().id);
    question.set_signal_id(signal_id);
    question.set_part(part.index);
    question.set_purpose(args.purpose.empty() ? found.letter.core.purpose() : args.purpose);
    ASSIGN_OR_RETURN(const v1::Decision decision, session->connection().DecideOpen(question));
    if (!decision.allowed()) return RefusedError(decision);
    allowed.duties.insert(allowed.duties.end(), decision.duties().begin(), decision.duties().end());
  }
  return allowed;
}

}  // namespace seinpost::client
