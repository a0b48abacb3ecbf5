/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the reader of a live capture sees: records, and marks that say how far time has come. */
#ifndef IDSD_HOST_LIVE_TOLD_H
#define IDSD_HOST_LIVE_TOLD_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../flow.h"
#include "../parse.h"
#include "../wire.h"
#include "flow_map.h"

#define RECORD_MARK 0
#define NEVER (~0ull)

struct mark {
	struct record_header header;
	__u64 time_us;
};

struct open_flow {
	struct map_entry entry;
	struct flow flow;
};

struct live {
	struct flow_map flows; /* the oldest start first */
	struct flow_map graves; /* the first buried first */
	__u64 step_us;
	__u64 sweep_us;
	__u64 first_us;
	__u64 now_us;
	__u64 swept_us;
	__u64 look_us; /* when the reader looks next; NEVER while nothing waits */
	__u64 next_id;
	__u64 packets;
	__u64 bytes;
	__u64 opened;
	__u64 table_full;
	__u64 tombstones_lost;
	__u64 unparsed[UNPARSED_MAX];
};

static inline void fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static inline void write_out(const void *bytes, size_t size)
{
	if (fwrite(bytes, size, 1, stdout) != 1)
		fail("standard output", strerror(errno));
}

/* The first multiple of `period` after the first packet that lies beyond `time`. */
static inline __u64 next_multiple(const struct live *l, __u64 time_us, __u64 period_us)
{
	return l->first_us + ((time_us - l->first_us) / period_us + 1) * period_us;
}

static inline void tell(struct live *l, const void *record, size_t size, __u64 now_us)
{
	write_out(record, size);
	if (l->look_us == NEVER)
		l->look_us = next_multiple(l, now_us, l->step_us);
}

static inline void mark(struct live *l, __u64 time_us)
{
	struct mark mark = {
		.header = {.type = RECORD_MARK, .version = WIRE_VERSION, .length = sizeof(mark)},
		.time_us = time_us,
	};

	write_out(&mark, sizeof(mark));
	l->look_us = NEVER;
}

static inline void tell_flow(struct live *l, struct open_flow *open, __u64 now_us, __u8 type)
{
	struct flow_record record = {
		.header = {.type = type, .version = WIRE_VERSION, .length = sizeof(record)},
		.time_us = now_us,
	};

	record.key = open->entry.key;
	record.flow = open->flow;
	open->flow.seq++;
	tell(l, &record, sizeof(record), now_us);
}

static inline void tell_opened(struct live *l, struct flow *f, const struct packet *p)
{
	struct flow_opened record = {
		.header = {.type = RECORD_OPENED, .version = WIRE_VERSION, .length = sizeof(record)},
		.time_us = f->start_us,
		.id = f->id,
		.protocol = p->protocol,
		.tcp_flags = p->flags,
		.marks = f->marks,
		.icmp_type = p->icmp_type,
	};
	int reversed = p->swapped != f->orientation && !p->same_address;

	memcpy(record.src, reversed ? p->dst.words : p->src.words, 16);
	memcpy(record.dst, reversed ? p->src.words : p->dst.words, 16);
	record.src_port = p->swapped == reversed ? p->key.port_a : p->key.port_b;
	record.dst_port = p->swapped == reversed ? p->key.port_b : p->key.port_a;
	f->seq = 1;
	l->opened++;
	tell(l, &record, sizeof(record), f->start_us);
}

#endif
