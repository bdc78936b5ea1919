// SPDX-License-Identifier: EUPL-1.2
#include "client/org/mandates.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/broker/connection.h"
#include "client/broker/in_force.h"
#include "client/terminal/arguments.h"
#include "client/terminal/output.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr absl::Duration kYear = absl::Hours(365 * 24);

template <typename Map>
std::string Names(const Map& map) {
  std::vector<std::string> names;
  names.reserve(map.size());
  for (const auto& [name, value] : map) names.push_back(name);
  return absl::StrJoin(names, ", ");
}

// What the convenant says about functions and scopes, before a mandate is signed that the broker would
// refuse. Asks the broker; says nothing if it is not known or not there.
absl::Status CheckGrant(const Context& context, const OrgData& data, const GrantRequest& request) {
  if (data.broker.empty()) return absl::OkStatus();
  Connection connection(data.broker, data.tls_ca_pem, context);
  const absl::StatusOr<InForce> in_force = AskInForce(connection, data.convenant);
  if (!in_force.ok()) return absl::OkStatus();
  const policies::Convenant& convenant = in_force->file.convenant;
  const policies::Party* party = convenant.FindParty(data.organisation);
  if (party == nullptr) return UsageError("this organisation is no party of the convenant");
  const policies::KindLevels* levels = convenant.FindLevels(party->kind);
  if (request.function != policies::kPrivacyOfficer &&
      (levels == nullptr || levels->functions.count(request.function) == 0)) {
    return UsageError(absl::StrCat("unknown function; there are: ", policies::kPrivacyOfficer, ", ",
                                   levels == nullptr ? "" : Names(levels->functions)));
  }
  for (const std::string& scope : request.scopes) {
    if (scope != "*" && convenant.scopes().count(scope) == 0) {
      return UsageError(absl::StrCat("unknown scope; there are: *, ", Names(convenant.scopes())));
    }
  }
  return absl::OkStatus();
}

MandateState StateOf(const OrgData& data, const OrgData::Mandate& mandate, absl::Time now) {
  if (!mandate.refused.empty()) return MandateState::kRefused;
  if (mandate.ended) {
    return data.Waits(v1::OBJECT_KIND_REVOCATION, mandate.id) ? MandateState::kEnding : MandateState::kEnded;
  }
  if (data.Waits(v1::OBJECT_KIND_MANDATE, mandate.id)) return MandateState::kWaiting;
  if (mandate.until <= now) return MandateState::kExpired;
  return mandate.from <= now ? MandateState::kInForce : MandateState::kNotYet;
}

// --from and --until where they are given.
absl::Status SetTimes(const OrgGrantArgs& args, GrantRequest& request) {
  if (!args.from.empty()) {
    ASSIGN_OR_RETURN(request.from, ParseTimeFlag(args.from, "--from"));
  }
  if (!args.until.empty()) {
    ASSIGN_OR_RETURN(request.until, ParseTimeFlag(args.until, "--until"));
  }
  return absl::OkStatus();
}

absl::StatusOr<GrantRequest> OwnMandate(const OrgGrantArgs& args, absl::Time now) {
  if (args.function.empty() || args.scopes.empty() || args.level.empty()) {
    return UsageError("grant: --function, --scope and --level are needed without --deputy-for");
  }
  GrantRequest request;
  request.handle = args.member;
  request.function = args.function;
  request.scopes = args.scopes;
  ASSIGN_OR_RETURN(request.max_level, policies::ParseLevel(args.level));
  request.from = now;
  RETURN_IF_ERROR(SetTimes(args, request));
  if (args.until.empty()) request.until = request.from + kYear;
  return request;
}

