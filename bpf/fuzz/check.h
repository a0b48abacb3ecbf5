/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What must be true in every fuzz target: says what was not, and stops the way that libFuzzer takes for a finding. */
#ifndef IDSD_FUZZ_CHECK_H
#define IDSD_FUZZ_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(truth)                                                                                                   \
	do {                                                                                                           \
		if (!(truth)) {                                                                                        \
			fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #truth);                          \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* For functions that only check: no input is to reach their branches, and tracing them costs time. */
#define UNTRACED __attribute__((noinline, no_sanitize("coverage")))

#endif
