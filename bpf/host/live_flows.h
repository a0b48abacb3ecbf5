/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The flow table of a live capture: as table.h and sweep.h keep it, without locks, budget and pressure. */
#ifndef IDSD_HOST_LIVE_FLOWS_H
#define IDSD_HOST_LIVE_FLOWS_H

#include "live_told.h"

/* The most that the daemon gives an interface by itself, and a quarter of it, as there. */
#define FLOW_CAPACITY 1048576
#define TOMBSTONE_CAPACITY (FLOW_CAPACITY / 4)

struct grave {
	struct map_entry entry;
	struct tombstone stone;
};

static inline void bury(struct live *l, const struct open_flow *open)
{
	const struct flow *f = &open->flow;
	struct grave *grave;

	if (open->entry.key.protocol != PROTOCOL_TCP && open->entry.key.protocol != PROTOCOL_UDP)
		return;
	if (l->graves.count == TOMBSTONE_CAPACITY) {
		l->tombstones_lost++;
		map_remove(&l->graves, l->graves.first);
	}
	/* There is none of this key yet: the flow took it when it was made. */
	grave = map_insert(&l->graves, &open->entry.key, sizeof(*grave));
	if (!grave)
		fail("memory", strerror(errno));
	grave->stone = (struct tombstone){
		.last_us = f->start_us + f->last_us,
		.start_us = f->start_us,
		.connection_us = f->connection_us,
		.egress_isn = f->egress_isn,
		.state = f->state,
		.orientation = f->orientation,
		.marks = f->marks,
	};
}

static inline void end_flow(struct live *l, struct open_flow *open, __u64 now_us, __u8 reason)
{
	open->flow.end_reason = reason;
	tell_flow(l, open, now_us, RECORD_ENDED);
	if (reason != END_FLUSH)
		bury(l, open);
	map_remove(&l->flows, &open->entry);
}

/* When the oldest flow is too old. */
static inline __u64 first_timeout(const struct live *l)
{
	const struct open_flow *oldest = (const struct open_flow *)l->flows.first;

	return oldest ? oldest->flow.start_us + FLOW_TIMEOUT_US + 1 : NEVER;
}

static inline void sweep(struct live *l, __u64 now_us)
{
	while (first_timeout(l) <= now_us)
		end_flow(l, (struct open_flow *)l->flows.first, now_us, END_TIMEOUT);
	l->swept_us = now_us;
}

/* Lets the reader look and the sweep run as often as they would have until `until_us`; silence costs nothing. */
static inline void pass_time(struct live *l, __u64 until_us)
{
	for (;;) {
		__u64 timeout_us = first_timeout(l), sweep_us = NEVER;

		if (timeout_us != NEVER) {
			sweep_us = next_multiple(l, timeout_us - 1, l->sweep_us);
			if (sweep_us <= l->swept_us)
				sweep_us = next_multiple(l, l->swept_us, l->sweep_us);
		}
		if (l->look_us <= sweep_us && l->look_us <= until_us)
			mark(l, l->look_us);
		else if (sweep_us <= until_us)
			sweep(l, sweep_us);
		else
			break;
	}
	l->now_us = until_us;
}

static inline struct open_flow *make_flow(struct live *l, const struct packet *p)
{
	struct inheritance from = {.orientation = first_orientation(p)};
	struct open_flow *open;
	struct grave *grave;

	if (l->flows.count == FLOW_CAPACITY) {
		l->table_full++;
		return NULL;
	}
	grave = (struct grave *)map_find(&l->graves, &p->key);
	if (grave) {
		inherit(&from, p, l->now_us, grave->stone.state, grave->stone.orientation, grave->stone.marks,
			grave->stone.egress_isn, grave->stone.start_us, grave->stone.last_us,
			grave->stone.connection_us);
		map_remove(&l->graves, &grave->entry);
	}
	open = map_insert(&l->flows, &p->key, sizeof(*open));
	if (!open)
		fail("memory", strerror(errno));
	flow_begin(&open->flow, p, l->now_us, &from);
	open->flow.id = l->next_id++;
	return open;
}

/* The same steps as account() in table.h, without locks, budget and rings. */
static inline void account(struct live *l, struct packet *p)
{
	struct open_flow *open = (struct open_flow *)map_find(&l->flows, &p->key);
	int is_first = 0, changed;
	__u32 before, packets;
	__u8 reason;

	if (open) {
		reason = flow_ends(&open->flow, p, l->now_us);
		if (reason != END_NONE) {
			open->flow.end_reason = reason;
			tell_flow(l, open, l->now_us, RECORD_ENDED);
			flow_renew(&open->flow, p, l->now_us, reason);
			open->flow.id = l->next_id++;
			map_move_to_end(&l->flows, &open->entry);
			is_first = 1;
		}
	} else {
		open = make_flow(l, p);
		if (!open)
			return;
		is_first = 1;
	}
	/* Who opened the flow is known only here: what it sends comes in. */
	p->egress = (__u8)is_backward(&open->flow, p);
	if (is_first && p->egress)
		open->flow.marks &= (__u8)~MARK_FIRST_INGRESS;
	before = flow_packets(&open->flow);
	changed = flow_step(&open->flow, p, l->now_us, is_first);
	packets = flow_packets(&open->flow);
	if (is_first)
		tell_opened(l, &open->flow, p);
	else if (changed || snapshot_due(before, packets))
		tell_flow(l, open, l->now_us, RECORD_SNAPSHOT);
}

#endif
