/* SPDX-License-Identifier: Apache-2.0 */
/* One side of many short conversations: the other side is a second sender that counts the same. */
#ifndef LAB_SEND_FLOWS_H
#define LAB_SEND_FLOWS_H

#include "frame.h"

enum {
	FLOW_PACKETS = 10, /* of each conversation; the client sends the odd ones, counted from 1 */
	FLOW_FRAME_BYTES = 600,
	FLOW_SERVERS = 16,
	FIRST_PORT = 1024,
	PORTS = 65536 - FIRST_PORT,
	TCP_BYTES = 20,
	UDP_BYTES = 8,
};

enum { FIN = 1, SYN = 2, PSH = 8, ACK = 16 };

struct flows {
	bool is_server;
	uint32_t clients;     /* client addresses, used one after the other */
	uint32_t udp_percent; /* of the conversations; the others are TCP */
	uint64_t gap_ns;      /* between two packets of a conversation */
	double rate;          /* conversations a second */
	uint64_t next[FLOW_PACKETS];
};

/* What each TCP packet of a conversation is: flags and payload. It is closed by the ninth. */
static const struct { uint8_t flags; uint16_t payload; } tcp_steps[FLOW_PACKETS] = {
	{ SYN, 0 },        { SYN | ACK, 0 },	{ ACK | PSH, 120 }, { ACK | PSH, 512 }, { ACK, 0 },
	{ ACK | PSH, 512 }, { FIN | ACK, 0 },	{ FIN | ACK, 0 },   { ACK, 0 },	       { ACK, 0 },
};

static void write_be32(uint8_t *at, uint32_t value)
{
	write_be16(at, (uint16_t)(value >> 16));
	write_be16(at + 2, (uint16_t)value);
}

/* When packet `step` of conversation `n` is due, ns after the start. */
static uint64_t flow_due_ns(const struct flows *f, uint64_t n, int step)
{
	return (uint64_t)((double)n / f->rate * 1e9) + (uint64_t)step * f->gap_ns;
}

/* The next packet that this side sends: which is due first. */
static int flow_next_step(const struct flows *f)
{
	int best = f->is_server ? 1 : 0;

	for (int step = best + 2; step < FLOW_PACKETS; step += 2)
		if (flow_due_ns(f, f->next[step], step) < flow_due_ns(f, f->next[best], best))
			best = step;
	return best;
}

static void write_ipv4(uint8_t *ip, size_t bytes, uint8_t protocol, uint32_t from, uint32_t to)
{
	uint32_t sum = 0;

	memset(ip, 0, IPV4_BYTES);
	ip[0] = 0x45;
	write_be16(ip + 2, (uint16_t)bytes);
	ip[8] = 64;
	ip[9] = protocol;
	write_be32(ip + 12, from);
	write_be32(ip + 16, to);
	for (int i = 0; i < IPV4_BYTES; i += 2)
		sum += read_be16(ip + i);
	sum = (sum & 0xffff) + (sum >> 16);
	write_be16(ip + 10, (uint16_t)~(sum + (sum >> 16)));
}

/*
 * Writes packet `step` of conversation `n`; the MAC addresses are the caller's. Clients live in 100.64.0.0/10, servers in
 * 198.18.0.0/15 (RFC 6598, RFC 2544). No transport checksum: nobody but the programs under test takes these frames.
 */
static size_t flow_frame(const struct flows *f, uint64_t n, int step, uint8_t *frame)
{
	uint8_t *ip = frame + ETHERNET_BYTES, *l4 = ip + IPV4_BYTES;
	bool is_udp = n % 100 < f->udp_percent;
	uint16_t payload = is_udp ? (step & 1 ? 300 : 120) : tcp_steps[step].payload;
	size_t bytes = IPV4_BYTES + (is_udp ? UDP_BYTES : TCP_BYTES) + payload;
	uint32_t client = 0x64400000u + (uint32_t)(n % f->clients), server = 0xc6120000u + (uint32_t)(n % FLOW_SERVERS);
	uint16_t port = (uint16_t)(FIRST_PORT + n / f->clients % PORTS);
	uint32_t isn = (uint32_t)n * 2654435761u, answer = isn ^ 0x5bd1e995u;

	write_be16(frame + 12, 0x0800);
	write_ipv4(ip, bytes, is_udp ? 17 : 6, f->is_server ? server : client, f->is_server ? client : server);
	memset(l4, 0, is_udp ? UDP_BYTES : TCP_BYTES);
	write_be16(l4, f->is_server ? 443 : port);
	write_be16(l4 + 2, f->is_server ? port : 443);
	if (is_udp) {
		write_be16(l4 + 4, (uint16_t)(UDP_BYTES + payload));
		return ETHERNET_BYTES + bytes;
	}
	write_be32(l4 + 4, (f->is_server ? answer : isn) + (step > 1));
	write_be32(l4 + 8, step == 0 ? 0 : (f->is_server ? isn : answer) + 1);
	l4[12] = TCP_BYTES / 4 << 4;
	l4[13] = tcp_steps[step].flags;
	write_be16(l4 + 14, 64240);
	return ETHERNET_BYTES + bytes;
}

#endif
