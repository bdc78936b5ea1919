// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant/commands.h"

#include <dirent.h>

#include <algorithm>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/convenant/broker_keys.h"
#include "client/convenant/bundle.h"
#include "client/org/store.h"
#include "client/terminal/arguments.h"
#include "client/terminal/output.h"
#include "crypto/hash.h"
#include "policies/document/convenant.h"
#include "policies/questions/lab_file.h"
#include "policies/questions/questions.h"
#include "trust/fields.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr size_t kMaxExpectBytes = 4 * 1024 * 1024;
constexpr size_t kMaxKeysFileBytes = 64 * 1024;

absl::StatusOr<Bytes> ReadConvenantFile(const std::string& path) {
  return ReadArgumentFile(path, policies::kMaxConvenantBytes);
}

// The public root keys of all key directories below `directory`; the coming one where a party changes it.
absl::StatusOr<std::map<std::string, Bytes>> RootsBelow(const std::string& directory) {
  std::map<std::string, Bytes> roots;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory.c_str()), closedir);
  if (open == nullptr) return UsageError("--keys: no such directory");
  while (const dirent* entry = readdir(open.get())) {
    if (entry->d_name[0] == '.') continue;
    const absl::StatusOr<OrgStore> store = OrgStore::Open(absl::StrCat(directory, "/", entry->d_name));
    if (absl::IsInvalidArgument(store.status())) return store.status();
    if (!store.ok() || store->data().root_key.empty()) continue;
    const OrgData& data = store->data();
    roots[data.organisation] = data.next_root_key.empty() ? data.root_key : data.next_root_key;
  }
  return roots;
}

// "PARTY=HEX".
absl::StatusOr<std::pair<std::string, Bytes>> ParseRoot(absl::string_view word) {
  const std::vector<absl::string_view> halves = absl::StrSplit(word, absl::MaxSplits('=', 1));
  if (halves.size() == 2) {
    absl::StatusOr<Bytes> key = FromHex(halves[1]);
    if (key.ok() && key->size() == trust::kKeyBytes) {
      return std::make_pair(std::string(halves[0]), *std::move(key));
    }
  }
  return UsageError("--root: not PARTY=KEY with a key of 64 hexadecimal digits");
}

// The roots that the flags give: of `parties` in --keys, and those of --root.
absl::StatusOr<std::map<std::string, Bytes>> RootsOf(const ConvenantDraftArgs& args,
                                                     const std::vector<std::string>& parties) {
  std::map<std::string, Bytes> roots;
  if (!args.keys_dir.empty()) {
    ASSIGN_OR_RETURN(const auto found, RootsBelow(args.keys_dir));
    for (const std::string& party : parties) {
      if (const auto root = found.find(party); root != found.end()) roots.insert(*root);
    }
  }
  for (const std::string& word : args.roots) {
    ASSIGN_OR_RETURN(const auto root, ParseRoot(word));
    roots[root.first] = root.second;
  }
  return roots;
}

absl::StatusOr<std::string> FirstDraft(const ConvenantDraftArgs& args, const Bytes& yaml) {
  if (args.broker_keys.empty()) return UsageError("--broker-keys: needed for version 1");
  ASSIGN_OR_RETURN(const policies::Convenant convenant, policies::Convenant::Parse(yaml, args.file));
  ASSIGN_OR_RETURN(const std::vector<std::string> parties, policies::SignatoryParties(yaml, args.file));
  policies::DraftKeys keys;
  ASSIGN_OR_RETURN(keys.party_roots, RootsOf(args, parties));
  ASSIGN_OR_RETURN(const Bytes broker_file, ReadArgumentFile(args.broker_keys, kMaxKeysFileBytes));
  ASSIGN_OR_RETURN(const BrokerKeys broker, ParseBrokerKeys(broker_file, convenant.id()));
  keys.broker_key = broker.broker_key;
  keys.log_key = broker.log_key;
  return policies::Instantiate(yaml, args.file, keys);
}

