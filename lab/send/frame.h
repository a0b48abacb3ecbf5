/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the IP header of an Ethernet frame, and compares and parses addresses. */
#ifndef LAB_SEND_FRAME_H
#define LAB_SEND_FRAME_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAC_BYTES = 6, ETHERNET_BYTES = 14, VLAN_BYTES = 4, IPV4_BYTES = 20, IPV6_BYTES = 40 };

struct prefix {
	uint8_t address[16];
	int address_bytes; /* 4 or 16; 0 = no prefix given */
	int length;        /* bits */
};

static inline uint16_t read_be16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void write_be16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

/* Offset of the IP header behind up to two VLAN tags, or -1. Version 4 or 6 goes to *version. */
static int find_ip(const uint8_t *frame, size_t bytes, int *version)
{
	size_t at = ETHERNET_BYTES;

	for (int tags = 0; at <= bytes; tags++) {
		uint16_t type = read_be16(frame + at - 2);

		if (type == 0x0800 || type == 0x86dd) {
			*version = type == 0x0800 ? 4 : 6;
			return at + (*version == 4 ? IPV4_BYTES : IPV6_BYTES) <= bytes ? (int)at : -1;
		}
		if ((type != 0x8100 && type != 0x88a8) || tags == 2)
			return -1;
		at += VLAN_BYTES;
	}
	return -1;
}

/* Source address of a frame, or NULL where it has none; its length goes to *address_bytes. */
static const uint8_t *source_of(const uint8_t *frame, size_t bytes, int *address_bytes)
{
	int version = 0;
	int at = find_ip(frame, bytes, &version);

	if (at < 0)
		return NULL;
	*address_bytes = version == 4 ? 4 : 16;
	return frame + at + (version == 4 ? 12 : 8);
}

static bool prefix_holds(const struct prefix *p, const uint8_t *address, int address_bytes)
{
	int whole = p->length / 8, bits = p->length % 8;

	if (address_bytes != p->address_bytes || memcmp(address, p->address, (size_t)whole) != 0)
		return false;
	return bits == 0 || ((address[whole] ^ p->address[whole]) >> (8 - bits)) == 0;
}

/* Parses ADDRESS or ADDRESS/LENGTH; false when it is neither. */
static bool parse_prefix(const char *text, struct prefix *p)
{
	char address[64], *slash, *end;
	int longest;

	if (strlen(text) >= sizeof(address))
		return false;
	strcpy(address, text);
	slash = strchr(address, '/');
	if (slash)
		*slash = '\0';
	if (inet_pton(AF_INET, address, p->address) == 1)
		p->address_bytes = 4;
	else if (inet_pton(AF_INET6, address, p->address) == 1)
		p->address_bytes = 16;
	else
		return false;
	longest = p->address_bytes * 8;
	p->length = slash ? (int)strtol(slash + 1, &end, 10) : longest;
	return (!slash || (end != slash + 1 && *end == '\0')) && p->length >= 0 && p->length <= longest;
}

static bool parse_mac(const char *text, uint8_t mac[MAC_BYTES])
{
	unsigned int part[MAC_BYTES];
	int used = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &part[0], &part[1], &part[2], &part[3], &part[4], &part[5],
		   &used) != MAC_BYTES || text[used] != '\0')
		return false;
	for (int i = 0; i < MAC_BYTES; i++)
		mac[i] = (uint8_t)part[i];
	return true;
}

#endif
