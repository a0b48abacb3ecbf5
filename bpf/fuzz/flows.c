// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Fuzz target: packets of any bytes, at any time, in either direction, through the parser and the host's flow table.
 * Every flow keeps what invariants.h says and equals its shadow (shadow.h); every packet that found room is in exactly
 * one flow; a flow ends for a reason that it has; and nothing stays in memory.
 *
 * Input: one byte of options, then steps of one byte each (enum step_bits) with what they ask for.
 */
#include <stddef.h>
#include <string.h>

#include "../flow.h"
#include "../host/flow_table.h"
#include "check.h"
#include "frames.h"
#include "parsed.h"
#include "shadow.h"

#define FEW_PACKETS 8

enum option_bits {
	OPTION_LENIENT = 1,
	OPTION_OPENER_IS_OUTSIDE = 2,
	OPTION_SWEPT_WHEN_FULL = 4,
	OPTION_FEW_FLOWS = 8,
	OPTION_FEW_GRAVES = 16,
	OPTION_REMEMBERS = 32,
	/* And flows are still open at the end. */
	OPTION_REMEMBERS_FEW = 64,
	OPTION_OTHER_PROTOCOLS = 128,
};

enum step_bits {
	STEP_EGRESS = 1,
	STEP_SEGMENTS = 2,
	/* Two bits: what kind of frame. */
	STEP_FRAME = 4,
	/* Three bits: how time goes on. */
	STEP_TIME = 16,
	/* Came in by another interface. */
	STEP_TRANSIT = 128,
};

enum time_kind {
	TIME_STANDS = 0,
	TIME_MICROSECONDS = 1,
	TIME_MILLISECONDS = 2,
	TIME_SECONDS = 3,
	TIME_NEAR_LIMIT = 4,
	TIME_BACK_SHORT = 5,
	TIME_BACK_LONG = 6,
	TIME_SWEEP = 7,
};

struct run {
	struct flow_table table;
	struct seen_memory seen;
	struct shadows shadows;
	__u8 options;
	__u64 now_us;
	__u64 packets;
	__u64 packets_ended;
	__u64 bytes;
	__u64 bytes_ended;
};

UNTRACED static void check_again(const struct run *r, const struct shadow *shadow, const struct open_flow *open)
{
	if (!(r->options & OPTION_REMEMBERS))
		return;
	for (int i = 0; i < 2; i++) {
		CHECK(open->seen->again[i] <= shadow->again[i]);
		CHECK(open->seen->again[i] == shadow->again[i] || r->seen.unsure > 0);
	}
}

static void flow_ended(void *of, struct open_flow *open, __u64 now_us)
{
	struct run *r = of;
	struct shadow *shadow = shadow_of(&r->shadows, &open->entry.key);
	const struct flow *f = &open->flow;
	__u8 protocol = open->entry.key.protocol;

	CHECK(shadow->is_open && now_us == r->now_us);
	shadow_compare(shadow, f);
	check_again(r, shadow, open);
	switch (f->end_reason) {
	case END_TIMEOUT:
		CHECK((__s64)(now_us - f->start_us) > FLOW_TIMEOUT_US);
		break;
	case END_SYN:
		CHECK(protocol == PROTOCOL_TCP && f->state == STATE_READY);
		break;
	case END_ICMP:
		CHECK(protocol == PROTOCOL_ICMP || protocol == PROTOCOL_ICMPV6);
		break;
	default:
		CHECK(f->end_reason == END_PRESSURE || f->end_reason == END_FLUSH);
	}
	shadow->is_open = 0;
	shadow->flow.end_reason = f->end_reason;
	r->packets_ended += flow_packets(f);
	r->bytes_ended += f->dir[0].bytes + f->dir[1].bytes;
}

static void flow_opened(void *of, struct open_flow *open, const struct packet *p)
{
	const struct run *r = of;

	CHECK(open->flow.start_us == r->now_us && flow_packets(&open->flow) == p->segments);
}

static void flow_changed(void *of, struct open_flow *open, __u64 now_us)
{
	const struct run *r = of;

	CHECK(now_us == r->now_us && open->flow.seq >= 1 && open->flow.end_reason == END_NONE);
}

static const struct listener listener = {.opened = flow_opened, .changed = flow_changed, .ended = flow_ended};

