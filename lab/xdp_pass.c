/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Passes every frame. A veth runs native XDP actions such as XDP_TX only towards a peer that has a
 * program too, so the lab attaches this one to the far end of each interface that may run the daemon.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp.frags")
int xdp_pass(struct xdp_md *ctx __attribute__((unused)))
{
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
