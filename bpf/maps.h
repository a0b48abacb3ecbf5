/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Every map. Sizes are placeholders: the daemon sets them before load. `__weak`, because both objects name them and the
 * static linker keeps one.
 */
#ifndef IDSD_MAPS_H
#define IDSD_MAPS_H

#include "parse.h"
#include "wire.h"

/* Open flows of this interface. Never evicted for new ones: a full table is counted, not recycled. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct flow_key);
	__type(value, struct flow);
	__uint(max_entries, 1024);
} flows __weak SEC(".maps");

/* What swept flows left behind. Full: the newest is dropped and counted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct flow_key);
	__type(value, struct tombstone);
	__uint(max_entries, 1024);
} tombstones __weak SEC(".maps");

/* Of this interface's flow table. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct flow_counts);
	__uint(max_entries, 1);
} flow_count __weak SEC(".maps");

/* A new flow is built here: too big for the stack. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct flow);
	__uint(max_entries, 1);
} scratch __weak SEC(".maps");

/* Was the transport header of the packet in hand read? */
enum transport {
	TRANSPORT_UNREAD = 0,
	TRANSPORT_READ = 1,
	TRANSPORT_UNPARSED = 2,
};

/* Counters, and the packet in hand: too big for the stack beside everything else. Packet programs on one CPU do
 * not nest; the sweep may be interrupted by one, at the price of a count. */
struct cpu_slot {
	struct cpu_state state;
	struct packet packet;
	__u64 answer_ns;   /* CLOCK_BOOTTIME when the next answer of a reject is due, ns */
	__u64 answer_mark; /* mark of the answer that is on its way out, + 1; 0 = none */
	__u8 late_from;    /* where the late stage begins: a prefix length in bits, LATE_EXACT or LATE_LISTS */
	__u8 transport;    /* enum transport; read only in the late stage */
	__u8 verdict;      /* of the block stage: here the verifier forgets it, and walks what follows once for all */
	__u8 pad[5];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__type(key, __u32);
	__type(value, struct cpu_slot);
	__uint(max_entries, 1);
} cpu __weak SEC(".maps");

/* What daemons hand on. Programs do not read it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct carried);
	__uint(max_entries, 1);
} carried __weak SEC(".maps");

/* How these maps are laid out, in words of user space, for a later daemon with other layouts. Programs do not read it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 8192);
	__uint(map_flags, BPF_F_MMAPABLE);
} described __weak SEC(".maps");

/* The exact set: tags of one bucket in one cache line, entries beside them. Written through mmap by user space. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct block_bucket);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_MMAPABLE);
} block_tags __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct block_entry);
	__uint(max_entries, 256);
	__uint(map_flags, BPF_F_MMAPABLE);
} block_entries __weak SEC(".maps");

/* Blocked prefixes, longest match. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct lpm_key4);
	__type(value, struct block_entry);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} prefixes4 __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct lpm_key6);
	__type(value, struct block_entry);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} prefixes6 __weak SEC(".maps");

/* One bit per IPv4 /24 that a blocked address or prefix touches: keeps everybody else out of set and trie. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_MMAPABLE);
} block_bits __weak SEC(".maps");

/* What must never be dropped. Consulted only after a hit. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct lpm_key4);
	__type(value, struct allow_entry);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} allows4 __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__type(key, struct lpm_key6);
	__type(value, struct allow_entry);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
} allows6 __weak SEC(".maps");

/* Imported lists, a table for each generation: 0 confirmed, 1 on trial. Tables differ in size and are swapped whole. */
struct listed_table {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__uint(value_size, LISTED_LINE);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE | BPF_F_INNER_MAP);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 2);
	__array(values, struct listed_table);
} listed __weak SEC(".maps");
/* Rate limits of block entries; element 0 stands for none. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct limiter);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_MMAPABLE);
} limiters __weak SEC(".maps");

/* Element 0 says what is loaded. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct settings);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
} settings __weak SEC(".maps");

/* Sources that already hold evidence: their packets 2 to 8 are told at once. Key: address, value: unused. */
struct suspect_key {
	__u32 address[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, struct suspect_key);
	__type(value, __u32);
	__uint(max_entries, 4096);
} suspects __weak SEC(".maps");

/* Interfaces that this daemon is attached to: a flow that entered by one of them is counted there. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, 256);
} attached __weak SEC(".maps");

/* Sources over the new-flow budget. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct source_slot);
	__uint(max_entries, 64);
	__uint(map_flags, BPF_F_MMAPABLE);
} sources __weak SEC(".maps");

/* Records that must be read now wake the reader; all others wait for its timer. One un-woken record in the same ring
 * would silence the wake-up, hence two. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} urgent_ring __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} bulk_ring __weak SEC(".maps");

#endif
