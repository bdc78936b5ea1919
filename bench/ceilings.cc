// SPDX-License-Identifier: EUPL-1.2
#include "bench/ceilings.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "crypto/sign.h"
#include "storage/store.h"
#include "util/status_macros.h"

namespace seinpost::bench {
namespace {

std::string ReadBio(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

// Answers each call with the bytes it got.
class EchoReactor final : public grpc::ServerGenericBidiReactor {
 public:
  EchoReactor() { StartRead(&buffer_); }
  void OnReadDone(bool ok) override {
    if (ok) {
      StartWriteAndFinish(&buffer_, grpc::WriteOptions(), grpc::Status::OK);
    } else {
      Finish(grpc::Status::OK);
    }
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer buffer_;
};

class EchoService final : public grpc::CallbackGenericService {
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext*) override {
    return new EchoReactor;
  }
};

}  // namespace

TlsPair MakeTlsPair() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("bench"), -1,
                             -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  if (X509_sign(certificate, key, EVP_sha256()) == 0) std::abort();
  BIO* certificate_bio = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(certificate_bio, certificate);
  BIO* key_bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(key_bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  TlsPair pair{ReadBio(certificate_bio), ReadBio(key_bio)};
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pair;
}

struct EchoServer::State {
  EchoService service;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<grpc::GenericStub> stub;
};

EchoServer::EchoServer() : state_(std::make_unique<State>()) {
  const TlsPair tls = MakeTlsPair();
  grpc::SslServerCredentialsOptions server_options;
  server_options.pem_key_cert_pairs.push_back({tls.key, tls.certificate});
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(server_options), &port);
  builder.RegisterCallbackGenericService(&state_->service);
  state_->server = builder.BuildAndStart();
  grpc::SslCredentialsOptions client_options;
  client_options.pem_root_certs = tls.certificate;
  state_->stub = std::make_unique<grpc::GenericStub>(
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::SslCredentials(client_options)));
}

EchoServer::~EchoServer() {
  state_->server->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
}

absl::StatusOr<Load> EchoServer::Measure(size_t count, size_t outstanding, size_t payload_bytes) {
  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer request, reply;
  };
  const std::string payload(payload_bytes, 'x');
  const grpc::Slice slice(payload);
  return Drive(count, outstanding, [&](size_t, std::function<void(absl::Status)> done) {
    auto call = std::make_shared<Call>();
    call->request = grpc::ByteBuffer(&slice, 1);
    state_->stub->UnaryCall(
        &call->context, "/bench.Echo/Echo", grpc::StubOptions(), &call->request, &call->reply,
        [call, done = std::move(done)](const grpc::Status& status) {
          done(status.ok() ? absl::OkStatus() : absl::UnavailableError(status.error_message()));
        });
  });
}

double VerifyRate(int threads, size_t message_bytes) {
  const crypto::SigningKey key = crypto::SigningKey::Generate();
  const Bytes message(message_bytes, 'm');
  const Bytes signature = crypto::SignRaw(key, message);
  constexpr absl::Duration kTime = absl::Milliseconds(500);
  std::atomic<uint64_t> verified{0};
  std::vector<std::thread> pool;
  pool.reserve(static_cast<size_t>(threads));
  const absl::Time begin = absl::Now();
  for (int i = 0; i < threads; ++i) {
    pool.emplace_back([&] {
      uint64_t done = 0;
      while (absl::Now() - begin < kTime) {
        if (!crypto::VerifyRaw(View(key.public_key()), message, signature).ok()) std::abort();
        ++done;
      }
      verified += done;
    });
  }
  for (std::thread& thread : pool) thread.join();
  return static_cast<double>(verified.load()) / absl::ToDoubleSeconds(absl::Now() - begin);
}

absl::StatusOr<absl::Duration> SyncedPutTime(const std::string& directory, int puts) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Store::Open(directory));
  std::vector<absl::Duration> times;
  const Bytes value(1024, 'v');
  for (int i = 0; i < puts; ++i) {
    Batch batch;
    batch.Put(Family::kMeta, U64(static_cast<uint64_t>(i)), value);
    const absl::Time begin = absl::Now();
    RETURN_IF_ERROR(store->Commit(batch));
    times.push_back(absl::Now() - begin);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace seinpost::bench
