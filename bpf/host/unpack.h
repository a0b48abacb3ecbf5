/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Data packed by gzip (RFC 1952) or zstd (RFC 8878), as a stream that is read unpacked. Several members or frames
 * behind each other are one stream. What could be unpacked before a fault is given; the fault is told beside.
 */
#ifndef IDSD_HOST_UNPACK_H
#define IDSD_HOST_UNPACK_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <linux/types.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum packing {
	PACKED_NOT,
	PACKED_GZIP,
	PACKED_ZSTD,
};

struct unpacker {
	FILE *packed;
	enum packing packing;
	z_stream gzip;
	ZSTD_DStream *zstd;
	size_t wanted;	   /* by zstd, up to the end of the next block; 0: not known */
	int has_more;	   /* zstd may hold more of what it unpacked than there was room for */
	const char *fault; /* NULL: none so far */
	__u64 fault_at;	   /* how much was unpacked before it, in packed bytes */
	__u64 at;	   /* packed bytes that were read */
	int is_between;	   /* no member or frame is open: here the data may end */
	int is_over;
	size_t taken;
	size_t filled;
	__u8 bytes[65536];
};

/* By the first four bytes. A zstd stream may begin with a frame that is passed over. */
static inline enum packing packing_of(const __u8 *magic)
{
	if (magic[0] == 0x1f && magic[1] == 0x8b)
		return PACKED_GZIP;
	if (magic[0] == 0x28 && magic[1] == 0xb5 && magic[2] == 0x2f && magic[3] == 0xfd)
		return PACKED_ZSTD;
	if ((magic[0] & 0xf0) == 0x50 && magic[1] == 0x2a && magic[2] == 0x4d && magic[3] == 0x18)
		return PACKED_ZSTD;
	return PACKED_NOT;
}

static inline void unpack_stop(struct unpacker *u, const char *fault)
{
	u->is_over = 1;
	u->fault = fault;
	u->fault_at = u->at - (u->filled - u->taken);
}

/* More of what is packed. Returns 0 at its end. */
static inline int unpack_fill(struct unpacker *u)
{
	u->taken = 0;
	u->filled = fread(u->bytes, 1, sizeof(u->bytes), u->packed);
	u->at += u->filled;
	if (u->filled > 0)
		return 1;
	if (ferror(u->packed))
		unpack_stop(u, strerror(errno));
	else
		unpack_stop(u, u->is_between ? NULL : "the packed data ends too early");
	return 0;
}

/* Returns the bytes unpacked, at most `room`. */
static inline size_t gunzip_some(struct unpacker *u, char *to, size_t room)
{
	z_stream *z = &u->gzip;
	int outcome;

	z->next_in = u->bytes + u->taken;
	z->avail_in = (uInt)(u->filled - u->taken);
	z->next_out = (Bytef *)to;
	z->avail_out = (uInt)room;
	outcome = inflate(z, Z_NO_FLUSH);
	u->taken = u->filled - z->avail_in;
	u->is_between = outcome == Z_STREAM_END;
	if (outcome == Z_STREAM_END)
		inflateReset(z);
	else if (outcome != Z_OK && outcome != Z_BUF_ERROR)
		unpack_stop(u, outcome == Z_MEM_ERROR ? "no memory to unpack it" : "the gzip data is damaged");
	return room - z->avail_out;
}

/* Bytes before each block. Source: RFC 8878 section 3.1.1.2. */
#define ZSTD_BLOCK_HEADER 3

static inline size_t unzstd_some(struct unpacker *u, char *to, size_t room)
{
	/*
	 * A call that fails gives nothing of what it unpacked: no more than one block is put into it, the one before taken.
	 * What is wanted has the header of the next block at its end: that comes by itself.
	 */
	size_t next = u->wanted > ZSTD_BLOCK_HEADER ? u->wanted - ZSTD_BLOCK_HEADER : u->wanted ? u->wanted : 1;
	size_t most = u->taken + (u->has_more ? 0 : next);
	ZSTD_inBuffer in = {u->bytes, most < u->filled ? most : u->filled, u->taken};
	ZSTD_outBuffer out = {to, room, 0};
	size_t outcome = ZSTD_decompressStream(u->zstd, &out, &in);

	u->taken = in.pos;
	u->wanted = outcome;
	u->has_more = out.pos == room;
	u->is_between = outcome == 0;
	if (ZSTD_isError(outcome))
		unpack_stop(u, ZSTD_getErrorCode(outcome) == ZSTD_error_frameParameter_windowTooLarge
				       ? "the zstd data needs more than 128 MiB to unpack"
				       : "the zstd data is damaged");
	return out.pos;
}

/* As read(2), for fopencookie: never an error, because what came before it is to be read. */
static inline ssize_t unpack_read(void *cookie, char *to, size_t room)
{
	struct unpacker *u = cookie;
	size_t got = 0;

	if (room > 1u << 30)
		room = 1u << 30;
	while (got == 0 && room > 0 && !u->is_over) {
		if (u->is_between && u->taken == u->filled && !unpack_fill(u))
			break;
		/* Whoever pads a file to full blocks does it with zeros. */
		if (u->is_between && u->bytes[u->taken] == 0) {
			unpack_stop(u, NULL);
			break;
		}
		got = u->packing == PACKED_GZIP ? gunzip_some(u, to, room) : unzstd_some(u, to, room);
		/* Nothing came of all that was there. */
		if (got == 0 && !u->is_over && !u->is_between && u->taken == u->filled)
			unpack_fill(u);
	}
	return (ssize_t)got;
}

static inline int unpack_close(void *cookie)
{
	struct unpacker *u = cookie;

	if (u->packing == PACKED_GZIP)
		inflateEnd(&u->gzip);
	else
		ZSTD_freeDStream(u->zstd);
	free(u);
	return 0;
}

/*
 * What `packed` holds, unpacked: NULL without memory. `unpacker` is valid until the stream is closed; `packed` stays
 * open.
 */
static inline FILE *unpack_open(FILE *packed, enum packing packing, struct unpacker **unpacker)
{
	const cookie_io_functions_t io = {.read = unpack_read, .close = unpack_close};
	struct unpacker *u = calloc(1, sizeof(*u));
	FILE *file = NULL;

	if (!u)
		return NULL;
	u->packed = packed;
	u->packing = packing;
	u->is_between = 1;
	/* 15: the largest window; 16: gzip alone, not zlib. */
	if (packing == PACKED_GZIP ? inflateInit2(&u->gzip, 15 + 16) == Z_OK : (u->zstd = ZSTD_createDStream()) != NULL)
		file = fopencookie(u, "rb", io);
	if (!file) {
		unpack_close(u);
		return NULL;
	}
	*unpacker = u;
	return file;
}

#endif
