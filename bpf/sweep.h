/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Ends flows that no packet will end: older than 120 s, or, under pressure, quiet. */
#ifndef IDSD_SWEEP_H
#define IDSD_SWEEP_H

#include "counters.h"
#include "flow.h"
#include "table.h"

#define PRESSURE_READY_US 2000000
#define PRESSURE_UNANSWERED_US 10000000
#define TOMBSTONE_QUIET_US 600000000

/* Constant during a sweep: a total kept here would be a new state for the verifier with each element. */
struct sweep_run {
	struct cpu_state *cs;
	__u64 now_us;
	__u8 flush;
	__u8 pressure;
	__u8 long_quiet;
};

static __always_inline __u8 sweep_reason(const struct sweep_run *run, const struct flow *f, __u8 protocol)
{
	__s64 age = (__s64)(run->now_us - f->start_us);
	__s64 quiet = age - f->last_us;

	if (run->flush)
		return END_FLUSH;
	if (age > FLOW_TIMEOUT_US)
		return END_TIMEOUT;
	if (!run->pressure)
		return END_NONE;
	if (protocol == PROTOCOL_TCP && f->state == STATE_READY)
		return quiet > PRESSURE_READY_US ? END_PRESSURE : END_NONE;
	if (protocol != PROTOCOL_TCP || f->dir[0].packets == 0 || f->dir[1].packets == 0)
		return quiet > PRESSURE_UNANSWERED_US ? END_PRESSURE : END_NONE;
	return END_NONE;
}

/* New flows look for a tombstone only while this interface has any. */
static __always_inline void look_for_tombstones(__u32 on)
{
	__u32 zero = 0;
	struct flow_counts *counts = bpf_map_lookup_elem(&flow_count, &zero);

	if (counts)
		counts->has_tombstones = on;
}

static __always_inline void bury(struct cpu_state *cs, const struct flow *f, const struct flow_key *key)
{
	struct tombstone grave = tombstone_of(f);

	if (key->protocol != PROTOCOL_TCP && key->protocol != PROTOCOL_UDP)
		return;
	if (bpf_map_update_elem(&tombstones, key, &grave, BPF_ANY))
		count_lost(cs, LOST_TOMBSTONE);
	else
		look_for_tombstones(1);
}

/* Three quarters of the bulk ring are for what goes on meanwhile; whoever flushes waits for nobody. */
static __always_inline int ring_has_room(const struct sweep_run *run)
{
	return run->flush || bpf_ringbuf_query(&bulk_ring, BPF_RB_AVAIL_DATA) <
				     bpf_ringbuf_query(&bulk_ring, BPF_RB_RING_SIZE) / 4;
}

static long sweep_flow(__attribute__((unused)) void *map, const void *raw_key, void *value, void *ctx)
{
	const struct flow_key *key = raw_key;
	struct sweep_run *run = ctx;
	struct flow *f = value;
	struct flow_key copy;
	struct flow_counts *counts;
	__u32 zero = 0;
	int has_room;
	__u8 reason;

	run->cs->sweep.visited++;
	/* A look without the lock: most flows stay. */
	if (sweep_reason(run, f, key->protocol) == END_NONE)
		return 0;
	if (!flow_lock(f)) {
		count_lost(run->cs, LOST_LOCK_MISSED);
		return 0;
	}
	reason = sweep_reason(run, f, key->protocol);
	if (reason == END_NONE || (f->marks & MARK_DEAD)) {
		flow_unlock(f);
		return 0;
	}
	__builtin_memcpy(&copy, key, sizeof(copy));
	f->end_reason = reason;
	has_room = ring_has_room(run);
	if (!has_room || tell_flow(run->cs, f, &copy, run->now_us, RECORD_ENDED)) {
		/* The ring is full: the flow stays for the next sweep, and nothing of it is lost. */
		if (has_room) {
			run->cs->counters.lost[LOST_BULK_RING]--;
			f->seq--;
		}
		f->end_reason = END_NONE;
		flow_unlock(f);
		run->cs->sweep.ring_full = 1;
		return 1;
	}
	f->marks |= MARK_DEAD;
	/* Under pressure room is for what may go on: whoever comes back to a closed connection begins a new one. */
	if (reason != END_FLUSH &&
	    !(reason == END_PRESSURE && key->protocol == PROTOCOL_TCP && f->state == STATE_READY))
		bury(run->cs, f, &copy);
	flow_unlock(f);
	run->cs->counters.ended[reason & 7]++;
	run->cs->sweep.ended++;
	if (bpf_map_delete_elem(&flows, &copy) == 0) {
		counts = bpf_map_lookup_elem(&flow_count, &zero);
		if (counts)
			__sync_fetch_and_sub(&counts->flows, 1);
	}
	return 0;
}

static long sweep_tombstone(__attribute__((unused)) void *map, const void *raw_key, void *value, void *ctx)
{
	const struct flow_key *key = raw_key;
	struct tombstone *grave = value;
	struct sweep_run *run = ctx;
	__s64 quiet = (__s64)(run->now_us - grave->last_us);
	struct flow_key copy;

	if (key->protocol == PROTOCOL_UDP ? quiet <= FLOW_TIMEOUT_US
					  : !(run->long_quiet && quiet > TOMBSTONE_QUIET_US)) {
		run->cs->sweep.tombstones_left++;
		return 0;
	}
	if (key->protocol == PROTOCOL_TCP)
		count_lost(run->cs, LOST_TOMBSTONE);
	__builtin_memcpy(&copy, key, sizeof(copy));
	bpf_map_delete_elem(&tombstones, &copy);
	return 0;
}

static __always_inline void sweep_begin(struct sweep_run *run, const struct sweep_args *args)
{
	run->cs = this_cpu();
	run->now_us = args->now_us ? args->now_us : bpf_ktime_get_ns() / 1000;
	run->flush = args->flush;
	run->pressure = args->pressure;
	run->long_quiet = args->tombstones > 1;
	if (run->cs)
		__builtin_memset(&run->cs->sweep, 0, sizeof(run->cs->sweep));
}

static __always_inline int sweep_flows(struct sweep_args *args)
{
	struct sweep_run run = {};

	sweep_begin(&run, args);
	if (!run.cs)
		return -1;
	bpf_for_each_map_elem(&flows, sweep_flow, &run, 0);
	args->visited = run.cs->sweep.visited;
	args->ended = run.cs->sweep.ended;
	args->ring_full = run.cs->sweep.ring_full;
	return 0;
}

static __always_inline int sweep_tombstones(struct sweep_args *args)
{
	struct sweep_run run = {};

	sweep_begin(&run, args);
	if (!run.cs)
		return -1;
	bpf_for_each_map_elem(&tombstones, sweep_tombstone, &run, 0);
	look_for_tombstones(run.cs->sweep.tombstones_left > 0);
	args->tombstones_left = run.cs->sweep.tombstones_left;
	return 0;
}

#endif
