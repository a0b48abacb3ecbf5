/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Knobs set before load. The verifier knows their values and removes the branches they close. */
#ifndef IDSD_CONFIG_H
#define IDSD_CONFIG_H

#include "wire.h"

const volatile struct config config __weak SEC(".rodata") = {
	.budget_ns = 0,
};

/* The capture's clock in replay: microseconds. Unused in production. */
__u64 replay_us __weak SEC(".bss");

#endif
