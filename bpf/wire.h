/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Every struct that crosses between kernel and user space. The TypeScript readers are generated from this file's BTF
 * (`make wire`); a host program fills every field and the readers must return it.
 */
#ifndef IDSD_WIRE_H
#define IDSD_WIRE_H

#include <linux/types.h>

#if defined(__bpf__) && __has_attribute(btf_decl_tag)
#define DOC(text) __attribute__((btf_decl_tag(text)))
#else
#define DOC(text)
#endif

#ifdef __cplusplus
#define _Static_assert static_assert
#endif

#define WIRE_VERSION 3

/* In the BTF, so that a later daemon knows whose maps it finds. */
enum wire_version {
	WIRE_VERSION_OF_MAPS = WIRE_VERSION,
};

enum record_type {
	RECORD_OPENED = 1,
	RECORD_SNAPSHOT = 2,
	RECORD_ENDED = 3,
};

enum end_reason {
	END_NONE = 0,
	END_TIMEOUT = 1,
	END_SYN = 2,
	END_ICMP = 3,
	END_PRESSURE = 4,
	END_FLUSH = 5,
	/* The flow's layout is another one from here on: it begins anew. */
	END_UPGRADE = 6,
};

enum tcp_state {
	STATE_NONE = 0,
	STATE_FIN1 = 1,
	STATE_FIN2 = 2,
	STATE_READY = 3,
};

/* Bits of flow.marks and flow_opened.marks. */
enum flow_mark {
	MARK_TRANSIT = 1,
	MARK_PATH_PROVEN = 2,
	MARK_EGRESS_SYN = 4,
	MARK_EGRESS_SYNACK = 8,
	MARK_FIRST_INGRESS = 16,
	MARK_CONTINUATION = 32,
	MARK_FIRST_BACKWARD = 64,
	MARK_DEAD = 128,
};

/* The ladder. Limit, SYN drop and the answer of reject apply to what arrives; drop and reject also keep back what leaves. */
enum block_action {
	ACTION_NONE = 0,
	ACTION_DROP = 1,
	ACTION_COUNT = 2,
	ACTION_LIMIT = 3,
	ACTION_SYN_DROP = 4,
	ACTION_REJECT = 5,
	ACTION_MAX = 6,
};

/* Bits of block_entry.flags. */
enum block_flag {
	/* Packets of a flow with a proven path, or that our side opened, pass. */
	FLAG_SPARE_FLOWS = 1,
};

enum limit_unit {
	LIMIT_PACKETS = 0,
	LIMIT_BITS = 1,
};

enum block_origin {
	ORIGIN_NONE = 0,
	ORIGIN_OPERATOR = 1,
	ORIGIN_DETECTOR = 2,
	ORIGIN_MODEL = 3,
	ORIGIN_LIST = 4,
	ORIGIN_MAX = 5,
};

enum block_reason {
	REASON_NONE = 0,
	REASON_MANUAL = 1,
	REASON_SCAN = 2,
	REASON_LOGIN = 3,
	REASON_MODEL = 4,
	REASON_LIST = 5,
	REASON_MIXED = 6,
	REASON_FLOOD = 7,
	REASON_MAX = 8,
};

enum direction_index {
	INGRESS = 0,
	EGRESS = 1,
	DIRECTIONS = 2,
};

/* What was not accounted or not delivered. Each is a metric. */
enum loss {
	LOST_TABLE_FULL = 0,
	LOST_LOCK_MISSED = 1,
	LOST_OVER_BUDGET = 2,
	LOST_URGENT_RING = 3,
	LOST_BULK_RING = 4,
	LOST_TOMBSTONE = 5,
	LOST_SOURCE_SLOT = 6,
	LOST_MAX = 7,
};

/* Why a packet carries no flow of its own: it passed the block stage by address (or had none) and was counted here. */
enum unparsed {
	UNPARSED_NOT_IP = 0,
	UNPARSED_ARP = 1,
	UNPARSED_PPPOE = 2,
	UNPARSED_TRUNCATED = 3,
	UNPARSED_MALFORMED = 4,
	UNPARSED_FRAGMENT = 5,
	UNPARSED_PROTOCOL = 6,
	UNPARSED_EXTENSIONS = 7,
	UNPARSED_MAX = 8,
};

