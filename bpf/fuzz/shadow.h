/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Beside each flow of the table the same flow kept more simply: its segments added one by one, all its packets
 * remembered. The table's flows are held against these.
 */
#ifndef IDSD_FUZZ_SHADOW_H
#define IDSD_FUZZ_SHADOW_H

#include <string.h>

#include "../flow.h"
#include "../host/flow_map.h"
#include "check.h"
#include "invariants.h"

/* Steps of one input, and so flows and packets: what an input may take is bounded. */
#define MAX_STEPS 400

struct shadow {
	struct flow_key key;
	struct flow flow;
	__u32 connection; /* counts those with this key */
	__u32 again[2];	  /* packets that were there before, forward and backward */
	__u8 was_open;
	__u8 is_open;
	__u8 is_proven;
};

struct remembered {
	const struct shadow *shadow;
	__u32 connection;
	__u32 seq;
	__u32 ack_seq;
	__u32 payload;
	__u16 window;
	__u8 end;
};

/* The last number of a TCP packet that left this host and takes up numbers: who received it can acknowledge it. */
struct left {
	const struct shadow *shadow;
	__u32 number;
};

struct shadows {
	__u32 count;
	__u32 remembered_count;
	__u32 left_count;
	struct shadow all[MAX_STEPS];
	struct remembered remembered[MAX_STEPS];
	struct left left[MAX_STEPS];
};

UNTRACED static struct shadow *shadow_of(struct shadows *s, const struct flow_key *key)
{
	struct shadow *shadow;

	for (__u32 i = s->count; i-- > 0;)
		if (is_same_key(&s->all[i].key, key))
			return &s->all[i];
	CHECK(s->count < MAX_STEPS);
	shadow = &s->all[s->count++];
	memset(shadow, 0, sizeof(*shadow));
	shadow->key = *key;
	return shadow;
}

/* The flow of the table is what its shadow is, but for what names it. */
UNTRACED static void shadow_compare(const struct shadow *shadow, const struct flow *f)
{
	struct flow same = shadow->flow;

	same.id = f->id;
	same.seq = f->seq;
	same.end_reason = f->end_reason;
	CHECK(memcmp(&same, f, sizeof(same)) == 0);
	check_flow(&shadow->key, f);
}

/* A flow begins with this packet, in the place of another or in a new one: then what was left behind may be lost. */
UNTRACED static void shadow_begin(struct shadow *shadow, const struct packet *p, __u64 now_us, int continues,
				  int is_renewed, int may_forget)
{
	const struct flow *f = &shadow->flow;
	struct inheritance from = {.orientation = first_orientation(p)};
	int has_past = shadow->was_open && f->end_reason != END_SYN && f->end_reason != END_ICMP;

	if (has_past && (continues || is_renewed || !may_forget))
		inherit(&from, p, now_us, f->state, f->orientation, f->marks, f->egress_isn, f->start_us,
			f->start_us + f->last_us, f->connection_us);
	if (is_renewed && p->transit)
		from.marks |= MARK_TRANSIT;
	CHECK(from.continues == continues);
	flow_clear(&shadow->flow);
	flow_begin(&shadow->flow, p, now_us, &from);
	if (!continues) {
		shadow->connection++;
		shadow->is_proven = 0;
	}
	shadow->again[0] = shadow->again[1] = 0;
	shadow->is_open = shadow->was_open = 1;
}

/*
 * What a network card makes of the packet: FIN and PSH go with the last, CWR with the first. Returns 1 when one of them
 * makes a snapshot due.
 */
UNTRACED static int shadow_step(struct shadow *shadow, const struct packet *p, __u64 now_us, int is_first)
{
	struct flow *f = &shadow->flow;
	struct packet one = *p;
	__u32 left = p->payload;
	int is_due = 0;

	one.segments = 1;
	for (__u32 i = 0; i < p->segments; i++) {
		__u32 before = flow_packets(f);
		int is_last = i + 1 == p->segments;

		one.payload = is_last ? left : p->segment_bytes;
		one.flags = p->flags;
		if (!is_last)
			one.flags &= (__u8) ~(TCP_FIN | TCP_PSH);
		if (i > 0)
			one.flags &= (__u8)~TCP_CWR;
		flow_step(f, &one, now_us, is_first && i == 0);
		is_due |= snapshot_due(before, flow_packets(f));
		one.seq += one.payload;
		left -= one.payload;
	}
	return is_due;
}

/* A path is proven by what came in and acknowledges what left before, and by nothing else. */
UNTRACED static void shadow_prove(struct shadows *s, struct shadow *shadow, const struct packet *p)
{
	int is_proven = (shadow->flow.marks & MARK_PATH_PROVEN) != 0, is_answer = 0;

	if (is_proven && !shadow->is_proven) {
		for (__u32 i = 0; i < s->left_count; i++)
			is_answer |= s->left[i].shadow == shadow && s->left[i].number + 1 == p->ack_seq;
		CHECK(is_answer && !p->egress && p->flags & TCP_ACK && !(p->flags & TCP_RST));
	}
	shadow->is_proven = is_proven;
	if (!p->egress || p->protocol != PROTOCOL_TCP || !(p->flags & TCP_SYN || p->payload > 0))
		return;
	CHECK(s->left_count < MAX_STEPS);
	s->left[s->left_count++] = (struct left){
		.shadow = shadow,
		.number = p->flags & TCP_SYN ? p->seq : p->seq + p->payload - 1,
	};
}

/* Counts the packet when it was there before in its connection, and remembers it otherwise. */
UNTRACED static void shadow_remember(struct shadows *s, struct shadow *shadow, const struct packet *p)
{
	struct remembered it = {
		.shadow = shadow,
		.connection = shadow->connection,
		.seq = p->seq,
		.ack_seq = p->ack_seq,
		.payload = p->payload,
		.window = p->window,
		.end = !p->same_address && p->swapped,
	};

	if (p->protocol != PROTOCOL_TCP)
		return;
	for (__u32 i = 0; i < s->remembered_count; i++) {
		const struct remembered *old = &s->remembered[i];

		if (old->shadow == it.shadow && old->connection == it.connection && old->seq == it.seq &&
		    old->ack_seq == it.ack_seq && old->payload == it.payload && old->window == it.window &&
		    old->end == it.end) {
			shadow->again[is_backward(&shadow->flow, p)]++;
			return;
		}
	}
	CHECK(s->remembered_count < MAX_STEPS);
	s->remembered[s->remembered_count++] = it;
}

#endif
