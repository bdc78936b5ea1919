// SPDX-License-Identifier: EUPL-1.2
#include "server/directory/publish_operation.h"

#include <utility>

#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "server/realm/leaf_receipt.h"
#include "server/rows/records.h"

namespace seinpost::server {

PublishOperation::PublishOperation(const Context& context, Mailbox& mailbox, Realm& realm,
                                   std::shared_ptr<trust::Directory> next,
                                   const std::vector<NewObject>& objects, absl::Time now,
                                   absl::Notification& finished, absl::StatusOr<v1::PublishReply>& result)
    : context_(context),
      mailbox_(mailbox),
      realm_(realm),
      next_(std::move(next)),
      objects_(objects),
      now_(now),
      finished_(finished),
      result_(result) {}

void PublishOperation::Apply(Transaction& transaction) {
  for (const NewObject& object : objects_) {
    const uint64_t index = transaction.StageDirectoryLeaf(realm_, object.chain_hash);
    if (object.event) transaction.Stage(realm_, *object.event);
    transaction.Put(Family::kDirectory, DirectoryKey(realm_.prefix(), object.seq),
                    DirectoryRow{index, object.bytes}.Encode());
    indexes_.push_back(index);
    const absl::Status told = next_->SetLeafIndex(object.seq, index);
    if (!told.ok()) transaction.Fail(told);
  }
  realm_.StageDirectory(next_);
}

size_t PublishOperation::bytes() const {
  size_t bytes = Operation::bytes();
  for (const NewObject& object : objects_) bytes += object.bytes.size();
  return bytes;
}

void PublishOperation::Committed() { mailbox_.EndRevoked(realm_, *next_, context_.clock.Now()); }

void PublishOperation::Complete(const absl::Status& commit) {
  if (commit.ok()) {
    result_ = Reply();
  } else {
    result_ = commit;
  }
  finished_.Notify();
}

v1::PublishReply PublishOperation::Reply() const {
  v1::PublishReply reply;
  reply.set_dir_size(next_->size());
  for (size_t i = 0; i < objects_.size(); ++i) {
    const Digest leaf_hash =
        crypto::LeafHash(audit::EncodeLeaf(audit::LeafClass::kDirectory, objects_[i].chain_hash));
    *reply.add_receipts() =
        MakeReceipt(realm_, {indexes_[i], leaf_hash, ToBytes(crypto::Sha256(objects_[i].bytes)), now_}, {});
  }
  return reply;
}

}  // namespace seinpost::server
