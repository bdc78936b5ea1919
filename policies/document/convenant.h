// SPDX-License-Identifier: EUPL-1.2
// Convenant is the sharing agreement as a document: one strict YAML file, parsed and cross-checked, with the
// place of every clause kept, so that a refusal can quote file and line. docs/formats/convenant.md explains
// each key.
//
// Immutable once parsed, so freely shared between threads. Pointers it returns live as long as it does. It
// says nothing about signatures: those are over the file's bytes (trust/).
#ifndef SEINPOST_POLICIES_DOCUMENT_CONVENANT_H_
#define SEINPOST_POLICIES_DOCUMENT_CONVENANT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policies/document/vocabulary.h"
#include "util/bytes.h"

namespace seinpost::policies {

// Where a clause stands; lines and columns are 1-based. `path` is like "channels.core.ceiling".
struct Position {
  int line = 0;
  int column = 0;
  std::string path;
};

template <typename T>
using ByName = std::map<std::string, T, std::less<>>;

struct Party {
  std::string id;
  std::string title;                // for people; may be empty
  std::string kind;                 // a key of `levels`
  std::vector<std::string> scopes;  // keys of `scopes`; empty: the whole convenant
  std::optional<Bytes> root;  // Ed25519 public key, 32 bytes; absent in examples and when `under` is set
  std::string under;          // the party that signs for this one, or empty
  bool host = false;          // runs the broker
  bool guest = false;         // admitted, does not sign (R2, R12)
  Position at;
};

struct Purpose {
  std::string code;
  std::string title;
  std::string ground;                // free text
  bool everyone_may_use = false;     // `may_use: all`
  std::vector<std::string> may_use;  // partner kinds
  bool acute_danger = false;         // care details may reach whoever can act now (R22)
  Position at;
  Position may_use_at;
};

struct Category {
  std::string code;
  std::string title;
  CategoryKind kind = CategoryKind::kNeutral;
  Position at;
};

// What one partner kind may send and get (R4, R9, R22).
struct KindLevels {
  struct Function {
    Level ceiling = Level::kL0;
    Position at;
  };
  std::string kind;
  Level ceiling = Level::kL0;
  std::optional<Level> tied;  // holds only with a justification and an action or role in the case
  ByName<Function> functions;
  bool care = false;                    // may get care details: health, treatment, home (R22)
  bool criminal = false;                // may get criminal details (R22)
  std::vector<std::string> competence;  // purposes for which it may intervene without another tie (R9)
  std::string contact;                  // function of its contact point, or empty
  Position at;
  Position ceiling_at;
  Position tied_at;
  Position details_at;
};

struct Channel {
  std::string name;
  std::string title;
  std::string kind;
  std::string per;  // kind of scope this channel exists once for each of, or empty: exists once
  std::vector<std::string> members;  // partner kinds
  std::vector<std::string> parties;  // single parties besides
  std::vector<std::string> guests;   // partner kinds admitted at L0
  std::string chair;                 // partner kind, or empty
  Level ceiling = Level::kL0;
  bool identity = false;  // whether identity parts may travel here at L2
  KeptIdentity kept_identity = KeptIdentity::kForbidden;
  // Retention class by the level a part is judged at; absent above the ceiling.
  std::optional<std::string> retention[3];
  std::string justification_retention;  // empty where the ceiling is below L2
  Position at;
  Position ceiling_at;
  Position members_at;
  Position identity_at;
  Position retention_at;

