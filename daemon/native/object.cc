// SPDX-License-Identifier: Apache-2.0
#include "object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/bpf.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "errors.h"
#include "types.h"

namespace idsd {
namespace {

// What libbpf says while one call runs; kept per thread, because libbpf takes one printer for the process.
thread_local std::string libbpf_log;

int Print(enum libbpf_print_level level, const char* format, va_list args) {
  if (level == LIBBPF_DEBUG) return 0;
  char* line = nullptr;
  if (vasprintf(&line, format, args) < 0) return 0;
  libbpf_log += line;
  free(line);
  // The end of a verifier log says what is wrong.
  constexpr size_t kKeep = 2000;
  if (libbpf_log.size() > kKeep) libbpf_log.erase(0, libbpf_log.size() - kKeep);
  return 0;
}

bool EndsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

void BpfObject::Init(Napi::Env env, Napi::Object exports) {
  libbpf_set_print(Print);
  exports.Set("BpfObject", DefineClass(env, "BpfObject",
                                       {InstanceMethod("setVariable", &BpfObject::SetVariable),
                                        InstanceMethod("variable", &BpfObject::Variable),
                                        InstanceMethod("setMaxEntries", &BpfObject::SetMaxEntries),
                                        InstanceMethod("shareMap", &BpfObject::ShareMap),
                                        InstanceMethod("setFrags", &BpfObject::SetFrags),
                                        InstanceMethod("setPrograms", &BpfObject::SetPrograms),
                                        InstanceMethod("load", &BpfObject::Load),
                                        InstanceMethod("maps", &BpfObject::Maps),
                                        InstanceMethod("programFd", &BpfObject::ProgramFd),
                                        InstanceMethod("typeSizes", &BpfObject::TypeSizes),
                                        InstanceMethod("types", &BpfObject::Types),
                                        InstanceMethod("close", &BpfObject::Close)}));
}

BpfObject::BpfObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<BpfObject>(info) {
  const std::string path = Text(info, 0, "path");
  libbpf_log.clear();
  bpf_object* object = nullptr;
  if (info[1].IsTypedArray()) {
    const Napi::Uint8Array bytes = Bytes(info, 1, "bytes");
    // As libbpf names what it opens by path: maps of global variables carry the name.
    const std::string file = path.substr(path.rfind('/') + 1);
    const std::string name = file.substr(0, file.find('.'));
    LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name.c_str());
    object = bpf_object__open_mem(bytes.Data(), bytes.ByteLength(), &options);
  } else {
    object = bpf_object__open_file(path.c_str(), nullptr);
  }
  if (object == nullptr) throw KernelError(info.Env(), "bpf_object__open_file " + path, errno, libbpf_log);
  object_.reset(object);
}

bpf_object* BpfObject::Object(Napi::Env env) const {
  if (!object_) throw Napi::Error::New(env, "the BPF object is closed");
  return object_.get();
}

bpf_map* BpfObject::Map(Napi::Env env, const std::string& name) const {
  bpf_map* map = bpf_object__find_map_by_name(Object(env), name.c_str());
  if (map == nullptr) throw KernelError(env, "find map " + name, ENOENT);
  return map;
}

bpf_map* BpfObject::Find(Napi::Env env, const std::string& variable, size_t* offset, size_t* size) const {
  bpf_object* object = Object(env);
  const btf* types = bpf_object__btf(object);
  for (uint32_t id = 1; types != nullptr && id < btf__type_cnt(types); id++) {
    const btf_type* section = btf__type_by_id(types, id);
    if (!btf_is_datasec(section)) continue;
    const btf_var_secinfo* place = btf_var_secinfos(section);
    for (int i = 0; i < btf_vlen(section); i++, place++) {
      const btf_type* type = btf__type_by_id(types, place->type);
      if (variable != btf__name_by_offset(types, type->name_off)) continue;
      *offset = place->offset;
      *size = place->size;
      const std::string section_name = btf__name_by_offset(types, section->name_off);
      bpf_map* map = nullptr;
      bpf_object__for_each_map(map, object) {
        if (bpf_map__is_internal(map) && EndsWith(bpf_map__name(map), section_name)) return map;
      }
    }
  }
  throw KernelError(env, "find variable " + variable, ENOENT);
}

// setVariable(name, bytes): the value of a global before load.
Napi::Value BpfObject::SetVariable(const Napi::CallbackInfo& info) {
  size_t offset = 0, size = 0, total = 0;
  bpf_map* map = Find(info.Env(), Text(info, 0, "name"), &offset, &size);
  Napi::Uint8Array value = Bytes(info, 1, "value");
  auto* data = static_cast<uint8_t*>(const_cast<void*>(bpf_map__initial_value(map, &total)));
  if (value.ByteLength() != size || data == nullptr || offset + size > total) {
    throw KernelError(info.Env(), "set variable", EINVAL, "size differs");
  }
  memcpy(data + offset, value.Data(), size);
  return info.Env().Undefined();
}

// variable(name) -> { fd, offset, size } of a global in a loaded object.
Napi::Value BpfObject::Variable(const Napi::CallbackInfo& info) {
  size_t offset = 0, size = 0;
  bpf_map* map = Find(info.Env(), Text(info, 0, "name"), &offset, &size);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("fd", bpf_map__fd(map));
  result.Set("offset", static_cast<double>(offset));
  result.Set("size", static_cast<double>(size));
  return result;
}

Napi::Value BpfObject::SetMaxEntries(const Napi::CallbackInfo& info) {
  const std::string name = Text(info, 0, "map");
  const int err = bpf_map__set_max_entries(Map(info.Env(), name), static_cast<uint32_t>(Int(info, 1, "entries")));
  if (err != 0) throw KernelError(info.Env(), "set size of map " + name, err);
  return info.Env().Undefined();
}

// shareMap(name, fd): use a map that another object made.
Napi::Value BpfObject::ShareMap(const Napi::CallbackInfo& info) {
  const std::string name = Text(info, 0, "map");
  const int err = bpf_map__reuse_fd(Map(info.Env(), name), Int(info, 1, "fd"));
  if (err != 0) throw KernelError(info.Env(), "share map " + name, err);
  return info.Env().Undefined();
}

// setFrags(on): whether XDP programs ask for frames in several buffers (kernel 5.18).
Napi::Value BpfObject::SetFrags(const Napi::CallbackInfo& info) {
  const bool on = info[0].ToBoolean();
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, Object(info.Env())) {
    if (bpf_program__type(program) != BPF_PROG_TYPE_XDP) continue;
    const uint32_t flags = bpf_program__flags(program);
    bpf_program__set_flags(program, on ? flags | BPF_F_XDP_HAS_FRAGS : flags & ~BPF_F_XDP_HAS_FRAGS);
  }
  return info.Env().Undefined();
}

