/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Imported lists, behind the decisions: is this address in a range that a list holds? A table is
 * looked at from its header on, once per packet: after a swap the next packet meets the next table whole.
 */
#ifndef IDSD_LISTS_H
#define IDSD_LISTS_H

#include "block.h"

/* A /16 has at most 4,096 lines, IPv6 as many as fit a map: a search halves them. */
#define LISTED_STEPS4 13
#define LISTED_STEPS6 32

/* Until when a group drops or counts, where that has no end. */
#define LISTED_ENDLESS 0xffffffffffffffffULL

/* 1 when a <= b, without a branch: one more for the verifier at each bound would be too many. Below 2^63. */
#define NOT_ABOVE(a, b) (((__u64)(a) - (__u64)(b) - 1) >> 63)

static __always_inline __u64 net64(__u32 high, __u32 low)
{
	return (__u64)NET32(high) << 32 | NET32(low);
}

/* Does a list touch the /24 of this IPv4 address? */
static __always_inline int listed_bit(void *table, const struct listed_header *header, __u32 address)
{
	__u32 block = address >> 8, index = header->bits4 + (block >> 9);
	__u64 *words = bpf_map_lookup_elem(table, &index);

	return header->bits4 && words && (words[block >> 6 & 7] >> (block & 63) & 1);
}

/* Group that covers an IPv4 address. */
static __always_inline __u32 listed_group4(void *table, const struct listed_header *header, __u32 address)
{
	__u32 index = header->root4 + (address >> 19), low = address & 0xffff, at, count, n = 0;
	struct listed_bounds4 *bounds;
	struct listed_root *roots;

	if (!listed_bit(table, header, address))
		return 0;
	roots = bpf_map_lookup_elem(table, &index);
	if (!roots)
		return 0;
	roots += address >> 16 & 7;
	count = roots->lines;
	if (count == 0)
		return roots->group;
	at = header->bounds4 + roots->line;
	/* The last line that does not begin above the address. */
	for (int i = 0; i < LISTED_STEPS4 && count > 1; i++) {
		__u32 half = count / 2;

		index = at + half;
		bounds = bpf_map_lookup_elem(table, &index);
		if (!bounds)
			return 0;
		if (bounds->starts[0] <= low) {
			at = index;
			count -= half;
		} else {
			count = half;
		}
	}
	bounds = bpf_map_lookup_elem(table, &at);
	if (!bounds)
		return 0;
	UNROLL
	for (int i = 1; i < 16; i++)
		n += NOT_ABOVE(bounds->starts[i], low);
	return bounds->groups[n & 15];
}

/* Group that covers an IPv6 address, given as its two halves. */
static __always_inline __u32 listed_group6(void *table, const struct listed_header *header, __u64 high, __u64 low)
{
	__u32 at = header->bounds6, count = header->lines6, index, n = 0;
	struct listed_bounds6 *bounds;

	if (count == 0)
		return 0;
	for (int i = 0; i < LISTED_STEPS6 && count > 1; i++) {
		__u32 half = count / 2;

		index = at + half;
		bounds = bpf_map_lookup_elem(table, &index);
		if (!bounds)
			return 0;
		if (bounds->high[0] < high || (bounds->high[0] == high && bounds->low[0] <= low)) {
			at = index;
			count -= half;
		} else {
			count = half;
		}
	}
	bounds = bpf_map_lookup_elem(table, &at);
	if (!bounds)
		return 0;
	UNROLL
	for (int i = 1; i < LISTED_BOUNDS6; i++) {
		if (bounds->high[i] < high || (bounds->high[i] == high && bounds->low[i] <= low))
			n = i;
	}
	return bounds->groups[n & 3];
}

static __always_inline int lasts(struct cpu_state *cs, __u64 until_ns)
{
	return until_ns == LISTED_ENDLESS || (until_ns != 0 && boot_clock_ns(cs) < until_ns);
}

