// SPDX-License-Identifier: EUPL-1.2
#ifndef SEINPOST_SERVER_GATE_METRICS_H_
#define SEINPOST_SERVER_GATE_METRICS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace seinpost::server {

// Metrics counts what the broker does, for Prometheus, and passes on what should not have happened. Labels
// are words of the code and of the convenant's rules; never a name, a handle or an identifier. Thread-safe.
class Metrics {
 public:
  using ErrorLog = std::function<void(absl::string_view what, const absl::Status& status)>;
  // `error_log` may be empty.
  explicit Metrics(ErrorLog error_log = {});
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // seinpost_requests_total{service, method, code}; `code` is a gRPC code's name.
  void CountRequest(absl::string_view service, absl::string_view method, absl::string_view code);
  // seinpost_syncs_total and the histogram seinpost_requests_per_sync.
  void CountSync(size_t requests);
  // seinpost_refusals_total{code}: denials by the rules, each of which is a leaf.
  void CountRefusal(absl::string_view code);
  // seinpost_rejected_total{reason}: malformed | unauthenticated | quota. No leaf.
  void CountRejected(absl::string_view reason);
  // seinpost_streams: open subscriptions.
  void StreamOpened();
  void StreamClosed();
  // seinpost_tls_certificate_ends_seconds: Unix time; zero until it is set.
  void SetCertificateEnd(absl::Time end);
  // seinpost_retention_held: 1 while nothing that has expired is destroyed, since the clock may have jumped.
  void SetRetentionHeld(bool held);
  // seinpost_retention_done_seconds: Unix time; what had expired by then is gone. Zero until a first pass.
  void SetRetentionDone(absl::Time until);
  // seinpost_unexpected_errors_total, and the log.
  void UnexpectedError(absl::string_view what, const absl::Status& status);
  // The log alone.
  void Tell(absl::string_view what, const absl::Status& status);
  // seinpost_trouble{cause}: how many convenants have it, or 1 for the broker; 0: none.
  void SetTrouble(absl::string_view cause, size_t subjects);
  // seinpost_writable: 1 if everything hosted can be written, otherwise 0.
  void SetWritable(bool writable);
  // seinpost_disk_errors_total: what the database or an anchor was refused by the disk.
  void CountDiskError();

  // Everything in Prometheus' text format.
  std::string Text() const;
  // Serves /metrics over HTTP on "host:port"; port 0 picks one. Returns "host:port". kUnavailable: cannot
  // listen. A request that is not there within two seconds is given up, and holds up no other until then.
  absl::StatusOr<std::string> Listen(const std::string& address);

 private:
  struct Registry;
  std::unique_ptr<Registry> registry_;
  const ErrorLog error_log_;
};

// Whether only this machine can connect to "host:port". Metrics are plain HTTP, without a password.
bool IsLoopback(absl::string_view address);

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_GATE_METRICS_H_
