// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/* Egress: parse, block by destination, account. And the sweep, which ends what is over. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "config.h"
#include "counters.h"
#include "exported.h"
#include "maps.h"
#include "parse.h"
#include "stage.h"
#include "sweep.h"
#include "table.h"

/* Enough for Ethernet, two VLAN tags, IPv6 with extension headers and TCP. */
#define PULL_BYTES 256

SEC("tc")
int idsd_egress(struct __sk_buff *skb)
{
	struct cpu_slot *slot = this_cpu_slot();
	struct cpu_state *cs;
	struct packet *p;
	struct cursor c;
	__u32 entered_by;
	int outcome, verdict;

	if (!slot)
		return TC_ACT_UNSPEC;
	cs = &slot->state;
	p = &slot->packet;
	if (skb->data_end - skb->data < PULL_BYTES && skb->len > skb->data_end - skb->data)
		bpf_skb_pull_data(skb, skb->len < PULL_BYTES ? skb->len : PULL_BYTES);
	c.pos = (const __u8 *)(long)skb->data;
	c.end = (const __u8 *)(long)skb->data_end;
	packet_begin(p, skb->len, 1);
	if (skb->gso_size) {
		p->segments = skb->gso_segs > 1 ? skb->gso_segs : 2;
		p->segment_bytes = skb->gso_size;
	}

	outcome = parse_network(&c, p, config.replay);
	if (outcome != PARSED) {
		cs->counters.unparsed[outcome & 7]++;
		count_packet(cs, EGRESS, 0, p->frame_bytes);
		return TC_ACT_UNSPEC;
	}
	/* An answer of idsd_reject goes to whom all else is kept from. It is no flow of anybody's. */
	if (slot->answer_mark == (__u64)skb->mark + 1) {
		slot->answer_mark = 0;
		skb->mark = 0;
		count_packet(cs, EGRESS, 0, p->frame_bytes);
		return TC_ACT_UNSPEC;
	}
	verdict = block_egress(is_neighbour_discovery(&c, p));
	if (verdict >= VERDICT_DROP) {
		count_packet(cs, EGRESS, 1, p->frame_bytes);
		return TC_ACT_SHOT;
	}
	slot->verdict = verdict;
	outcome = parse_transport(&c, p);
	if (slot->verdict == VERDICT_LATE && late_stage(outcome == PARSED) >= VERDICT_DROP) {
		count_packet(cs, EGRESS, 1, p->frame_bytes);
		return TC_ACT_SHOT;
	}
	count_packet(cs, EGRESS, 0, p->frame_bytes);
	if (outcome != PARSED) {
		cs->counters.unparsed[outcome & 7]++;
		return TC_ACT_UNSPEC;
	}
	/* The number of segments follows from the lengths; a packet that fits one is one. */
	if (p->segments > 1)
		p->segments = p->payload > p->segment_bytes && p->segment_bytes
				      ? (p->payload + p->segment_bytes - 1) / p->segment_bytes
				      : 1;
	entered_by = skb->ingress_ifindex;
	if (entered_by && entered_by != config.ifindex)
		p->transit = bpf_map_lookup_elem(&attached, &entered_by) != NULL;
	account();
	return TC_ACT_UNSPEC;
}

/* Both run by bpf(BPF_PROG_TEST_RUN) from the daemon's timer; apart, because the verifier multiplies what follows. */
SEC("syscall")
int idsd_sweep(struct sweep_args *args)
{
	return sweep_flows(args);
}

SEC("syscall")
int idsd_tombstones(struct sweep_args *args)
{
	return sweep_tombstones(args);
}

char _license[] SEC("license") = "Dual BSD/GPL";
