// SPDX-License-Identifier: Apache-2.0
// Maps by file descriptor: bytes in, bytes out.
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "addon.h"
#include "errors.h"

namespace idsd {
namespace {

bool IsPerCpu(uint32_t type) {
  return type == BPF_MAP_TYPE_PERCPU_ARRAY || type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH;
}

bpf_map_info Info(Napi::Env env, int fd) {
  bpf_map_info info = {};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) throw KernelError(env, "BPF_OBJ_GET_INFO_BY_FD", errno);
  return info;
}

// Bytes that one value takes in user space.
size_t ValueBytes(const bpf_map_info& info) {
  if (!IsPerCpu(info.type)) return info.value_size;
  return static_cast<size_t>((info.value_size + 7) / 8 * 8) * static_cast<size_t>(libbpf_num_possible_cpus());
}

void CheckSize(Napi::Env env, const char* what, size_t got, size_t needed) {
  if (got != needed) {
    throw Napi::RangeError::New(
        env, std::string(what) + ": " + std::to_string(needed) + " bytes are needed, got " + std::to_string(got));
  }
}

// mapUpdate(fd, key, value, flags)
Napi::Value MapUpdate(const Napi::CallbackInfo& info) {
  const int fd = Int(info, 0, "fd");
  Napi::Uint8Array key = Bytes(info, 1, "key"), value = Bytes(info, 2, "value");
  const bpf_map_info map = Info(info.Env(), fd);
  CheckSize(info.Env(), "key", key.ByteLength(), map.key_size);
  CheckSize(info.Env(), "value", value.ByteLength(), ValueBytes(map));
  if (bpf_map_update_elem(fd, key.Data(), value.Data(), static_cast<uint64_t>(Int(info, 3, "flags"))) != 0) {
    throw KernelError(info.Env(), std::string("update map ") + map.name, errno);
  }
  return info.Env().Undefined();
}

// mapUpdateBatch(fd, keys, values, count): keys and values laid one after the other.
Napi::Value MapUpdateBatch(const Napi::CallbackInfo& info) {
  const int fd = Int(info, 0, "fd");
  Napi::Uint8Array keys = Bytes(info, 1, "keys"), values = Bytes(info, 2, "values");
  uint32_t count = static_cast<uint32_t>(Int(info, 3, "count"));
  const bpf_map_info map = Info(info.Env(), fd);
  CheckSize(info.Env(), "keys", keys.ByteLength(), static_cast<size_t>(map.key_size) * count);
  CheckSize(info.Env(), "values", values.ByteLength(), ValueBytes(map) * count);
  if (count == 0) return info.Env().Undefined();
  if (bpf_map_update_batch(fd, keys.Data(), values.Data(), &count, nullptr) == 0) return info.Env().Undefined();
  const int error = errno;
  // Tries and rings of older kernels know no batches.
  if (error != ENOTSUP && error != 524 && error != EINVAL) {
    throw KernelError(info.Env(), std::string("update map in a batch ") + map.name, error);
  }
  const uint32_t total = static_cast<uint32_t>(Int(info, 3, "count"));
  for (uint32_t i = 0; i < total; i++) {
    if (bpf_map_update_elem(fd, keys.Data() + i * map.key_size, values.Data() + i * ValueBytes(map), 0) != 0) {
      throw KernelError(info.Env(), std::string("update map ") + map.name, errno);
    }
  }
  return info.Env().Undefined();
}

// mapLookup(fd, key) -> Uint8Array | undefined
Napi::Value MapLookup(const Napi::CallbackInfo& info) {
  const int fd = Int(info, 0, "fd");
  Napi::Uint8Array key = Bytes(info, 1, "key");
  const bpf_map_info map = Info(info.Env(), fd);
  CheckSize(info.Env(), "key", key.ByteLength(), map.key_size);
  Napi::Uint8Array value = Napi::Uint8Array::New(info.Env(), ValueBytes(map));
  if (bpf_map_lookup_elem(fd, key.Data(), value.Data()) == 0) return value;
  if (errno == ENOENT) return info.Env().Undefined();
  throw KernelError(info.Env(), std::string("look up in map ") + map.name, errno);
}

// mapDelete(fd, key) -> whether it was there
Napi::Value MapDelete(const Napi::CallbackInfo& info) {
  const int fd = Int(info, 0, "fd");
  Napi::Uint8Array key = Bytes(info, 1, "key");
  const bpf_map_info map = Info(info.Env(), fd);
  CheckSize(info.Env(), "key", key.ByteLength(), map.key_size);
  if (bpf_map_delete_elem(fd, key.Data()) == 0) return Napi::Boolean::New(info.Env(), true);
  if (errno == ENOENT) return Napi::Boolean::New(info.Env(), false);
  throw KernelError(info.Env(), std::string("delete from map ") + map.name, errno);
}

// mapKeys(fd, after, most) -> up to `most` keys behind `after`, or from the first on, laid one after the other.
Napi::Value MapKeys(const Napi::CallbackInfo& info) {
  const int fd = Int(info, 0, "fd");
  const int most = Int(info, 2, "most");
  const bpf_map_info map = Info(info.Env(), fd);
  std::vector<uint8_t> keys;
  std::vector<uint8_t> last;
  if (!info[1].IsUndefined()) {
    Napi::Uint8Array after = Bytes(info, 1, "after");
    CheckSize(info.Env(), "after", after.ByteLength(), map.key_size);
    last.assign(after.Data(), after.Data() + after.ByteLength());
  }
  std::vector<uint8_t> next(map.key_size);
  for (int i = 0; i < most; i++) {
    if (bpf_map_get_next_key(fd, last.empty() ? nullptr : last.data(), next.data()) != 0) {
      if (errno == ENOENT) break;
      throw KernelError(info.Env(), std::string("list keys of map ") + map.name, errno);
    }
    keys.insert(keys.end(), next.begin(), next.end());
    last = next;
  }
  Napi::Uint8Array out = Napi::Uint8Array::New(info.Env(), keys.size());
  std::copy(keys.begin(), keys.end(), out.Data());
  return out;
}

// mapLookupMany(fd, keys) -> values laid one after the other; of a key that is not there all bytes are 0
Napi::Value MapLookupMany(const Napi::CallbackInfo& info) {
  const int fd = Int(info, 0, "fd");
  Napi::Uint8Array keys = Bytes(info, 1, "keys");
  const bpf_map_info map = Info(info.Env(), fd);
  if (map.key_size == 0 || keys.ByteLength() % map.key_size != 0) {
    throw Napi::RangeError::New(info.Env(), "keys: whole keys of " + std::to_string(map.key_size) + " bytes are needed");
  }
  const size_t count = keys.ByteLength() / map.key_size;
  Napi::Uint8Array values = Napi::Uint8Array::New(info.Env(), count * ValueBytes(map));
  for (size_t i = 0; i < count; i++) {
    if (bpf_map_lookup_elem(fd, keys.Data() + i * map.key_size, values.Data() + i * ValueBytes(map)) == 0) continue;
    if (errno != ENOENT) throw KernelError(info.Env(), std::string("look up in map ") + map.name, errno);
  }
  return values;
}

// mapMemory(fd) -> ArrayBuffer over the map's own memory; stays valid after the map is closed.
Napi::Value MapMemory(const Napi::CallbackInfo& info) {
  const int fd = Int(info, 0, "fd");
  const bpf_map_info map = Info(info.Env(), fd);
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const size_t used = static_cast<size_t>((map.value_size + 7) / 8 * 8) * map.max_entries;
  const size_t length = (used + page - 1) / page * page;
  void* memory = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED) throw KernelError(info.Env(), std::string("mmap of map ") + map.name, errno);
  return Napi::ArrayBuffer::New(info.Env(), memory, used, [length](Napi::Env, void* data) { munmap(data, length); });
}

}  // namespace

void InitMaps(Napi::Env env, Napi::Object exports) {
  exports.Set("mapUpdate", Napi::Function::New(env, MapUpdate));
  exports.Set("mapUpdateBatch", Napi::Function::New(env, MapUpdateBatch));
  exports.Set("mapLookup", Napi::Function::New(env, MapLookup));
  exports.Set("mapDelete", Napi::Function::New(env, MapDelete));
  exports.Set("mapKeys", Napi::Function::New(env, MapKeys));
  exports.Set("mapLookupMany", Napi::Function::New(env, MapLookupMany));
  exports.Set("mapMemory", Napi::Function::New(env, MapMemory));
  exports.Set("cpus", Napi::Number::New(env, libbpf_num_possible_cpus()));
}

}  // namespace idsd
