// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * The programs under measurement: the production source, behind a source address that changes with every run, because
 * BPF_PROG_TEST_RUN repeats one frame. The frame is Ethernet, IPv4 without options, TCP.
 */
#include "../bpf/xdp_block.c"

#include "../bpf/sweep.h"

#define SOURCE_AT 26
#define SOURCE_PORT_AT 34
#define IP_AT 14
#define IP_WORDS 10
#define CHECKSUM_WORD 5

/* Which source the next frame has: a number out of a working set, spread over all addresses. Set before every run. */
struct plan {
	__u64 state;      /* of the random numbers; the next number when in sequence */
	__u32 count;      /* numbers in the working set */
	__u32 first;      /* lowest number */
	__u32 shifts;     /* log-uniform: log2(count) + 1; uniform: 0 */
	__u32 in_sequence;
	__u32 set;        /* address bits that are always 1, network order */
	__u32 net;        /* generator only: first address, host order */
	__u32 ifindex;    /* generator only: where frames leave */
	__u32 clear;      /* address bits that are always 0, network order */
	__u32 pad[4];
};

struct plan plan SEC(".bss");

static __always_inline __u32 next_number(void)
{
	__u64 x = plan.state;
	__u32 number;

	if (plan.in_sequence) {
		plan.state = x + 1;
		return plan.first + (__u32)x;
	}
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	plan.state = x;
	number = (__u32)(((x >> 16 & 0xffffffff) * plan.count) >> 32);
	return plan.first + (number >> (((x >> 52) * plan.shifts) >> 12));
}

/* One to one, so that different numbers are different addresses. */
static __always_inline __u32 spread(__u32 h)
{
	h ^= h >> 16;
	h *= 0x7feb352d;
	h ^= h >> 15;
	h *= 0x846ca68b;
	return h ^ h >> 16;
}

static __always_inline void change_source(struct xdp_md *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data;
	__u32 address = (spread(next_number()) | plan.set) & ~plan.clear;

	if (data + SOURCE_PORT_AT + 2 > (__u8 *)(long)ctx->data_end)
		return;
	*(__u32 *)(data + SOURCE_AT) = address;
	*(__u16 *)(data + SOURCE_PORT_AT) = address >> 8 | 1;
}

/* Stands before a source is looked up: the packet in hand, parsed up to its addresses. */
static __always_inline struct cpu_slot *parse_source(struct xdp_md *ctx, struct cursor *c)
{
	struct cpu_slot *slot;

	change_source(ctx);
	slot = this_cpu_slot();
	if (!slot)
		return NULL;
	c->pos = (const __u8 *)(long)ctx->data;
	c->end = (const __u8 *)(long)ctx->data_end;
	packet_begin(&slot->packet, (__u32)(c->end - c->pos), 0);
	return parse_network(c, &slot->packet, 0) == PARSED ? slot : NULL;
}

#define USE(value) asm volatile("" ::"r"(value))

/*
 * Ethernet, IPv4 and TCP in the fewest steps, nothing kept: what the production parser is held against, or a slower
 * parser would make every other ratio look better.
 */
SEC("xdp.frags")
int bench_bare(struct xdp_md *ctx)
{
	const __u8 *data, *end, *tcp;
	__u32 length;

	change_source(ctx);
	data = (const __u8 *)(long)ctx->data;
	end = (const __u8 *)(long)ctx->data_end;
	if (data + 34 > end || LOAD16(data + 12) != NET16(ETHERTYPE_IPV4) || (LOAD8(data + 14) & 15) < 5)
		return XDP_ABORTED;
	if ((LOAD16(data + 20) & NET16(0x1fff)) || LOAD8(data + 23) != PROTOCOL_TCP)
		return XDP_ABORTED;
	length = NET16(LOAD16(data + 16));
	tcp = data + 14 + (LOAD8(data + 14) & 15) * 4;
	if (tcp + 20 > end)
		return XDP_ABORTED;
	USE(LOAD32(data + 26) ^ LOAD32(data + 30) ^ LOAD32(tcp) ^ LOAD8(tcp + 12) ^ LOAD8(tcp + 13) ^ LOAD16(tcp + 14) ^
	    length);
	return XDP_PASS;
}

/* The parse-only program, base of the ratios: the production parser and nothing behind it. */
SEC("xdp.frags")
int bench_parse(struct xdp_md *ctx)
{
	struct cursor c;
	struct cpu_slot *slot = parse_source(ctx, &c);

	if (!slot)
		return XDP_ABORTED;
	return parse_transport(&c, &slot->packet) == PARSED ? XDP_PASS : XDP_ABORTED;
}

/* The look into the exact set, where production has it: between the addresses and the transport header. */
SEC("xdp.frags")
int bench_lookup(struct xdp_md *ctx)
{
	struct cursor c;
	struct cpu_slot *slot = parse_source(ctx, &c);

	if (!slot)
		return XDP_ABORTED;
	return find_exact(slot->packet.src.words, slot->packet.is_v4) ? XDP_DROP : XDP_PASS;
}

/* Parser and block stage, without the accounting that follows them. */
SEC("xdp.frags")
int bench_block(struct xdp_md *ctx)
{
	struct cursor c;
	struct cpu_slot *slot = parse_source(ctx, &c);

	if (!slot)
		return XDP_ABORTED;
	if (block_stage(&slot->state, &c, &slot->packet, &slot->packet.src) == VERDICT_DROP)
		return XDP_DROP;
	return parse_transport(&c, &slot->packet) == PARSED ? XDP_PASS : XDP_ABORTED;
}

/* Everything that ingress does. */
SEC("xdp.frags") __attribute__((flatten))
int bench_ingress(struct xdp_md *ctx)
{
	change_source(ctx);
	return idsd_ingress(ctx);
}

SEC("syscall")
int bench_sweep(struct sweep_args *args)
{
	return sweep_flows(args);
}

/* Sends live frames: sources one after the other from a network, with the right IPv4 checksum. */
SEC("xdp.frags")
int bench_generate(struct xdp_md *ctx)
{
	__u8 *data = (__u8 *)(long)ctx->data;
	__u16 *words = (__u16 *)(data + IP_AT);
	__u32 sum = 0;

	if (data + SOURCE_PORT_AT > (__u8 *)(long)ctx->data_end)
		return XDP_ABORTED;
	*(__u32 *)(data + SOURCE_AT) = NET32(plan.net + next_number());
	words[CHECKSUM_WORD] = 0;
	UNROLL
	for (int i = 0; i < IP_WORDS; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	words[CHECKSUM_WORD] = (__u16)~sum;
	return bpf_redirect(plan.ifindex, 0);
}
