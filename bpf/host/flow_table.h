/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The flow table as table.h and sweep.h keep it, for one reader of captures: without locks, budget and rings. What
 * happens to a flow goes to a listener.
 */
#ifndef IDSD_HOST_FLOW_TABLE_H
#define IDSD_HOST_FLOW_TABLE_H

#include "../flow.h"
#include "../parse.h"
#include "flow_map.h"
#include "seen.h"

#define NEVER (~0ull)

struct open_flow {
	struct map_entry entry;
	struct flow flow;
	struct seen seen[]; /* one, in a table that keeps it */
};

struct grave {
	struct map_entry entry;
	struct tombstone stone;
	struct seen_set *seen;
};

/* `opened` and `changed` may be NULL. */
struct listener {
	void (*opened)(void *of, struct open_flow *open, const struct packet *p);
	/* Its state changed, or a snapshot is due. */
	void (*changed)(void *of, struct open_flow *open, __u64 now_us);
	/* `end_reason` says why. The flow stands until the listener returns. */
	void (*ended)(void *of, struct open_flow *open, __u64 now_us);
};

struct flow_table {
	struct flow_map flows;	/* the oldest start first */
	struct flow_map graves; /* the first buried first */
	size_t flow_capacity;
	size_t grave_capacity;
	const struct listener *listener;
	void *of; /* what the listener is called with */
	__u64 next_id;
	__u64 opened;
	__u64 table_full;
	__u64 tombstones_lost;
	struct seen_memory *seen;  /* NULL: no packet is remembered */
	__u8 opener_is_outside;	   /* what the end sends that opens a flow comes in, the answers go out */
	__u8 is_swept_when_full;
};

/* Returns -1 without memory. What is to differ from 0 is set by the caller, before. */
static inline int table_begin(struct flow_table *t)
{
	__u64 seed = draw_seed();
	size_t flow_bytes = sizeof(struct open_flow) + (t->seen ? sizeof(struct seen) : 0);

	t->next_id = 1;
	return map_begin(&t->flows, flow_bytes, seed) || map_begin(&t->graves, sizeof(struct grave), seed) ? -1 : 0;
}

static inline void table_end(struct flow_table *t)
{
	if (t->seen) {
		for (struct map_entry *entry = t->flows.first; entry; entry = entry->after)
			seen_forget(t->seen, &((struct open_flow *)entry)->seen->set);
		for (struct map_entry *entry = t->graves.first; entry; entry = entry->after)
			seen_forget(t->seen, &((struct grave *)entry)->seen);
	}
	map_end(&t->flows);
	map_end(&t->graves);
}

static inline void lose_grave(struct flow_table *t, struct grave *grave)
{
	if (t->seen)
		seen_forget(t->seen, &grave->seen);
	t->tombstones_lost++;
	map_remove(&t->graves, &grave->entry);
}

static inline void bury(struct flow_table *t, struct open_flow *open)
{
	const struct flow *f = &open->flow;
	struct grave *grave;

	if (open->entry.key.protocol != PROTOCOL_TCP && open->entry.key.protocol != PROTOCOL_UDP)
		return;
	if (t->graves.count == t->grave_capacity)
		lose_grave(t, (struct grave *)t->graves.first);
	/* There is none of this key yet: the flow took it when it was made. */
	grave = map_insert(&t->graves, &open->entry.key, map_hash(&t->graves, &open->entry.key));
	if (!grave) {
		t->tombstones_lost++;
		return;
	}
	grave->stone = tombstone_of(f);
	if (t->seen) {
		grave->seen = open->seen->set;
		open->seen->set = NULL;
	}
}

static inline void end_flow(struct flow_table *t, struct open_flow *open, __u64 now_us, __u8 reason)
{
	open->flow.end_reason = reason;
	t->listener->ended(t->of, open, now_us);
	if (reason != END_FLUSH)
		bury(t, open);
	if (t->seen)
		seen_forget(t->seen, &open->seen->set);
	map_remove(&t->flows, &open->entry);
}

/* When the oldest flow is too old. */
static inline __u64 first_timeout(const struct flow_table *t)
{
	const struct open_flow *oldest = (const struct open_flow *)t->flows.first;

	return oldest ? oldest->flow.start_us + FLOW_TIMEOUT_US + 1 : NEVER;
}

static inline void table_sweep(struct flow_table *t, __u64 now_us)
{
	while (first_timeout(t) <= now_us)
		end_flow(t, (struct open_flow *)t->flows.first, now_us, END_TIMEOUT);
}

/* Ends what is open, the oldest start first. */
static inline void table_flush(struct flow_table *t, __u64 now_us)
{
	while (t->flows.first)
		end_flow(t, (struct open_flow *)t->flows.first, now_us, END_FLUSH);
}

/* NULL when there is no room for it. */
static inline struct open_flow *make_flow(struct flow_table *t, const struct packet *p, __u64 hash, __u64 now_us)
{
	struct inheritance from = {.orientation = first_orientation(p)};
	struct seen_set *seen = NULL;
	struct open_flow *open;
	struct grave *grave;

	if (t->flows.count >= t->flow_capacity && t->is_swept_when_full)
		table_sweep(t, now_us);
	open = t->flows.count < t->flow_capacity ? map_insert(&t->flows, &p->key, hash) : NULL;
	if (!open) {
		t->table_full++;
		return NULL;
	}
	grave = t->graves.count ? map_find(&t->graves, &p->key, hash) : NULL;
	if (grave) {
		inherit(&from, p, now_us, grave->stone.state, grave->stone.orientation, grave->stone.marks,
			grave->stone.egress_isn, grave->stone.start_us, grave->stone.last_us,
			grave->stone.connection_us);
		seen = grave->seen;
		map_remove(&t->graves, &grave->entry);
	}
	flow_begin(&open->flow, p, now_us, &from);
	if (t->seen)
		open->seen->set = seen;
	return open;
}

/*
 * The same steps as account() in table.h. `hash` is that of the packet's key in `flows`. Returns the flow that the
 * packet was added to; NULL when there is no room for it.
 */
static inline struct open_flow *account(struct flow_table *t, struct packet *p, __u64 hash, __u64 now_us)
{
	struct open_flow *open = map_find(&t->flows, &p->key, hash);
	int is_first = 0, changed;
	__u32 before;
	__u8 reason;

	if (open) {
		reason = flow_ends(&open->flow, p, now_us);
		if (reason != END_NONE) {
			open->flow.end_reason = reason;
			t->listener->ended(t->of, open, now_us);
			flow_renew(&open->flow, p, now_us, reason);
			map_move_to_end(&t->flows, &open->entry);
			is_first = 1;
		}
	} else {
		open = make_flow(t, p, hash, now_us);
		if (!open)
			return NULL;
		is_first = 1;
	}
	if (t->opener_is_outside) {
		/* Who opened the flow is known only here. */
		p->egress = (__u8)is_backward(&open->flow, p);
		if (is_first && p->egress)
			open->flow.marks &= (__u8)~MARK_FIRST_INGRESS;
	}
	before = flow_packets(&open->flow);
	changed = flow_step(&open->flow, p, now_us, is_first);
	if (t->seen)
		seen_packet(t->seen, open->seen, &open->flow, p, is_first);
	if (is_first) {
		open->flow.id = t->next_id++;
		t->opened++;
		if (t->listener->opened)
			t->listener->opened(t->of, open, p);
		open->flow.seq = 1;
	} else if (changed || snapshot_due(before, flow_packets(&open->flow))) {
		if (t->listener->changed)
			t->listener->changed(t->of, open, now_us);
		open->flow.seq++;
	}
	return open;
}

#endif