struct record_header {
	__u8 type DOC("enum record_type");
	__u8 version DOC("WIRE_VERSION");
	__u16 length DOC("bytes of the whole record, header included");
	__u32 ifindex DOC("interface the program is attached to");
};

/* Canonical five-tuple: a is the smaller end, so that both directions of a flow give one key. */
struct flow_key {
	__u32 a[4] DOC("address, network order; IPv4 as ::ffff:0:0/96");
	__u32 b[4] DOC("address, network order; IPv4 as ::ffff:0:0/96");
	__be16 port_a DOC("port of a; 0 for ICMP");
	__be16 port_b DOC("port of b; 0 for ICMP");
	__u8 protocol DOC("IP protocol number");
	__u8 pad[3];
};

/* Counters of one direction of a flow. Times are microseconds since flow.start_us. */
struct direction {
	__u64 bytes DOC("sum of L4 payload, bytes");
	__u64 bytes_sq DOC("sum of squares of L4 payload, bytes^2");
	__u64 iat_sq DOC("sum of squares of gaps inside the direction, us^2");
	__u64 header_bytes DOC("sum of L4 header lengths, bytes");
	__u32 packets;
	__u32 first_us;
	__u32 last_us;
	__u32 iat_min DOC("smallest gap, us; meaningless below 2 packets");
	__u32 iat_max DOC("largest gap, us");
	__u32 psh DOC("packets with PSH");
	__u32 urg DOC("packets with URG");
	__u32 rst DOC("packets with RST");
	__u32 data_packets DOC("packets with at least one payload byte");
	__u32 len_min DOC("smallest payload, bytes; meaningless without packets");
	__u32 len_max DOC("largest payload, bytes");
	__u16 seg_min DOC("smallest L4 header, bytes; meaningless without packets");
	__u16 init_win DOC("TCP window, unscaled: forward of the flow's first packet, backward the first non-zero");
};

/* Bulk state of one direction. start_us and last_us are offset by 1, so that 0 means unset. */
struct bulk {
	__u64 size DOC("payload bytes in bulks");
	__u32 start_us;
	__u32 last_us;
	__u32 run_packets;
	__u32 run_bytes DOC("payload of the run so far, modulo 2^32; read only while the run is below 4 packets");
	__u32 count DOC("bulks: runs of 4 or more packets with payload");
	__u32 packets DOC("packets in bulks");
	__u32 duration_us DOC("sum over bulks, us");
	__u32 pad;
};

struct periods {
	__u64 sq DOC("sum of squares, us^2");
	__u32 sum DOC("us");
	__u32 count;
	__u32 min DOC("us; meaningless at count 0");
	__u32 max DOC("us");
};

struct flow {
	__u64 start_us DOC("time of the first packet, us of CLOCK_MONOTONIC (of the capture in replay)");
	__u64 id DOC("cpu << 45 | counter");
	__u64 connection_us DOC("us before start_us spent by the earlier parts of a flow split at 120 s");
	__u64 iat_sq DOC("sum of squares of gaps, us^2");
	__u32 lock;
	__u32 seq DOC("records emitted for this flow before this one");
	__u32 last_us DOC("last packet, us after start_us");
	__u32 iat_min DOC("smallest gap, us; meaningless below 2 packets");
	__u32 iat_max DOC("largest gap, us");
	__u32 gaps DOC("gaps longer than 1 s");
	__u32 active_start_us;
	__u32 egress_isn DOC("sequence number of the SYN or SYN-ACK that left through this interface; without one, of the last byte");
	__u32 fin;
	__u32 syn;
	__u32 ack;
	__u32 ece;
	__u32 cwr;
	__u32 key_fold DOC("fold of the key, to notice that a table slot changed hands");
	__u8 state DOC("enum tcp_state");
	__u8 orientation DOC("0: a is the source, 1: b is the source");
	__u8 fin_seen DOC("bit 0 forward, bit 1 backward");
	__u8 marks DOC("enum flow_mark bits");
	__u8 icmp_type;
	__u8 icmp_code;
	__u8 end_reason DOC("enum end_reason");
	__u8 pad;
	struct direction dir[2] DOC("0 forward, 1 backward");
	struct bulk bulk[2] DOC("0 forward, 1 backward");
	struct periods active;
	struct periods idle;
};

