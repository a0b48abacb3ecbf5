// SPDX-License-Identifier: Apache-2.0
// The one place where a failed call becomes a JavaScript error: { code, operation, errno, errnoName, detail }.
#ifndef IDSD_NATIVE_ERRORS_H
#define IDSD_NATIVE_ERRORS_H

#include <napi.h>

#include <cstring>
#include <string>

namespace idsd {

inline Napi::Error KernelError(Napi::Env env, const std::string& operation, int error, const std::string& detail = "") {
  if (error < 0) error = -error;
  const char* name = strerrorname_np(error);
  const std::string errno_name = name != nullptr ? name : std::to_string(error);
  Napi::Error value = Napi::Error::New(env, operation + " failed: " + errno_name + " (" + strerror(error) + ")");
  value.Set("code", "ERR_KERNEL");
  value.Set("operation", operation.c_str());
  value.Set("errno", static_cast<double>(error));
  value.Set("errnoName", errno_name.c_str());
  value.Set("detail", detail.c_str());
  return value;
}

inline std::string Text(const Napi::CallbackInfo& info, size_t index, const char* name) {
  if (!info[index].IsString()) throw Napi::TypeError::New(info.Env(), std::string(name) + ": a string is needed");
  return info[index].As<Napi::String>().Utf8Value();
}

inline int32_t Int(const Napi::CallbackInfo& info, size_t index, const char* name) {
  if (!info[index].IsNumber()) throw Napi::TypeError::New(info.Env(), std::string(name) + ": a number is needed");
  return info[index].As<Napi::Number>().Int32Value();
}

inline Napi::Uint8Array Bytes(const Napi::CallbackInfo& info, size_t index, const char* name) {
  if (!info[index].IsTypedArray() || info[index].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(info.Env(), std::string(name) + ": a Uint8Array is needed");
  }
  return info[index].As<Napi::Uint8Array>();
}

}  // namespace idsd

#endif
