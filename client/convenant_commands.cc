// SPDX-License-Identifier: EUPL-1.2
#include "client/convenant_commands.h"

#include <dirent.h>

#include <algorithm>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/connection.h"
#include "client/org_commands.h"
#include "client/org_store.h"
#include "client/output.h"
#include "crypto/hash.h"
#include "policies/convenant.h"
#include "policies/lab_file.h"
#include "policies/questions.h"
#include "trust/directory.h"
#include "trust/fields.h"
#include "trust/objects.h"
#include "util/secure_file.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr size_t kMaxExpectBytes = 4 * 1024 * 1024;
constexpr size_t kMaxKeysFileBytes = 64 * 1024;

absl::StatusOr<Bytes> ReadConvenantFile(const std::string& path) {
  return ReadArgumentFile(path, policies::kMaxConvenantBytes);
}

// One "file:line:column: sentence".
Json ProblemJson(absl::string_view line) {
  // The file's name may hold a colon: look for ":<line>:<column>: ".
  for (size_t at = line.find(':'); at != absl::string_view::npos; at = line.find(':', at + 1)) {
    const std::vector<absl::string_view> rest = absl::StrSplit(line.substr(at + 1), absl::MaxSplits(':', 2));
    int line_number = 0, column = 0;
    if (rest.size() == 3 && absl::SimpleAtoi(rest[0], &line_number) && absl::SimpleAtoi(rest[1], &column)) {
      return Json{{"file", std::string(line.substr(0, at))},
                  {"line", line_number},
                  {"column", column},
                  {"sentence", std::string(absl::StripLeadingAsciiWhitespace(rest[2]))}};
    }
  }
  return Json{{"file", nullptr}, {"line", nullptr}, {"column", nullptr}, {"sentence", std::string(line)}};
}

Json Problems(const absl::Status& status) {
  Json problems = Json::array();
  for (const absl::string_view line : absl::StrSplit(status.message(), '\n', absl::SkipEmpty())) {
    problems.push_back(ProblemJson(line));
  }
  return problems;
}

// The public root keys of all key directories below `directory`.
absl::StatusOr<std::map<std::string, Bytes>> RootsBelow(const std::string& directory) {
  std::map<std::string, Bytes> roots;
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory.c_str()), closedir);
  if (open == nullptr) return UsageError("--keys: no such directory");
  while (const dirent* entry = readdir(open.get())) {
    if (entry->d_name[0] == '.') continue;
    const absl::StatusOr<OrgStore> store = OrgStore::Open(absl::StrCat(directory, "/", entry->d_name));
    if (absl::IsInvalidArgument(store.status())) return store.status();
    if (!store.ok() || store->data().root_key.empty()) continue;
    roots[store->data().organisation] = store->data().root_key;
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

std::string SignatureFile(const std::string& file) { return absl::StrCat(file, ".sig"); }

// FILE.sig, or nothing if there is none yet.
absl::StatusOr<Bytes> ReadSignatures(const std::string& file) {
  absl::StatusOr<Bytes> object = ReadFile(SignatureFile(file), trust::kMaxObjectBytes);
  if (absl::IsNotFound(object.status())) return Bytes();
  if (!object.ok()) return UsageError(absl::StrCat(SignatureFile(file), ": ", object.status().message()));
  return object;
}

std::vector<std::string> Missing(const policies::Convenant& convenant, const v1::SignedObject& object) {
  std::vector<std::string> missing;
  for (const auto& [id, party] : convenant.parties()) {
    if (!party.root) continue;
    const std::string& name = id;
    const bool signed_it = std::any_of(object.signatures().begin(), object.signatures().end(),
                                       [&](const auto& signature) { return signature.signer() == name; });
    if (!signed_it) missing.push_back(id);
  }
  return missing;
}

}  // namespace

std::string BesideConvenant(absl::string_view file, absl::string_view suffix) {
  for (const absl::string_view ending : {".yaml", ".yml"}) {
    if (absl::EndsWith(file, ending)) file.remove_suffix(ending.size());
  }
  return absl::StrCat(file, suffix);
}

