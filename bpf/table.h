/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The flow table as the kernel keeps it: find or make a flow, hold its lock, tell its records. The verbs are few so
 * that another table can take their place.
 */
#ifndef IDSD_TABLE_H
#define IDSD_TABLE_H

#include "counters.h"
#include "flow.h"

#define EEXIST 17

/* Tries to take a flow's lock before the update is given up and counted. */
#define LOCK_TRIES 32

static __always_inline int flow_lock(struct flow *f)
{
	UNROLL
	for (int i = 0; i < LOCK_TRIES; i++)
		if (__sync_val_compare_and_swap(&f->lock, 0, 1) == 0)
			return 1;
	return 0;
}

static __always_inline void flow_unlock(struct flow *f)
{
	__sync_lock_test_and_set(&f->lock, 0);
}

static __always_inline void fill_header(struct record_header *header, enum record_type type, __u16 length)
{
	header->type = type;
	header->version = WIRE_VERSION;
	header->length = length;
	header->ifindex = config.ifindex;
}

/* Set in tell_flow's type: wake the reader. */
#define URGENT 0x100

/*
 * Tells a full record. The caller holds the flow. Transit flows are told by the interface they entered.
 * `type` is enum record_type, perhaps with URGENT.
 */
static __noinline int tell_flow(struct cpu_state *cs, struct flow *f, const struct flow_key *key, __u64 now_us,
				__u32 type)
{
	struct flow_record *record;
	__u32 urgent = type & URGENT;

	if (f->marks & MARK_TRANSIT)
		return 0;
	if (urgent)
		record = bpf_ringbuf_reserve(&urgent_ring, sizeof(*record), 0);
	else
		record = bpf_ringbuf_reserve(&bulk_ring, sizeof(*record), 0);
	if (!record) {
		count_lost(cs, urgent ? LOST_URGENT_RING : LOST_BULK_RING);
		f->seq++;
		return -1;
	}
	fill_header(&record->header, type, sizeof(*record));
	record->time_us = now_us;
	__builtin_memcpy(&record->key, key, sizeof(record->key));
	__builtin_memcpy(&record->flow, f, sizeof(record->flow));
	f->seq++;
	bpf_ringbuf_submit(record, urgent ? 0 : BPF_RB_NO_WAKEUP);
	cs->counters.records[type & 3]++;
	return 0;
}

/* Tells the first packet of a flow, short. */
static __noinline int tell_opened(struct cpu_state *cs, struct flow *f, const struct packet *p)
{
	struct flow_opened *record;
	int reversed = p->swapped != f->orientation && !p->same_address;

	record = bpf_ringbuf_reserve(&bulk_ring, sizeof(*record), 0);
	f->seq = 1;
	if (!record) {
		count_lost(cs, LOST_BULK_RING);
		return -1;
	}
	fill_header(&record->header, RECORD_OPENED, sizeof(*record));
	record->time_us = f->start_us;
	record->id = f->id;
	__builtin_memcpy(record->src, reversed ? p->dst.words : p->src.words, 16);
	__builtin_memcpy(record->dst, reversed ? p->src.words : p->dst.words, 16);
	record->src_port = p->swapped == reversed ? p->key.port_a : p->key.port_b;
	record->dst_port = p->swapped == reversed ? p->key.port_b : p->key.port_a;
	record->protocol = p->protocol;
	record->tcp_flags = p->flags;
	record->marks = f->marks;
	record->icmp_type = p->icmp_type;
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	cs->counters.records[RECORD_OPENED]++;
	return 0;
}

