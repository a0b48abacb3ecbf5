// SPDX-License-Identifier: Apache-2.0
// The thin binding over libbpf: no policy, no decoding. Its TypeScript face is daemon/src/kernel/binding.ts.
#include "addon.h"

#include "object.h"
#include "ring.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  idsd::BpfObject::Init(env, exports);
  idsd::Ring::Init(env, exports);
  idsd::InitFrames(env, exports);
  idsd::InitLists(env, exports);
  idsd::InitMaps(env, exports);
  idsd::InitPrivilege(env, exports);
  idsd::InitPrograms(env, exports);
  idsd::InitSystem(env, exports);
  idsd::InitTypes(env, exports);
  return exports;
}

NODE_API_MODULE(idsd, Init)