absl::StatusOr<BrokerKeys> ParseBrokerKeys(absl::string_view json, absl::string_view convenant) {
  const Json object = Json::parse(json.begin(), json.end(), nullptr, false);
  const absl::Status bad = absl::InvalidArgumentError("the broker's keys are not what seinpostd init prints");
  if (!object.is_object() || !object.contains("identity") || !object["identity"].is_string() ||
      !object.contains("log_keys") || !object["log_keys"].is_object()) {
    return bad;
  }
  const Json& log_keys = object["log_keys"];
  const auto log_key = log_keys.find(std::string(convenant));
  if (log_key == log_keys.end() || !log_key->is_string()) {
    return absl::InvalidArgumentError(
        "the broker has no log key for this convenant: add it to its configuration");
  }
  absl::StatusOr<Bytes> identity = FromHex(object["identity"].get<std::string>());
  absl::StatusOr<Bytes> log = FromHex(log_key->get<std::string>());
  if (!identity.ok() || !log.ok() || identity->size() != trust::kKeyBytes ||
      log->size() != trust::kKeyBytes) {
    return bad;
  }
  return BrokerKeys{*std::move(identity), *std::move(log)};
}

absl::Status ConvenantDraft(Context& context, const ConvenantDraftArgs& args) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadConvenantFile(args.file));
  ASSIGN_OR_RETURN(const policies::Convenant convenant, policies::Convenant::Parse(yaml, args.file));
  policies::DraftKeys keys;
  if (!args.keys_dir.empty()) {
    ASSIGN_OR_RETURN(const auto found, RootsBelow(args.keys_dir));
    ASSIGN_OR_RETURN(const std::vector<std::string> parties, policies::SignatoryParties(yaml, args.file));
    for (const std::string& party : parties) {
      if (const auto root = found.find(party); root != found.end()) keys.party_roots.insert(*root);
    }
  }
  for (const std::string& word : args.roots) {
    ASSIGN_OR_RETURN(const auto root, ParseRoot(word));
    keys.party_roots[root.first] = root.second;
  }
  ASSIGN_OR_RETURN(const Bytes broker_file, ReadArgumentFile(args.broker_keys, kMaxKeysFileBytes));
  ASSIGN_OR_RETURN(const BrokerKeys broker, ParseBrokerKeys(broker_file, convenant.id()));
  keys.broker_key = broker.broker_key;
  keys.log_key = broker.log_key;
  ASSIGN_OR_RETURN(const std::string draft, policies::Instantiate(yaml, args.file, keys));
  const std::string hash = ToHex(crypto::Sha256(draft));
  if (args.out.empty()) {
    Print(context, Json{{"convenant", convenant.id()}, {"text", draft}, {"hash", hash}}, draft);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(WriteFileAtomically(args.out, draft));
  Print(context, Json{{"convenant", convenant.id()}, {"file", args.out}, {"hash", hash}},
        absl::StrCat(args.out, ": to be signed by ", keys.party_roots.size(), " parties\nSHA-256 ", hash,
                     "\n"));
  return absl::OkStatus();
}

absl::Status ConvenantCheck(Context& context, const std::string& file) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadConvenantFile(file));
  const absl::StatusOr<policies::Convenant> convenant = policies::Convenant::Parse(yaml, file);
  const std::string hash = ToHex(crypto::Sha256(yaml));
  if (!convenant.ok()) {
    Print(context,
          Json{{"ok", false}, {"file", file}, {"hash", hash}, {"problems", Problems(convenant.status())}},
          absl::StrCat(convenant.status().message(), "\n"));
    return PrintedError(kUsage);
  }
  Print(context,
        Json{{"ok", true},
             {"file", file},
             {"hash", hash},
             {"convenant", convenant->id()},
             {"version", convenant->version()},
             {"kind", std::string(policies::ToString(convenant->kind()))},
             {"has_keys", convenant->HasKeys()},
             {"parties", convenant->parties().size()},
             {"channels", convenant->ChannelInstances()},
             {"problems", Json::array()}},
        absl::StrCat(file, ": in order. ", convenant->id(), " version ", convenant->version(), ", ",
                     convenant->parties().size(), " parties, ", convenant->ChannelInstances().size(),
                     " channels, ", convenant->HasKeys() ? "with keys" : "an example without keys", "\n"));
  return absl::OkStatus();
}