  // The class of a part of `kind` in a signal of `signal_level`, or null where such a part cannot be kept
  // here.
  const std::string* RetentionClass(PartKind part, Level signal_level,
                                    SignalKind signal = SignalKind::kSignal) const;
};

// How long a part is kept: `after_close` from the closing of its case, `cap` from its creation at the latest.
struct RetentionClass {
  std::string name;
  absl::Duration after_close;
  absl::Duration cap;
  Position at;
};

// Persons who together may release a kept identity (R6). Each group lies under another issuer.
struct ApprovalGroup {
  std::string name;
  bool of_sender = false;            // `of: sender`: members of the sender's own organisation
  std::vector<std::string> parties;  // otherwise of these
  std::string function;              // of its members; kPrivacyOfficer or one of the kind's
  Position at;
};

// Who may ask for a kept identity, and who must approve.
struct Reveal {
  std::vector<std::string> ask;       // partner kinds
  std::vector<std::string> purposes;  // codes
  absl::Duration expires;             // most that a request stays open
  ByName<ApprovalGroup> groups;       // two or more
  Position at;
  Position ask_at;
  Position purposes_at;
  Position expires_at;
  Position groups_at;
};

// Noticing that several partners signal about one person (R20).
struct Matching {
  struct Key {
    bool everyone = false;
    std::vector<std::string> kinds;  // partner kinds that may compute it
    Position at;
  };
  std::vector<std::string> channels;  // where signals may carry match tags
  ByName<Key> keys;                   // name_dob, sound_dob, pupil_number
  uint32_t min_signals = 0;
  uint32_t min_kinds = 0;  // different partner kinds among them
  absl::Duration window;
  std::string told_kind;      // the director: partner kind
  std::string told_function;  // and function
  Position at;
  Position channels_at;
  Position keys_at;
  Position threshold_at;
  Position window_at;
  Position told_at;
};

// One rung of a chain. A party, or every party of a kind; all its members in the channel, or those of one
// function.
struct AlertStep {
  std::string kind;
  std::string party;
  std::string function;   // may be empty
  absl::Duration within;  // unacknowledged that long, the next step starts (R26)
  Position at;
};

// Code Oranje (R24 to R26): who raises an alert in a channel, and who is called in which order.
struct AlertChain {
  std::string name;
  std::string channel;
  ByName<std::vector<std::string>> raise;  // partner kind → functions
  std::vector<AlertStep> steps;            // one or more
  std::vector<std::string> identity_to;    // partner kinds; empty: an alert names nobody
  absl::Duration justify_within;           // zero where identity_to is empty
  std::optional<absl::Duration> drill_every;
  Position at;
  Position raise_at;
  Position steps_at;
  Position identity_at;
};

// This side of a bridge to another convenant (R13). It carries what both sides declare, each by a version
// that all its parties signed.
struct Bridge {
  std::string name;
  std::string convenant;  // id of the other
  Level ceiling = Level::kL0;
  std::vector<std::string> purposes;     // codes, the same on both sides
  std::vector<std::string> kinds;        // of this convenant
  std::vector<std::string> their_kinds;  // of the other one
  std::vector<std::string> channels;     // of this convenant
  absl::Time from, until;                // from <= t < until
  Position at;
  Position ceiling_at;
  Position purposes_at;
  Position kinds_at;
  Position channels_at;
  Position until_at;
};

struct Witness {
  std::string name;
  Bytes key;  // Ed25519 public key, 32 bytes
  Position at;
};

struct Trust {
  uint32_t suite = 1;
  Bytes broker_key;                       // the broker's service identity, Ed25519, 32 bytes
  Bytes log_key;                          // Ed25519, 32 bytes
  std::optional<Bytes> voprf_broker_key;  // ristretto255 elements, 32 bytes
  std::optional<Bytes> voprf_steward_key;
  std::vector<Witness> witnesses;
  uint32_t witness_quorum = 0;
  uint32_t change_quorum = 0;  // root keys that sign a TrustUpdate; 0: none stated
  // How old the newest cosignature of a quorum may be before clients raise an alarm, and before they stop
  // sealing above L0.
  absl::Duration witness_alarm_after = absl::Hours(24);
  absl::Duration witness_stop_after = absl::Hours(72);
  Position at;
};

// The text of a convenant file may not be larger.
inline constexpr size_t kMaxConvenantBytes = 256 * 1024;

class Convenant {
 public:
  // Parses and checks `yaml`; `filename` only names it in positions and messages.
  // kInvalidArgument: one line per problem, at most twenty, each "file:line:column: sentence".
  static absl::StatusOr<Convenant> Parse(absl::string_view yaml, absl::string_view filename);

  const std::string& file() const { return file_; }
  const std::string& id() const { return id_; }
  const std::string& title() const { return title_; }
  ConvenantKind kind() const { return kind_; }
  uint32_t version() const { return version_; }
  // SHA-256 of the previous version's file, 32 bytes; absent in version 1.
  const std::optional<Bytes>& previous() const { return previous_; }
  absl::Time valid_from() const { return valid_from_; }
  absl::Time valid_until() const { return valid_until_; }  // the first moment it no longer holds
  const std::string& controller() const { return controller_; }
  bool illustrative() const { return illustrative_; }

  const ByName<std::string>& scopes() const { return scopes_; }  // scope → kind of scope
  const ByName<Party>& parties() const { return parties_; }
  const ByName<Purpose>& purposes() const { return purposes_; }
  const ByName<Category>& categories() const { return categories_; }
  const ByName<KindLevels>& levels() const { return levels_; }
  const ByName<Channel>& channels() const { return channels_; }
  const ByName<RetentionClass>& retention() const { return retention_; }
  // The parties whose privacy officers are the convenant's (R10).
  const std::vector<std::string>& oversight() const { return oversight_; }
  // Most organisations that one part judged at L2 may reach.
  uint32_t max_recipients() const { return max_recipients_; }
  // Working days between the announcement of an agenda with cases and its meeting (R17).
  uint32_t agenda_days() const { return agenda_days_; }
  // Counts below this are not told (R30).
  uint32_t small_cell() const { return small_cell_; }
  // Schools that must show a phenomenon before it is told as a trend (R30).
  uint32_t trend_schools() const { return trend_schools_; }
  // Absent: this convenant does not provide for it.
  const std::optional<Reveal>& reveal() const { return reveal_; }
  const std::optional<Matching>& matching() const { return matching_; }
  const ByName<AlertChain>& alerts() const { return alerts_; }
  const ByName<Bridge>& bridges() const { return bridges_; }
  const std::optional<Trust>& trust() const { return trust_; }

