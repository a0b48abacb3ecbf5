/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What differs between the two compilations of the same headers: BPF on the wire, the host for captures and fuzzing. */
#ifndef IDSD_PORTABLE_H
#define IDSD_PORTABLE_H

#include <linux/types.h>

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* The compiler is to know no more of the number: it would make an "or" of an addition, whose bounds kernel 6.1 loses. */
#define FORGET_BITS(n) asm volatile("" : "+r"(n))

#ifdef __bpf__

/* Packet memory may be read at any alignment. */
#define LOAD8(p) (*(const __u8 *)(p))
#define LOAD16(p) (*(const __u16 *)(p))
#define LOAD32(p) (*(const __u32 *)(p))
#define LOAD64(p) (*(const __u64 *)(p))

#else

#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#undef __noinline
#define __noinline __attribute__((noinline))

static __always_inline __u16 load16(const void *p)
{
	__u16 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static __always_inline __u32 load32(const void *p)
{
	__u32 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

static __always_inline __u64 load64(const void *p)
{
	__u64 v;

	__builtin_memcpy(&v, p, sizeof(v));
	return v;
}

#define LOAD8(p) (*(const __u8 *)(p))
#define LOAD16(p) load16(p)
#define LOAD32(p) load32(p)
#define LOAD64(p) load64(p)

#endif

/* Both targets are little-endian: checked where the object is built. */
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "idsd is built for little-endian machines"
#endif
#define NET16(v) __builtin_bswap16(v)
#define NET32(v) __builtin_bswap32(v)

#endif