struct flow_record {
	struct record_header header;
	__u64 time_us DOC("when the record was made, us of CLOCK_MONOTONIC");
	struct flow_key key;
	struct flow flow;
};

struct flow_opened {
	struct record_header header;
	__u64 time_us DOC("first packet, us of CLOCK_MONOTONIC");
	__u64 id DOC("flow id");
	__u32 src[4] DOC("source of the flow, network order");
	__u32 dst[4];
	__be16 src_port;
	__be16 dst_port;
	__u8 protocol;
	__u8 tcp_flags DOC("of the first packet");
	__u8 marks DOC("enum flow_mark bits");
	__u8 icmp_type;
};

/* What a flow leaves when the sweep ends it, so that its continuation keeps direction and connection time. */
struct tombstone {
	__u64 last_us DOC("absolute time of the last packet, us of CLOCK_MONOTONIC");
	__u64 start_us DOC("absolute start of the part that ended, us");
	__u64 connection_us;
	__u32 egress_isn;
	__u8 state;
	__u8 orientation;
	__u8 marks;
	__u8 pad;
};

/* One blocked address or prefix. */
struct block_entry {
	__u32 address[4] DOC("network order; IPv4 as ::ffff:0:0/96");
	__u64 expires_ns DOC("CLOCK_BOOTTIME when the block ends, ns; 0 = never");
	__u64 packets;
	__u64 bytes;
	__u64 last_seen_ns DOC("CLOCK_BOOTTIME of the last hit, to one jiffy, ns; 0 = never");
	__u32 decision DOC("decision number");
	__u8 action DOC("enum block_action in the confirmed generation; ACTION_NONE: not in it");
	__u8 origin DOC("enum block_origin");
	__u8 reason DOC("enum block_reason");
	__u8 prefix DOC("prefix length in bits of the entry's own family");
	__u32 leased_from DOC("CLOCK_BOOTTIME from when on the entry needs the beat, 2^30 ns; 0 = always, 2^32 - 1 = never");
	__u16 limiter DOC("index in limiters; 0 = none");
	__u8 trial_action DOC("enum block_action while a trial runs; the same as action when the trial leaves it alone");
	__u8 flags DOC("enum block_flag bits");
};

/* The bucket of one rate limit. Packets that a limit lets through and keeps back, both CPUs' together. */
struct limiter {
	__u64 next_ns DOC("CLOCK_MONOTONIC when the next packet is due, ns: changed by compare-and-swap only");
	__u64 cost DOC("of one unit, 2^-20 ns");
	__u64 burst_ns DOC("how far the bucket may run ahead, ns");
	__u64 passed DOC("packets");
	__u64 limited DOC("packets");
	__u32 unit DOC("enum limit_unit; bits are those of the IP total length");
	__u32 pad;
};

/* block_entry.leased_from of an entry that needs no beat. */
#define NEVER_LEASED 0xffffffff

#define BUCKET_WAYS 15

/*
 * One cache line of the exact set. Way i of bucket b is entry i * buckets + b: low ways fill first, so that the entries of
 * a set that is not full lie in few pages.
 */
struct block_bucket {
	__u32 tags[BUCKET_WAYS] DOC("the IPv4 address, or a fold of the IPv6 address; 0 = empty");
	__u32 families DOC("bit i: way i holds an IPv6 address");
};

struct lpm_key4 {
	__u32 prefix DOC("bits");
	__u32 address DOC("network order");
};

