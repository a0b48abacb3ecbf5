// SPDX-License-Identifier: Apache-2.0
#include "list_table.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace idsd {
namespace {

constexpr size_t kWays4 = 16;
constexpr size_t kRootEntries = 65536;
constexpr uint32_t kBitLines = (1u << 24) / 8 / LISTED_LINE;
constexpr size_t kRootsPerLine = LISTED_LINE / sizeof(listed_root);
constexpr size_t kMostGroups = 65536;
constexpr uint64_t kEndless = ~uint64_t{0};
// Hits of all groups: 4 MB at most.
constexpr size_t kMostHitLines = 65536;

// Where a list begins or ends to cover. The end is one address behind the last.
struct Event6 {
  uint64_t high;
  uint64_t low;
  uint16_t list;
  bool is_end;
};

uint64_t Big(const uint8_t* bytes) {
  uint64_t value;
  memcpy(&value, bytes, sizeof(value));
  return __builtin_bswap64(value);
}

[[noreturn]] void BackwardRange(size_t list, size_t range, const char* family) {
  throw ListFault(EINVAL, "list " + std::to_string(list) + ", " + family + " range " + std::to_string(range) +
                              ": the last address lies before the first");
}

// When the last list of a group that does this ends.
__u64& UntilOf(listed_group* group, uint8_t action) {
  switch (action) {
    case ACTION_DROP:
      return group->drop_until_ns;
    case ACTION_REJECT:
      return group->reject_until_ns;
    case ACTION_SYN_DROP:
      return group->syn_until_ns;
    case ACTION_LIMIT:
      return group->limit_until_ns;
    default:
      return group->count_until_ns;
  }
}

// Which lists cover the address that the events have reached. Ranges of one list may overlap.
class Cover {
 public:
  void Apply(size_t list, bool is_end) {
    depth_[list] += is_end ? -1 : 1;
    const uint64_t bit = uint64_t{1} << list;
    lists_ = depth_[list] > 0 ? lists_ | bit : lists_ & ~bit;
  }
  uint64_t Lists() const { return lists_; }

 private:
  std::array<int32_t, LISTED_MOST_LISTS> depth_ = {};
  uint64_t lists_ = 0;
};

}  // namespace

ListTable::ListTable(const std::vector<ListSource>& lists, uint32_t stripes) : lists_(lists), groups_{0} {
  if (lists.size() > LISTED_MOST_LISTS) {
    throw ListFault(E2BIG, std::to_string(lists.size()) + " lists: there is room for " +
                               std::to_string(LISTED_MOST_LISTS));
  }
  for (size_t i = 0; i < lists.size(); i++) {
    if (lists[i].action != ACTION_LIMIT) continue;
    if (i != header_.limits) {
      throw ListFault(EINVAL, "list " + std::to_string(i) + ": lists that limit come before all others");
    }
    header_.limits++;
  }
  group_numbers_[0] = 0;
  Lay4(lists);
  Lay6(lists);
  PlaceRoot();
  Place(stripes);
}

uint16_t ListTable::GroupOf(uint64_t lists) {
  const auto [at, is_new] = group_numbers_.try_emplace(lists, static_cast<uint16_t>(groups_.size()));
  if (!is_new) return at->second;
  if (groups_.size() == kMostGroups) {
    throw ListFault(E2BIG, "the lists overlap in more than " + std::to_string(kMostGroups - 1) + " ways");
  }
  groups_.push_back(lists);
  return at->second;
}

void ListTable::Lay4(const std::vector<ListSource>& lists) {
  // Address, list and kind in one number, so that they are sorted as numbers.
  std::vector<uint64_t> events;
  size_t ranges = 0;
  for (const ListSource& list : lists) ranges += list.count4;
  events.reserve(ranges * 2);
  for (size_t list = 0; list < lists.size(); list++) {
    for (size_t i = 0; i < lists[list].count4; i++) {
      const uint64_t first = lists[list].ranges4[i * 2], last = lists[list].ranges4[i * 2 + 1];
      if (first > last) BackwardRange(list, i, "IPv4");
      events.push_back(first << 7 | list << 1);
      events.push_back((last + 1) << 7 | list << 1 | 1);
    }
  }
  std::sort(events.begin(), events.end());
  Cover cover;
  uint16_t group = 0;
  for (size_t i = 0; i < events.size();) {
    const uint64_t start = events[i] >> 7;
    for (; i < events.size() && events[i] >> 7 == start; i++) cover.Apply(events[i] >> 1 & 63, events[i] & 1);
    const uint16_t next = GroupOf(cover.Lists());
    if (next == group || start > UINT32_MAX) continue;
    group = next;
    bounds4_.push_back({static_cast<uint32_t>(start), group});
    if (group != 0) header_.ranges4++;
  }
}

