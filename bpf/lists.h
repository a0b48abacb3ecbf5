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

/* Until when a group does something, where that has no end. */
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

/* One bucket for all that the list holds. A global function, so that the verifier looks at it once. */
__weak __noinline int is_within_list(struct listed_list *list)
{
	struct cpu_slot *slot = this_cpu_slot();

	/* Nothing says how much is too much. */
	if (!list || !slot || list->limiter.cost == 0)
		return 1;
	return is_within_limit(&list->limiter, &slot->packet);
}

/* Of the lists of a group that limit and still last, the strictest. */
static __always_inline struct listed_list *strictest_limit(struct cpu_state *cs, void *table,
							   const struct listed_header *header, __u64 lists)
{
	for (__u32 i = 0; i < LISTED_MOST_LISTS; i++) {
		__u32 index = header->lists + i;
		struct listed_list *list;

		if (i >= header->limits)
			return NULL;
		if (!(lists >> i & 1))
			continue;
		list = bpf_map_lookup_elem(table, &index);
		if (!list)
			return NULL;
		if (list->expires_ns == 0 || boot_clock_ns(cs) < list->expires_ns)
			return list;
	}
	return NULL;
}

/* A group that keeps back SYNs, or what is over a limit, of what arrives. A SYN that is kept back is charged to no limit. */
static __always_inline enum verdict keep_back_part(struct cpu_slot *slot, const struct settings *loaded, void *table,
						   const struct listed_header *header, const struct listed_group *found,
						   __u32 group, __u32 bytes)
{
	struct cpu_state *cs = &slot->state;
	const struct packet *p = &slot->packet;
	int is_syn = 0, is_limited = 0;
	struct listed_list *list;

	if (!p->egress) {
		if (lasts(cs, found->syn_until_ns)) {
			if (slot->transport == TRANSPORT_UNREAD) {
				slot->late_from = LATE_LISTS;
				return VERDICT_LATE;
			}
			is_syn = slot->transport == TRANSPORT_READ && is_first_syn(p);
		}
		is_limited = !is_syn && lasts(cs, found->limit_until_ns);
	}
	if (!is_syn && !is_limited) {
		if (lasts(cs, found->count_until_ns)) {
			count_listed(cs, table, header, group, bytes, 0);
			cs->counters.would_drop++;
		}
		return VERDICT_PASS;
	}
	if (is_panic(cs, loaded)) {
		count_listed(cs, table, header, group, bytes, 0);
		cs->counters.would_drop++;
		return VERDICT_SPARED;
	}
	if (is_limited) {
		list = strictest_limit(cs, table, header, found->lists);
		if (!list || is_within_list(list)) {
			count_listed(cs, table, header, group, bytes, 0);
			return VERDICT_PASS;
		}
		cs->counters.limited++;
	} else {
		cs->counters.syn_dropped++;
	}
	count_listed(cs, table, header, group, bytes, 1);
	cs->counters.dropped[ORIGIN_LIST * 8 + REASON_LIST]++;
	return VERDICT_DROP;
}

/* What a group does to a packet: the strongest of what its lists do that still last. Counts the hit. */
static __always_inline enum verdict enforce_group(struct cpu_slot *slot, const struct settings *loaded, void *table,
						  const struct listed_header *header, __u32 group,
						  const struct address *a, int is_v4, __u32 bytes, __u32 exempt)
{
	__u32 index = header->groups + group;
	struct listed_group *found = bpf_map_lookup_elem(table, &index);
	struct cpu_state *cs = &slot->state;
	int rejects, drops, drops_part;

	if (!found)
		return VERDICT_PASS;
	rejects = lasts(cs, found->reject_until_ns);
	drops = rejects || lasts(cs, found->drop_until_ns);
	drops_part = !drops && (lasts(cs, found->syn_until_ns) || lasts(cs, found->limit_until_ns));
	if (!drops && !drops_part && !lasts(cs, found->count_until_ns)) {
		cs->counters.expired_hits++;
		return VERDICT_PASS;
	}
	if (loaded->allows && is_allowed(a, is_v4, is_trial(cs, loaded))) {
		cs->counters.allowed++;
		return VERDICT_PASS;
	}
	if ((drops || drops_part) && exempt) {
		cs->counters.exempt_nd++;
		return VERDICT_PASS;
	}
	if (drops_part)
		return keep_back_part(slot, loaded, table, header, found, group, bytes);
	if (!drops || is_panic(cs, loaded)) {
		count_listed(cs, table, header, group, bytes, 0);
		cs->counters.would_drop++;
		return drops ? VERDICT_SPARED : VERDICT_PASS;
	}
	count_listed(cs, table, header, group, bytes, 1);
	cs->counters.dropped[ORIGIN_LIST * 8 + REASON_LIST]++;
	/* As in climb: where nobody would answer, nobody would keep the packet back either. */
	if (rejects && !slot->packet.egress && (loaded->lists & LISTED_REJECT) && may_answer(slot))
		return VERDICT_REJECT;
	return VERDICT_DROP;
}

/*
 * Finds the group of an address in the generation that is in force: GROUP, and says what is asked of it: OUTCOME; 0 for an
 * address that no list holds. Global functions, so that the verifier looks at them once. PROTOTYPE names `a`, which is
 * struct packet's src or dst, and `loaded`.
 */
#define LIST_STAGE(PROTOTYPE, GROUP, OUTCOME)                                                                          \
	__weak __noinline int PROTOTYPE                                                                                \
	{                                                                                                              \
		struct cpu_slot *slot = this_cpu_slot();                                                               \
		struct listed_header *header;                                                                          \
		__u32 generation, zero = 0, group;                                                                     \
		void *table;                                                                                           \
                                                                                                                       \
		if (!a || !loaded || !slot)                                                                            \
			return VERDICT_PASS;                                                                           \
		generation = (loaded->lists & LISTED_TRIAL) && is_trial(&slot->state, loaded);                         \
		table = bpf_map_lookup_elem(&listed, &generation);                                                     \
		if (!table)                                                                                            \
			return VERDICT_PASS;                                                                           \
		header = bpf_map_lookup_elem(table, &zero);                                                            \
		if (!header || header->version != WIRE_VERSION)                                                        \
			return VERDICT_PASS;                                                                           \
		group = GROUP;                                                                                         \
		if (group == 0)                                                                                        \
			return VERDICT_PASS;                                                                           \
		return OUTCOME;                                                                                        \
	}

#define GROUP4 listed_group4(table, header, NET32(a->words[3]))
#define GROUP6 listed_group6(table, header, net64(a->words[0], a->words[1]), net64(a->words[2], a->words[3]))

/* The list stage. Returns enum verdict. */
LIST_STAGE(block_by_list4(const struct address *a, const struct settings *loaded, __u32 bytes, __u32 exempt), GROUP4,
	   enforce_group(slot, loaded, table, header, group, a, 1, bytes, exempt))
LIST_STAGE(block_by_list6(const struct address *a, const struct settings *loaded, __u32 bytes, __u32 exempt), GROUP6,
	   enforce_group(slot, loaded, table, header, group, a, 0, bytes, exempt))

/* What the lists say. `exempt`: this is neighbour discovery. */
static __always_inline enum verdict list_stage(const struct settings *loaded, const struct packet *p,
					       const struct address *a, __u32 exempt)
{
	if (p->is_v4)
		return block_by_list4(a, loaded, p->frame_bytes, 0);
	return block_by_list6(a, loaded, p->frame_bytes, exempt);
}

#endif
