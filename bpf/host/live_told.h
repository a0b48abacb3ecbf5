/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What the reader of a live capture sees: records, and marks that say how far time has come. */
#ifndef IDSD_HOST_LIVE_TOLD_H
#define IDSD_HOST_LIVE_TOLD_H

#include <stdio.h>
#include <string.h>

#include "flow_table.h"
#include "told.h"

#define RECORD_MARK 0

struct mark {
	struct record_header header;
	__u64 time_us;
};

struct live {
	struct flow_table table;
	__u64 step_us;
	__u64 sweep_us;
	__u64 first_us;
	__u64 now_us;
	__u64 swept_us;
	__u64 look_us; /* when the reader looks next; NEVER while nothing waits */
	__u64 packets;
	__u64 bytes;
	__u64 unparsed[UNPARSED_MAX];
};

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

static inline void tell_flow(struct live *l, const struct open_flow *open, __u64 now_us, __u8 type)
{
	struct flow_record record;

	fill_record(&record, open, now_us, type);
	tell(l, &record, sizeof(record), now_us);
}

static inline void tell_ended(void *of, struct open_flow *open, __u64 now_us)
{
	tell_flow(of, open, now_us, RECORD_ENDED);
}

static inline void tell_changed(void *of, struct open_flow *open, __u64 now_us)
{
	tell_flow(of, open, now_us, RECORD_SNAPSHOT);
}

static inline void tell_opened(void *of, struct open_flow *open, const struct packet *p)
{
	const struct flow *f = &open->flow;
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
	tell(of, &record, sizeof(record), f->start_us);
}

static const struct listener live_listener = {
	.opened = tell_opened,
	.changed = tell_changed,
	.ended = tell_ended,
};

#endif