void ListTable::Lay6(const std::vector<ListSource>& lists) {
  std::vector<Event6> events;
  size_t ranges = 0;
  for (const ListSource& list : lists) ranges += list.count6;
  events.reserve(ranges * 2);
  for (size_t list = 0; list < lists.size(); list++) {
    for (size_t i = 0; i < lists[list].count6; i++) {
      const uint8_t* range = lists[list].ranges6 + i * 32;
      if (memcmp(range, range + 16, 16) > 0) BackwardRange(list, i, "IPv6");
      const uint16_t number = static_cast<uint16_t>(list);
      events.push_back({Big(range), Big(range + 8), number, false});
      Event6 end = {Big(range + 16), Big(range + 24), number, true};
      if (++end.low == 0 && ++end.high == 0) continue;
      events.push_back(end);
    }
  }
  if (events.empty()) return;
  std::sort(events.begin(), events.end(), [](const Event6& a, const Event6& b) {
    return a.high != b.high ? a.high < b.high : a.low < b.low;
  });
  Cover cover;
  uint16_t group = 0;
  bounds6_.push_back({0, 0, 0});
  for (size_t i = 0; i < events.size();) {
    const uint64_t high = events[i].high, low = events[i].low;
    for (; i < events.size() && events[i].high == high && events[i].low == low; i++) {
      cover.Apply(events[i].list, events[i].is_end);
    }
    const uint16_t next = GroupOf(cover.Lists());
    if (next == group) continue;
    group = next;
    if (high == 0 && low == 0) {
      bounds6_[0].group = group;
    } else {
      bounds6_.push_back({high, low, group});
    }
    if (group != 0) header_.ranges6++;
  }
}

// Of each /16 its lines: those that one group covers whole need none.
void ListTable::PlaceRoot() {
  root_.resize(kRootEntries);
  uint16_t group = 0;
  size_t at = 0;
  for (uint32_t block = 0; block < kRootEntries; block++) {
    if (at < bounds4_.size() && bounds4_[at].start == block << 16) group = bounds4_[at++].group;
    const size_t first = at;
    const uint16_t first_group = group;
    while (at < bounds4_.size() && bounds4_[at].start >> 16 == block) group = bounds4_[at++].group;
    // The first bound, at 0, is a way too.
    const size_t lines = at == first ? 0 : (at - first + 1 + kWays4 - 1) / kWays4;
    root_[block] = {lines4_, static_cast<uint16_t>(lines), first_group};
    lines4_ += static_cast<uint32_t>(lines);
  }
}

void ListTable::Place(uint32_t stripes) {
  while (stripes > 1 && groups_.size() * stripes > kMostHitLines) stripes /= 2;
  uint64_t line = 1;
  const auto take = [&line](uint64_t lines) {
    const uint64_t first = line;
    line += lines;
    return static_cast<uint32_t>(first);
  };
  header_.version = WIRE_VERSION;
  header_.list_count = static_cast<uint32_t>(lists_.size());
  header_.group_count = static_cast<uint32_t>(groups_.size());
  header_.stripes = stripes;
  header_.lines6 = static_cast<uint32_t>((bounds6_.size() + LISTED_BOUNDS6 - 1) / LISTED_BOUNDS6);
  header_.lists = take(lists_.size());
  header_.groups = take(groups_.size());
  header_.hits = take(groups_.size() * stripes);
  if (!bounds4_.empty()) {
    header_.bits4 = take(kBitLines);
    header_.root4 = take(kRootEntries / kRootsPerLine);
  }
  header_.bounds4 = take(lines4_);
  header_.bounds6 = take(header_.lines6);
  // The kernel counts the bytes of a map in 32 bits on some versions.
  if (line * LISTED_LINE > UINT32_MAX) throw ListFault(E2BIG, "the lists need a table of more than 4 GB");
  header_.lines = static_cast<uint32_t>(line);
}

