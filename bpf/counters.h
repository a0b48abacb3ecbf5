/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Per-CPU state and counters. No early return without a count, but those that the verifier asks for. */
#ifndef IDSD_COUNTERS_H
#define IDSD_COUNTERS_H

#include "config.h"
#include "maps.h"

static __always_inline struct cpu_slot *this_cpu_slot(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&cpu, &zero);
}

static __always_inline struct cpu_state *this_cpu(void)
{
	struct cpu_slot *slot = this_cpu_slot();

	return slot ? &slot->state : NULL;
}

static __always_inline void count_packet(struct cpu_state *cs, enum direction_index direction, int dropped,
					 __u32 bytes)
{
	__u32 index = direction * 2 + (dropped ? 1 : 0);

	cs->counters.packets[index]++;
	cs->counters.bytes[index] += bytes;
}

static __always_inline void count_lost(struct cpu_state *cs, enum loss cause)
{
	cs->counters.lost[cause & 7]++;
}

/* CLOCK_BOOTTIME to one jiffy: the clock itself costs more than the whole lookup. */
static __always_inline __u64 boot_clock_ns(struct cpu_state *cs)
{
	__u64 jiffy = bpf_jiffies64();

	if (cs->clock_jiffy != jiffy) {
		cs->clock_jiffy = jiffy;
		cs->clock_ns = bpf_ktime_get_boot_ns();
	}
	return cs->clock_ns;
}

static __always_inline __u64 flow_clock_ns(void)
{
	if (config.replay)
		return replay_us * 1000;
	return bpf_ktime_get_ns();
}

#endif