struct lpm_key6 {
	__u32 prefix DOC("bits");
	__u32 address[4] DOC("network order");
};

struct allow_entry {
	__u32 number DOC("of the allow entry in the store");
	__u8 confirmed DOC("1: in the confirmed generation");
	__u8 trial DOC("1: in the generation on trial");
	__u8 prefix DOC("prefix length in bits of the entry's own family");
	__u8 pad;
};

/* Of one interface's flow table. */
struct flow_counts {
	__u64 flows DOC("flows in the table, changed by atomic adds");
	__u64 has_tombstones DOC("not 0: look for one before a flow is made");
};

/*
 * What is loaded, and whether it is enforced: a stage whose count is 0 costs nothing. Written by user space only.
 */
struct settings {
	__u32 exact4 DOC("IPv4 addresses in the exact set");
	__u32 exact6 DOC("IPv6 addresses in the exact set");
	__u32 prefixes4;
	__u32 prefixes6;
	__u32 allows DOC("allow entries, both families");
	__u32 suspects DOC("addresses that hold evidence");
	__u64 beat_ns DOC("CLOCK_BOOTTIME when the main loop last finished a batch, ns");
	__u64 lease_ns DOC("a leased entry is in force so long after a beat, ns; 0 = always");
	__u64 panic_until_ns DOC("CLOCK_BOOTTIME until which nothing is dropped, ns; 0 = no panic, 2^64 - 1 = until resumed");
	__u64 trial_until_ns DOC("CLOCK_BOOTTIME until which the generation on trial is in force, ns; 0 = no trial, 2^64 - 1 = confirmed, the entries follow");
	__u32 rejects DOC("entries whose action is reject in either generation");
	__u32 lists DOC("what the imported lists hold and do in either generation: enum listed bits");
};

/* Bits of settings.lists. */
enum listed {
	LISTED_IPV4 = 1,
	LISTED_IPV6 = 2,
	/* The generation on trial has a table of its own. Without, the confirmed one stands for both. */
	LISTED_TRIAL = 4,
	/* A list rejects: the stack's ingress hook looks at the lists too. */
	LISTED_REJECT = 8,
};

/*
 * What the imported lists hold: one table for a generation, built aside and never changed but for its hits. It is an
 * array of lines of 64 bytes: header, lists, groups, hits, bits, root, bounds. A group is a set of lists; a bound says from
 * which address on which group covers what follows, up to the next bound. Group 0 is the empty set.
 */
#define LISTED_LINE 64
#define LISTED_MOST_LISTS 64

/* Line 0. An index counts lines. */
struct listed_header {
	__u32 lists DOC("index of the first struct listed_list");
	__u32 list_count;
	__u32 groups DOC("index of the struct listed_group of group 0");
	__u32 group_count DOC("group 0 included");
	__u32 hits DOC("index of the first struct listed_hits of group 0");
	__u32 stripes DOC("struct listed_hits of one group, a power of two: a CPU counts in its own");
	__u32 bits4 DOC("index of one bit per IPv4 /24 that a list touches: keeps everybody else out; 0 = no IPv4");
	__u32 root4 DOC("index of 65,536 struct listed_root, eight a line");
	__u32 bounds4 DOC("index of the first struct listed_bounds4");
	__u32 bounds6 DOC("index of the first struct listed_bounds6");
	__u32 lines6 DOC("struct listed_bounds6; 0 = no IPv6");
	__u32 ranges4 DOC("ranges of addresses that are listed");
	__u32 ranges6;
	__u32 lines DOC("of the whole table");
	__u32 version DOC("WIRE_VERSION");
	__u32 limits DOC("lists that limit: the first so many of all, the strictest first");
};

/* One list. Bit i of listed_group.lists is the i-th. */
struct listed_list {
	__u64 expires_ns DOC("CLOCK_BOOTTIME when the list ends, ns; 0 = never");
	__u32 decision DOC("decision number");
	__u8 action DOC("enum block_action");
	__u8 pad[3];
	struct limiter limiter DOC("of ACTION_LIMIT: one bucket for all that the list holds");
};

