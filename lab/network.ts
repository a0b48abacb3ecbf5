/** Turns a topology into namespaces, veth pairs, a bridge, addresses and routes. */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { LabError } from './lab-error.js'
import { namespacePath } from './leftovers.js'
import { type Interface, interfacesOf, nowhere, nowhereMac, type Role, type Topology } from './topology.js'
import { until } from './until.js'

/** The parts of the lab options that shape the network. */
export interface NetworkOptions {
  readonly mtu?: number
  readonly defaultRoute?: boolean
}

const xdpPass = fileURLToPath(new URL('xdp_pass.o', import.meta.url))

/**
 * Builds the network and waits until the switch forwards.
 * @param nameOf namespace name of a role
 * Throws LabError with the command that failed; what exists by then is left for the caller to remove.
 */
export async function buildNetwork(
  plan: Topology,
  nameOf: (role: Role | 'switch') => string,
  { mtu = 1500, defaultRoute = false }: NetworkOptions,
): Promise<void> {
  if (!existsSync(xdpPass)) throw new LabError(`${xdpPass} is missing: build it with "make"`)
  const interfaces = interfacesOf(plan)
  const roles = [...new Set(interfaces.map(({ role }) => role))]
  for (const role of [...roles, 'switch' as const]) await run(['ip', 'netns', 'add', nameOf(role)])
  await Promise.all([...roles, 'switch' as const].map((role) => configureKernel(role, nameOf(role), plan)))

  const ip = (role: Role | 'switch', lines: readonly string[]) =>
    run(['ip', '-n', nameOf(role), '-batch', '-'], `${lines.join('\n')}\n`)
  await ip('switch', [
    'link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0',
    'link set br0 up',
  ])

  for (const { near, far } of plan.links) {
    const port = far === 'switch' ? { role: far, device: near.role } : far
    const ends = `mtu ${mtu} type veth peer name ${port.device} mtu ${mtu} netns ${nameOf(port.role)}`
    await ip(near.role, [`link add ${near.device} address ${near.mac} ${ends}`])
    if (far !== 'switch') await ip(far.role, [`link set ${far.device} address ${far.mac}`])
    await seeVlanTags(nameOf(near.role), near.device)
    await seeVlanTags(nameOf(port.role), port.device)
    // XDP_TX on a veth reaches the peer only when the peer has a program too. `ip -n` mounts a bpffs of its own,
    // so nothing is pinned or left in the one of the machine.
    await ip(port.role, [`link set dev ${port.device} xdpdrv obj ${xdpPass} sec xdp.frags`])
    if (far === 'switch')
      await ip('switch', [`link set ${port.device} master br0`, `link set ${port.device} up`])
  }
  for (const one of interfaces) await ip(one.role, addressLines(one))
  for (const { role, words } of plan.routes) await ip(role, [`route add ${words}`])
  if (defaultRoute) await ip(plan.daemonRole, nowhereLines())
  await until(() => forwards(nameOf('switch')), { what: 'every port of the switch forwards' })
}

/** Per-namespace kernel settings: no address of its own making, no noise, no packet dropped by a default. */
async function configureKernel(role: Role | 'switch', name: string, plan: Topology): Promise<void> {
  const isRouter = plan.routers.some((router) => router === role)
  const settings = ['all', 'default'].flatMap((device) => [
    `net.ipv6.conf.${device}.accept_dad=0`,
    `net.ipv6.conf.${device}.accept_ra=0`,
    `net.ipv6.conf.${device}.autoconf=0`,
    `net.ipv6.conf.${device}.router_solicitations=0`,
    `net.ipv6.conf.${device}.forwarding=${isRouter ? 1 : 0}`,
    `net.ipv6.conf.${device}.disable_ipv6=${role === 'switch' ? 1 : 0}`,
    `net.ipv4.conf.${device}.rp_filter=0`,
  ])
  // A flood of short connections from one address would otherwise run out of source ports within seconds.
  settings.push('net.ipv4.ip_local_port_range=1024 65535', 'net.ipv4.tcp_tw_reuse=1')
  settings.push(`net.ipv4.ip_forward=${isRouter ? 1 : 0}`)
  await run(['nsenter', `--net=${namespacePath(name)}`, 'sysctl', '-q', '-w', ...settings])
}

/** With VLAN offload a tag travels beside the packet, where XDP does not see it. */
async function seeVlanTags(name: string, device: string): Promise<void> {
  const features = ['txvlan', 'off', 'tx-vlan-stag-hw-insert', 'off']
  await run(['nsenter', `--net=${namespacePath(name)}`, 'ethtool', '-K', device, ...features])
}

function addressLines({ device, v4, v6 }: Interface): string[] {
  return [
    'link set lo up',
    ...v4.map((address) => `addr add ${address}/24 dev ${device}`),
    ...v6.map((address) => `addr add ${address}/64 dev ${device} nodad`),
    `link set ${device} up`,
  ]
}

function nowhereLines(): string[] {
  return [nowhere.v4, nowhere.v6].flatMap((address) => [
    `neigh add ${address} lladdr ${nowhereMac} dev eth0 nud permanent`,
    `route add default via ${address} dev eth0`,
  ])
}

async function forwards(switchName: string): Promise<boolean> {
  const links = JSON.parse(
    await run(['ip', '-n', switchName, '-j', '-d', 'link', 'show', 'master', 'br0']),
  ) as {
    linkinfo?: { info_slave_data?: { state?: string } }
  }[]
  return links.every((link) => link.linkinfo?.info_slave_data?.state === 'forwarding')
}

function run([command, ...args]: readonly [string, ...string[]], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { timeout: 10_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else
        reject(
          new LabError(`${command} ${args.join(' ')}: ${stderr.trim() || error.message}\n${input}`, {
            cause: error,
          }),
        )
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}
