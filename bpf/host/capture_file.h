/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What both kinds of capture files share: one record in memory, read from front to back in the file's byte order. */
#ifndef IDSD_HOST_CAPTURE_FILE_H
#define IDSD_HOST_CAPTURE_FILE_H

#include <stdio.h>
#include <string.h>

#include <linux/types.h>

/* The largest record that libpcap writes. */
#define MAX_RECORD 262144
/* A test run of an XDP program refuses less than an Ethernet header; so does the parser. */
#define ETHERNET_HEADER 14
#define MAX_INTERFACES 1024
/* Readers hold times as doubles, exact to 2^53: until 2255. Classic captures end in 2106. */
#define MAX_TIME_US (1ull << 53)

/* What the records of one link have in common. */
struct capture_interface {
	__u64 per_second; /* units of its time stamps */
	__s64 offset_s;	  /* added to them */
	__u32 link_type;
};

enum capture_outcome {
	CAPTURE_END = 0,
	CAPTURE_FRAME = 1,
	/* The file is cut short or damaged: `fault` and `fault_at` say what and where; what came before stands. */
	CAPTURE_FAULT = -1,
};

struct capture {
	FILE *file;
	__u64 at; /* bytes read */
	const char *fault;
	__u64 fault_at; /* where the record begins that could not be read */
	__u8 is_swapped;
	__u8 is_ng;
	__u8 has_swapped_lengths; /* 1: captured and original length have changed places; 2: perhaps */
	__u32 interface_count;
	struct capture_interface interfaces[MAX_INTERFACES];
	__u64 time_us; /* of the last frame */
	/* The frame: `frame` points into `bytes`, whose first part is room for a header. */
	const __u8 *frame;
	__u32 frame_bytes;
	__u8 bytes[ETHERNET_HEADER + MAX_RECORD];
};

static inline __u16 capture_16(const struct capture *c, const void *from)
{
	__u16 value;

	memcpy(&value, from, sizeof(value));
	return c->is_swapped ? __builtin_bswap16(value) : value;
}

static inline __u32 capture_32(const struct capture *c, const void *from)
{
	__u32 value;

	memcpy(&value, from, sizeof(value));
	return c->is_swapped ? __builtin_bswap32(value) : value;
}

static inline __u64 capture_64(const struct capture *c, const void *from)
{
	__u64 value;

	memcpy(&value, from, sizeof(value));
	return c->is_swapped ? __builtin_bswap64(value) : value;
}

static inline int capture_fault(struct capture *c, __u64 at, const char *fault)
{
	c->fault = fault;
	c->fault_at = at;
	return CAPTURE_FAULT;
}

/* Returns the bytes read: fewer only at the end of the file. */
static inline size_t capture_read(struct capture *c, void *to, size_t bytes)
{
	size_t got = fread(to, 1, bytes, c->file);

	c->at += got;
	return got;
}

static inline int capture_skip(struct capture *c, __u64 bytes)
{
	__u8 unread[4096];

	while (bytes > 0) {
		size_t part = bytes < sizeof(unread) ? (size_t)bytes : sizeof(unread);

		if (capture_read(c, unread, part) != part)
			return -1;
		bytes -= part;
	}
	return 0;
}

static inline __u64 capture_us(const struct capture_interface *i, __u64 stamp)
{
	__u64 seconds = stamp / i->per_second;
	__u64 rest = stamp % i->per_second;

	return (seconds + (__u64)i->offset_s) * 1000000 +
	       (__u64)((unsigned __int128)rest * 1000000 / i->per_second);
}

#endif
