// SPDX-License-Identifier: Apache-2.0
#include "types.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <memory>

#include "addon.h"
#include "errors.h"

namespace idsd {
namespace {

struct BtfCloser {
  void operator()(btf* types) const { btf__free(types); }
};
using BtfPtr = std::unique_ptr<btf, BtfCloser>;

// A type that nests deeper, or has more fields, is none of ours.
constexpr int kMaxDepth = 16;
constexpr size_t kMaxFields = 20000;

// Path, offset and size of one field, bytes.
using OnField = std::function<void(const std::string&, uint32_t, uint32_t)>;

const btf_type* Resolve(const btf* types, uint32_t* id) {
  for (int i = 0; i < kMaxDepth; i++) {
    const btf_type* type = btf__type_by_id(types, *id);
    if (type == nullptr || !(btf_is_mod(type) || btf_is_typedef(type) || btf_is_type_tag(type))) return type;
    *id = type->type;
  }
  return nullptr;
}

std::string Name(const btf* types, uint32_t offset) {
  const char* name = btf__name_by_offset(types, offset);
  return name != nullptr ? name : "";
}

void Fields(const btf* types, uint32_t id, const std::string& path, uint32_t offset, int depth, size_t* left,
            const OnField& on_field) {
  const btf_type* type = Resolve(types, &id);
  if (type == nullptr || depth > kMaxDepth || *left == 0) return;
  if (btf_is_composite(type)) {
    const btf_member* member = btf_members(type);
    for (uint32_t i = 0; i < btf_vlen(type); i++, member++) {
      const std::string name = Name(types, member->name_off);
      const std::string below = path.empty() ? name : path + "." + name;
      const uint32_t bits = btf_member_bit_offset(type, i);
      if (btf_member_bitfield_size(type, i) != 0) continue;
      Fields(types, member->type, below, offset + bits / 8, depth + 1, left, on_field);
    }
    return;
  }
  if (btf_is_array(type)) {
    const struct btf_array* array = btf_array(type);
    const int64_t size = btf__resolve_size(types, array->type);
    for (uint32_t i = 0; size > 0 && i < array->nelems && *left > 0; i++) {
      Fields(types, array->type, path + "[" + std::to_string(i) + "]", offset + i * static_cast<uint32_t>(size),
             depth + 1, left, on_field);
    }
    return;
  }
  const int64_t size = btf__resolve_size(types, id);
  if (size <= 0) return;
  --*left;
  on_field(path, offset, static_cast<uint32_t>(size));
}

BtfPtr TypesOf(Napi::Env env, const bpf_map_info& map) {
  if (map.btf_id == 0) return nullptr;
  btf* types = btf__load_from_kernel_by_id(map.btf_id);
  if (types == nullptr) throw KernelError(env, std::string("read types of map ") + map.name, errno);
  return BtfPtr(types);
}

bpf_map_info Info(Napi::Env env, int fd) {
  bpf_map_info info = {};
  uint32_t size = sizeof(info);
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) throw KernelError(env, "BPF_OBJ_GET_INFO_BY_FD", errno);
  return info;
}

// A pin may be of anything: a program's or a link's description is not one of a map.
void Check(Napi::Env env, int fd, const std::string& kind, const char* otherwise) {
  char target[64] = {};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  if (readlink(link.c_str(), target, sizeof(target) - 1) < 0 || kind != target) {
    throw KernelError(env, "BPF_OBJ_GET_INFO_BY_FD", EINVAL, otherwise);
  }
}

// mapInfo(fd) -> { id, type, keySize, valueSize, maxEntries, flags }
Napi::Value MapInfo(const Napi::CallbackInfo& info) {
  const int fd = Int(info, 0, "fd");
  Check(info.Env(), fd, "anon_inode:bpf-map", "this is no map");
  const bpf_map_info map = Info(info.Env(), fd);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("id", map.id);
  result.Set("type", map.type);
  result.Set("keySize", map.key_size);
  result.Set("valueSize", map.value_size);
  result.Set("maxEntries", map.max_entries);
  result.Set("flags", map.map_flags);
  return result;
}

// mapTypes(fd) -> all types of the object that made the map, as DescribeTypes; undefined where it has none.
// The kernel asks for CAP_SYS_ADMIN.
Napi::Value MapTypes(const Napi::CallbackInfo& info) {
  const BtfPtr types = TypesOf(info.Env(), Info(info.Env(), Int(info, 0, "fd")));
  if (!types) return info.Env().Undefined();
  return DescribeTypes(info.Env(), types.get());
}

// programId(fd) -> the kernel's number of a program
Napi::Value ProgramId(const Napi::CallbackInfo& info) {
  const int fd = Int(info, 0, "fd");
  Check(info.Env(), fd, "anon_inode:bpf-prog", "this is no program");
  bpf_prog_info program = {};
  uint32_t size = sizeof(program);
  if (bpf_obj_get_info_by_fd(fd, &program, &size) != 0) {
    throw KernelError(info.Env(), "BPF_OBJ_GET_INFO_BY_FD", errno);
  }
  return Napi::Number::New(info.Env(), program.id);
}

}  // namespace

Napi::Object DescribeTypes(Napi::Env env, const btf* types) {
  Napi::Object structs = Napi::Object::New(env);
  Napi::Object enums = Napi::Object::New(env);
  for (uint32_t id = 1; types != nullptr && id < btf__type_cnt(types); id++) {
    const btf_type* type = btf__type_by_id(types, id);
    if (btf_is_enum(type)) {
      const struct btf_enum* one = btf_enum(type);
      for (uint32_t i = 0; i < btf_vlen(type); i++, one++) enums.Set(Name(types, one->name_off), one->val);
    }
    const std::string name = Name(types, type->name_off);
    if (!btf_is_struct(type) || name.empty()) continue;
    Napi::Array fields = Napi::Array::New(env);
    size_t left = kMaxFields;
    Fields(types, id, "", 0, 0, &left, [&](const std::string& path, uint32_t offset, uint32_t bytes) {
      Napi::Array field = Napi::Array::New(env, 3);
      field.Set(0u, path);
      field.Set(1u, offset);
      field.Set(2u, bytes);
      fields.Set(fields.Length(), field);
    });
    Napi::Object one = Napi::Object::New(env);
    one.Set("size", type->size);
    one.Set("fields", fields);
    structs.Set(name, one);
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("structs", structs);
  result.Set("enums", enums);
  return result;
}

std::string LayoutText(const btf* types, uint32_t key_type, uint32_t value_type) {
  std::string text;
  for (const uint32_t id : {key_type, value_type}) {
    size_t left = kMaxFields;
    if (id == 0) continue;
    Fields(types, id, "", 0, 0, &left, [&](const std::string& path, uint32_t offset, uint32_t bytes) {
      text += path + "@" + std::to_string(offset) + ":" + std::to_string(bytes) + ";";
    });
    text += "|";
  }
  return text;
}

void InitTypes(Napi::Env env, Napi::Object exports) {
  exports.Set("mapInfo", Napi::Function::New(env, MapInfo));
  exports.Set("mapTypes", Napi::Function::New(env, MapTypes));
  exports.Set("programId", Napi::Function::New(env, ProgramId));
}

}  // namespace idsd
