// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * A capture told as the kernel programs would have told it while it happened: flows as they open, change and end, with
 * the sweep's clock, and after each step of time a mark that says that the reader looked. No budget, no rings, no blocks.
 *
 * Usage: live CAPTURE STEP_MS SWEEP_MS AFTER_MS
 * CAPTURE: pcap or pcapng, perhaps packed by gzip or zstd.
 * STEP_MS: between two looks of the reader; SWEEP_MS: between two sweeps; AFTER_MS: how long the clock goes on behind
 * the last packet, before every open flow is flushed.
 *
 * Standard output: records of wire.h, and marks, which are record headers of the type 0 followed by their time.
 * Standard error: one line `NAME NUMBER` for each count, `first_us` and `last_us`, and for a file that is cut short or
 * damaged `fault OFFSET WHY`. Exit code 1: this is no capture, and a line says why.
 *
 * Whose side the capture was taken on is not in the file. The end that opens a flow counts as outside: what it sends
 * comes in, the answers go out. So a path is proven by the same bit as on the wire.
 */
#define _GNU_SOURCE

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live_flows.h"
#include "source.h"

/* The most that the daemon gives an interface by itself, and a quarter of it, as there. */
#define FLOW_CAPACITY 1048576
#define TOMBSTONE_CAPACITY (FLOW_CAPACITY / 4)

static void take_frame(struct live *l, const struct capture *capture)
{
	struct cursor c = {capture->frame, capture->frame + capture->frame_bytes};
	struct packet p = {};
	int outcome;

	/* A clock that goes back stands still until it has caught up, as the kernel's never goes back. */
	if (l->packets++ == 0)
		l->first_us = l->now_us = l->swept_us = capture->time_us;
	else if (capture->time_us > l->now_us)
		pass_time(l, capture->time_us);
	l->bytes += capture->frame_bytes;
	packet_begin(&p, capture->frame_bytes, 0);
	outcome = parse_network(&c, &p, 1);
	if (outcome == PARSED)
		outcome = parse_transport(&c, &p);
	if (outcome == PARSED)
		account(&l->table, &p, map_hash(&l->table.flows, &p.key), l->now_us);
	else
		l->unparsed[outcome]++;
}

static void tell_counts(const struct live *l, const struct fault *fault)
{
	fprintf(stderr, "packets %llu\nbytes %llu\nflows %llu\n", l->packets, l->bytes, l->table.opened);
	fprintf(stderr, "table_full %llu\ntombstones_lost %llu\n", l->table.table_full, l->table.tombstones_lost);
	tell_unparsed(l->unparsed);
	if (fault->why) {
		fputs("fault ", stderr);
		print_fault(stderr, fault);
	}
}

/* Milliseconds of the command line, as microseconds: at least `least`. */
static __u64 read_ms(const char *text, __u64 least)
{
	char *end;
	unsigned long long ms = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || ms < least || ms > 1000000000)
		fail(text, "not a number of milliseconds");
	return ms * 1000;
}

int main(int argc, char **argv)
{
	static struct capture capture;
	static struct live live = {
		.table = {
			.flow_capacity = FLOW_CAPACITY,
			.grave_capacity = TOMBSTONE_CAPACITY,
			.listener = &live_listener,
			.of = &live,
			.opener_is_outside = 1,
		},
		.look_us = NEVER,
	};
	struct source source;
	struct fault fault;
	__u64 end_us;
	FILE *disk;

	if (argc != 5)
		fail("usage", "live CAPTURE STEP_MS SWEEP_MS AFTER_MS");
	live.step_us = read_ms(argv[2], 1);
	live.sweep_us = read_ms(argv[3], 1);
	disk = fopen(argv[1], "rb");
	if (!disk)
		fail(argv[1], strerror(errno));
	if (source_open(&source, disk) || table_begin(&live.table))
		fail(argv[1], "no memory to read it");
	if (capture_begin(&capture, source.file) == CAPTURE_FAULT)
		fail(argv[1], source_fault(&source, &capture).why);
	while (capture_next(&capture) == CAPTURE_FRAME)
		take_frame(&live, &capture);
	fault = source_fault(&source, &capture);
	if (ferror(disk))
		fail(argv[1], fault.why);
	if (live.packets > 0) {
		fprintf(stderr, "first_us %llu\nlast_us %llu\n", live.first_us, live.now_us);
		end_us = live.now_us + read_ms(argv[4], 0);
		pass_time(&live, end_us);
		/* Time goes on to the end even in silence. */
		mark(&live, end_us);
		table_flush(&live.table, end_us);
		mark(&live, end_us);
	}
	tell_counts(&live, &fault);
	flush_out();
	table_end(&live.table);
	source_close(&source);
	return 0;
}