/* Over the budget a new flow is not made, but its source is remembered: whoever sends most holds the slot. */
static __noinline int count_source(struct cpu_state *cs, const struct packet *p, __u64 now_us)
{
	__u32 index = (p->src.words[3] ^ p->src.words[1] ^ config.hash_seed) * 0x9e3779b1;
	struct source_slot *slot;
	__u32 now_ms = (__u32)(now_us / 1000);
	__u32 port;

	index = (index ^ index >> 15) & config.source_mask;
	slot = bpf_map_lookup_elem(&sources, &index);
	if (!slot)
		return 0;
	if (slot->weight == 0 || slot->address[3] != p->src.words[3] || slot->address[2] != p->src.words[2] ||
	    slot->address[1] != p->src.words[1] || slot->address[0] != p->src.words[0]) {
		if (slot->weight > 0 && now_ms - slot->last_ms < 15000) {
			slot->weight--;
			count_lost(cs, LOST_SOURCE_SLOT);
			return 0;
		}
		__builtin_memset(slot, 0, sizeof(*slot));
		__builtin_memcpy(slot->address, p->src.words, 16);
		__builtin_memcpy(slot->destination, p->dst.words, 16);
		slot->first_ms = now_ms;
		slot->protocol = p->protocol;
	}
	if (slot->weight < 1000)
		slot->weight++;
	slot->last_ms = now_ms;
	slot->packets++;
	if (p->protocol == PROTOCOL_TCP && (p->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		slot->syns++;
	if (slot->destination[3] != p->dst.words[3] || slot->destination[2] != p->dst.words[2] ||
	    slot->destination[1] != p->dst.words[1] || slot->destination[0] != p->dst.words[0])
		slot->many_destinations = 1;
	port = (p->swapped ? p->key.port_a : p->key.port_b) * 0x9e3779b1;
	slot->ports |= 1ull << (port >> 26);
	return 0;
}

/* Has this CPU made all the new flows that it may make by now? */
static __always_inline int is_over_budget(const struct cpu_state *cs, __u64 now_ns)
{
	return config.budget_ns != 0 && cs->budget_ns > now_ns && cs->budget_ns - now_ns > config.budget_burst_ns;
}

/* May this CPU make one more flow now? */
static __always_inline int within_budget(struct cpu_state *cs, __u64 now_ns)
{
	if (config.budget_ns == 0)
		return 1;
	if (is_over_budget(cs, now_ns))
		return 0;
	cs->budget_ns = (cs->budget_ns < now_ns ? now_ns : cs->budget_ns) + config.budget_ns;
	return 1;
}

/* Asks for a new connection from outside: nearly always a new flow. */
static __always_inline int is_ingress_syn(const struct packet *p)
{
	return p->protocol == PROTOCOL_TCP && !p->egress && (p->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static __always_inline __u64 next_flow_id(struct cpu_state *cs)
{
	__u64 cpu_id = bpf_get_smp_processor_id();

	return (cpu_id & 0xff) << 45 | ((config.flow_id_base + cs->next_flow++) & ((1ull << 45) - 1));
}

/*
 * Prepares a flow of which nothing is known yet, in this CPU's scratch. Returns 0 when it is not to be made.
 */
static __noinline int flow_prepare(struct cpu_state *cs, struct flow *f, const struct packet *p, __u64 now_ns)
{
	struct inheritance from = {};
	struct flow_counts *counts;
	struct tombstone *grave;
	__u64 now_us = now_ns / 1000;
	__u32 zero = 0;

	counts = bpf_map_lookup_elem(&flow_count, &zero);
	if (!counts)
		return 0;
	if (!within_budget(cs, now_ns)) {
		count_lost(cs, LOST_OVER_BUDGET);
		return 0;
	}
	if (counts->flows >= config.flow_capacity) {
		count_lost(cs, LOST_TABLE_FULL);
		return 0;
	}
	from.orientation = first_orientation(p);
	if (counts->has_tombstones) {
		grave = bpf_map_lookup_elem(&tombstones, &p->key);
		if (grave) {
			inherit(&from, p, now_us, grave->state, grave->orientation, grave->marks, grave->egress_isn,
				grave->start_us, grave->last_us, grave->connection_us);
			bpf_map_delete_elem(&tombstones, &p->key);
		}
	}
	__builtin_memset(f, 0, sizeof(*f));
	f->id = next_flow_id(cs);
	if (p->transit)
		from.marks |= MARK_TRANSIT;
	flow_begin(f, p, now_us, &from);
	return 1;
}

/* Puts the prepared flow, its first packet added, into the table. */
static __noinline int flow_insert(struct cpu_state *cs, struct flow *f, const struct packet *p)
{
	__u32 zero = 0;
	struct flow_counts *counts = bpf_map_lookup_elem(&flow_count, &zero);
	long err;

	if (!(f->marks & MARK_TRANSIT))
		f->seq = 1;
	if (!counts)
		return 0;
	err = bpf_map_update_elem(&flows, &p->key, f, BPF_NOEXIST);
	if (err) {
		/* Another CPU was first with the same key, or the table is full after all. */
		count_lost(cs, err == -EEXIST ? LOST_LOCK_MISSED : LOST_TABLE_FULL);
		return 0;
	}
	__sync_fetch_and_add(&counts->flows, 1);
	cs->counters.new_flows++;
	if (f->marks & MARK_TRANSIT)
		cs->counters.transit++;
	else
		tell_opened(cs, f, p);
	return 0;
}

/* Does the flow's source already hold evidence? */
static __always_inline int is_suspect(const struct flow *f, const struct flow_key *key)
{
	struct settings *loaded;
	__u32 zero = 0;
	struct suspect_key suspect;

	loaded = bpf_map_lookup_elem(&settings, &zero);
	if (!loaded || !loaded->suspects)
		return 0;
	__builtin_memcpy(suspect.address, f->orientation ? key->b : key->a, 16);
	return bpf_map_lookup_elem(&suspects, &suspect) != NULL;
}

/*
 * Is this snapshot worth waking the reader? A refused connection is, for scans, and what happens first or last in a flow
 * whose source already holds evidence. A connection that closes in order waits for the timer: there are very many.
 */
static __always_inline int is_urgent(const struct flow *f, const struct packet *p, int changed, __u32 packets)
{
	if (changed && (p->flags & TCP_RST))
		return 1;
	return (changed || packets <= 8) && is_suspect(f, &p->key);
}

/* The flow is over: tell it, and begin the next one in its place. */
static __noinline int flow_restart(struct cpu_state *cs, struct flow *f, const struct packet *p, __u64 now_us,
				   __u32 reason)
{
	f->end_reason = reason;
	tell_flow(cs, f, &p->key, now_us, RECORD_ENDED);
	cs->counters.ended[reason & 7]++;
	flow_renew(f, p, now_us, reason);
	f->id = next_flow_id(cs);
	cs->counters.new_flows++;
	return 0;
}

/*
 * Accounts one parsed packet. Never changes its fate. A global function: the verifier looks at it once.
 * It takes the packet from this CPU's slot: before kernel 6.2 an argument may not be a map key, a map value may.
 * One place adds the packet, whether the flow is new, goes on, or begins again.
 */
__weak __noinline int account(void)
{
	struct cpu_slot *slot = this_cpu_slot();
	const struct packet *p;
	struct cpu_state *cs;
	int is_new = 0, is_first = 0, changed;
	__u32 before, packets, zero = 0;
	__u64 now_ns, now_us;
	struct flow *f;
	__u8 reason;

	if (!slot)
		return 0;
	cs = &slot->state;
	p = &slot->packet;
	now_ns = flow_clock_ns();
	now_us = now_ns / 1000;
	/*
	 * In a flood of SYNs the search for flows that are not there would cost most: over the budget a SYN is taken for
	 * a new flow unsearched. One that belongs to a flow after all is missing there, and counted.
	 */
	if (is_ingress_syn(p) && is_over_budget(cs, now_ns)) {
		count_lost(cs, LOST_OVER_BUDGET);
		return count_source(cs, p, now_us);
	}
	f = bpf_map_lookup_elem(&flows, &p->key);
	if (f) {
		if (!flow_lock(f)) {
			count_lost(cs, LOST_LOCK_MISSED);
			return 0;
		}
		/* The slot may have been swept, or given to another flow, between lookup and lock. */
		if ((f->marks & MARK_DEAD) || f->key_fold != key_fold(p)) {
			flow_unlock(f);
			count_lost(cs, LOST_LOCK_MISSED);
			return 0;
		}
		reason = flow_ends(f, p, now_us);
		if (reason != END_NONE) {
			/* Only time renews a flow for free: who ends and begins one with each packet pays for both. */
			if (reason != END_TIMEOUT && !within_budget(cs, now_ns)) {
				flow_unlock(f);
				count_lost(cs, LOST_OVER_BUDGET);
				return count_source(cs, p, now_us);
			}
			flow_restart(cs, f, p, now_us, reason);
			is_first = 1;
		}
	} else {
		f = bpf_map_lookup_elem(&scratch, &zero);
		if (!f)
			return 0;
		if (!flow_prepare(cs, f, p, now_ns))
			return count_source(cs, p, now_us);
		is_new = 1;
		is_first = 1;
	}

	before = flow_packets(f);
	changed = flow_step(f, p, now_us, is_first);
	packets = flow_packets(f);

	if (is_new)
		return flow_insert(cs, f, p);
	if (is_first) {
		if (!(f->marks & MARK_TRANSIT))
			tell_opened(cs, f, p);
	} else if (changed || snapshot_due(before, packets)) {
		tell_flow(cs, f, &p->key, now_us, RECORD_SNAPSHOT | (is_urgent(f, p, changed, packets) ? URGENT : 0));
	}
	flow_unlock(f);
	return 0;
}

#endif
