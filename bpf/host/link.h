/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Of a captured record an Ethernet frame: other links get the header that they lack. */
#ifndef IDSD_HOST_LINK_H
#define IDSD_HOST_LINK_H

#include "capture_file.h"

/* Link types: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcaplinktype (LINKTYPE_ names). */
enum link_type {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_RAW_OPENBSD = 12,
	LINK_RAW_OTHER = 14,
	LINK_RAW = 101,
	LINK_LOOP = 108,
	LINK_COOKED = 113,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_COOKED2 = 276,
};

/* Puts an Ethernet header with this type before the packet that begins at `packet`, over what was read already. */
static inline void put_ethernet(struct capture *c, __u8 *packet, __u32 bytes, __u16 ethertype)
{
	__u8 *header = packet - ETHERNET_HEADER;

	memset(header, 0, ETHERNET_HEADER);
	header[12] = ethertype >> 8;
	header[13] = ethertype & 0xff;
	c->frame = header;
	c->frame_bytes = bytes + ETHERNET_HEADER;
}

/* By the version in its first byte. A packet without one is a frame of no known type. */
static inline void put_ip(struct capture *c, __u8 *packet, __u32 bytes)
{
	__u8 version = bytes ? packet[0] >> 4 : 0;

	put_ethernet(c, packet, bytes, version == 4 ? 0x0800 : version == 6 ? 0x86dd : 0);
}

/* Makes a frame of the record of this length, as capture_take() gave it. */
static inline void take_link(struct capture *c, __u32 link_type, __u8 *record, __u32 bytes)
{
	switch (link_type) {
	case LINK_ETHERNET:
		c->frame = record;
		c->frame_bytes = bytes;
		return;
	case LINK_COOKED:
		/* Packet type, address type, address length and address, then the type of what follows. */
		if (bytes >= 16)
			put_ethernet(c, record + 16, bytes - 16, (__u16)(record[14] << 8 | record[15]));
		else
			put_ethernet(c, record, 0, 0);
		return;
	case LINK_COOKED2:
		if (bytes >= 20)
			put_ethernet(c, record + 20, bytes - 20, (__u16)(record[0] << 8 | record[1]));
		else
			put_ethernet(c, record, 0, 0);
		return;
	case LINK_NULL:
	case LINK_LOOP:
		/* Four bytes of address family, whose numbers differ between systems: the version says the same. */
		if (bytes >= 4)
			put_ip(c, record + 4, bytes - 4);
		else
			put_ethernet(c, record, 0, 0);
		return;
	default:
		put_ip(c, record, bytes);
	}
}

static inline int is_known_link(__u32 link_type)
{
	switch (link_type) {
	case LINK_NULL:
	case LINK_ETHERNET:
	case LINK_RAW_OPENBSD:
	case LINK_RAW_OTHER:
	case LINK_RAW:
	case LINK_LOOP:
	case LINK_COOKED:
	case LINK_IPV4:
	case LINK_IPV6:
	case LINK_COOKED2:
		return 1;
	default:
		return 0;
	}
}

#endif
