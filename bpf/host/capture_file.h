/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What both kinds of capture files share: one record in memory, read from front to back in the file's byte order. */
#ifndef IDSD_HOST_CAPTURE_FILE_H
#define IDSD_HOST_CAPTURE_FILE_H

#include <stddef.h>
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
/* Before what is taken from the file there is always room for the header of a link that has none. */
#define HEADER_ROOM 16
/* What is read at once. */
#define READ_BYTES 65536
/* The most that may be taken at once: a record and, in blocks, what is told about it. */
#define MAX_TAKE (MAX_RECORD + READ_BYTES)

/* What the records of one link have in common. */
struct capture_interface {
	__u64 per_second; /* units of its time stamps */
	__s64 offset_s;	  /* added to them */
	__u32 link_type;
	__u32 snap_length; /* 0: none was declared */
};

enum capture_outcome {
	CAPTURE_END = 0,
	CAPTURE_FRAME = 1,
	/* The file is cut short or damaged: `fault` and `fault_at` say what and where; what came before stands. */
	CAPTURE_FAULT = -1,
};

struct capture {
	FILE *file;
	__u64 at; /* bytes taken */
	const char *fault;
	__u64 fault_at; /* where the record begins that could not be read */
	__u8 is_swapped;
	__u8 is_ng;
	__u8 has_swapped_lengths; /* 1: captured and original length have changed places; 2: perhaps */
	__u8 is_cut;		  /* the last frame was longer than what was captured of it */
	__u32 snap_length;	  /* the largest that was declared; 0: none */
	__u64 time_us;		  /* of the last frame */
	/* The frame: it lies in `bytes` until the next one is read. */
	const __u8 *frame;
	__u32 frame_bytes;
	__u32 interface_count;
	/* What was read lies from `taken` to `filled`. */
	__u32 taken;
	__u32 filled;
	/* Only what is used of the rest is written to: memory that a short capture does not need costs nothing. */
	struct capture_interface interfaces[MAX_INTERFACES];
	__u8 bytes[HEADER_ROOM + MAX_TAKE];
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

/* Reads on until `bytes`, at most MAX_TAKE, are there. Returns 0 when the file ends before. */
static inline int capture_fill(struct capture *c, __u32 bytes)
{
	__u32 left = c->filled - c->taken;
	__u32 room = left + READ_BYTES > bytes ? READ_BYTES : bytes - left;

	memmove(c->bytes + HEADER_ROOM, c->bytes + c->taken, left);
	c->taken = HEADER_ROOM;
	c->filled = HEADER_ROOM + left;
	if (room > sizeof(c->bytes) - c->filled)
		room = (__u32)(sizeof(c->bytes) - c->filled);
	c->filled += (__u32)fread(c->bytes + c->filled, 1, room, c->file);
	return c->filled - c->taken >= bytes;
}

/*
 * The next `bytes`, at most MAX_TAKE, which stand in memory until the next are taken, with HEADER_ROOM before them
 * that may be written to. NULL, and nothing is taken, when the file ends before.
 */
static inline __u8 *capture_take(struct capture *c, __u32 bytes)
{
	__u8 *from;

	if (c->filled - c->taken < bytes && !capture_fill(c, bytes))
		return NULL;
	from = c->bytes + c->taken;
	c->taken += bytes;
	c->at += bytes;
	return from;
}

/* Has every byte been taken, once capture_take() found too few? */
static inline int capture_is_empty(const struct capture *c)
{
	return c->taken == c->filled;
}

static inline int capture_skip(struct capture *c, __u64 bytes)
{
	while (bytes > 0) {
		__u32 part = bytes < READ_BYTES ? (__u32)bytes : READ_BYTES;

		if (!capture_take(c, part))
			return -1;
		bytes -= part;
	}
	return 0;
}

/* What a file says of an interface: the most that it keeps of a frame. */
static inline void capture_declare_snap_length(struct capture *c, struct capture_interface *i, __u32 bytes)
{
	i->snap_length = bytes;
	if (bytes > c->snap_length)
		c->snap_length = bytes;
}

static inline __u64 capture_us(const struct capture_interface *i, __u64 stamp)
{
	__u64 seconds, rest;

	/* Nearly all: without a division by what is not constant. */
	if (i->per_second == 1000000)
		return stamp + (__u64)i->offset_s * 1000000;
	if (i->per_second == 1000000000)
		return stamp / 1000 + (__u64)i->offset_s * 1000000;
	seconds = stamp / i->per_second;
	rest = stamp % i->per_second;
	return (seconds + (__u64)i->offset_s) * 1000000 +
	       (__u64)((unsigned __int128)rest * 1000000 / i->per_second);
}

#endif
