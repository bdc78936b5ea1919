// SPDX-License-Identifier: EUPL-1.2
#include "server/gate/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <exception>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace seinpost::server {

namespace {
constexpr char kHttpThreads[] = "8";
constexpr char kRequestTimeoutMs[] = "2000";
}  // namespace

struct Metrics::Registry {
  std::shared_ptr<prometheus::Registry> all = std::make_shared<prometheus::Registry>();
  prometheus::Family<prometheus::Counter>& requests =
      prometheus::BuildCounter()
          .Name("seinpost_requests_total")
          .Help("Finished calls by service, method and gRPC code")
          .Register(*all);
  prometheus::Counter& syncs = prometheus::BuildCounter()
                                   .Name("seinpost_syncs_total")
                                   .Help("Batches synced to disk")
                                   .Register(*all)
                                   .Add({});
  prometheus::Histogram& per_sync =
      prometheus::BuildHistogram()
          .Name("seinpost_requests_per_sync")
          .Help("Requests that shared one sync")
          .Register(*all)
          .Add({}, prometheus::Histogram::BucketBoundaries{1, 2, 4, 8, 16, 32, 64, 128, 256, 512});
  prometheus::Family<prometheus::Counter>& refusals = prometheus::BuildCounter()
                                                          .Name("seinpost_refusals_total")
                                                          .Help("Refusals by the convenant, by code")
                                                          .Register(*all);
  prometheus::Family<prometheus::Counter>& rejected =
      prometheus::BuildCounter()
          .Name("seinpost_rejected_total")
          .Help("Requests not considered: malformed, unauthenticated or over quota")
          .Register(*all);
  prometheus::Gauge& streams =
      prometheus::BuildGauge().Name("seinpost_streams").Help("Open subscriptions").Register(*all).Add({});
  prometheus::Gauge& certificate_end = prometheus::BuildGauge()
                                           .Name("seinpost_tls_certificate_ends_seconds")
                                           .Help("When the certificate of TLS ends, in Unix time")
                                           .Register(*all)
                                           .Add({});
  prometheus::Gauge& retention_held = prometheus::BuildGauge()
                                          .Name("seinpost_retention_held")
                                          .Help(
                                              "1 while nothing that has expired is destroyed: the clock "
                                              "may have jumped")
                                          .Register(*all)
                                          .Add({});
  prometheus::Gauge& retention_done = prometheus::BuildGauge()
                                          .Name("seinpost_retention_done_seconds")
                                          .Help("What had expired by then is gone, in Unix time")
                                          .Register(*all)
                                          .Add({});
  prometheus::Counter& unexpected = prometheus::BuildCounter()
                                        .Name("seinpost_unexpected_errors_total")
                                        .Help("Errors that should not happen; each is in the log")
                                        .Register(*all)
                                        .Add({});
  prometheus::Family<prometheus::Gauge>& trouble =
      prometheus::BuildGauge()
          .Name("seinpost_trouble")
          .Help("What the broker cannot do or who runs it should know, by cause; 0: nothing")
          .Register(*all);
  prometheus::Gauge& writable = prometheus::BuildGauge()
                                    .Name("seinpost_writable")
                                    .Help("1: all that is hosted can be written, 0: not")
                                    .Register(*all)
                                    .Add({});
  prometheus::Counter& disk_errors = prometheus::BuildCounter()
                                         .Name("seinpost_disk_errors_total")
                                         .Help("Reads and writes that the disk refused")
                                         .Register(*all)
                                         .Add({});
  std::unique_ptr<prometheus::Exposer> exposer;
};

Metrics::Metrics(ErrorLog error_log)
    : registry_(std::make_unique<Registry>()), error_log_(std::move(error_log)) {}
Metrics::~Metrics() = default;

void Metrics::CountRequest(absl::string_view service, absl::string_view method, absl::string_view code) {
  registry_->requests
      .Add({{"service", std::string(service)}, {"method", std::string(method)}, {"code", std::string(code)}})
      .Increment();
}

void Metrics::CountSync(size_t requests) {
  registry_->syncs.Increment();
  registry_->per_sync.Observe(static_cast<double>(requests));
}

void Metrics::CountRefusal(absl::string_view code) {
  registry_->refusals.Add({{"code", std::string(code)}}).Increment();
}

void Metrics::CountRejected(absl::string_view reason) {
  registry_->rejected.Add({{"reason", std::string(reason)}}).Increment();
}

void Metrics::StreamOpened() { registry_->streams.Increment(); }
void Metrics::StreamClosed() { registry_->streams.Decrement(); }

void Metrics::SetCertificateEnd(absl::Time end) {
  registry_->certificate_end.Set(static_cast<double>(absl::ToUnixSeconds(end)));
}
void Metrics::SetRetentionDone(absl::Time until) {
  registry_->retention_done.Set(static_cast<double>(absl::ToUnixSeconds(until)));
}
void Metrics::SetRetentionHeld(bool held) { registry_->retention_held.Set(held ? 1 : 0); }

void Metrics::UnexpectedError(absl::string_view what, const absl::Status& status) {
  registry_->unexpected.Increment();
  if (error_log_) error_log_(what, status);
}

void Metrics::Tell(absl::string_view what, const absl::Status& status) {
  if (error_log_) error_log_(what, status);
}

void Metrics::SetTrouble(absl::string_view cause, size_t subjects) {
  registry_->trouble.Add({{"cause", std::string(cause)}}).Set(static_cast<double>(subjects));
}

void Metrics::SetWritable(bool writable) { registry_->writable.Set(writable ? 1 : 0); }
void Metrics::CountDiskError() { registry_->disk_errors.Increment(); }

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(registry_->all->Collect());
}

bool IsLoopback(absl::string_view address) {
  const absl::string_view host = address.substr(0, address.rfind(':'));
  return absl::StartsWith(host, "127.") || host == "[::1]" || host == "localhost";
}

absl::StatusOr<std::string> Metrics::Listen(const std::string& address) {
  try {
    // One request that never comes holds one thread, and not for long; what waits for a thread is bounded by
    // civetweb itself.
    registry_->exposer = std::make_unique<prometheus::Exposer>(std::vector<std::string>{
        "listening_ports", address, "num_threads", kHttpThreads, "request_timeout_ms", kRequestTimeoutMs});
    registry_->exposer->RegisterCollectable(registry_->all);
    const std::vector<int> ports = registry_->exposer->GetListeningPorts();
    if (ports.empty()) return absl::UnavailableError(absl::StrCat("cannot listen on ", address));
    return absl::StrCat(address.substr(0, address.rfind(':')), ":", ports[0]);
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat("cannot serve metrics on ", address, ": ", error.what()));
  }
}

}  // namespace seinpost::server
