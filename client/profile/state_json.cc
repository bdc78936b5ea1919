// SPDX-License-Identifier: EUPL-1.2
#include "client/profile/state_json.h"

#include <algorithm>
#include <utility>

#include "client/terminal/output.h"

namespace seinpost::client {
namespace {

uint64_t Seconds(absl::Time time) { return static_cast<uint64_t>(absl::ToUnixSeconds(time)); }

Json HexList(const std::set<Bytes>& values) {
  Json list = Json::array();
  for (const Bytes& value : values) list.push_back(ToHex(value));
  return list;
}

bool GetHex(const Json& object, const char* key, size_t size, Bytes& value) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_string()) return false;
  absl::StatusOr<Bytes> bytes = FromHex(it->get_ref<const std::string&>());
  if (!bytes.ok() || bytes->size() != size) return false;
  value = *std::move(bytes);
  return true;
}

bool GetNumber(const Json& object, const char* key, uint64_t& value) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_number_unsigned()) return false;
  value = it->get<uint64_t>();
  return true;
}

bool GetTime(const Json& object, const char* key, absl::Time& value) {
  uint64_t seconds = 0;
  if (!GetNumber(object, key, seconds)) return false;
  value = absl::FromUnixSeconds(static_cast<int64_t>(seconds));
  return true;
}

bool GetDigest(const Json& object, const char* key, Digest& value) {
  Bytes bytes;
  if (!GetHex(object, key, 32, bytes)) return false;
  std::copy(bytes.begin(), bytes.end(), value.begin());
  return true;
}

bool GetText(const Json& object, const char* key, std::string& value) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_string()) return false;
  value = it->get<std::string>();
  return true;
}

bool GetBase64(const Json& json, Bytes& value) {
  if (!json.is_string()) return false;
  absl::StatusOr<Bytes> bytes = FromBase64(json.get_ref<const std::string&>());
  if (!bytes.ok()) return false;
  value = *std::move(bytes);
  return true;
}

