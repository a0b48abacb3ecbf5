// SPDX-License-Identifier: Apache-2.0
// Imported lists laid over each other: what struct listed_header of bpf/wire.h describes, from ranges in any order.
#ifndef IDSD_NATIVE_LIST_TABLE_H
#define IDSD_NATIVE_LIST_TABLE_H

#include <linux/types.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "wire.h"

namespace idsd {

// One list, in memory that JavaScript owns. Ranges are pairs of first and last address.
struct ListSource {
  const uint32_t* ranges4;  // host order
  size_t count4;            // ranges
  const uint8_t* ranges6;   // 32 bytes each, network order
  size_t count6;
  uint64_t expires_ns;
  uint32_t decision;
  uint8_t action;
  limiter limit;  // of ACTION_LIMIT
};

// What is given cannot be a table.
class ListFault : public std::runtime_error {
 public:
  ListFault(int error, const std::string& what) : std::runtime_error(what), error_(error) {}
  int Error() const { return error_; }

 private:
  int error_;
};

class ListTable {
 public:
  // Lays the lists over each other: those that limit come first, the strictest first. `stripes` is how many struct
  // listed_hits a group should have, a power of two.
  ListTable(const std::vector<ListSource>& lists, uint32_t stripes);

  uint32_t Lines() const { return header_.lines; }
  const listed_header& Header() const { return header_; }
  // Fills `Lines()` lines of zeros.
  void Write(uint8_t* memory) const;

 private:
  struct Bound4 {
    uint32_t start;
    uint16_t group;
  };
  struct Bound6 {
    uint64_t high;
    uint64_t low;
    uint16_t group;
  };

  uint16_t GroupOf(uint64_t lists);
  void Lay4(const std::vector<ListSource>& lists);
  void Lay6(const std::vector<ListSource>& lists);
  void PlaceRoot();
  void WriteBits(uint64_t* words) const;
  void Write4(uint8_t* memory) const;
  void Write6(uint8_t* memory) const;
  void Place(uint32_t stripes);

  std::vector<ListSource> lists_;
  std::unordered_map<uint64_t, uint16_t> group_numbers_;
  std::vector<uint64_t> groups_;
  std::vector<Bound4> bounds4_;
  std::vector<Bound6> bounds6_;
  std::vector<listed_root> root_;
  uint32_t lines4_ = 0;
  listed_header header_ = {};
};

}  // namespace idsd

#endif
