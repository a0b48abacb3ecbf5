// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * The flows of captures, by the parser and the flow state machine of the kernel programs, compiled for the host.
 *
 * Usage: extract [OPTION...] FILE...
 * FILE: pcap or pcapng, perhaps packed by gzip or zstd; `-`: standard input. Several are one stream in the order of
 * time.
 * --max-flows N: flows that are open at once, 1,000,000 by default.
 * --retransmissions: two more numbers of 32 bits behind each record, those forward and those backward.
 * --max-remembered N: packets that are remembered to know them, 16,777,216 by default.
 * --other-protocols: flows of every IP protocol, not of TCP, UDP and ICMP alone.
 * --frames: the frames themselves as far as they are read, and no flows: time in us, length, 0, and the bytes, padded
 * to 8.
 * --progress: also lines `progress READ TOTAL` on standard error, bytes on disk.
 *
 * Standard output: a record of wire.h for every flow, in the order in which they end and then, for those that are open
 * at the end, in the order in which they began.
 * Standard error: a line `NAME NUMBER` for each count, and for a file that is cut short or damaged
 * `fault FILE_NUMBER OFFSET WHY`.
 * Exit code 1: a file is no capture, and a line says which and why.
 */
#define _GNU_SOURCE

#include <getopt.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "extraction.h"
#include "told.h"

/* The longest fixed part of a transport header: that of TCP. */
#define TRANSPORT_BYTES 20
#define OUT_BYTES (1u << 18)
#define PROGRESS_NS 200000000
#define MAX_NUMBER 1000000000

static void write_flow(void *of, struct open_flow *open, __u64 now_us)
{
	const struct extraction *e = of;
	struct {
		struct flow_record record;
		__u32 again[2];
	} told;
	size_t size = sizeof(told.record);

	fill_record(&told.record, open, now_us, RECORD_ENDED);
	if (e->table.seen) {
		size = sizeof(told);
		told.record.header.length = sizeof(told);
		memcpy(told.again, open->seen->again, sizeof(told.again));
	}
	write_out(&told, size);
}

/*
 * How much of a frame the programs read: up to the fixed part of the transport header, whose end is told by lengths alone.
 * A frame that is not parsed is wanted whole.
 */
static __u32 bytes_read(const struct capture *capture)
{
	struct cursor c = {capture->frame, capture->frame + capture->frame_bytes};
	struct packet p = {};
	__u32 reach;

	packet_begin(&p, capture->frame_bytes, 0);
	if (parse_network(&c, &p, 1) != PARSED || parse_transport(&c, &p) != PARSED)
		return capture->frame_bytes;
	reach = (__u32)(c.pos - capture->frame) + TRANSPORT_BYTES;
	return reach < capture->frame_bytes ? reach : capture->frame_bytes;
}

static void write_frame(const struct capture *c)
{
	static const __u8 zeros[8];
	const struct {
		__u64 time_us;
		__u32 bytes;
		__u32 zero;
	} header = {.time_us = c->time_us, .bytes = bytes_read(c)};

	write_out(&header, sizeof(header));
	if (header.bytes)
		write_out(c->frame, header.bytes);
	if (header.bytes % 8)
		write_out(zeros, 8 - header.bytes % 8);
}

static void tell_progress(struct extraction *e)
{
	struct timespec now;
	__u64 now_ns;

	clock_gettime(CLOCK_MONOTONIC, &now);
	now_ns = (__u64)now.tv_sec * 1000000000 + (__u64)now.tv_nsec;
	if (now_ns - e->told_ns < PROGRESS_NS)
		return;
	e->told_ns = now_ns;
	fprintf(stderr, "progress %llu %llu\n", merge_read_bytes(&e->merge), e->merge.total_bytes);
}