void ListTable::Write(uint8_t* memory) const {
  memcpy(memory, &header_, sizeof(header_));
  auto* lists = reinterpret_cast<listed_list*>(memory + size_t{header_.lists} * LISTED_LINE);
  for (size_t i = 0; i < lists_.size(); i++) {
    lists[i].expires_ns = lists_[i].expires_ns;
    lists[i].decision = lists_[i].decision;
    lists[i].action = lists_[i].action;
    lists[i].limiter = lists_[i].limit;
  }
  auto* groups = reinterpret_cast<listed_group*>(memory + size_t{header_.groups} * LISTED_LINE);
  for (size_t i = 0; i < groups_.size(); i++) {
    groups[i].lists = groups_[i];
    for (size_t list = 0; list < lists_.size(); list++) {
      if (!(groups_[i] >> list & 1)) continue;
      __u64& until = UntilOf(&groups[i], lists_[list].action);
      until = std::max<__u64>(until, lists_[list].expires_ns == 0 ? kEndless : lists_[list].expires_ns);
    }
  }
  if (header_.bits4 != 0) Write4(memory);
  Write6(memory);
}

void ListTable::WriteBits(uint64_t* words) const {
  for (size_t i = 0; i < bounds4_.size(); i++) {
    if (bounds4_[i].group == 0) continue;
    const uint32_t last = i + 1 < bounds4_.size() ? bounds4_[i + 1].start - 1 : UINT32_MAX;
    for (uint32_t block = bounds4_[i].start >> 8; block <= last >> 8; block++) {
      words[block >> 6] |= uint64_t{1} << (block & 63);
    }
  }
}

void ListTable::Write4(uint8_t* memory) const {
  WriteBits(reinterpret_cast<uint64_t*>(memory + size_t{header_.bits4} * LISTED_LINE));
  memcpy(memory + size_t{header_.root4} * LISTED_LINE, root_.data(), root_.size() * sizeof(root_[0]));

  auto* lines4 = reinterpret_cast<listed_bounds4*>(memory + size_t{header_.bounds4} * LISTED_LINE);
  size_t at = 0;
  for (uint32_t block = 0; block < kRootEntries; block++) {
    if (at < bounds4_.size() && bounds4_[at].start == block << 16) at++;
    if (root_[block].lines == 0) continue;
    listed_bounds4* line = lines4 + root_[block].line;
    line->starts[0] = 0;
    line->groups[0] = root_[block].group;
    size_t way = 1;
    uint16_t group = root_[block].group;
    for (; at < bounds4_.size() && bounds4_[at].start >> 16 == block; at++, way++) {
      group = bounds4_[at].group;
      line[way / kWays4].starts[way % kWays4] = static_cast<uint16_t>(bounds4_[at].start);
      line[way / kWays4].groups[way % kWays4] = group;
    }
    for (; way % kWays4 != 0; way++) {
      line[way / kWays4].starts[way % kWays4] = 0xffff;
      line[way / kWays4].groups[way % kWays4] = group;
    }
  }
}

void ListTable::Write6(uint8_t* memory) const {
  auto* lines6 = reinterpret_cast<listed_bounds6*>(memory + size_t{header_.bounds6} * LISTED_LINE);
  const size_t ways6 = size_t{header_.lines6} * LISTED_BOUNDS6;
  for (size_t i = 0; i < ways6; i++) {
    const Bound6& bound = bounds6_[std::min(i, bounds6_.size() - 1)];
    listed_bounds6& line = lines6[i / LISTED_BOUNDS6];
    line.high[i % LISTED_BOUNDS6] = bound.high;
    line.low[i % LISTED_BOUNDS6] = bound.low;
    line.groups[i % LISTED_BOUNDS6] = bound.group;
  }
}

}  // namespace idsd
