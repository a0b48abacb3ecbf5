// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/* Ingress: parse, block by source, account. What idsd does not understand passes and is counted. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "config.h"
#include "counters.h"
#include "maps.h"
#include "parse.h"
#include "stage.h"
#include "table.h"

/* What is rejected goes on to the stack's ingress hook, which answers and drops it (reject_kern.c). */
static __always_inline int keep_back(struct cpu_state *cs, int verdict, __u32 frame_bytes)
{
	count_packet(cs, INGRESS, 1, frame_bytes);
	return verdict == VERDICT_REJECT ? XDP_PASS : XDP_DROP;
}

SEC("xdp.frags")
int idsd_ingress(struct xdp_md *ctx)
{
	struct cursor c = {(const __u8 *)(long)ctx->data, (const __u8 *)(long)ctx->data_end};
	struct cpu_slot *slot = this_cpu_slot();
	struct cpu_state *cs;
	struct packet *p;
	__u32 frame_bytes;
	int outcome, verdict;

	if (!slot)
		return XDP_PASS;
	cs = &slot->state;
	p = &slot->packet;
	frame_bytes = (__u32)(c.end - c.pos);
	/* What follows the first buffer of a large frame is not in reach, but counts. */
	if (config.frags && frame_bytes >= 256)
		frame_bytes = (__u32)bpf_xdp_get_buff_len(ctx);
	packet_begin(p, frame_bytes, 0);

	outcome = parse_network(&c, p, config.replay);
	if (outcome != PARSED) {
		cs->counters.unparsed[outcome & 7]++;
		count_packet(cs, INGRESS, 0, frame_bytes);
		return XDP_PASS;
	}
	verdict = block_stage(cs, &c, p, &p->src);
	if (verdict >= VERDICT_DROP)
		return keep_back(cs, verdict, frame_bytes);
	slot->verdict = verdict;
	outcome = parse_transport(&c, p);
	if (slot->verdict == VERDICT_LATE) {
		verdict = late_stage(outcome == PARSED);
		if (verdict >= VERDICT_DROP)
			return keep_back(cs, verdict, frame_bytes);
	}
	count_packet(cs, INGRESS, 0, frame_bytes);
	if (outcome != PARSED) {
		cs->counters.unparsed[outcome & 7]++;
		return XDP_PASS;
	}
	account();
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
