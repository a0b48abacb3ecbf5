// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * The parser and the flow state machine of the kernel programs, compiled for the host: reads a capture, takes the time
 * from it, and writes the record of every flow, in the order in which they end and then, for those that are still open,
 * in the order in which they began. Usage: replay CAPTURE RECORDS
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../flow.h"
#include "../parse.h"
#include "../wire.h"
#include "capture.h"
#include "flow_map.h"

struct open_flow {
	struct map_entry entry;
	struct flow flow;
};

struct table {
	struct flow_map flows;
	FILE *out;
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "replay: %s: %s\n", what, why);
	exit(1);
}

static void tell_ended(struct table *table, struct open_flow *open, __u64 now_us, __u8 reason)
{
	struct flow_record record = {
		.header = {.type = RECORD_ENDED, .version = WIRE_VERSION, .length = sizeof(record)},
		.time_us = now_us,
	};

	open->flow.end_reason = reason;
	record.key = open->entry.key;
	record.flow = open->flow;
	if (fwrite(&record, sizeof(record), 1, table->out) != 1)
		fail("records", strerror(errno));
}

/* The same steps as account() in table.h, without locks, budget and rings. */
static void account(struct table *table, const struct packet *p, __u64 now_us)
{
	struct open_flow *open = (struct open_flow *)map_find(&table->flows, &p->key);
	__u32 before, packets;
	int is_first = 0, changed;
	__u8 reason;

	if (open) {
		reason = flow_ends(&open->flow, p, now_us);
		if (reason != END_NONE) {
			tell_ended(table, open, now_us, reason);
			flow_renew(&open->flow, p, now_us, reason);
			is_first = 1;
		}
	} else {
		struct inheritance from = {.orientation = first_orientation(p)};

		open = map_insert(&table->flows, &p->key, sizeof(*open));
		if (!open)
			fail("memory", strerror(errno));
		flow_begin(&open->flow, p, now_us, &from);
		is_first = 1;
	}
	before = flow_packets(&open->flow);
	changed = flow_step(&open->flow, p, now_us, is_first);
	packets = flow_packets(&open->flow);
	/* What would be told but is not written here still counts in seq. */
	if (is_first)
		open->flow.seq = 1;
	else if (changed || snapshot_due(before, packets))
		open->flow.seq++;
}

static void take_frame(struct table *table, const struct capture *capture)
{
	struct cursor c = {capture->frame, capture->frame + capture->frame_bytes};
	struct packet p = {};

	packet_begin(&p, capture->frame_bytes, 0);
	if (parse_network(&c, &p, 1) != PARSED || parse_transport(&c, &p) != PARSED)
		return;
	account(table, &p, capture->time_us);
}

int main(int argc, char **argv)
{
	static struct capture capture;
	static struct table table;
	FILE *in;

	if (argc != 3)
		fail("usage", "replay CAPTURE RECORDS");
	in = fopen(argv[1], "rb");
	if (!in)
		fail(argv[1], strerror(errno));
	table.out = fopen(argv[2], "wb");
	if (!table.out)
		fail(argv[2], strerror(errno));
	if (capture_begin(&capture, in) == CAPTURE_FAULT)
		fail(argv[1], capture.fault);
	while (capture_next(&capture) == CAPTURE_FRAME)
		if (capture.frame_bytes >= ETHERNET_HEADER)
			take_frame(&table, &capture);
	if (capture.fault)
		fprintf(stderr, "replay: %s: %s, at byte %llu\n", argv[1], capture.fault, capture.fault_at);
	for (struct map_entry *entry = table.flows.first; entry; entry = entry->after)
		tell_ended(&table, (struct open_flow *)entry, capture.time_us, END_FLUSH);
	if (fclose(table.out))
		fail(argv[2], strerror(errno));
	return 0;
}
