// SPDX-License-Identifier: EUPL-1.2
#include "server/signals/references.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "policies/document/convenant.h"
#include "server/rows/device_records.h"
#include "server/rows/due_records.h"
#include "server/rows/records.h"
#include "util/status_macros.h"

namespace seinpost::server {

namespace {

constexpr char kForwards[] = "core.forwards";
constexpr char kInReplyTo[] = "core.in_reply_to";

absl::Status Unknown(absl::string_view field) {
  return absl::NotFoundError(absl::StrCat(field, ": no such signal for this member"));
}

absl::StatusOr<std::optional<Original>> LoadReference(const Store& store, ByteView realm_prefix,
                                                      ByteView signal_id, absl::string_view field) {
  if (signal_id.empty()) return std::optional<Original>();
  absl::StatusOr<Original> original = LoadOriginal(store, realm_prefix, signal_id);
  if (absl::IsNotFound(original.status())) return Unknown(field);
  RETURN_IF_ERROR(original.status());
  return std::optional<Original>(*std::move(original));
}

}  // namespace

absl::Status References::CheckKnownTo(const trust::Device& sender, const trust::Directory& directory) const {
  if (forwarded && !forwarded->IsKnownTo(directory, sender.member_ref)) return Unknown(kForwards);
  if (answered && !answered->IsKnownTo(directory, sender.member_ref)) return Unknown(kInReplyTo);
  return absl::OkStatus();
}

void References::AddTo(policies::Facts& facts, const trust::Directory& directory) const {
  if (forwarded) facts.original = ToFacts(*forwarded, directory, history);
  facts.case_scope = case_scope;
}

bool HasReferences(const v1::Core& core) {
  return !core.forwards().empty() || !core.in_reply_to().empty() || !core.case_ref().empty();
}

absl::StatusOr<References> LoadReferences(const Store& store, ByteView realm_prefix, const v1::Core& core) {
  References references;
  ASSIGN_OR_RETURN(references.forwarded, LoadReference(store, realm_prefix, core.forwards(), kForwards));
  if (references.forwarded) {
    ASSIGN_OR_RETURN(references.history, LoadHistory(store, realm_prefix, *references.forwarded));
  }
  ASSIGN_OR_RETURN(references.answered, LoadReference(store, realm_prefix, core.in_reply_to(), kInReplyTo));
  if (core.case_ref().empty()) return references;
  absl::StatusOr<Bytes> scope = store.Get(Family::kCase, CaseKey(realm_prefix, core.case_ref()));
  if (absl::IsNotFound(scope.status())) return references;
  RETURN_IF_ERROR(scope.status());
  ASSIGN_OR_RETURN(CaseRow row, CaseRow::Decode(*scope));
  references.case_scope = std::move(row.scope);
  return references;
}

// The row stays as long as the last signal with it, and a while longer.
absl::Status KeepCase(Transaction& transaction, const Bytes& realm_prefix, const v1::Core& core,
                      absl::Time until) {
  const Bytes key = CaseKey(realm_prefix, core.case_ref());
  CaseRow row{Bytes(policies::Convenant::ScopeOf(core.channel()))};
  const absl::StatusOr<Bytes> known = transaction.Get(Family::kCase, key);
  if (known.ok()) {
    ASSIGN_OR_RETURN(row, CaseRow::Decode(*known));
    if (row.keep_until >= until) return absl::OkStatus();
  } else if (!absl::IsNotFound(known.status())) {
    return known.status();
  }
  row.keep_until = until;
  transaction.Put(Family::kCase, key, row.Encode());
  transaction.Put(Family::kMeta, DueKey(realm_prefix, until, DueKind::kCase, core.case_ref()), "");
  return absl::OkStatus();
}

}  // namespace seinpost::server