// Version n+1. Whoever drafts has the key directories of new parties and of those that change theirs at hand,
// or their keys by --root; a root that stays needs neither.
absl::StatusOr<std::string> SuccessorDraft(const ConvenantDraftArgs& args, const Bytes& yaml) {
  if (!args.broker_keys.empty()) {
    return UsageError("--broker-keys: for version 1 only; a trust update changes the log's key");
  }
  ASSIGN_OR_RETURN(const ConvenantFile previous, ReadSignableConvenant(args.previous));
  std::vector<std::string> changing;
  if (!args.keys_dir.empty()) {
    ASSIGN_OR_RETURN(const auto found, RootsBelow(args.keys_dir));
    for (const auto& [id, root] : found) {
      const policies::Party* before = previous.convenant.FindParty(id);
      if (before == nullptr || before->root != root) changing.push_back(id);
    }
  }
  policies::SuccessorKeys keys;
  keys.previous_hash = ToBytes(previous.hash);
  ASSIGN_OR_RETURN(keys.party_roots, RootsOf(args, changing));
  keys.trust = *previous.convenant.trust();
  if (!args.log_key.empty()) {
    ASSIGN_OR_RETURN(keys.trust.log_key, ParseKeyFlag(args.log_key, "--log-key"));
  }
  return policies::InstantiateSuccessor(yaml, args.file, previous.convenant, keys);
}

}  // namespace

absl::Status ConvenantDraft(Context& context, const ConvenantDraftArgs& args) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadConvenantFile(args.file));
  absl::StatusOr<std::string> draft =
      args.previous.empty() ? FirstDraft(args, yaml) : SuccessorDraft(args, yaml);
  RETURN_IF_ERROR(draft.status());
  ASSIGN_OR_RETURN(const policies::Convenant convenant, policies::Convenant::Parse(*draft, args.file));
  const auto signatories = std::count_if(convenant.parties().begin(), convenant.parties().end(),
                                         [](const auto& party) { return party.second.root.has_value(); });
  const std::string hash = ToHex(crypto::Sha256(*draft));
  Json remarks = Json::array();
  const std::string remark = policies::MatchKeysRemark(convenant, context.language);
  if (!remark.empty()) {
    Note(context, remark);
    remarks.push_back(remark);
  }
  if (args.out.empty()) {
    Print(context,
          Json{{"convenant", convenant.id()},
               {"version", convenant.version()},
               {"text", *draft},
               {"hash", hash},
               {"remarks", remarks}},
          *draft);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(WriteFileAtomically(args.out, *draft));
  Print(context,
        Json{{"convenant", convenant.id()},
             {"version", convenant.version()},
             {"file", args.out},
             {"hash", hash},
             {"remarks", remarks}},
        absl::StrCat(args.out, ": version ", convenant.version(), ", to be signed by ", signatories,
                     " parties\nSHA-256 ", hash, "\n"));
  return absl::OkStatus();
}

namespace {

// The convenant in `file` and the lab beside it.
absl::StatusOr<policies::QuestionPeer> ReadWithLab(const std::string& file) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadConvenantFile(file));
  ASSIGN_OR_RETURN(policies::Convenant convenant, policies::Convenant::Parse(yaml, file));
  const std::string lab_file = BesideConvenant(file, ".lab.yaml");
  ASSIGN_OR_RETURN(const Bytes lab_yaml, ReadArgumentFile(lab_file, policies::kMaxConvenantBytes));
  ASSIGN_OR_RETURN(policies::LabFile lab, policies::ParseLabFile(lab_yaml, lab_file, convenant));
  return policies::QuestionPeer{std::move(convenant), std::move(lab)};
}

}  // namespace

absl::Status ConvenantTest(Context& context, const std::string& file) {
  ASSIGN_OR_RETURN(const policies::QuestionPeer own, ReadWithLab(file));
  const std::string expect_file = BesideConvenant(file, ".expect.yaml");
  ASSIGN_OR_RETURN(const Bytes expect, ReadArgumentFile(expect_file, kMaxExpectBytes));
  ASSIGN_OR_RETURN(
      const policies::QuestionReport report,
      policies::RunQuestions(expect, expect_file, own.convenant, own.lab, [&](absl::string_view name) {
        return ReadWithLab(file.substr(0, file.rfind('/') + 1) + std::string(name) + ".yaml");
      }));
  Json failures = Json::array();
  std::string text;
  for (const policies::QuestionResult& result : report.results) {
    if (result.passed) continue;
    failures.push_back(
        Json{{"name", result.name}, {"file", expect_file}, {"line", result.line}, {"detail", result.detail}});
    absl::StrAppend(&text, expect_file, ":", result.line, ": ", result.name, ": ", result.detail, "\n");
  }
  const size_t passed = report.results.size() - failures.size();
  absl::StrAppend(&text, passed, " passed, ", failures.size(), " failed\n");
  const bool good = failures.empty();
  Print(context, Json{{"ok", good}, {"passed", passed}, {"failed", failures.size()}, {"failures", failures}},
        text);
  return good ? absl::OkStatus() : PrintedError(kFailed);
}

}  // namespace seinpost::client
