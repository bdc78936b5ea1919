// SPDX-License-Identifier: EUPL-1.2
#include "client/profile/state_json.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/terminal/json.h"
#include "util/status_macros.h"

namespace seinpost::client {
namespace {

constexpr absl::string_view kFile = "state.json";
constexpr size_t kIdBytes = 16;
constexpr uint64_t kMaxLevel = 3;
constexpr uint64_t kMaxPart = 15;

uint64_t Seconds(absl::Time time) { return static_cast<uint64_t>(absl::ToUnixSeconds(time)); }

Json HexList(const std::set<Bytes>& values) {
  Json list = Json::array();
  for (const Bytes& value : values) list.push_back(ToHex(value));
  return list;
}

Json SentJson(const Bytes& id, const SentSignal& sent) {
  Json unreached = Json::array();
  for (const auto& [device, retention_class] : sent.unreached) {
    unreached.push_back(Json{{"device_id", ToHex(device)}, {"class", retention_class}});
  }
  return Json{{"signal_id", ToHex(id)},
              {"header_hash", ToHex(sent.header_hash)},
              {"channel", sent.channel},
              {"level", sent.level},
              {"case_ref", ToHex(sent.case_ref)},
              {"leaf_index", sent.leaf_index},
              {"created", Seconds(sent.created)},
              {"forget_after", Seconds(sent.forget_after)},
              {"cap", sent.cap.has_value() ? Json(Seconds(*sent.cap)) : Json(nullptr)},
              {"devices", HexList(sent.devices)},
              {"unreached", std::move(unreached)},
              {"confirmed", HexList(sent.confirmed)},
              {"lost", sent.lost}};
}

absl::Status Twice(absl::string_view list) {
  return absl::InvalidArgumentError(absl::StrCat(kFile, ": ", list, ": one stands there twice"));
}

absl::Status DecodeReplay(JsonFields& fields, StateData& data) {
  Bytes id = fields.Hex("signal_id", kIdBytes);
  Replay seen;
  seen.header_hash = fields.Hash("header_hash");
  seen.forget_after = fields.Time("forget_after");
  return data.replay.emplace(std::move(id), seen).second ? absl::OkStatus() : Twice("replay");
}

absl::Status DecodePending(JsonFields& fields, StateData& data) {
  PendingReceipt receipt;
  receipt.index = fields.Number("index");
  receipt.leaf_hash = fields.Hash("leaf_hash");
  if (fields.Has("promised")) receipt.promised = fields.Time("promised");
  data.pending.push_back(receipt);
  return absl::OkStatus();
}

absl::Status DecodeRead(JsonFields& fields, StateData& data) {
  std::set<uint32_t>& into = data.read[fields.Hex("signal_id", kIdBytes)];
  for (const Json& part : fields.List("parts")) {
    if (!part.is_unsigned() || part.number() > kMaxPart) fields.Fail("parts");
    into.insert(static_cast<uint32_t>(part.number()));
  }
  return absl::OkStatus();
}

absl::Status DecodeSeen(JsonFields& fields, StateData& data) {
  SeenCheckpoint seen;
  seen.size = fields.Number("size");
  seen.root = fields.Hash("root");
  data.seen.push_back(seen);
  return absl::OkStatus();
}

absl::Status DecodeToConfirm(JsonFields& fields, StateData& data) {
  ToConfirm waiting;
  waiting.signal_id = fields.Hex("signal_id", kIdBytes);
  waiting.header_hash = fields.Hash("header_hash");
  waiting.time = fields.Time("time");
  data.to_confirm.push_back(std::move(waiting));
  return absl::OkStatus();
}

absl::Status DecodeUnreached(JsonFields& fields, SentSignal& sent) {
  for (const Json& device : fields.List("unreached")) {
    JsonFields one(device, kFile);
    Bytes id = one.Hex("device_id", kIdBytes);
    std::string retention_class = one.Text("class");
    RETURN_IF_ERROR(one.status());
    if (!sent.unreached.emplace(std::move(id), std::move(retention_class)).second) return Twice("unreached");
  }
  return absl::OkStatus();
}

absl::Status DecodeSent(JsonFields& fields, StateData& data) {
  Bytes id = fields.Hex("signal_id", kIdBytes);
  SentSignal sent;
  sent.header_hash = fields.Hash("header_hash");
  sent.channel = fields.Text("channel");
  const uint64_t level = fields.Number("level");
  if (level > kMaxLevel) fields.Fail("level");
  sent.level = static_cast<uint32_t>(level);
  sent.case_ref = fields.HexOrEmpty("case_ref", kIdBytes);
  sent.leaf_index = fields.Number("leaf_index");
  sent.created = fields.Time("created");
  sent.forget_after = fields.Time("forget_after");
  if (!fields.IsNull("cap")) sent.cap = fields.Time("cap");
  sent.devices = fields.HexSet("devices", kIdBytes);
  RETURN_IF_ERROR(DecodeUnreached(fields, sent));
  sent.confirmed = fields.HexSet("confirmed", kIdBytes);
  sent.lost = fields.Flag("lost");
  return data.sent.emplace(std::move(id), std::move(sent)).second ? absl::OkStatus() : Twice("sent");
}

absl::Status DecodeRepublish(JsonFields& fields, StateData& data) {
  data.republish.push_back(fields.Base64("object"));
  return absl::OkStatus();
}

// Every entry of a list; a list that a state of an earlier version does not have is empty.
absl::Status DecodeList(JsonFields& state, absl::string_view name, StateData& data,
                        absl::Status (*decode)(JsonFields&, StateData&)) {
  for (const Json& entry : state.List(name)) {
    JsonFields fields(entry, kFile);
    RETURN_IF_ERROR(decode(fields, data));
    RETURN_IF_ERROR(fields.status());
  }
  return state.status();
}
absl::Status DecodeLaterList(JsonFields& state, absl::string_view name, StateData& data,
                             absl::Status (*decode)(JsonFields&, StateData&)) {
  return state.Has(name) ? DecodeList(state, name, data, decode) : absl::OkStatus();
}

}  // namespace

std::string EncodeState(const StateData& data) {
  Json replay = Json::array(), pending = Json::array(), read = Json::array(), seen = Json::array();
  Json sent = Json::array(), to_confirm = Json::array(), republish = Json::array();
  for (const auto& [id, known] : data.replay) {
    replay.push_back(Json{{"signal_id", ToHex(id)},
                          {"header_hash", ToHex(known.header_hash)},
                          {"forget_after", Seconds(known.forget_after)}});
  }
  for (const PendingReceipt& receipt : data.pending) {
    Json one{{"index", receipt.index}, {"leaf_hash", ToHex(receipt.leaf_hash)}};
    if (receipt.promised != absl::InfinitePast()) one["promised"] = Seconds(receipt.promised);
    pending.push_back(std::move(one));
  }
  for (const auto& [id, parts] : data.read) {
    read.push_back(Json{{"signal_id", ToHex(id)}, {"parts", parts}});
  }
  for (const SeenCheckpoint& checkpoint : data.seen) {
    seen.push_back(Json{{"size", checkpoint.size}, {"root", ToHex(checkpoint.root)}});
  }
  for (const auto& [id, signal] : data.sent) sent.push_back(SentJson(id, signal));
  for (const ToConfirm& waiting : data.to_confirm) {
    to_confirm.push_back(Json{{"signal_id", ToHex(waiting.signal_id)},
                              {"header_hash", ToHex(waiting.header_hash)},
                              {"time", Seconds(waiting.time)}});
  }
  for (const Bytes& object : data.republish) republish.push_back(Json{{"object", ToBase64(object)}});
  return Json{{"version", 1u},
              {"checkpoint", ToBase64(data.checkpoint)},
              {"cursor", data.cursor},
              {"replay", std::move(replay)},
              {"pending", std::move(pending)},
              {"read", std::move(read)},
              {"seen", std::move(seen)},
              {"sent", std::move(sent)},
              {"to_confirm", std::move(to_confirm)},
              {"own_devices", data.own_devices.has_value() ? HexList(*data.own_devices) : Json(nullptr)},
              {"revoked", HexList(data.revoked)},
              {"republish", std::move(republish)}}
      .Dump(1);
}

absl::StatusOr<StateData> DecodeState(ByteView text) {
  ASSIGN_OR_RETURN(const Json json, Json::Parse(text));
  JsonFields fields(json, kFile);
  StateData data;
  if (fields.Number("version") != 1) fields.Fail("version");
  data.checkpoint = fields.Base64("checkpoint");
  data.cursor = fields.Number("cursor");
  RETURN_IF_ERROR(DecodeList(fields, "replay", data, DecodeReplay));
  RETURN_IF_ERROR(DecodeList(fields, "pending", data, DecodePending));
  RETURN_IF_ERROR(DecodeList(fields, "read", data, DecodeRead));
  RETURN_IF_ERROR(DecodeLaterList(fields, "seen", data, DecodeSeen));
  RETURN_IF_ERROR(DecodeLaterList(fields, "sent", data, DecodeSent));
  RETURN_IF_ERROR(DecodeLaterList(fields, "to_confirm", data, DecodeToConfirm));
  RETURN_IF_ERROR(DecodeLaterList(fields, "republish", data, DecodeRepublish));
  if (fields.Has("revoked")) data.revoked = fields.HexSet("revoked", kIdBytes);
  if (fields.Has("own_devices") && !fields.IsNull("own_devices")) {
    data.own_devices = fields.HexSet("own_devices", kIdBytes);
  }
  RETURN_IF_ERROR(fields.status());
  return data;
}

}  // namespace seinpost::client
