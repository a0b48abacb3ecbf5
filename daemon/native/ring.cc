// SPDX-License-Identifier: Apache-2.0
#include "ring.h"

#include <cerrno>

#include "errors.h"

namespace idsd {

void Ring::Init(Napi::Env env, Napi::Object exports) {
  exports.Set("Ring", DefineClass(env, "Ring",
                                  {InstanceMethod("drain", &Ring::Drain), InstanceMethod("arm", &Ring::Arm),
                                   InstanceMethod("close", &Ring::Close)}));
}

// new Ring(mapFd, largestRecord, onReadable?)
Ring::Ring(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Ring>(info), env_(info.Env()) {
  const int fd = Int(info, 0, "fd");
  largest_ = static_cast<size_t>(Int(info, 1, "largestRecord"));
  ring_buffer* ring = ring_buffer__new(fd, Store, this, nullptr);
  if (ring == nullptr) throw KernelError(info.Env(), "ring_buffer__new", errno);
  ring_.reset(ring);
  if (!info[2].IsFunction()) return;
  on_readable_ = Napi::Persistent(info[2].As<Napi::Function>());
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(info.Env(), &loop);
  poll_ = new uv_poll_t();
  const int err = uv_poll_init(loop, poll_, ring_buffer__epoll_fd(ring));
  if (err != 0) {
    delete poll_;
    poll_ = nullptr;
    throw KernelError(info.Env(), "uv_poll_init", -err);
  }
  poll_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(poll_));
}

Ring::~Ring() { StopPolling(); }

// A callback below 0 still consumes its record: store first, then ask to stop while the next one might not fit.
int Ring::Store(void* context, void* data, size_t size) {
  Ring* ring = static_cast<Ring*>(context);
  if (size > ring->capacity_ - ring->used_) return -ENOSPC;
  memcpy(ring->target_ + ring->used_, data, size);
  ring->used_ += size;
  return ring->capacity_ - ring->used_ < ring->largest_ ? -ENOSPC : 0;
}

// drain(buffer, offset) -> bytes written from offset on. The rest waits in the ring.
Napi::Value Ring::Drain(const Napi::CallbackInfo& info) {
  if (!ring_) throw Napi::Error::New(info.Env(), "the ring is closed");
  Napi::Uint8Array buffer = Bytes(info, 0, "buffer");
  const size_t offset = static_cast<size_t>(Int(info, 1, "offset"));
  if (offset > buffer.ByteLength()) throw Napi::RangeError::New(info.Env(), "offset: past the end of the buffer");
  target_ = buffer.Data() + offset;
  capacity_ = buffer.ByteLength() - offset;
  used_ = 0;
  if (capacity_ < largest_) return Napi::Number::New(info.Env(), 0);
  const int err = ring_buffer__consume(ring_.get());
  target_ = nullptr;
  if (err < 0 && err != -ENOSPC) throw KernelError(info.Env(), "ring_buffer__consume", -err);
  return Napi::Number::New(info.Env(), static_cast<double>(used_));
}

void Ring::Readable(uv_poll_t* handle, int, int) {
  Ring* ring = static_cast<Ring*>(handle->data);
  uv_poll_stop(handle);
  Napi::HandleScope scope(ring->env_);
  try {
    ring->on_readable_.MakeCallback(ring->env_.Global(), {});
  } catch (const Napi::Error& error) {
    // No exception may pass through libuv.
    napi_fatal_exception(ring->env_, error.Value());
  }
}

// arm(): call onReadable once when there is something to read.
Napi::Value Ring::Arm(const Napi::CallbackInfo& info) {
  if (poll_ != nullptr) {
    const int err = uv_poll_start(poll_, UV_READABLE, Readable);
    if (err != 0) throw KernelError(info.Env(), "uv_poll_start", -err);
  }
  return info.Env().Undefined();
}

void Ring::StopPolling() {
  if (poll_ == nullptr) return;
  uv_poll_stop(poll_);
  uv_close(reinterpret_cast<uv_handle_t*>(poll_), [](uv_handle_t* handle) {
    delete reinterpret_cast<uv_poll_t*>(handle);
  });
  poll_ = nullptr;
}

Napi::Value Ring::Close(const Napi::CallbackInfo& info) {
  StopPolling();
  ring_.reset();
  on_readable_.Reset();
  return info.Env().Undefined();
}

}  // namespace idsd