static __always_inline void count_listed(struct cpu_state *cs, void *table, const struct listed_header *header,
					 __u32 group, __u32 bytes, int dropped)
{
	__u32 index = header->hits + group * header->stripes + (bpf_get_smp_processor_id() & (header->stripes - 1));
	struct listed_hits *hits = bpf_map_lookup_elem(table, &index);
	__u64 now_ns = boot_clock_ns(cs);

	if (!hits)
		return;
	__sync_fetch_and_add(&hits->packets, 1);
	__sync_fetch_and_add(&hits->bytes, bytes);
	if (dropped)
		__sync_fetch_and_add(&hits->dropped, 1);
	if (hits->last_seen_ns != now_ns)
		hits->last_seen_ns = now_ns;
}

/* What a group does to a packet. Counts the hit. */
static __always_inline enum verdict enforce_group(struct cpu_state *cs, const struct settings *loaded, void *table,
						  const struct listed_header *header, __u32 group,
						  const struct address *a, int is_v4, __u32 bytes, __u32 exempt)
{
	__u32 index = header->groups + group;
	struct listed_group *found = bpf_map_lookup_elem(table, &index);
	int drops;

	if (!found)
		return VERDICT_PASS;
	drops = lasts(cs, found->drop_until_ns);
	if (!drops && !lasts(cs, found->count_until_ns)) {
		cs->counters.expired_hits++;
		return VERDICT_PASS;
	}
	if (loaded->allows && is_allowed(a, is_v4, is_trial(cs, loaded))) {
		cs->counters.allowed++;
		return VERDICT_PASS;
	}
	if (drops && exempt) {
		cs->counters.exempt_nd++;
		return VERDICT_PASS;
	}
	if (!drops || is_panic(cs, loaded)) {
		count_listed(cs, table, header, group, bytes, 0);
		cs->counters.would_drop++;
		return drops ? VERDICT_SPARED : VERDICT_PASS;
	}
	count_listed(cs, table, header, group, bytes, 1);
	cs->counters.dropped[ORIGIN_LIST * 8 + REASON_LIST]++;
	return VERDICT_DROP;
}

/*
 * The list stage. Global functions, so that the verifier looks at them once.
 * `a` is struct packet's src or dst. Returns enum verdict.
 */
#define LIST_STAGE(name, is_v4, GROUP)                                                                                 \
	__weak __noinline int name(const struct address *a, const struct settings *loaded, __u32 bytes, __u32 exempt)  \
	{                                                                                                              \
		struct cpu_state *cs = this_cpu();                                                                     \
		struct listed_header *header;                                                                          \
		__u32 slot, zero = 0, group;                                                                           \
		void *table;                                                                                           \
                                                                                                                       \
		if (!a || !loaded || !cs)                                                                              \
			return VERDICT_PASS;                                                                           \
		slot = (loaded->lists & LISTED_TRIAL) && is_trial(cs, loaded);                                         \
		table = bpf_map_lookup_elem(&listed, &slot);                                                           \
		if (!table)                                                                                            \
			return VERDICT_PASS;                                                                           \
		header = bpf_map_lookup_elem(table, &zero);                                                            \
		if (!header || header->version != WIRE_VERSION)                                                        \
			return VERDICT_PASS;                                                                           \
		group = GROUP;                                                                                         \
		if (group == 0)                                                                                        \
			return VERDICT_PASS;                                                                           \
		return enforce_group(cs, loaded, table, header, group, a, is_v4, bytes, exempt);                       \
	}

LIST_STAGE(block_by_list4, 1, listed_group4(table, header, NET32(a->words[3])))
LIST_STAGE(block_by_list6, 0,
	   listed_group6(table, header, net64(a->words[0], a->words[1]), net64(a->words[2], a->words[3])))

/* What the lists say. `exempt`: this is neighbour discovery. */
static __always_inline enum verdict list_stage(const struct settings *loaded, const struct packet *p,
					       const struct address *a, __u32 exempt)
{
	if (p->is_v4)
		return block_by_list4(a, loaded, p->frame_bytes, 0);
	return block_by_list6(a, loaded, p->frame_bytes, exempt);
}

#endif
