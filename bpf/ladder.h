/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What an entry in force does to a packet, when it does more than drop: count, limit, keep back SYNs, reject, and let
 * pass what belongs to a flow that is not to be harmed.
 */
#ifndef IDSD_LADDER_H
#define IDSD_LADDER_H

#include "counters.h"
#include "flow.h"
#include "parse.h"
#include "wire.h"

enum verdict {
	VERDICT_PASS = 0,
	/* Would have been kept back, but for the panic: no other entry is asked. */
	VERDICT_SPARED = 1,
	/* The transport header has to be read first: late_stage goes on from there. */
	VERDICT_LATE = 2,
	VERDICT_DROP = 3,
	/* Ingress only: kept back, and the stack's ingress hook answers. */
	VERDICT_REJECT = 4,
};

/* Tries to write a bucket before the packet passes and is charged all the same. */
#define LIMIT_TRIES 8
/* Lengths of no prefix: the late stage begins with the exact set, or with the lists. */
#define LATE_EXACT 255
#define LATE_LISTS 254
/*
 * Answers of one CPU: the clock stands still for up to 10 ms, so that one may come that much too early. No second then
 * holds more than (1,000 + 10) / 10.25 + 1 = 99.
 */
#define ANSWER_COST_NS 10250000
#define ANSWER_EARLY_NS 10000000

/* Is the generation on trial in force? Past its deadline the confirmed one is, whether a daemon lives or not. */
static __always_inline int is_trial(struct cpu_state *cs, const struct settings *loaded)
{
	return loaded->trial_until_ns != 0 && boot_clock_ns(cs) < loaded->trial_until_ns;
}

/* ACTION_NONE: in the generation that is in force there is no such entry. */
static __always_inline __u8 action_of(struct cpu_state *cs, const struct settings *loaded,
				      const struct block_entry *entry)
{
	return is_trial(cs, loaded) ? entry->trial_action : entry->action;
}

/* Did an operator stop all enforcement? Asked only before a packet is kept back. */
static __always_inline int is_panic(struct cpu_state *cs, const struct settings *loaded)
{
	return loaded->panic_until_ns != 0 && boot_clock_ns(cs) < loaded->panic_until_ns;
}

static __always_inline void count_hit(struct cpu_state *cs, struct block_entry *entry, __u32 bytes)
{
	__u64 now_ns = boot_clock_ns(cs);

	__sync_fetch_and_add(&entry->packets, 1);
	__sync_fetch_and_add(&entry->bytes, bytes);
	/* The clock stands still for a jiffy: most hits of a flood leave the line as it is. */
	if (entry->last_seen_ns != now_ns)
		entry->last_seen_ns = now_ns;
}

static __always_inline void count_dropped(struct cpu_state *cs, const struct block_entry *entry)
{
	__u64 index = (entry->origin & 7) * 8;

	FORGET_BITS(index);
	cs->counters.dropped[index + (entry->reason & 7)]++;
}

/*
 * One bucket for all CPUs: the time when the next packet is due, moved on by compare-and-swap. A packet passes when that
 * time is no further ahead than the burst, whatever its size; a long one is paid for by those behind it.
 */
static __always_inline int is_within_limit(struct limiter *l, const struct packet *p)
{
	__u64 now_ns = flow_clock_ns();
	__u64 units = l->unit == LIMIT_BITS ? (__u64)(p->malformed ? p->frame_bytes : p->ip_bytes) * 8 : 1;
	__u64 cost_ns = units * l->cost >> 20;

	UNROLL
	for (int i = 0; i < LIMIT_TRIES; i++) {
		__u64 next_ns = *(volatile __u64 *)&l->next_ns;
		__u64 from_ns = next_ns > now_ns ? next_ns : now_ns;

		if (from_ns - now_ns > l->burst_ns) {
			__sync_fetch_and_add(&l->limited, 1);
			return 0;
		}
		if (__sync_val_compare_and_swap(&l->next_ns, next_ns, from_ns + cost_ns) == next_ns) {
			__sync_fetch_and_add(&l->passed, 1);
			return 1;
		}
	}
	__sync_fetch_and_add(&l->next_ns, cost_ns);
	__sync_fetch_and_add(&l->passed, 1);
	return 1;
}

