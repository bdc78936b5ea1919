// SPDX-License-Identifier: EUPL-1.2
// How `seinpostd backup` gets a moment of the database, whether or not a broker runs on it: a socket in
// data_dir, for the same user and root alone, that knows one request.
//
//   -> "checkpoint\n"     <- "ok NAME\n" or "failed TEXT\n"
//
// NAME is a directory in data_dir that holds the whole database as of then (Store::MakeCheckpoint). It is
// removed when the connection closes, and at the next start at the latest. Linux.
#ifndef SEINPOST_SERVER_COPIES_CONTROL_H_
#define SEINPOST_SERVER_COPIES_CONTROL_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/copies/descriptor.h"
#include "storage/store.h"

namespace seinpost::server {

// The broker's side. One request at a time; the others wait.
class ControlSocket {
 public:
  using Log = std::function<void(absl::string_view line)>;
  // Removes what an earlier run left in `data_dir`: the caller holds its database. Borrows `store`.
  // kUnavailable: the socket cannot be made.
  static absl::StatusOr<std::unique_ptr<ControlSocket>> Start(const std::string& data_dir, const Store& store,
                                                              Log log);
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

 private:
  ControlSocket(std::string data_dir, const Store& store, Log log, Descriptor listener, Descriptor stop);
  void Loop();
  void Serve(int connection);
  // Whether `fd` has something, or hung up, before this is told to stop.
  bool Await(int fd, int timeout_ms) const;

  const std::string data_dir_;
  const Store& store_;
  const Log log_;
  const Descriptor listener_;
  const Descriptor stop_;  // an eventfd
  std::thread thread_;
};

// A database in a directory of its own, that stays as it is for as long as this lives.
class CheckpointLease {
 public:
  // Asks the broker that runs on `data_dir`, or, where none runs, opens the database for the moment that it
  // takes. kUnavailable: neither can be had; the text says why. Others as Store::Open().
  static absl::StatusOr<CheckpointLease> Take(const std::string& data_dir);
  CheckpointLease(CheckpointLease&& other) noexcept = default;
  CheckpointLease& operator=(CheckpointLease&&) = delete;
  ~CheckpointLease();

  const std::string& directory() const { return directory_; }
  bool online() const { return connection_.get() >= 0; }  // a broker gave it

 private:
  CheckpointLease(std::string directory, Descriptor connection)
      : directory_(std::move(directory)), connection_(std::move(connection)) {}
  std::string directory_;
  Descriptor connection_;
};

}  // namespace seinpost::server

#endif  // SEINPOST_SERVER_COPIES_CONTROL_H_
