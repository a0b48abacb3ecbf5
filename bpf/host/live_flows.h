/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* The clock of a live capture: when its reader looks, and when the sweep runs. */
#ifndef IDSD_HOST_LIVE_FLOWS_H
#define IDSD_HOST_LIVE_FLOWS_H

#include "live_told.h"

static inline void sweep(struct live *l, __u64 now_us)
{
	table_sweep(&l->table, now_us);
	l->swept_us = now_us;
}

/* Lets the reader look and the sweep run as often as they would have until `until_us`; silence costs nothing. */
static inline void pass_time(struct live *l, __u64 until_us)
{
	for (;;) {
		__u64 timeout_us = first_timeout(&l->table), sweep_us = NEVER;

		if (timeout_us != NEVER) {
			sweep_us = next_multiple(l, timeout_us - 1, l->sweep_us);
			if (sweep_us <= l->swept_us)
				sweep_us = next_multiple(l, l->swept_us, l->sweep_us);
		}
		if (l->look_us <= sweep_us && l->look_us <= until_us)
			mark(l, l->look_us);
		else if (sweep_us <= until_us)
			sweep(l, sweep_us);
		else
			break;
	}
	l->now_us = until_us;
}

#endif