struct listed_group {
	__u64 lists DOC("bit i: the i-th list");
	__u64 drop_until_ns DOC("CLOCK_BOOTTIME when the last of its dropping lists ends, ns; 0 = none drops, 2^64 - 1 = never");
	__u64 count_until_ns DOC("the same for those that count");
	__u64 reject_until_ns DOC("the same for those that reject");
	__u64 syn_until_ns DOC("the same for those that drop SYNs");
	__u64 limit_until_ns DOC("the same for those that limit");
	__u64 pad[2];
};

struct listed_hits {
	__u64 packets;
	__u64 bytes;
	__u64 dropped DOC("packets");
	__u64 last_seen_ns DOC("CLOCK_BOOTTIME, to one jiffy, ns; 0 = never");
	__u64 pad[4];
};

/* Of one IPv4 /16. */
struct listed_root {
	__u32 line DOC("of its first bounds, counted from listed_header.bounds4");
	__u16 lines DOC("0 = one group covers the whole /16");
	__u16 group DOC("that covers its first address");
};

/* Bounds within a /16, ascending. What is left over of its last line repeats the last group at 0xffff. */
struct listed_bounds4 {
	__u16 starts[16] DOC("lower half of the address from which on the group holds; the first of a /16 is 0");
	__u16 groups[16];
};

#define LISTED_BOUNDS6 3

/* Bounds of all IPv6 addresses, ascending; the first is ::. What is left over of the last line repeats the last group. */
struct listed_bounds6 {
	__u64 high[LISTED_BOUNDS6] DOC("upper half of the address");
	__u64 low[LISTED_BOUNDS6] DOC("lower half");
	__u16 groups[LISTED_BOUNDS6];
	__u16 pad[5];
};

/* One source whose new flows were over the budget: a slot is held by the majority. */
struct source_slot {
	__u32 address[4] DOC("network order");
	__u32 destination[4] DOC("of the first packet");
	__u64 ports DOC("bitmap over a hash of the destination port");
	__u32 first_ms DOC("CLOCK_MONOTONIC, ms modulo 2^32");
	__u32 last_ms;
	__u32 packets;
	__u32 syns;
	__u16 weight DOC("majority vote: the slot changes hands at 0");
	__u8 many_destinations;
	__u8 protocol DOC("of the first packet");
	__u32 pad;
};

/* Per-CPU counters; user space adds the CPUs up. */
struct counters {
	__u64 packets[4] DOC("index direction * 2 + dropped");
	__u64 bytes[4] DOC("frame bytes; index direction * 2 + dropped");
	__u64 dropped[64] DOC("packets; index origin * 8 + reason");
	__u64 lost[8] DOC("index enum loss");
	__u64 unparsed[8] DOC("index enum unparsed");
	__u64 records[4] DOC("index enum record_type");
	__u64 would_drop DOC("packets that hit a count-only entry");
	__u64 allowed DOC("packets that hit a block and were covered by an allow entry");
	__u64 exempt_nd DOC("neighbour discovery that hit a block");
	__u64 expired_hits DOC("packets that hit an entry past its expiry");
	__u64 new_flows;
	__u64 transit DOC("new flows that entered by another attached interface");
	__u64 ended[8] DOC("flows by enum end_reason");
	__u64 lapsed_hits DOC("packets that hit an entry whose lease is over");
	__u64 limited DOC("packets kept back by a rate limit");
	__u64 syn_dropped DOC("SYN packets kept back by a SYN drop");
	__u64 spared_flows DOC("packets that a limit or a SYN drop let pass for their flow's sake");
	__u64 rejected DOC("answers sent: RST or ICMP code 13");
};

/* What daemons hand on with their maps, beside what programs count. Written by user space only. */
struct carried {
	__u64 flow_id_base DOC("config.flow_id_base of the programs that use these maps");
	__u32 hash_seed DOC("config.hash_seed of the same");
	__u32 is_set DOC("1: base and seed are meant");
	struct counters counters DOC("of maps that went, and of what user space ended");
};

