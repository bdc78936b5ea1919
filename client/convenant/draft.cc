// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant/draft.h"

#include <dirent.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/broker/convenant_file.h"
#include "client/convenant/broker_keys.h"
#include "client/org/store.h"
#include "client/terminal/arguments.h"
#include "client/terminal/output.h"
#include "crypto/hash.h"
#include "policies/document/convenant.h"
#include "trust/fields.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr size_t kMaxKeysFileBytes = 64 * 1024;

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

absl::StatusOr<ConvenantDrafted> DraftConvenant(const Context& context, const ConvenantDraftArgs& args) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadArgumentFile(args.file, policies::kMaxConvenantBytes));
  absl::StatusOr<std::string> draft =
      args.previous.empty() ? FirstDraft(args, yaml) : SuccessorDraft(args, yaml);
  RETURN_IF_ERROR(draft.status());
  ASSIGN_OR_RETURN(const policies::Convenant convenant, policies::Convenant::Parse(*draft, args.file));
  const auto signatories = std::count_if(convenant.parties().begin(), convenant.parties().end(),
                                         [](const auto& party) { return party.second.root.has_value(); });
  ConvenantDrafted drafted{.convenant = convenant.id(),
                           .version = convenant.version(),
                           .text = *std::move(draft),
                           .hash = {},
                           .file = args.out,
                           .signatories = static_cast<size_t>(signatories),
                           .remarks = {}};
  drafted.hash = crypto::Sha256(drafted.text);
  const std::string remark = policies::MatchKeysRemark(convenant, context.language);
  if (!remark.empty()) {
    Note(context, remark);
    drafted.remarks.push_back(remark);
  }
  if (!args.out.empty()) RETURN_IF_ERROR(WriteFileAtomically(args.out, drafted.text));
  return drafted;
}

}  // namespace seinpost::client
