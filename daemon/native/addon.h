// SPDX-License-Identifier: Apache-2.0
#ifndef IDSD_NATIVE_ADDON_H
#define IDSD_NATIVE_ADDON_H

#include <napi.h>

namespace idsd {

void InitFrames(Napi::Env env, Napi::Object exports);
void InitLists(Napi::Env env, Napi::Object exports);
void InitMaps(Napi::Env env, Napi::Object exports);
void InitPrivilege(Napi::Env env, Napi::Object exports);
void InitPrograms(Napi::Env env, Napi::Object exports);
void InitSystem(Napi::Env env, Napi::Object exports);
void InitTypes(Napi::Env env, Napi::Object exports);

}  // namespace idsd

#endif