/* What the running sweep has done so far. */
struct sweep_totals {
	__u64 visited;
	__u64 ended;
	__u64 ring_full;
	__u64 tombstones_left;
};

/* Private to one CPU. */
struct cpu_state {
	__u64 clock_jiffy;
	__u64 clock_ns DOC("CLOCK_BOOTTIME, read once per jiffy");
	__u64 budget_ns DOC("theoretical arrival time of the next new flow, ns");
	__u64 next_flow DOC("counter half of the next flow id");
	struct sweep_totals sweep;
	struct counters counters;
};

/* Set before load, then constant. */
struct config {
	__u64 flow_id_base DOC("counter half of the first flow id of this load");
	__u64 budget_ns DOC("ns between two new flows of one CPU; 0 = no budget");
	__u64 budget_burst_ns DOC("how far ahead of the budget a burst may run, ns");
	__u32 ifindex;
	__u32 bucket_mask DOC("buckets of the exact set - 1");
	__u32 hash_seed;
	__u32 flow_capacity;
	__u32 source_mask DOC("slots of the source table - 1");
	__u8 replay DOC("1: take the time from replay_us, accept frames cut short by a capture");
	__u8 frags DOC("1: the kernel knows frames in several buffers (5.18)");
	__u8 pad[2];
};

/* In and out of the sweep. */
struct sweep_args {
	__u64 now_us DOC("in: 0 = take the clock");
	__u8 flush DOC("in: end every flow");
	__u8 pressure DOC("in: the table is over 80 % full");
	__u8 tombstones DOC("in: 2 = drop long quiet TCP too, for room");
	__u8 pad[5];
	__u64 visited DOC("out: flows seen");
	__u64 ended DOC("out: flows ended");
	__u64 ring_full DOC("out: 1 when the ring filled up and the sweep stopped");
	__u64 tombstones_left DOC("out: tombstones seen and kept");
};

_Static_assert(sizeof(struct record_header) == 8, "wire layout");
_Static_assert(sizeof(struct flow_key) == 40, "wire layout");
_Static_assert(sizeof(struct direction) == 80, "wire layout");
_Static_assert(sizeof(struct bulk) == 40, "wire layout");
_Static_assert(sizeof(struct periods) == 24, "wire layout");
_Static_assert(sizeof(struct flow) == 384, "wire layout");
_Static_assert(sizeof(struct flow_record) == 440, "wire layout");
_Static_assert(sizeof(struct flow_opened) == 64, "wire layout");
_Static_assert(sizeof(struct tombstone) == 32, "wire layout");
_Static_assert(sizeof(struct block_entry) == 64, "wire layout");
_Static_assert(sizeof(struct block_bucket) == 64, "wire layout");
_Static_assert(sizeof(struct limiter) == 48, "wire layout");
_Static_assert(sizeof(struct allow_entry) == 8, "wire layout");
_Static_assert(sizeof(struct flow_counts) == 16, "wire layout");
_Static_assert(sizeof(struct settings) == 64, "wire layout");
_Static_assert(sizeof(struct source_slot) == 64, "wire layout");
_Static_assert(sizeof(struct listed_header) == LISTED_LINE, "wire layout");
_Static_assert(sizeof(struct listed_list) == LISTED_LINE, "wire layout");
_Static_assert(sizeof(struct listed_group) == LISTED_LINE, "wire layout");
_Static_assert(sizeof(struct listed_hits) == LISTED_LINE, "wire layout");
_Static_assert(sizeof(struct listed_root) * 8 == LISTED_LINE, "wire layout");
_Static_assert(sizeof(struct listed_bounds4) == LISTED_LINE, "wire layout");
_Static_assert(sizeof(struct listed_bounds6) == LISTED_LINE, "wire layout");
_Static_assert(sizeof(struct config) == 48, "wire layout");
_Static_assert(sizeof(struct sweep_args) == 48, "wire layout");

#endif