  // True when every signatory's root and the trust section are filled in, so that it can be signed.
  bool HasKeys() const;

  // Null: no such name.
  const Party* FindParty(absl::string_view id) const;
  const Purpose* FindPurpose(absl::string_view code) const;
  const Category* FindCategory(absl::string_view code) const;
  const KindLevels* FindLevels(absl::string_view kind) const;
  const RetentionClass* FindRetention(absl::string_view name) const;
  // `instance` is "core@school-a", or "theme" for a channel without `per`. Null: no such channel or scope.
  const Channel* FindChannel(absl::string_view instance) const;
  // The alert chain of a channel, by its name without scope; null: no alerts there.
  const AlertChain* FindAlertChain(absl::string_view channel) const;
  // The bridge to `convenant` that is open at `now`; null: none.
  const Bridge* FindBridge(absl::string_view convenant, absl::Time now) const;
  // "school-a" of "core@school-a"; empty without a scope. Points into `instance`.
  static absl::string_view ScopeOf(absl::string_view instance);

  const Party& host() const;
  // The party whose root key vouches for `party`: itself, or the one at the end of its `under` chain.
  const Party& SignatoryOf(const Party& party) const;
  // Every channel as it is written in a command, sorted.
  std::vector<std::string> ChannelInstances() const;
  // Whether `party` sits in `channel` at `scope`: its kind or id is listed, and it has no scope of that kind
  // but this one. Guests do not sit in it; IsGuestOf is theirs.
  bool IsMemberOf(const Party& party, const Channel& channel, absl::string_view scope) const;
  bool IsGuestOf(const Party& party, const Channel& channel, absl::string_view scope) const;
  // The members (not guests) of `instance`, sorted; empty if there is no such channel. What "@channel" stands
  // for.
  std::vector<const Party*> PartiesOf(absl::string_view instance) const;

  // Places of whole sections and single keys, for refusals that no smaller clause explains.
  const Position& kind_at() const { return kind_at_; }
  const Position& version_at() const { return version_at_; }
  const Position& validity_at() const { return validity_at_; }
  const Position& parties_at() const { return parties_at_; }
  const Position& oversight_at() const { return oversight_at_; }
  const Position& max_recipients_at() const { return max_recipients_at_; }
  const Position& agenda_days_at() const { return agenda_days_at_; }
  const Position& small_cell_at() const { return small_cell_at_; }
  const Position& trend_schools_at() const { return trend_schools_at_; }
  const Position& purposes_at() const { return purposes_at_; }
  const Position& categories_at() const { return categories_at_; }
  const Position& levels_at() const { return levels_at_; }
  const Position& channels_at() const { return channels_at_; }

 private:
  friend class ConvenantParser;
  Convenant() = default;
  bool InScope(const Party& party, const Channel& channel, absl::string_view scope) const;

  std::string file_, id_, title_, controller_;
  ConvenantKind kind_ = ConvenantKind::kNetwork;
  uint32_t version_ = 0;
  std::optional<Bytes> previous_;
  absl::Time valid_from_, valid_until_;
  bool illustrative_ = false;
  ByName<std::string> scopes_;
  ByName<Party> parties_;
  ByName<Purpose> purposes_;
  ByName<Category> categories_;
  ByName<KindLevels> levels_;
  ByName<Channel> channels_;
  ByName<RetentionClass> retention_;
  std::vector<std::string> oversight_;
  uint32_t max_recipients_ = 0, agenda_days_ = 0, small_cell_ = 0, trend_schools_ = 0;
  std::optional<Reveal> reveal_;
  std::optional<Matching> matching_;
  ByName<AlertChain> alerts_;
  ByName<Bridge> bridges_;
  std::optional<Trust> trust_;
  Position kind_at_, version_at_, previous_at_, controller_at_, validity_at_, parties_at_, oversight_at_,
      max_recipients_at_, agenda_days_at_, small_cell_at_, trend_schools_at_, purposes_at_, categories_at_,
      levels_at_, channels_at_;
};

}  // namespace seinpost::policies

#endif  // SEINPOST_POLICIES_DOCUMENT_CONVENANT_H_
