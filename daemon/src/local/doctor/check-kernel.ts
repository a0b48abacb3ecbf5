/** The kernel: its version and what it lacks, BTF, bpffs, the egress hook. */

import { type HostFacts, isAtLeast } from './facts.js'
import { type Finding, finding, type Said } from './finding.js'

export function checkKernel(facts: HostFacts): Finding[] {
  return [
    finding('kernel', '', judgeVersion(facts.kernel)),
    ...egress(facts),
    finding('bpffs', '', judgeBpffs(facts)),
    finding(
      'btf',
      '',
      facts.hasBtf
        ? { level: 'ok', found: 'the kernel carries its types' }
        : {
            level: 'note',
            found: 'no /sys/kernel/btf/vmlinux',
            consequence: 'idsd needs none of its types; bpftool and other tools show less',
            fix: 'a kernel built with CONFIG_DEBUG_INFO_BTF, where you want them',
          },
    ),
  ]
}

function judgeVersion(kernel: string): Said {
  const upgrade = 'a newer kernel: 6.1 is the base idsd is made for, 6.6 lacks nothing'
  if (!isAtLeast(kernel, 5, 12)) {
    return {
      level: 'problem',
      found: kernel,
      consequence: 'the programs need atomic compare-and-swap (5.12) and do not load',
      fix: upgrade,
    }
  }
  const lacks = [
    ...(isAtLeast(kernel, 5, 18)
      ? []
      : ['XDP for frames in several buffers (5.18): a large MTU means generic mode']),
    ...(isAtLeast(kernel, 5, 19)
      ? []
      : ['map access without CAP_BPF (5.19): the daemon keeps that capability']),
    ...(isAtLeast(kernel, 6, 6) ? [] : ['TCX (6.6): see egress']),
  ]
  return lacks.length === 0
    ? { level: 'ok', found: `${kernel}, lacks nothing that idsd uses` }
    : {
        level: isAtLeast(kernel, 5, 18) ? 'note' : 'warning',
        found: `${kernel} lacks ${lacks.join('; ')}`,
        consequence: isAtLeast(kernel, 5, 18) ? '' : 'below 5.18, the lowest version idsd is meant for',
        fix: upgrade,
      }
}

const clsact: Said = {
  level: 'warning',
  found: 'clsact: kernels below 6.6 have no TCX',
  consequence:
    'no link holds the egress filter. A restart replaces it in place, so no packet is missed; but whoever removes the ' +
    'clsact qdisc (tc, a network manager) takes it off unseen: then answers and packets to blocked addresses go unjudged',
  fix: 'let nothing else manage qdiscs on this interface (tc filter show dev IFACE egress), or use kernel 6.6',
}

function egress({ daemon, links, kernel }: HostFacts): Finding[] {
  if (daemon === undefined) {
    const said: Said = isAtLeast(kernel, 6, 6)
      ? { level: 'ok', found: 'TCX is to be had: the filter hangs on a pinned link' }
      : clsact
    return [finding('egress', '', said)]
  }
  return daemon.interfaces
    .filter(({ name, xdpMode }) => xdpMode !== 'down' && links.some((link) => link.name === name))
    .map(({ name, egressHook }) =>
      finding(
        'egress',
        name,
        egressHook === 'clsact' ? clsact : { level: 'ok', found: 'TCX: the filter hangs on a pinned link' },
      ),
    )
}

function judgeBpffs({ hasBpffs, daemon }: HostFacts): Said {
  if (hasBpffs) return { level: 'ok', found: 'mounted at /sys/fs/bpf' }
  return daemon === undefined
    ? {
        level: 'note',
        found: 'none at /sys/fs/bpf',
        consequence: 'idsd mounts it at its start, if it may',
        fix: 'mount -t bpf bpf /sys/fs/bpf',
      }
    : {
        level: 'note',
        found: 'none at /sys/fs/bpf as idsctl sees it, while the daemon runs',
        consequence:
          'idsctl runs in another mount namespace (ip netns exec makes one): it does not see the pins',
        fix: 'enter a network namespace by nsenter --net=, which keeps the mounts',
      }
}
