/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * TCP retransmissions as the corrected CICFlowMeter counts them: a packet whose source, sequence and acknowledgement
 * number, payload length and window were all seen before in its connection. So a repeated acknowledgement counts too. A
 * flow that continues another one goes on with its set. Exact: packets themselves are remembered, up to a number in all.
 */
#ifndef IDSD_HOST_SEEN_H
#define IDSD_HOST_SEEN_H

#include <stdlib.h>

#include "../flow.h"
#include "flow_map.h"

/* Packets remembered in all: 21 to 43 bytes each in a large set, half as much again while it grows; the smallest takes 136. */
#define SEEN_CAPACITY (1u << 24)
#define FIRST_SEEN 8

struct seen_packet {
	__u64 numbers; /* sequence number << 32 | acknowledgement number */
	__u64 rest;    /* payload << 32 | window << 16 | end that sent it: 1 or 2; 0: an empty place */
};

struct seen_set {
	__u32 count;
	__u32 places; /* a power of two */
	struct seen_packet packets[];
};

/* Beside a flow. */
struct seen {
	struct seen_set *set;
	__u32 again[2]; /* retransmissions: forward, backward */
};

struct seen_memory {
	__u64 seed;
	__u64 count;
	__u64 capacity;
	__u64 unsure; /* packets that were not remembered */
};

static inline void seen_forget(struct seen_memory *m, struct seen_set **set)
{
	if (*set)
		m->count -= (*set)->count;
	free(*set);
	*set = NULL;
}

/* Where the packet is, or the empty place where it belongs. */
static inline struct seen_packet *seen_place(const struct seen_memory *m, struct seen_set *set,
					     const struct seen_packet *packet)
{
	__u64 at = mix(packet->numbers ^ m->seed, packet->rest ^ 0x9e3779b97f4a7c15ull);

	for (;; at++) {
		struct seen_packet *place = &set->packets[at & (set->places - 1)];

		if (place->rest == 0 || (place->rest == packet->rest && place->numbers == packet->numbers))
			return place;
	}
}

/* At most three quarters of the places are taken. Returns -1 without memory. */
static inline int seen_make_room(const struct seen_memory *m, struct seen_set **set)
{
	struct seen_set *old = *set, *wider;
	__u32 places = old ? old->places * 2 : FIRST_SEEN;

	if (old && old->count + 1 <= old->places / 4 * 3)
		return 0;
	wider = calloc(1, sizeof(*wider) + places * sizeof(wider->packets[0]));
	if (!wider)
		return -1;
	wider->places = places;
	for (__u32 i = 0; old && i < old->places; i++)
		if (old->packets[i].rest)
			*seen_place(m, wider, &old->packets[i]) = old->packets[i];
	wider->count = old ? old->count : 0;
	free(old);
	*set = wider;
	return 0;
}

/* After the packet was added to the flow. */
static inline void seen_packet(struct seen_memory *m, struct seen *seen, const struct flow *f, const struct packet *p,
			       int is_first)
{
	struct seen_packet packet = {
		.numbers = (__u64)p->seq << 32 | p->ack_seq,
		.rest = (__u64)p->payload << 32 | (__u32)p->window << 16 | (p->swapped && !p->same_address ? 2 : 1),
	};
	struct seen_packet *place;

	if (is_first) {
		seen->again[0] = 0;
		seen->again[1] = 0;
		if (!(f->marks & MARK_CONTINUATION))
			seen_forget(m, &seen->set);
	}
	if (p->protocol != PROTOCOL_TCP)
		return;
	if (seen->set && seen_place(m, seen->set, &packet)->rest) {
		seen->again[is_backward(f, p)]++;
		return;
	}
	if (m->count == m->capacity || seen_make_room(m, &seen->set)) {
		m->unsure++;
		return;
	}
	place = seen_place(m, seen->set, &packet);
	*place = packet;
	seen->set->count++;
	m->count++;
}

#endif
