/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A file as it lies on disk, packed or not, and the capture in it. */
#ifndef IDSD_HOST_SOURCE_H
#define IDSD_HOST_SOURCE_H

#include <errno.h>
#include <string.h>

#include "capture.h"
#include "unpack.h"

struct source {
	FILE *disk;
	FILE *file;		   /* what the capture is read from: `disk` itself when it is not packed */
	struct unpacker *unpacker; /* NULL: not packed */
};

/*
 * Takes over `disk`, which is at its beginning. Returns 0, or -1 without memory; source_close() is due in both cases.
 * What is too short to be packed is not: the reader of captures says so.
 */
static inline int source_open(struct source *s, FILE *disk)
{
	enum packing packing = PACKED_NOT;
	__u8 magic[4];
	size_t got;

	s->disk = disk;
	s->file = disk;
	s->unpacker = NULL;
	got = fread(magic, 1, sizeof(magic), disk);
	if (got == sizeof(magic))
		packing = packing_of(magic);
	/* They lie in the stream's buffer, from where all of them can be given back, in a pipe too. */
	while (got > 0)
		ungetc(magic[--got], disk);
	if (packing != PACKED_NOT)
		s->file = unpack_open(disk, packing, &s->unpacker);
	return s->file ? 0 : -1;
}

static inline void source_close(struct source *s)
{
	if (s->file && s->file != s->disk)
		fclose(s->file);
	if (s->disk && s->disk != stdin)
		fclose(s->disk);
	memset(s, 0, sizeof(*s));
}

/* Bytes of the disk that were read so far. */
static inline __u64 source_at(const struct source *s, const struct capture *c)
{
	return s->unpacker ? s->unpacker->at : c->at;
}

struct fault {
	const char *why; /* NULL: there is none */
	__u64 at;
	int is_unpacked; /* `at` counts unpacked bytes */
};

/* Why the reading of the capture stopped, to be asked at once. What cannot be unpacked is why something is missing. */
static inline struct fault source_fault(const struct source *s, const struct capture *c)
{
	if (s->unpacker && s->unpacker->fault)
		return (struct fault){.why = s->unpacker->fault, .at = s->unpacker->fault_at};
	if (!s->unpacker && ferror(s->disk))
		return (struct fault){.why = strerror(errno), .at = c->at};
	return (struct fault){.why = c->fault, .at = c->fault_at, .is_unpacked = s->unpacker != NULL};
}

/* As the last part of a line. */
static inline void print_fault(FILE *to, const struct fault *fault)
{
	fprintf(to, "%llu %s%s\n", fault->at, fault->why, fault->is_unpacked ? " (bytes counted after unpacking)" : "");
}

#endif
