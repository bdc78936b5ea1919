// SPDX-License-Identifier: EUPL-1.2
#include "client/broker/receipts.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/substitute.h"
#include "client/broker/log_view.h"
#include "client/terminal/texts.h"
#include "crypto/hash.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

absl::Status Tampered(Text text, Language language, absl::string_view cause = "") {
  return TamperedError(absl::Substitute(TextOf(text, language), cause));
}

// The body, once whoever is the log at its index has signed it.
absl::StatusOr<audit::ReceiptBody> VerifySigned(const trust::Directory& directory,
                                                const v1::Receipt& receipt) {
  ASSIGN_OR_RETURN(const audit::ReceiptBody said, audit::ReceiptBody::Decode(receipt.body()));
  absl::Status why;
  for (const trust::LogIdentity& identity : IdentitiesAtLeaf(directory, said.index)) {
    absl::StatusOr<audit::ReceiptBody> body =
        audit::VerifyReceipt({receipt.body(), receipt.signature()}, identity.origin, identity.key);
    if (body.ok()) return body;
    why.Update(body.status());
  }
  return why;
}

absl::Status CheckOpening(const v1::Receipt& receipt, const Digest& request_hash, Language language,
                          CheckedReceipt& checked) {
  absl::StatusOr<audit::Opening> opening = audit::Opening::Decode(receipt.opening());
  if (!opening.ok()) return Tampered(Text::kReceiptEvent, language, opening.status().message());
  if (audit::LeafHashOf(audit::LeafClass::kEvent, opening->Commitment()) != checked.body.leaf_hash) {
    return Tampered(Text::kReceiptEvent, language, "another event");
  }
  if (opening->event().Text(audit::Tag::kRequestHash) != ToBytes(request_hash)) {
    return Tampered(Text::kReceiptEvent, language, "the event of another request");
  }
  checked.opening = *std::move(opening);
  return absl::OkStatus();
}

absl::Status CheckRequestProof(const v1::Receipt& receipt, const Digest& request_hash,
                               const Digest& leaf_hash, Language language) {
  const absl::StatusOr<audit::FieldProof> proof = audit::FieldProof::Decode(receipt.request_proof());
  if (!proof.ok()) return Tampered(Text::kReceiptEvent, language, "request proof: malformed");
  if (proof->tag != audit::Tag::kRequestHash || proof->value != View(request_hash)) {
    return Tampered(Text::kReceiptEvent, language, "request proof: of another request");
  }
  if (!audit::VerifyFieldProof(*proof, leaf_hash).ok()) {
    return Tampered(Text::kReceiptEvent, language, "request proof: of another leaf");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CheckedReceipt> VerifyReceipt(const trust::Directory& directory, const v1::Receipt& receipt,
                                             const Digest& request_hash, ReceiptKind kind,
                                             Language language) {
  absl::StatusOr<audit::ReceiptBody> body = VerifySigned(directory, receipt);
  if (!body.ok()) return Tampered(Text::kReceiptForged, language, body.status().message());
  if (body->request_hash != request_hash) return Tampered(Text::kReceiptOther, language);
  CheckedReceipt checked{.body = *std::move(body), .opening = std::nullopt};
  RETURN_IF_ERROR(kind == ReceiptKind::kOwn
                      ? CheckOpening(receipt, request_hash, language, checked)
                      : CheckRequestProof(receipt, request_hash, checked.body.leaf_hash, language));
  return checked;
}

PendingReceipt PromiseOf(const audit::ReceiptBody& body, absl::Time now) {
  // The earlier of the two: neither a broker nor a clock that runs ahead puts off when it is due.
  return PendingReceipt{
      .index = body.index, .leaf_hash = body.leaf_hash, .promised = std::min(body.time, now)};
}

absl::StatusOr<std::vector<PendingReceipt>> VerifyPublished(const trust::Directory& directory,
                                                            const v1::PublishReply& reply,
                                                            const std::vector<Bytes>& objects, absl::Time now,
                                                            Language language) {
  std::set<Digest> published;
  for (const Bytes& object : objects) published.insert(crypto::Sha256(object));
  std::vector<PendingReceipt> pending;
  for (const v1::Receipt& receipt : reply.receipts()) {
    const absl::StatusOr<audit::ReceiptBody> body = VerifySigned(directory, receipt);
    if (!body.ok()) return Tampered(Text::kReceiptForged, language, body.status().message());
    if (published.erase(body->request_hash) == 0) return Tampered(Text::kReceiptOther, language);
    pending.push_back(PromiseOf(*body, now));
  }
  for (const Digest& missing : published) {
    if (!directory.SeqOf(View(missing)).has_value()) return absl::NotFoundError("no receipt for an object");
  }
  return pending;
}

}  // namespace seinpost::client
