// SPDX-License-Identifier: EUPL-1.2
// To whose devices a part is sealed (R18). The sender asks it when he seals, broker and recipients ask it
// again: one answer, or the signal is refused. Pure; thread-safe.
#ifndef SEINPOST_ENVELOPE_AUDIENCE_H_
#define SEINPOST_ENVELOPE_AUDIENCE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "trust/directory.h"

namespace seinpost::envelope {

// One device of a chosen member, and the prekey that a part is sealed to.
struct Reached {
  const trust::Device* device;
  const trust::PrekeyEntry* prekey;  // nullptr: it has none, and stands in `unreached`
};

// Every device of `members` that is valid at `created` as of `keys`, with its prekey of the class; sorted by
// device id. `members` holds nobody twice. The pointers live as those of the directory.
std::vector<Reached> AudienceOf(const std::vector<const trust::Member*>& members,
                                absl::string_view retention_class, absl::Time created,
                                const trust::Directory& directory, trust::DirSize keys);

}  // namespace seinpost::envelope

#endif  // SEINPOST_ENVELOPE_AUDIENCE_H_
