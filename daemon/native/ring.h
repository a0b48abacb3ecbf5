// SPDX-License-Identifier: Apache-2.0
// The reading end of one ring buffer: records go into memory that JavaScript owns, one after the other.
#ifndef IDSD_NATIVE_RING_H
#define IDSD_NATIVE_RING_H

#include <bpf/libbpf.h>
#include <napi.h>
#include <uv.h>

#include <memory>

namespace idsd {

struct RingCloser {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

class Ring : public Napi::ObjectWrap<Ring> {
 public:
  static void Init(Napi::Env env, Napi::Object exports);
  explicit Ring(const Napi::CallbackInfo& info);
  ~Ring() override;

 private:
  static int Store(void* context, void* data, size_t size);
  static void Readable(uv_poll_t* handle, int status, int events);

  Napi::Value Drain(const Napi::CallbackInfo& info);
  Napi::Value Arm(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);
  void StopPolling();

  std::unique_ptr<ring_buffer, RingCloser> ring_;
  Napi::FunctionReference on_readable_;
  uv_poll_t* poll_ = nullptr;
  Napi::Env env_;
  uint8_t* target_ = nullptr;
  size_t capacity_ = 0;
  size_t used_ = 0;
  size_t largest_ = 0;
};

}  // namespace idsd

#endif
