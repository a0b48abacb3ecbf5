/* SPDX-License-Identifier: Apache-2.0 */
/* A frame whose source address and source port are rewritten. Checksums are corrected by difference (RFC 1624,
 * section 3), so a template that was wrong on purpose stays wrong. */
#ifndef LAB_SEND_TEMPLATE_H
#define LAB_SEND_TEMPLATE_H

#include "frame.h"

enum { MAX_FRAME_BYTES = 65535 + ETHERNET_BYTES + 2 * VLAN_BYTES };

/* Offsets into the frame; 0 = there is no such field. */
struct template {
	uint8_t bytes[MAX_FRAME_BYTES];
	size_t length;
	int version;
	size_t source;
	size_t ip_checksum;
	size_t source_port;
	size_t transport_checksum;
	bool covers_addresses; /* the transport checksum includes the IP addresses */
	bool is_udp;
};

/* Parses hexadecimal digits into the frame; white space and colons are skipped. False on anything else. */
static bool template_from_hex(struct template *t, const char *hex)
{
	unsigned int value = 0;
	int digits = 0;

	t->length = 0;
	for (; *hex; hex++) {
		const char *at = strchr("0123456789abcdef", *hex | 0x20);

		if (strchr(" :\n\t", *hex))
			continue;
		if (!at || t->length == sizeof(t->bytes))
			return false;
		value = value << 4 | (unsigned int)(at - "0123456789abcdef");
		if (++digits % 2 == 0) {
			t->bytes[t->length++] = (uint8_t)value;
			value = 0;
		}
	}
	return digits % 2 == 0 && t->length >= ETHERNET_BYTES;
}

static void locate_transport(struct template *t, size_t at, uint8_t protocol)
{
	static const struct { uint8_t protocol, checksum, bytes; bool has_port, covers; } known[] = {
		{ 6, 16, 20, true, true }, { 17, 6, 8, true, true }, { 1, 2, 4, false, false }, { 58, 2, 4, false, true },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].protocol != protocol || at + known[i].bytes > t->length)
			continue;
		t->source_port = known[i].has_port ? at : 0;
		t->transport_checksum = at + known[i].checksum;
		t->covers_addresses = known[i].covers;
		t->is_udp = protocol == 17;
		/* An IPv4 datagram without checksum keeps none (RFC 768). */
		if (protocol == 17 && read_be16(t->bytes + t->transport_checksum) == 0)
			t->transport_checksum = 0;
	}
}

/* Finds the fields to rewrite. NULL when it worked, else why not. */
static const char *locate_fields(struct template *t)
{
	int at = find_ip(t->bytes, t->length, &t->version);
	const uint8_t *ip = t->bytes + at;

	if (at < 0)
		return "the frame has no IP header to rewrite";
	if (t->version == 6) {
		t->source = (size_t)at + 8;
		locate_transport(t, (size_t)at + IPV6_BYTES, ip[6]);
		return t->transport_checksum ? NULL : "behind IPv6, only TCP, UDP or ICMPv6 without extension headers";
	}
	t->source = (size_t)at + 12;
	t->ip_checksum = (size_t)at + 10;
	if ((read_be16(ip + 6) & 0x1fff) == 0)
		locate_transport(t, (size_t)at + (ip[0] & 0xf) * 4u, ip[9]);
	return NULL;
}

static void correct(uint8_t *checksum, uint16_t before, uint16_t after)
{
	uint32_t sum = (uint16_t)~read_be16(checksum);

	sum += (uint16_t)~before;
	sum += after;
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	write_be16(checksum, (uint16_t)~sum);
}

static void rewrite_word(const struct template *t, uint8_t *frame, size_t at, uint16_t value, bool in_ip_header)
{
	uint16_t before = read_be16(frame + at);

	write_be16(frame + at, value);
	if (in_ip_header && t->ip_checksum)
		correct(frame + t->ip_checksum, before, value);
	if (!t->transport_checksum || (in_ip_header && !t->covers_addresses))
		return;
	correct(frame + t->transport_checksum, before, value);
	/* UDP sends a computed zero as all ones (RFC 768). */
	if (t->is_udp && read_be16(frame + t->transport_checksum) == 0)
		write_be16(frame + t->transport_checksum, 0xffff);
}

static void set_source(const struct template *t, uint8_t *frame, const uint8_t *address)
{
	for (size_t i = 0; i < (t->version == 4 ? 4u : 16u); i += 2)
		rewrite_word(t, frame, t->source + i, read_be16(address + i), true);
}

static void set_source_port(const struct template *t, uint8_t *frame, uint16_t port)
{
	if (t->source_port)
		rewrite_word(t, frame, t->source_port, port, false);
}

/* Writes the address number `n` of the prefix, counted from its first and starting again after its last. */
static void nth_address(const struct prefix *p, uint64_t n, uint8_t *address)
{
	int host_bits = p->address_bytes * 8 - p->length;

	memcpy(address, p->address, (size_t)p->address_bytes);
	for (int i = p->address_bytes - 1; host_bits > 0; i--, host_bits -= 8, n >>= 8) {
		uint8_t mask = host_bits >= 8 ? 0xff : (uint8_t)((1 << host_bits) - 1);

		address[i] = (uint8_t)((address[i] & ~mask) | (n & mask));
	}
}

#endif