static void add_packet(struct run *r, struct packet *p)
{
	struct flow_table *t = &r->table;
	struct shadow *shadow = shadow_of(&r->shadows, &p->key);
	int was_open = shadow->is_open, is_first = 0;
	struct open_flow *open;
	__u64 full = t->table_full;
	__u32 before;

	open = account(t, p, map_hash(&t->flows, &p->key), r->now_us);
	CHECK(t->flows.count <= t->flow_capacity && t->graves.count <= t->grave_capacity);
	CHECK(!open == (t->table_full > full));
	if (!open) {
		CHECK(!was_open && t->flows.count == t->flow_capacity);
		return;
	}
	CHECK(open->flow.key_fold == key_fold(p));
	if (!shadow->is_open) {
		is_first = 1;
		CHECK(open->flow.start_us == r->now_us);
		shadow_begin(shadow, p, r->now_us, (open->flow.marks & MARK_CONTINUATION) != 0, was_open,
			     t->tombstones_lost > 0);
	}
	before = flow_packets(&shadow->flow);
	CHECK(shadow_step(shadow, p, r->now_us, is_first) == snapshot_due(before, before + p->segments));
	shadow_prove(&r->shadows, shadow, p);
	shadow_remember(&r->shadows, shadow, p);
	shadow_compare(shadow, &open->flow);
	check_again(r, shadow, open);
	r->packets += p->segments;
	r->bytes += p->payload;
}

static void take_packet(struct run *r, struct input *in, __u8 step)
{
	struct parse_options options = {
		.is_lenient = (r->options & OPTION_LENIENT) != 0,
		.takes_other_protocols = (r->options & OPTION_OTHER_PROTOCOLS) != 0,
		.is_egress = step & STEP_EGRESS && !(r->options & OPTION_OPENER_IS_OUTSIDE),
	};
	struct packet p;
	struct frame frame;

	if (options.is_egress && step & STEP_SEGMENTS)
		options.segment_bytes = take16(in);
	switch (step / STEP_FRAME & 3) {
	case 0:
	case 1:
		take_built(in, &frame);
		break;
	case 2:
		take_damaged(in, &frame);
		break;
	default:
		take_raw(in, &frame);
	}
	if (!parse_frame(&frame, &p, &options))
		return;
	p.transit = options.is_egress && step & STEP_TRANSIT;
	add_packet(r, &p);
}

static void pass_time(struct run *r, struct input *in, __u8 step)
{
	static const __u32 limits_us[] = {BULK_GAP_US, ACTIVITY_GAP_US, FLOW_TIMEOUT_US, PROOF_QUIET_US};
	__u8 near;

	switch (step / STEP_TIME & 7) {
	case TIME_STANDS:
		break;
	case TIME_MICROSECONDS:
		r->now_us += take8(in);
		break;
	case TIME_MILLISECONDS:
		r->now_us += take16(in) * 1000ull;
		break;
	case TIME_SECONDS:
		r->now_us += take16(in) * 1000000ull;
		break;
	case TIME_NEAR_LIMIT:
		near = take8(in);
		r->now_us += limits_us[near >> 6] + (near & 7) - 3ull;
		break;
	case TIME_BACK_SHORT:
		r->now_us -= take16(in);
		break;
	case TIME_BACK_LONG:
		r->now_us -= take16(in) * 10000ull;
		break;
	case TIME_SWEEP:
		table_sweep(&r->table, r->now_us);
		/* Some of those that are left go under pressure. */
		for (__u8 some = take8(in) & 3; some > 0 && r->table.flows.first; some--)
			end_flow(&r->table, (struct open_flow *)r->table.flows.first, r->now_us, END_PRESSURE);
	}
}

static void begin(struct run *r, __u8 options)
{
	struct flow_table *t = &r->table;

	memset(t, 0, sizeof(*t));
	memset(&r->seen, 0, sizeof(r->seen));
	r->shadows.count = r->shadows.remembered_count = r->shadows.left_count = 0;
	r->options = options;
	r->now_us = 1ull << 50;
	r->packets = r->packets_ended = r->bytes = r->bytes_ended = 0;
	r->seen.capacity = options & OPTION_REMEMBERS_FEW ? FEW_PACKETS : MAX_STEPS;
	t->listener = &listener;
	t->of = r;
	t->flow_capacity = options & OPTION_FEW_FLOWS ? 3 : MAX_STEPS;
	t->grave_capacity = options & OPTION_FEW_GRAVES ? 2 : MAX_STEPS;
	t->is_swept_when_full = (options & OPTION_SWEPT_WHEN_FULL) != 0;
	t->opener_is_outside = (options & OPTION_OPENER_IS_OUTSIDE) != 0;
	if (options & OPTION_REMEMBERS)
		t->seen = &r->seen;
	CHECK(table_begin(t) == 0);
	/* The same input does the same again; few buckets make chains, and grow. */
	t->flows.seed = t->graves.seed = 1;
	t->flows.bucket_count = t->graves.bucket_count = 2;
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	static struct run run;
	struct run *r = &run;
	struct input in = {data, data + size};

	begin(r, take8(&in));
	for (int i = 0; i < MAX_STEPS && in.pos < in.end; i++) {
		__u8 step = take8(&in);

		pass_time(r, &in, step);
		take_packet(r, &in, step);
	}
	if (!(r->options & OPTION_REMEMBERS_FEW)) {
		table_flush(&r->table, r->now_us);
		CHECK(r->packets == r->packets_ended && r->bytes == r->bytes_ended);
	}
	table_end(&r->table);
	CHECK(r->seen.count == 0);
	return 0;
}
