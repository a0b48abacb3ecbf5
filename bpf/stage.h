/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The block stage: what decisions say of an address, then what imported lists say. */
#ifndef IDSD_STAGE_H
#define IDSD_STAGE_H

#include "block.h"
#include "lists.h"

/* Packets that an allow entry or neighbour discovery let pass: who was counted here is asked about no further. */
static __always_inline __u64 let_pass_count(const struct cpu_state *cs)
{
	return cs->counters.allowed + cs->counters.exempt_nd;
}

static __always_inline __u32 lists_of(const struct settings *loaded, const struct packet *p)
{
	return loaded->lists & (p->is_v4 ? LISTED_IPV4 : LISTED_IPV6);
}

/*
 * Judges the packet by one address: the source on ingress, the destination on egress. What a decision that counts or
 * limits lets pass, a list may keep back. Counts the hit, not the packet itself. For `is_exempt` see decision_stage.
 */
static __always_inline enum verdict judge_address(struct cpu_state *cs, const struct cursor *c, const struct packet *p,
						  const struct address *a, __u32 is_exempt)
{
	struct settings *loaded;
	enum verdict verdict;
	__u64 let_pass = 0;
	__u32 zero = 0, listed_bits;

	loaded = bpf_map_lookup_elem(&settings, &zero);
	if (!loaded)
		return VERDICT_PASS;
	listed_bits = lists_of(loaded, p);
	if (listed_bits)
		let_pass = let_pass_count(cs);
	verdict = decision_stage(cs, loaded, c, p, a, is_exempt);
	if (verdict != VERDICT_PASS || !listed_bits || let_pass != let_pass_count(cs))
		return verdict;
	return list_stage(loaded, p, a, c ? (__u32)is_neighbour_discovery(c, p) : is_exempt);
}

/* The block stage of ingress: in its place, because it stands in the way of every packet. */
static __always_inline enum verdict block_stage(struct cpu_state *cs, const struct cursor *c, const struct packet *p,
						const struct address *a)
{
	return judge_address(cs, c, p, a, 0);
}

/* The block stage of egress: a global function, so that the verifier does not multiply it by the parser. */
__weak __noinline int block_egress(__u32 is_exempt)
{
	struct cpu_slot *slot = this_cpu_slot();

	if (!slot)
		return VERDICT_PASS;
	return judge_address(&slot->state, NULL, &slot->packet, &slot->packet.dst, is_exempt);
}

/*
 * Goes on where block_stage wanted the transport header read first. `is_read`: it could be. The entry, or the list, that
 * asked for it is in force and no allow entry stands before it.
 */
__weak __noinline int late_stage(__u32 is_read)
{
	struct cpu_slot *slot = this_cpu_slot();
	const struct packet *p;
	const struct address *a;
	struct settings *loaded;
	struct block_entry *hit;
	__u32 from, zero = 0;
	__u64 let_pass;
	int verdict = VERDICT_PASS;

	loaded = bpf_map_lookup_elem(&settings, &zero);
	if (!slot || !loaded)
		return VERDICT_PASS;
	p = &slot->packet;
	a = p->egress ? &p->dst : &p->src;
	from = slot->late_from;
	let_pass = let_pass_count(&slot->state);
	slot->transport = is_read ? TRANSPORT_READ : TRANSPORT_UNPARSED;
	if (from == LATE_EXACT) {
		hit = find_exact(a->words, p->is_v4);
		if (hit)
			verdict = climb(hit, loaded, 0);
		from = 128;
	}
	if (verdict == VERDICT_PASS && from != LATE_LISTS)
		verdict = stages_behind_exact(loaded, p, a, from, 0);
	/* Nothing is put off twice. */
	if (verdict == VERDICT_LATE)
		verdict = VERDICT_PASS;
	if (verdict == VERDICT_PASS && lists_of(loaded, p) && let_pass == let_pass_count(&slot->state))
		verdict = list_stage(loaded, p, a, 0);
	slot->transport = TRANSPORT_UNREAD;
	return verdict;
}

#endif