/* A SYN of who wants to connect. */
static __always_inline int is_first_syn(const struct packet *p)
{
	return p->protocol == PROTOCOL_TCP && (p->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* A connection of ours is one that our SYN began; a dialogue of ours one whose source is on our side. */
static __always_inline int is_ours(__u8 marks, const struct packet *p)
{
	if (p->protocol == PROTOCOL_TCP)
		return (marks & (MARK_PATH_PROVEN | MARK_EGRESS_SYN)) != 0;
	if (p->protocol == PROTOCOL_UDP)
		return !(marks & MARK_FIRST_INGRESS) == !(marks & MARK_FIRST_BACKWARD);
	return !(marks & MARK_FIRST_INGRESS);
}

/* Asks for something: what a stranger may send without being asked. */
static __always_inline int is_icmp_query(const struct packet *p)
{
	if (p->is_v4)
		return p->icmp_type == 8 || p->icmp_type == 13 || p->icmp_type == 15 || p->icmp_type == 17;
	return p->icmp_type >= 128 && p->icmp_type != 129;
}

/*
 * Does the packet belong to a flow with a proven path, or to one that our side opened? What leaves and belongs to no
 * flow opens one. A flow that fell silent is found among the tombstones, for as long as its proof holds (flow.h).
 */
static __always_inline int is_spared(const struct packet *p)
{
	struct flow_counts *counts;
	struct tombstone *grave;
	struct flow *f;
	__u32 zero = 0;
	__s64 quiet_us;

	if (!p->egress) {
		if (is_first_syn(p))
			return 0;
		if (p->protocol != PROTOCOL_TCP && p->protocol != PROTOCOL_UDP && is_icmp_query(p))
			return 0;
	}
	f = bpf_map_lookup_elem(&flows, &p->key);
	if (f && !(f->marks & MARK_DEAD) && f->key_fold == key_fold(p))
		return is_ours(f->marks, p);
	counts = bpf_map_lookup_elem(&flow_count, &zero);
	if (!counts || !counts->has_tombstones)
		return p->egress;
	grave = bpf_map_lookup_elem(&tombstones, &p->key);
	if (!grave)
		return p->egress;
	quiet_us = (__s64)(flow_clock_ns() / 1000 - grave->last_us);
	if (quiet_us > (p->protocol == PROTOCOL_TCP ? PROOF_QUIET_US : FLOW_TIMEOUT_US))
		return p->egress;
	return is_ours(grave->marks, p);
}

/* May this CPU have one more packet answered? */
static __always_inline int may_answer(struct cpu_slot *slot)
{
	__u64 now_ns = boot_clock_ns(&slot->state);
	__u64 from_ns = slot->answer_ns > now_ns ? slot->answer_ns : now_ns;

	if (from_ns - now_ns > ANSWER_EARLY_NS)
		return 0;
	slot->answer_ns = from_ns + ANSWER_COST_NS;
	return 1;
}

/*
 * Does what the entry asks for, unless it merely drops: that is done where it is found. A global function, so that the
 * verifier looks at it once; the packet is the one in this CPU's slot. Returns enum verdict.
 */
__weak __noinline int climb(struct block_entry *entry, const struct settings *loaded, __u32 exempt)
{
	struct cpu_slot *slot = this_cpu_slot();
	const struct packet *p;
	struct cpu_state *cs;
	struct limiter *l;
	__u32 spares, index;
	__u8 action;

	if (!entry || !loaded || !slot)
		return VERDICT_PASS;
	cs = &slot->state;
	p = &slot->packet;
	action = action_of(cs, loaded, entry);
	if (action == ACTION_NONE)
		return VERDICT_PASS;
	if (action == ACTION_COUNT || action >= ACTION_MAX) {
		count_hit(cs, entry, p->frame_bytes);
		cs->counters.would_drop++;
		return VERDICT_PASS;
	}
	if (exempt) {
		cs->counters.exempt_nd++;
		return VERDICT_PASS;
	}
	if (p->egress && (action == ACTION_LIMIT || action == ACTION_SYN_DROP))
		return VERDICT_PASS;
	spares = entry->flags & FLAG_SPARE_FLOWS;
	if ((spares || action == ACTION_SYN_DROP) && slot->transport == TRANSPORT_UNREAD) {
		slot->late_from = LATE_EXACT;
		return VERDICT_LATE;
	}
	if (action == ACTION_SYN_DROP && (slot->transport != TRANSPORT_READ || !is_first_syn(p)))
		return VERDICT_PASS;
	if (spares && slot->transport == TRANSPORT_READ && is_spared(p)) {
		cs->counters.spared_flows++;
		return VERDICT_PASS;
	}
	count_hit(cs, entry, p->frame_bytes);
	if (is_panic(cs, loaded)) {
		cs->counters.would_drop++;
		return VERDICT_SPARED;
	}
	if (action == ACTION_LIMIT) {
		index = entry->limiter;
		l = index ? bpf_map_lookup_elem(&limiters, &index) : NULL;
		/* Nothing says how much is too much. */
		if (!l || l->cost == 0)
			return VERDICT_PASS;
		if (is_within_limit(l, p))
			return VERDICT_PASS;
		cs->counters.limited++;
	}
	if (action == ACTION_SYN_DROP)
		cs->counters.syn_dropped++;
	count_dropped(cs, entry);
	/* Where nobody would answer, nobody would keep the packet back either. */
	if (action == ACTION_REJECT && !p->egress && loaded->rejects && may_answer(slot))
		return VERDICT_REJECT;
	return VERDICT_DROP;
}

#endif