// The mandates that a member has now or later, as those of who stands in for him. A deputy's ends with it at
// the latest.
absl::StatusOr<std::vector<GrantRequest>> DeputyMandates(const OrgGrantArgs& args, const OrgData& data,
                                                         absl::Time now) {
  if (!args.scopes.empty() || !args.level.empty()) {
    return UsageError(
        "--deputy-for: takes scopes and level from that member's mandates; leave out --scope and --level");
  }
  if (args.deputy_for == args.member) return UsageError("--deputy-for: nobody stands in for himself");
  if (data.FindMember(args.deputy_for) == nullptr) return UsageError("--deputy-for: no such member");
  std::vector<GrantRequest> requests;
  for (const OrgData::Mandate& mandate : data.mandates) {
    if (mandate.handle != args.deputy_for || mandate.ended || !mandate.refused.empty() ||
        mandate.until <= now || !mandate.deputy_for.empty() ||
        (!args.function.empty() && mandate.function != args.function)) {
      continue;
    }
    GrantRequest request{
        args.member,   mandate.function, mandate.scopes, mandate.max_level, std::max(now, mandate.from),
        mandate.until, args.deputy_for};
    RETURN_IF_ERROR(SetTimes(args, request));
    if (request.until > mandate.until) {
      return UsageError(absl::StrCat("--until: that member's own mandate ends ", FormatUtc(mandate.until)));
    }
    requests.push_back(std::move(request));
  }
  if (requests.empty()) return UsageError("--deputy-for: that member has no such mandate himself");
  return requests;
}

}  // namespace

absl::StatusOr<MandatesGranted> GrantMandates(const Context& context, const OrgGrantArgs& args) {
  const absl::Time now = context.clock.Now();
  ASSIGN_OR_RETURN(OrgStore store, OpenOrgStore(context, args));
  std::vector<GrantRequest> requests;
  if (args.deputy_for.empty()) {
    ASSIGN_OR_RETURN(GrantRequest request, OwnMandate(args, now));
    requests.push_back(std::move(request));
  } else {
    ASSIGN_OR_RETURN(requests, DeputyMandates(args, store.data(), now));
  }
  for (const GrantRequest& request : requests) {
    if (request.until <= request.from) return UsageError("--until: not after --from");
    RETURN_IF_ERROR(CheckGrant(context, store.data(), request));
  }
  ASSIGN_OR_RETURN(const crypto::SigningKey issuer, UnlockIssuer(context, store));
  MandatesGranted granted;
  granted.organisation = store.data().organisation;
  granted.as_deputy = !args.deputy_for.empty();
  for (const GrantRequest& request : requests) {
    ASSIGN_OR_RETURN(OrgData::Mandate mandate, store.Grant(request, issuer));
    granted.mandates.push_back(std::move(mandate));
  }
  std::set<Bytes> own;
  for (const OrgData::Mandate& mandate : granted.mandates) own.insert(mandate.id);
  ASSIGN_OR_RETURN(granted.published, PublishPending(context, store, issuer, own));
  return granted;
}

absl::StatusOr<MandatesListed> ListMandates(const Context& context, const OrgMandatesArgs& args) {
  const absl::Time now = context.clock.Now();
  ASSIGN_OR_RETURN(const OrgStore store, OrgStore::Open(args.dir));
  const OrgData& data = store.data();
  if (!args.member.empty() && data.FindMember(args.member) == nullptr) {
    return UsageError("--member: no such member");
  }
  MandatesListed listed{.organisation = data.organisation, .mandates = {}};
  for (const OrgData::Mandate& mandate : data.mandates) {
    if (args.member.empty() || mandate.handle == args.member) {
      listed.mandates.push_back({mandate, StateOf(data, mandate, now)});
    }
  }
  return listed;
}

absl::StatusOr<MandateEnded> EndMandate(const Context& context, const OrgEndArgs& args) {
  ASSIGN_OR_RETURN(const Bytes id, ParseId(args.mandate, "mandate: not an id of 32 hexadecimal digits"));
  ASSIGN_OR_RETURN(OrgStore store, OpenOrgStore(context, args));
  const auto& known = store.data().mandates;
  const auto found = std::find_if(known.begin(), known.end(), [&](const auto& one) { return one.id == id; });
  if (found == known.end()) return UsageError("mandate: this organisation granted none with that id");
  if (!found->refused.empty()) {
    return UsageError("mandate: the broker refused it when it was granted; there is nothing to end");
  }
  ASSIGN_OR_RETURN(const crypto::SigningKey issuer, UnlockIssuer(context, store));
  RETURN_IF_ERROR(store.EndMandate(id, context.clock.Now(), issuer));
  ASSIGN_OR_RETURN(const bool published, PublishPending(context, store, issuer, {id}));
  return MandateEnded{id, published};
}

}  // namespace seinpost::client
