// SPDX-License-Identifier: Apache-2.0
// What BTF says of structs: where each field lies. Of an object, and of maps that another version of idsd made.
#ifndef IDSD_NATIVE_TYPES_H
#define IDSD_NATIVE_TYPES_H

#include <bpf/btf.h>
#include <napi.h>

#include <string>

namespace idsd {

// { structs: { name: { size, fields: [path, offset, bytes][] } }, enums: { enumerator: value } }
Napi::Object DescribeTypes(Napi::Env env, const btf* types);

// One text for key and value of a map: equal when every field has the same name, place and size.
std::string LayoutText(const btf* types, uint32_t key_type, uint32_t value_type);

}  // namespace idsd

#endif
