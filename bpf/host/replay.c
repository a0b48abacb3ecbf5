// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * The parser and the flow state machine of the kernel programs, compiled for the host: reads a classic Ethernet
 * capture, takes the time from it, and writes the record of every flow, in the order in which they end and then, for
 * those that are still open, in the order in which they began. Usage: replay CAPTURE RECORDS
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../flow.h"
#include "../parse.h"
#include "../wire.h"

#define BUCKETS 65536
#define MAX_FRAME 262144
/* A test run of an XDP program refuses less than an Ethernet header; so does this. */
#define MIN_FRAME 14

#define PCAP_MICROSECONDS 0xa1b2c3d4
#define PCAP_NANOSECONDS 0xa1b23c4d

struct pcap_header {
	__u32 magic;
	__u32 unused[4];
	__u32 link_type;
};

struct pcap_record {
	__u32 seconds;
	__u32 fraction;
	__u32 captured;
	__u32 original;
};

/* One open flow: in the chain of its bucket, and in the list of all. */
struct entry {
	struct entry *chain;
	struct entry *next;
	struct flow_key key;
	struct flow flow;
};

struct table {
	struct entry *buckets[BUCKETS];
	struct entry *first;
	struct entry **last;
	FILE *out;
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "replay: %s: %s\n", what, why);
	exit(1);
}

static __u32 bucket_of(const struct flow_key *key)
{
	const __u8 *bytes = (const __u8 *)key;
	__u32 hash = 2166136261u;

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash % BUCKETS;
}

static struct entry *find(const struct table *table, const struct flow_key *key)
{
	struct entry *entry = table->buckets[bucket_of(key)];

	while (entry && memcmp(&entry->key, key, sizeof(*key)) != 0)
		entry = entry->chain;
	return entry;
}

static struct entry *insert(struct table *table, const struct flow_key *key)
{
	struct entry **bucket = &table->buckets[bucket_of(key)];
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		fail("memory", strerror(errno));
	entry->key = *key;
	entry->chain = *bucket;
	*bucket = entry;
	*table->last = entry;
	table->last = &entry->next;
	return entry;
}

static void tell_ended(struct table *table, struct entry *entry, __u64 now_us, __u8 reason)
{
	struct flow_record record = {
		.header = {.type = RECORD_ENDED, .version = WIRE_VERSION, .length = sizeof(record)},
		.time_us = now_us,
	};

	entry->flow.end_reason = reason;
	record.key = entry->key;
	record.flow = entry->flow;
	if (fwrite(&record, sizeof(record), 1, table->out) != 1)
		fail("records", strerror(errno));
}

/* The same steps as account() in table.h, without locks, budget and rings. */
static void account(struct table *table, const struct packet *p, __u64 now_us)
{
	struct entry *entry = find(table, &p->key);
	__u32 before, packets;
	int is_first = 0, changed;
	__u8 reason;

	if (entry) {
		reason = flow_ends(&entry->flow, p, now_us);
		if (reason != END_NONE) {
			tell_ended(table, entry, now_us, reason);
			flow_renew(&entry->flow, p, now_us, reason);
			is_first = 1;
		}
	} else {
		struct inheritance from = {.orientation = first_orientation(p)};

		entry = insert(table, &p->key);
		flow_begin(&entry->flow, p, now_us, &from);
		is_first = 1;
	}
	before = flow_packets(&entry->flow);
	changed = flow_step(&entry->flow, p, now_us, is_first);
	packets = flow_packets(&entry->flow);
	/* What would be told but is not written here still counts in seq. */
	if (is_first)
		entry->flow.seq = 1;
	else if (changed || snapshot_due(before, packets))
		entry->flow.seq++;
}

static void take_frame(struct table *table, const __u8 *frame, __u32 bytes, __u64 now_us)
{
	struct cursor c = {frame, frame + bytes};
	struct packet p = {};

	packet_begin(&p, bytes, 0);
	if (parse_network(&c, &p, 1) != PARSED || parse_transport(&c, &p) != PARSED)
		return;
	account(table, &p, now_us);
}

int main(int argc, char **argv)
{
	static struct table table;
	static __u8 frame[MAX_FRAME];
	struct pcap_header header;
	struct pcap_record record;
	__u64 now_us = 0;
	FILE *in;

	if (argc != 3)
		fail("usage", "replay CAPTURE RECORDS");
	in = fopen(argv[1], "rb");
	if (!in)
		fail(argv[1], strerror(errno));
	table.last = &table.first;
	table.out = fopen(argv[2], "wb");
	if (!table.out)
		fail(argv[2], strerror(errno));
	if (fread(&header, sizeof(header), 1, in) != 1)
		fail(argv[1], "too short for a capture");
	if ((header.magic != PCAP_MICROSECONDS && header.magic != PCAP_NANOSECONDS) || (header.link_type & 0xffff) != 1)
		fail(argv[1], "not a little-endian capture of Ethernet");
	while (fread(&record, sizeof(record), 1, in) == 1) {
		if (record.captured > MAX_FRAME)
			fail(argv[1], "a record is larger than any frame");
		if (fread(frame, 1, record.captured, in) != record.captured)
			break;
		now_us = (__u64)record.seconds * 1000000 +
			 (header.magic == PCAP_NANOSECONDS ? record.fraction / 1000 : record.fraction);
		if (record.captured >= MIN_FRAME)
			take_frame(&table, frame, record.captured, now_us);
	}
	for (struct entry *entry = table.first; entry; entry = entry->next)
		tell_ended(&table, entry, now_us, END_FLUSH);
	if (fclose(table.out))
		fail(argv[2], strerror(errno));
	return 0;
}
