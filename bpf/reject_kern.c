// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/* The stack's ingress hook: answers and drops what ingress handed over for that. Idle while no entry and no list rejects. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "config.h"
#include "counters.h"
#include "maps.h"
#include "parse.h"
#include "reject.h"

/* As on egress. */
#define REJECT_PULL_BYTES 256

/* Bytes of the Ethernet header and the VLAN tags that the kernel left in the frame; 0 when it is none to be answered. */
static __always_inline __u32 link_bytes(const __u8 *data, const __u8 *end)
{
	__u32 bytes = 14;
	__u16 type;

	if (data + 22 > end)
		return 0;
	/* To or from a group. */
	if ((LOAD8(data) | LOAD8(data + 6)) & 1)
		return 0;
	type = NET16(LOAD16(data + 12));
	UNROLL
	for (int i = 0; i < 2; i++) {
		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ && type != ETHERTYPE_QINQ_OLD)
			break;
		if (data + bytes + 4 > end)
			return 0;
		type = NET16(LOAD16(data + bytes + 2));
		bytes += 4;
	}
	return bytes;
}

/* Without options, extension headers or fragments: what follows stands where it is looked for. */
static __always_inline int is_plain(const __u8 *data, const __u8 *end, __u32 at, const struct packet *p)
{
	const __u8 *ip = data + (at & 31);

	if (ip + IPV4_BYTES > end)
		return 0;
	if (p->is_v4)
		return LOAD8(ip) == 0x45 && (LOAD16(ip + 6) & NET16(0x3fff)) == 0;
	return LOAD8(ip + 6) == p->protocol;
}

SEC("tc")
int idsd_reject(struct __sk_buff *skb)
{
	struct cpu_slot *slot = this_cpu_slot();
	const struct settings *loaded;
	const __u8 *data, *end;
	struct cursor c;
	struct packet *p;
	__u32 at, exempt, zero = 0;
	__u8 macs[12], swapped[12];
	int outcome, is_written;

	loaded = bpf_map_lookup_elem(&settings, &zero);
	if (!slot || !loaded || !(loaded->rejects || (loaded->lists & LISTED_REJECT)))
		return TC_ACT_UNSPEC;
	p = &slot->packet;
	if (skb->data_end - skb->data < REJECT_PULL_BYTES && skb->len > skb->data_end - skb->data)
		bpf_skb_pull_data(skb, skb->len < REJECT_PULL_BYTES ? skb->len : REJECT_PULL_BYTES);
	data = (const __u8 *)(long)skb->data;
	end = (const __u8 *)(long)skb->data_end;
	c.pos = data;
	c.end = end;
	packet_begin(p, skb->len, 0);
	if (parse_network(&c, p, config.replay) != PARSED)
		return TC_ACT_UNSPEC;
	exempt = is_neighbour_discovery(&c, p);
	outcome = parse_transport(&c, p);
	if (exempt || !is_rejected(outcome == PARSED))
		return TC_ACT_UNSPEC;

	at = link_bytes(data, end);
	if (outcome != PARSED || at == 0 || !is_plain(data, end, at, p) || !are_unicast(p) || !asks_for_answer(p))
		return TC_ACT_SHOT;
	if (bpf_skb_load_bytes(skb, 0, macs, sizeof(macs)) != 0)
		return TC_ACT_SHOT;
	if (p->protocol == PROTOCOL_TCP)
		is_written = p->is_v4 ? answer_tcp4(skb, p, at) : answer_tcp6(skb, p, at);
	else
		is_written = p->is_v4 ? answer_icmp4(skb, p, at) : answer_icmp6(skb, p, at);
	if (!is_written)
		return TC_ACT_SHOT;
	__builtin_memcpy(swapped, macs + 6, 6);
	__builtin_memcpy(swapped + 6, macs, 6);
	if (bpf_skb_store_bytes(skb, 0, swapped, sizeof(swapped), 0) != 0)
		return TC_ACT_SHOT;
	/* Egress knows the answer by it: drawn anew each time, so that no other packet carries it by chance. */
	skb->mark = bpf_get_prandom_u32();
	slot->answer_mark = (__u64)skb->mark + 1;
	slot->state.counters.rejected++;
	return bpf_redirect(skb->ifindex, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
