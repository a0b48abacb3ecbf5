/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What `extract` does with a frame: it is counted, parsed, and, in its turn, accounted to a flow. */
#ifndef IDSD_HOST_EXTRACTION_H
#define IDSD_HOST_EXTRACTION_H

#include "dropped.h"
#include "flow_table.h"
#include "merge.h"

/* Frames that are parsed before the first of them is accounted: meanwhile memory brings their flows. */
#define BATCH 32
/* Of a flow in the table: its key, and what is counted. */
#define FLOW_LINES (sizeof(struct open_flow) / CACHE_LINE)

struct waiting {
	struct packet packet;
	__u64 time_us;
	__u64 hash;
};

struct extraction {
	struct flow_table table;
	struct seen_memory seen;
	struct dropped dropped;
	struct merge merge;
	__u8 takes_other_protocols;
	__u8 tells_frames;
	__u8 tells_progress;
	__u64 told_ns; /* when progress was told */
	__u64 packets;
	__u64 bytes;
	__u64 cut;
	__u64 backward;
	__u64 first_us;
	__u64 last_us;
	__u64 now_us; /* of the last packet, whatever those before it said */
	__u64 unparsed[UNPARSED_MAX];
	__u32 waiting_count;
	struct waiting waiting[BATCH];
};

/* Brings what the packets in wait need from memory, all at once, and accounts them in their order. */
static inline void account_waiting(struct extraction *e)
{
	for (__u32 i = 0; i < e->waiting_count; i++) {
		const struct map_entry *entry = *map_bucket(&e->table.flows, e->waiting[i].hash);

		for (size_t line = 0; entry && line < FLOW_LINES; line++)
			__builtin_prefetch((const __u8 *)entry + line * CACHE_LINE, 1);
	}
	for (__u32 i = 0; i < e->waiting_count; i++) {
		struct waiting *w = &e->waiting[i];

		if (!account(&e->table, &w->packet, w->hash, w->time_us))
			dropped_note(&e->dropped, w->hash);
	}
	e->waiting_count = 0;
}

/* What the kernel reads of the protocols, less ICMPv6 unless others are taken too: the reference does not know it. */
static inline int parse(const struct extraction *e, struct cursor *c, struct packet *p)
{
	int outcome = parse_network(c, p, 1);

	if (outcome == PARSED)
		outcome = parse_transport(c, p);
	if (outcome == PARSED && p->protocol == PROTOCOL_ICMPV6 && !e->takes_other_protocols)
		return UNPARSED_PROTOCOL;
	if (outcome == UNPARSED_PROTOCOL && e->takes_other_protocols) {
		p->payload = p->ip_left;
		make_key(p, 0, 0);
		return PARSED;
	}
	return outcome;
}

static inline void take_frame(struct extraction *e, const struct capture *capture)
{
	struct cursor c = {capture->frame, capture->frame + capture->frame_bytes};
	struct waiting *w = &e->waiting[e->waiting_count];
	int outcome;

	packet_begin(&w->packet, capture->frame_bytes, 0);
	outcome = parse(e, &c, &w->packet);
	if (outcome != PARSED) {
		e->unparsed[outcome]++;
		return;
	}
	w->time_us = capture->time_us;
	w->hash = map_hash(&e->table.flows, &w->packet.key);
	__builtin_prefetch(map_bucket(&e->table.flows, w->hash));
	if (++e->waiting_count == BATCH)
		account_waiting(e);
}

static inline void count_frame(struct extraction *e, const struct capture *c)
{
	if (e->packets++ == 0)
		e->first_us = e->last_us = e->now_us = c->time_us;
	if (c->time_us < e->now_us)
		e->backward++;
	e->now_us = c->time_us;
	if (c->time_us < e->first_us)
		e->first_us = c->time_us;
	if (c->time_us > e->last_us)
		e->last_us = c->time_us;
	e->bytes += c->frame_bytes;
	e->cut += c->is_cut;
}

#endif