absl::Status ConvenantTest(Context& context, const std::string& file) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadConvenantFile(file));
  ASSIGN_OR_RETURN(const policies::Convenant convenant, policies::Convenant::Parse(yaml, file));
  const std::string lab_file = BesideConvenant(file, ".lab.yaml");
  ASSIGN_OR_RETURN(const Bytes lab_yaml, ReadArgumentFile(lab_file, policies::kMaxConvenantBytes));
  ASSIGN_OR_RETURN(const policies::LabFile lab, policies::ParseLabFile(lab_yaml, lab_file, convenant));
  const std::string expect_file = BesideConvenant(file, ".expect.yaml");
  ASSIGN_OR_RETURN(const Bytes expect, ReadArgumentFile(expect_file, kMaxExpectBytes));
  ASSIGN_OR_RETURN(const policies::QuestionReport report,
                   policies::RunQuestions(expect, expect_file, convenant, lab));
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

absl::Status ConvenantSign(Context& context, const ConvenantSignArgs& args) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadConvenantFile(args.file));
  ASSIGN_OR_RETURN(const policies::Convenant convenant, policies::Convenant::Parse(yaml, args.file));
  if (!convenant.HasKeys()) return UsageError("an example without keys cannot be signed: make a draft first");
  ASSIGN_OR_RETURN(const OrgStore store, OrgStore::Open(args.org_dir));
  const std::string& id = store.data().organisation;
  const policies::Party* party = convenant.FindParty(id);
  if (party == nullptr || !party->root)
    return UsageError("this organisation signs no convenant with this text");
  if (*party->root != store.data().root_key) {
    return UsageError(
        "the convenant names another root key for this organisation than this key directory holds");
  }
  ASSIGN_OR_RETURN(const crypto::WipedBytes passphrase, ReadPassphrase(context));
  ASSIGN_OR_RETURN(const crypto::SigningKey root, store.Root(passphrase.ExposeSecretView()));
  ASSIGN_OR_RETURN(const FileLock lock, FileLock::AcquireBlocking(SignatureFile(args.file) + ".lock"));
  ASSIGN_OR_RETURN(const Bytes so_far, ReadSignatures(args.file));
  ASSIGN_OR_RETURN(const Bytes object, trust::AddConvenantSignature(yaml, so_far, id, root));
  RETURN_IF_ERROR(WriteFileAtomically(SignatureFile(args.file), object));
  ASSIGN_OR_RETURN(const v1::SignedObject parsed, trust::ParseSignedObject(object));
  const std::vector<std::string> missing = Missing(convenant, parsed);
  Print(context,
        Json{{"convenant", convenant.id()},
             {"hash", ToHex(crypto::Sha256(yaml))},
             {"signer", id},
             {"signatures", SignatureFile(args.file)},
             {"missing", missing}},
        absl::StrCat("signed by ", id, ": ", SignatureFile(args.file), "\n",
                     missing.empty() ? std::string("all parties have signed")
                                     : absl::StrCat("still to sign: ", absl::StrJoin(missing, ", ")),
                     "\n"));
  return absl::OkStatus();
}

absl::Status ConvenantActivate(Context& context, const ConvenantActivateArgs& args) {
  ASSIGN_OR_RETURN(const Bytes yaml, ReadConvenantFile(args.file));
  ASSIGN_OR_RETURN(const Bytes object, ReadSignatures(args.file));
  if (object.empty()) return UsageError(absl::StrCat(SignatureFile(args.file), ": nobody has signed yet"));
  ASSIGN_OR_RETURN(const v1::SignedObject parsed, trust::ParseSignedObject(object));
  if (parsed.body() != yaml) return UsageError("the signatures are over another text than this file");
  ASSIGN_OR_RETURN(const policies::Convenant convenant, trust::VerifyConvenant(parsed));
  ASSIGN_OR_RETURN(const Bytes tls_ca, ReadArgumentFile(args.tls_ca, kMaxKeysFileBytes));
  Connection connection(args.broker, tls_ca, context.clock);
  RETURN_IF_ERROR(connection.Activate(object).status());
  Print(context,
        Json{{"convenant", convenant.id()},
             {"version", convenant.version()},
             {"hash", ToHex(crypto::Sha256(yaml))},
             {"active", true}},
        absl::StrCat(convenant.id(), " version ", convenant.version(), " is in force\n"));
  return absl::OkStatus();
}

}  // namespace seinpost::client
