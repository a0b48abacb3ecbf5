// SPDX-License-Identifier: Apache-2.0
// One BPF object: opened, given its knobs and sizes, loaded. Closing it closes its programs and maps.
#ifndef IDSD_NATIVE_OBJECT_H
#define IDSD_NATIVE_OBJECT_H

#include <bpf/libbpf.h>
#include <napi.h>

#include <memory>

namespace idsd {

struct ObjectCloser {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};

class BpfObject : public Napi::ObjectWrap<BpfObject> {
 public:
  static void Init(Napi::Env env, Napi::Object exports);
  explicit BpfObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value SetVariable(const Napi::CallbackInfo& info);
  Napi::Value Variable(const Napi::CallbackInfo& info);
  Napi::Value SetMaxEntries(const Napi::CallbackInfo& info);
  Napi::Value ShareMap(const Napi::CallbackInfo& info);
  Napi::Value SetFrags(const Napi::CallbackInfo& info);
  Napi::Value SetPrograms(const Napi::CallbackInfo& info);
  Napi::Value Load(const Napi::CallbackInfo& info);
  Napi::Value Maps(const Napi::CallbackInfo& info);
  Napi::Value ProgramFd(const Napi::CallbackInfo& info);
  Napi::Value TypeSizes(const Napi::CallbackInfo& info);
  Napi::Value Types(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  bpf_object* Object(Napi::Env env) const;
  bpf_map* Map(Napi::Env env, const std::string& name) const;
  // Map that holds a global variable, with the variable's place in it.
  bpf_map* Find(Napi::Env env, const std::string& variable, size_t* offset, size_t* size) const;

  std::unique_ptr<bpf_object, ObjectCloser> object_;
};

}  // namespace idsd

#endif
