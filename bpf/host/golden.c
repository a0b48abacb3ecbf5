// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Fills every field of every struct that user space reads with a value of its own, and prints the fields and the bytes:
 * what the generated readers must return. Lines: `struct NAME SIZE`, `field PATH INDEX VALUE`, `bytes HEX`.
 */
#include <stdio.h>
#include <string.h>

#include "../wire.h"

static unsigned int number;

/* Different for each field of a struct, never 0, and below 2^53, which is what a JavaScript number holds. */
static __u64 next_value(size_t size)
{
	__u64 mixed = (__u64)++number * 0x9e3779b97f4a7c15ull;

	if (size == 1)
		return number & 0xff;
	return size == 8 ? mixed >> 11 | 1 : mixed >> (64 - size * 8) | 1;
}

static void store(const char *path, size_t index, void *field, size_t size, int network_order)
{
	__u64 value = next_value(size);
	__u8 *bytes = field;

	for (size_t i = 0; i < size; i++)
		bytes[network_order ? size - 1 - i : i] = (__u8)(value >> (8 * i));
	printf("field %s %zu %llu\n", path, index, (unsigned long long)value);
}

#define SET(path) store(#path, 0, &it.path, sizeof(it.path), 0)
#define SET_NETWORK(path) store(#path, 0, &it.path, sizeof(it.path), 1)
#define SET_EACH(path)                                                                                                 \
	for (size_t i = 0; i < sizeof(it.path) / sizeof(it.path[0]); i++)                                              \
	store(#path, i, &it.path[i], sizeof(it.path[0]), 0)

/* Fills one struct: FIELDS says which. */
#define GOLDEN(name, ...)                                                                                              \
	do {                                                                                                           \
		struct name it;                                                                                        \
                                                                                                                       \
		memset(&it, 0, sizeof(it));                                                                            \
		number = 0;                                                                                            \
		printf("struct %s %zu\n", #name, sizeof(it));                                                          \
		__VA_ARGS__                                                                                            \
		print_bytes(&it, sizeof(it));                                                                          \
	} while (0)

static void print_bytes(const void *from, size_t size)
{
	const __u8 *bytes = from;

	printf("bytes ");
	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
	printf("\n");
}

#define SET_DIRECTION(path)                                                                                            \
	SET(path.bytes);                                                                                               \
	SET(path.bytes_sq);                                                                                            \
	SET(path.iat_sq);                                                                                              \
	SET(path.packets);                                                                                             \
	SET(path.header_bytes);                                                                                        \
	SET(path.first_us);                                                                                            \
	SET(path.last_us);                                                                                             \
	SET(path.iat_min);                                                                                             \
	SET(path.iat_max);                                                                                             \
	SET(path.psh);                                                                                                 \
	SET(path.urg);                                                                                                 \
	SET(path.rst);                                                                                                 \
	SET(path.data_packets);                                                                                        \
	SET(path.len_min);                                                                                             \
	SET(path.len_max);                                                                                             \
	SET(path.seg_min);                                                                                             \
	SET(path.init_win)

#define SET_BULK(path)                                                                                                 \
	SET(path.size);                                                                                                \
	SET(path.start_us);                                                                                            \
	SET(path.last_us);                                                                                             \
	SET(path.run_packets);                                                                                         \
	SET(path.run_bytes);                                                                                           \
	SET(path.count);                                                                                               \
	SET(path.packets);                                                                                             \
	SET(path.duration_us)

#define SET_PERIODS(path)                                                                                              \
	SET(path.sq);                                                                                                  \
	SET(path.sum);                                                                                                 \
	SET(path.count);                                                                                               \
	SET(path.min);                                                                                                 \
	SET(path.max)

#define SET_HEADER()                                                                                                   \
	SET(header.type);                                                                                              \
	SET(header.version);                                                                                           \
	SET(header.length);                                                                                            \
	SET(header.ifindex)

#define SET_SWEEP_TOTALS(path)                                                                                         \
	SET(path.visited);                                                                                             \
	SET(path.ended);                                                                                               \
	SET(path.ring_full);                                                                                           \
	SET(path.tombstones_left)

#define SET_COUNTERS(of)                                                                                               \
	SET_EACH(of packets);                                                                                          \
	SET_EACH(of bytes);                                                                                            \
	SET_EACH(of dropped);                                                                                          \
	SET_EACH(of lost);                                                                                             \
	SET_EACH(of unparsed);                                                                                         \
	SET_EACH(of records);                                                                                          \
	SET(of would_drop);                                                                                            \
	SET(of allowed);                                                                                               \
	SET(of exempt_nd);                                                                                             \
	SET(of expired_hits);                                                                                          \
	SET(of new_flows);                                                                                             \
	SET(of transit);                                                                                               \
	SET_EACH(of ended);                                                                                            \
	SET(of lapsed_hits);                                                                                           \
	SET(of limited);                                                                                               \
	SET(of syn_dropped);                                                                                           \
	SET(of spared_flows);                                                                                          \
	SET(of rejected)

static void setup_structs(void)
{
	GOLDEN(config, {
		SET(flow_id_base);
		SET(budget_ns);
		SET(budget_burst_ns);
		SET(ifindex);
		SET(bucket_mask);
		SET(hash_seed);
		SET(flow_capacity);
		SET(source_mask);
		SET(replay);
		SET(frags);
	});
	GOLDEN(flow_counts, {
		SET(flows);
		SET(has_tombstones);
	});
	GOLDEN(settings, {
		SET(exact4);
		SET(exact6);
		SET(prefixes4);
		SET(prefixes6);
		SET(allows);
		SET(suspects);
		SET(beat_ns);
		SET(lease_ns);
		SET(panic_until_ns);
		SET(trial_until_ns);
		SET(rejects);
		SET(lists);
	});
	GOLDEN(sweep_args, {
		SET(now_us);
		SET(flush);
		SET(pressure);
		SET(tombstones);
		SET(visited);
		SET(ended);
		SET(ring_full);
		SET(tombstones_left);
	});
}

static void list_structs(void)
{
	GOLDEN(block_entry, {
		SET_EACH(address);
		SET(expires_ns);
		SET(packets);
		SET(bytes);
		SET(last_seen_ns);
		SET(decision);
		SET(action);
		SET(origin);
		SET(reason);
		SET(prefix);
		SET(leased_from);
		SET(limiter);
		SET(trial_action);
		SET(flags);
	});
	GOLDEN(limiter, {
		SET(next_ns);
		SET(cost);
		SET(burst_ns);
		SET(passed);
		SET(limited);
		SET(unit);
	});
	GOLDEN(allow_entry, {
		SET(number);
		SET(confirmed);
		SET(trial);
		SET(prefix);
	});
	GOLDEN(lpm_key4, {
		SET(prefix);
		SET(address);
	});
	GOLDEN(lpm_key6, {
		SET(prefix);
		SET_EACH(address);
	});
	GOLDEN(source_slot, {
		SET_EACH(address);
		SET_EACH(destination);
		SET(ports);
		SET(first_ms);
		SET(last_ms);
		SET(packets);
		SET(syns);
		SET(weight);
		SET(many_destinations);
		SET(protocol);
	});
}

static void table_structs(void)
{
	GOLDEN(listed_header, {
		SET(lists);
		SET(list_count);
		SET(groups);
		SET(group_count);
		SET(hits);
		SET(stripes);
		SET(bits4);
		SET(root4);
		SET(bounds4);
		SET(bounds6);
		SET(lines6);
		SET(ranges4);
		SET(ranges6);
		SET(lines);
		SET(version);
		SET(limits);
	});
	GOLDEN(listed_list, {
		SET(expires_ns);
		SET(decision);
		SET(action);
		SET(limiter.next_ns);
		SET(limiter.cost);
		SET(limiter.burst_ns);
		SET(limiter.passed);
		SET(limiter.limited);
		SET(limiter.unit);
	});
	GOLDEN(listed_group, {
		SET(lists);
		SET(drop_until_ns);
		SET(count_until_ns);
		SET(reject_until_ns);
		SET(syn_until_ns);
		SET(limit_until_ns);
	});
	GOLDEN(listed_hits, {
		SET(packets);
		SET(bytes);
		SET(dropped);
		SET(last_seen_ns);
	});
	GOLDEN(listed_root, {
		SET(line);
		SET(lines);
		SET(group);
	});
	GOLDEN(listed_bounds4, {
		SET_EACH(starts);
		SET_EACH(groups);
	});
	GOLDEN(listed_bounds6, {
		SET_EACH(high);
		SET_EACH(low);
		SET_EACH(groups);
	});
}

static void flow_structs(void)
{
	GOLDEN(flow_opened, {
		SET_HEADER();
		SET(time_us);
		SET(id);
		SET_EACH(src);
		SET_EACH(dst);
		SET_NETWORK(src_port);
		SET_NETWORK(dst_port);
		SET(protocol);
		SET(tcp_flags);
		SET(marks);
		SET(icmp_type);
	});
	GOLDEN(flow_record, {
		SET_HEADER();
		SET(time_us);
		SET_EACH(key.a);
		SET_EACH(key.b);
		SET_NETWORK(key.port_a);
		SET_NETWORK(key.port_b);
		SET(key.protocol);
		SET(flow.start_us);
		SET(flow.id);
		SET(flow.connection_us);
		SET(flow.iat_sq);
		SET(flow.lock);
		SET(flow.seq);
		SET(flow.last_us);
		SET(flow.iat_min);
		SET(flow.iat_max);
		SET(flow.gaps);
		SET(flow.active_start_us);
		SET(flow.egress_isn);
		SET(flow.fin);
		SET(flow.syn);
		SET(flow.ack);
		SET(flow.ece);
		SET(flow.cwr);
		SET(flow.key_fold);
		SET(flow.state);
		SET(flow.orientation);
		SET(flow.fin_seen);
		SET(flow.marks);
		SET(flow.icmp_type);
		SET(flow.icmp_code);
		SET(flow.end_reason);
		SET_DIRECTION(flow.dir[0]);
		SET_DIRECTION(flow.dir[1]);
		SET_BULK(flow.bulk[0]);
		SET_BULK(flow.bulk[1]);
		SET_PERIODS(flow.active);
		SET_PERIODS(flow.idle);
	});
	GOLDEN(tombstone, {
		SET(last_us);
		SET(start_us);
		SET(connection_us);
		SET(egress_isn);
		SET(state);
		SET(orientation);
		SET(marks);
	});
}

static void counter_structs(void)
{
	GOLDEN(counters, { SET_COUNTERS(); });
	GOLDEN(cpu_state, {
		SET(clock_jiffy);
		SET(clock_ns);
		SET(budget_ns);
		SET(next_flow);
		SET_SWEEP_TOTALS(sweep);
		SET_COUNTERS(counters.);
	});
	GOLDEN(carried, {
		SET(flow_id_base);
		SET(hash_seed);
		SET(is_set);
		SET_COUNTERS(counters.);
	});
}

int main(void)
{
	setup_structs();
	list_structs();
	table_structs();
	flow_structs();
	counter_structs();
	return 0;
}