// setPrograms(names): load these and no others.
Napi::Value BpfObject::SetPrograms(const Napi::CallbackInfo& info) {
  if (!info[0].IsArray()) throw Napi::TypeError::New(info.Env(), "names: an array is needed");
  const Napi::Array names = info[0].As<Napi::Array>();
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, Object(info.Env())) bpf_program__set_autoload(program, false);
  for (uint32_t i = 0; i < names.Length(); i++) {
    const std::string name = Napi::Value(names[i]).ToString().Utf8Value();
    program = bpf_object__find_program_by_name(Object(info.Env()), name.c_str());
    if (program == nullptr) throw KernelError(info.Env(), "find program " + name, ENOENT);
    bpf_program__set_autoload(program, true);
  }
  return info.Env().Undefined();
}

Napi::Value BpfObject::Load(const Napi::CallbackInfo& info) {
  libbpf_log.clear();
  const int err = bpf_object__load(Object(info.Env()));
  if (err != 0) throw KernelError(info.Env(), "bpf_object__load", err, libbpf_log);
  return info.Env().Undefined();
}

// maps() -> { name, fd, type, keySize, valueSize, maxEntries, flags, layout }[]; fd is -1 before load.
Napi::Value BpfObject::Maps(const Napi::CallbackInfo& info) {
  Napi::Array result = Napi::Array::New(info.Env());
  const btf* types = bpf_object__btf(Object(info.Env()));
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, Object(info.Env())) {
    Napi::Object entry = Napi::Object::New(info.Env());
    entry.Set("name", bpf_map__name(map));
    entry.Set("fd", bpf_map__fd(map));
    entry.Set("type", static_cast<double>(bpf_map__type(map)));
    entry.Set("keySize", bpf_map__key_size(map));
    entry.Set("valueSize", bpf_map__value_size(map));
    entry.Set("maxEntries", bpf_map__max_entries(map));
    entry.Set("flags", bpf_map__map_flags(map));
    entry.Set("layout", types != nullptr
                            ? LayoutText(types, bpf_map__btf_key_type_id(map), bpf_map__btf_value_type_id(map))
                            : "");
    result.Set(result.Length(), entry);
  }
  return result;
}

Napi::Value BpfObject::ProgramFd(const Napi::CallbackInfo& info) {
  const std::string name = Text(info, 0, "program");
  bpf_program* program = bpf_object__find_program_by_name(Object(info.Env()), name.c_str());
  if (program == nullptr) throw KernelError(info.Env(), "find program " + name, ENOENT);
  return Napi::Number::New(info.Env(), bpf_program__fd(program));
}

// typeSizes() -> { struct name: bytes } of the object's own types.
Napi::Value BpfObject::TypeSizes(const Napi::CallbackInfo& info) {
  const btf* types = bpf_object__btf(Object(info.Env()));
  Napi::Object result = Napi::Object::New(info.Env());
  for (uint32_t id = 1; types != nullptr && id < btf__type_cnt(types); id++) {
    const btf_type* type = btf__type_by_id(types, id);
    const char* name = btf__name_by_offset(types, type->name_off);
    if (btf_is_struct(type) && name != nullptr && *name != '\0') result.Set(name, type->size);
  }
  return result;
}

// types() -> every struct and enum of the object, as DescribeTypes.
Napi::Value BpfObject::Types(const Napi::CallbackInfo& info) {
  return DescribeTypes(info.Env(), bpf_object__btf(Object(info.Env())));
}

Napi::Value BpfObject::Close(const Napi::CallbackInfo& info) {
  object_.reset();
  return info.Env().Undefined();
}

}  // namespace idsd