static void tell_counts(const struct extraction *e)
{
	const struct flow_table *t = &e->table;

	fprintf(stderr, "packets %llu\nbytes %llu\nflows %llu\n", e->packets, e->bytes, t->opened);
	if (e->packets > 0)
		fprintf(stderr, "first_us %llu\nlast_us %llu\n", e->first_us, e->last_us);
	fprintf(stderr, "table_full %llu\nflows_dropped %llu\n", t->table_full, e->dropped.count);
	fprintf(stderr, "tombstones_lost %llu\nretransmissions_unsure %llu\n", t->tombstones_lost, e->seen.unsure);
	fprintf(stderr, "cut %llu\nsnap_length %u\nbackward %llu\n", e->cut, e->merge.snap_length, e->backward);
	tell_unparsed(e->unparsed);
	for (size_t n = 0; n < e->merge.count; n++) {
		const struct fault *fault = &e->merge.inputs[n].fault;

		if (!fault->why)
			continue;
		fprintf(stderr, "fault %zu ", n);
		print_fault(stderr, fault);
	}
}

static void read_all(struct extraction *e)
{
	const struct capture *c;

	while ((c = merge_next(&e->merge))) {
		count_frame(e, c);
		if (e->tells_frames)
			write_frame(c);
		else
			take_frame(e, c);
		if (e->tells_progress && e->packets % 4096 == 0)
			tell_progress(e);
	}
	account_waiting(e);
	table_flush(&e->table, e->now_us);
}

static void use(void)
{
	fputs("usage: extract [--max-flows N] [--retransmissions] [--max-remembered N] [--other-protocols] [--frames] "
	      "[--progress] FILE...\n",
	      stderr);
	exit(1);
}

static __u64 read_number(const char *text)
{
	char *end;
	unsigned long long number = strtoull(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || number < 1 || number > MAX_NUMBER)
		fail(text, "not a number from 1 to 1,000,000,000");
	return number;
}

static void read_options(struct extraction *e, int argc, char **argv)
{
	static const struct option options[] = {
		{"max-flows", required_argument, NULL, 'm'},
		{"retransmissions", no_argument, NULL, 'r'},
		{"max-remembered", required_argument, NULL, 'n'},
		{"other-protocols", no_argument, NULL, 'o'},
		{"frames", no_argument, NULL, 'f'},
		{"progress", no_argument, NULL, 'p'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 'm':
			e->table.flow_capacity = e->table.grave_capacity = read_number(optarg);
			break;
		case 'n':
			e->seen.capacity = read_number(optarg);
			break;
		case 'r':
			e->table.seen = &e->seen;
			break;
		case 'o':
			e->takes_other_protocols = 1;
			break;
		case 'f':
			e->tells_frames = 1;
			break;
		case 'p':
			e->tells_progress = 1;
			break;
		default:
			use();
		}
	if (optind == argc)
		use();
	for (int n = optind, inputs = 0; n < argc; n++)
		if (strcmp(argv[n], "-") == 0 && ++inputs > 1)
			fail("-", "standard input can be read once only");
}

/* Captures that overlap are open together: as many as the system allows. */
static void raise_file_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

int main(int argc, char **argv)
{
	static const struct listener listener = {.ended = write_flow};
	static struct extraction extraction = {
		.table = {
			.flow_capacity = 1000000,
			.grave_capacity = 1000000,
			.listener = &listener,
			.of = &extraction,
			.is_swept_when_full = 1,
		},
		.seen = {.capacity = SEEN_CAPACITY},
	};
	struct extraction *e = &extraction;
	const char *why;
	size_t bad;

	/* Who waits for input ends with whom it is read for. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	read_options(e, argc, argv);
	raise_file_limit();
	setvbuf(stdout, NULL, _IOFBF, OUT_BYTES);
	e->seen.seed = draw_seed();
	if (table_begin(&e->table))
		fail("extract", "no memory for the table of flows");
	why = merge_begin(&e->merge, argv + optind, (size_t)(argc - optind), &bad);
	if (why) {
		fprintf(stderr, "extract: %s: %s\n", argv[optind + (int)bad], why);
		return 1;
	}
	read_all(e);
	tell_counts(e);
	flush_out();
	merge_end(&e->merge);
	table_end(&e->table);
	return 0;
}