// A list of ids of 16 bytes.
bool GetIds(const Json& object, const char* key, std::set<Bytes>& ids) {
  const auto list = object.find(key);
  if (list == object.end() || !list->is_array()) return false;
  return std::all_of(list->begin(), list->end(), [&](const Json& entry) {
    if (!entry.is_string()) return false;
    absl::StatusOr<Bytes> id = FromHex(entry.get_ref<const std::string&>());
    return id.ok() && id->size() == 16 && ids.insert(*std::move(id)).second;
  });
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

bool DecodeReplay(const Json& entry, StateData& data) {
  Bytes id;
  Replay seen;
  if (!GetHex(entry, "signal_id", 16, id) || !GetDigest(entry, "header_hash", seen.header_hash) ||
      !GetTime(entry, "forget_after", seen.forget_after)) {
    return false;
  }
  return data.replay.emplace(std::move(id), seen).second;
}

bool DecodePending(const Json& entry, StateData& data) {
  PendingReceipt receipt;
  if (!GetNumber(entry, "index", receipt.index) || !GetDigest(entry, "leaf_hash", receipt.leaf_hash))
    return false;
  data.pending.push_back(receipt);
  return true;
}

bool DecodeRead(const Json& entry, StateData& data) {
  Bytes id;
  const auto parts = entry.find("parts");
  if (!GetHex(entry, "signal_id", 16, id) || parts == entry.end() || !parts->is_array()) return false;
  std::set<uint32_t>& into = data.read[id];
  for (const Json& part : *parts) {
    if (!part.is_number_unsigned() || part.get<uint64_t>() > 15) return false;
    into.insert(part.get<uint32_t>());
  }
  return true;
}

bool DecodeSeen(const Json& entry, StateData& data) {
  SeenCheckpoint seen;
  if (!GetNumber(entry, "size", seen.size) || !GetDigest(entry, "root", seen.root)) return false;
  data.seen.push_back(seen);
  return true;
}

bool DecodeToConfirm(const Json& entry, StateData& data) {
  ToConfirm waiting;
  if (!GetHex(entry, "signal_id", 16, waiting.signal_id) ||
      !GetDigest(entry, "header_hash", waiting.header_hash) || !GetTime(entry, "time", waiting.time)) {
    return false;
  }
  data.to_confirm.push_back(std::move(waiting));
  return true;
}

bool DecodeUnreached(const Json& entry, SentSignal& sent) {
  const auto list = entry.find("unreached");
  if (list == entry.end() || !list->is_array()) return false;
  return std::all_of(list->begin(), list->end(), [&](const Json& device) {
    Bytes id;
    std::string retention_class;
    return device.is_object() && GetHex(device, "device_id", 16, id) &&
           GetText(device, "class", retention_class) &&
           sent.unreached.emplace(std::move(id), std::move(retention_class)).second;
  });
}

bool DecodeSent(const Json& entry, StateData& data) {
  Bytes id;
  SentSignal sent;
  uint64_t level = 0;
  const auto cap = entry.find("cap"), lost = entry.find("lost"), case_ref = entry.find("case_ref");
  if (cap == entry.end() || lost == entry.end() || !lost->is_boolean() || case_ref == entry.end())
    return false;
  if (!cap->is_null()) {
    sent.cap.emplace();
    if (!GetTime(entry, "cap", *sent.cap)) return false;
  }
  if (*case_ref != "" && !GetHex(entry, "case_ref", 16, sent.case_ref)) return false;
  sent.lost = lost->get<bool>();
  if (!GetHex(entry, "signal_id", 16, id) || !GetDigest(entry, "header_hash", sent.header_hash) ||
      !GetText(entry, "channel", sent.channel) || !GetNumber(entry, "level", level) || level > 3 ||
      !GetNumber(entry, "leaf_index", sent.leaf_index) || !GetTime(entry, "created", sent.created) ||
      !GetTime(entry, "forget_after", sent.forget_after) || !GetIds(entry, "devices", sent.devices) ||
      !DecodeUnreached(entry, sent) || !GetIds(entry, "confirmed", sent.confirmed)) {
    return false;
  }
  sent.level = static_cast<uint32_t>(level);
  return data.sent.emplace(std::move(id), std::move(sent)).second;
}

bool DecodeRepublish(const Json& entry, StateData& data) {
  data.republish.emplace_back();
  return entry.is_object() && entry.contains("object") && GetBase64(entry["object"], data.republish.back());
}

// Every entry of a list; a list that is not there is empty if it `may_miss`.
bool DecodeList(const Json& json, const char* key, bool may_miss, StateData& data,
                bool (*decode)(const Json&, StateData&)) {
  const auto list = json.find(key);
  if (list == json.end()) return may_miss;
  return list->is_array() && std::all_of(list->begin(), list->end(), [&](const Json& entry) {
           return entry.is_object() && decode(entry, data);
         });
}

bool DecodeDevices(const Json& json, StateData& data) {
  if (json.contains("revoked") && !GetIds(json, "revoked", data.revoked)) return false;
  const auto own = json.find("own_devices");
  if (own == json.end() || own->is_null()) return true;
  return GetIds(json, "own_devices", data.own_devices.emplace());
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
    pending.push_back(Json{{"index", receipt.index}, {"leaf_hash", ToHex(receipt.leaf_hash)}});
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
      .dump(1);
}

bool DecodeState(ByteView text, StateData& data) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  uint64_t version = 0;
  if (!json.is_object() || !GetNumber(json, "version", version) || version != 1) return false;
  const auto checkpoint = json.find("checkpoint");
  if (checkpoint == json.end() || !GetBase64(*checkpoint, data.checkpoint) ||
      !GetNumber(json, "cursor", data.cursor)) {
    return false;
  }
  return DecodeList(json, "replay", false, data, DecodeReplay) &&
         DecodeList(json, "pending", false, data, DecodePending) &&
         DecodeList(json, "read", false, data, DecodeRead) &&
         DecodeList(json, "seen", true, data, DecodeSeen) &&
         DecodeList(json, "sent", true, data, DecodeSent) &&
         DecodeList(json, "to_confirm", true, data, DecodeToConfirm) &&
         DecodeList(json, "republish", true, data, DecodeRepublish) && DecodeDevices(json, data);
}

}  // namespace seinpost::client
