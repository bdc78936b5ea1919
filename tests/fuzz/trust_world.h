// SPDX-License-Identifier: EUPL-1.2
// A directory of a small convenant, and for every kind of object one that it would take next: what the
// trust_* fuzz targets start from and make_trust_corpus writes.
#ifndef SEINPOST_TESTS_FUZZ_TRUST_WORLD_H_
#define SEINPOST_TESTS_FUZZ_TRUST_WORLD_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/fuzz/fuzz_check.h"
#include "tests/testing/network.h"
#include "trust/changes.h"
#include "trust/directory.h"
#include "trust/succession.h"

namespace seinpost::test {

// Small, because a convenant is parsed for many inputs.
inline constexpr char kSmallConvenant[] = R"(convenant:
  id: klein
  title: Klein
  kind: WORKING_AGREEMENT
  version: 1
  valid_from: 2026-01-01
  valid_until: 2029-12-31
  controller: gemeente
  illustrative: yes
parties:
  gemeente:
    kind: municipality
    host: yes
  politie:
    kind: police
  school:
    kind: school
purposes:
  veiligheid:
    ground: Publieke taak
    may_use: all
categories:
  wapen:
    kind: criminal
levels:
  municipality:
    ceiling: L1
    functions: {leider: L1}
  police:
    ceiling: L1
    functions: {agent: L1}
  school:
    ceiling: L1
    functions: {mentor: L1}
retention:
  kort: {after_close: 6 months, cap: 12 months}
channels:
  kern:
    kind: core
    members: [municipality, police, school]
    ceiling: L1
    retention: kort
thresholds:
  max_recipients: 3
)";
inline constexpr char kSmallLab[] = R"(lab: klein
members:
  - party: politie
    handle: agent
    mandates:
      - {function: agent, scopes: all, level: L1}
)";

struct TrustWorld {
  TrustWorld() : network(TestNetwork::Make(kSmallConvenant, kSmallLab, TestNetwork::AnyTime())) {
    const TestDevice& agent = network.device("politie/agent");
    next["issuer_certificate"] = network.IssuerObject("school");
    next["device_certificate"] = DeviceObject();
    next["mandate"] = network.MandateObject("politie/agent", "agent", {"*"}, policies::Level::kL0,
                                            network.now(), network.now() + absl::Hours(24));
    next["revocation"] = network.RevokeDeviceObject(agent);
    next["prekey"] = network.PrekeyObject(agent, "kort", 6);
    next["trust_update"] = network.TrustUpdateObject();
    next["restriction_order"] = network.RestrictChannelObject("kern", policies::Level::kL0);
    next["convenant"] = network.SuccessorObject();
    network.NewRoot("politie");
    AddProposal();
    network.NewRoot("politie");
    next["proposal"] =
        trust::MakeProposal(network.SignedSuccessor(network.SuccessorYaml(), {"politie"})).value();
    next["log_epoch"] = network.LogEpochObject(network.Checkpoint(100, network.now()), 50);
    for (const auto& [name, object] : next) {
      trust::Directory copy = network.directory();
      FuzzCheck(copy.Add(object, now()).ok(), name.c_str());
    }
  }

  // When everything in `next` may be added.
  absl::Time now() const { return network.now() + absl::Hours(80); }

  TestNetwork network;
  std::map<std::string, Bytes> next;  // by kind

 private:
  Bytes DeviceObject() {
    const crypto::SigningKey key = crypto::SigningKey::FromSeed(TestNetwork::SecretNamed("fuzz device"));
    const trust::SignedDeviceRequest request =
        trust::MakeDeviceRequest("politie", "nieuw", network.now(), key);
    return trust::IssueDeviceCertificate(request, Bytes(16, 'n'), 99, network.now(),
                                         network.now() + absl::Hours(24 * 30), network.issuer("politie"))
        .value();
  }
  // A lost key that may be replaced now.
  void AddProposal() {
    const Bytes convenant = network.SignedSuccessor(network.SuccessorYaml(), {"politie"});
    const Bytes proposal = trust::MakeProposal(convenant).value();
    network.Add(proposal);
    next["activation"] = trust::MakeActivation(proposal, network.Checkpoint(90, network.now()),
                                               network.Checkpoint(91, network.now() + trust::kPublicDelay))
                             .value();
  }
};

}  // namespace seinpost::test

#endif  // SEINPOST_TESTS_FUZZ_TRUST_WORLD_H_
