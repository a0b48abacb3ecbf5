/** The two networks of the lab as plain data: who is linked to whom, with which addresses and routes. */

/** Network of the daemon's host, and outside of the gateway. */
export const outsideV4 = '10.77.0'
/** Same in IPv6, a /64. */
export const outsideV6 = 'fd77:'
const insideV4 = '10.77.1'
const insideV6 = 'fd77:0:0:1:'

/** `host`: the daemon runs on the attacked server. `gateway`: it runs on the router in front of it. */
export type TopologyName = 'host' | 'gateway'

/** A namespace with addresses. The `switch` namespace between them has none. */
export type Role = 'server' | 'client' | 'attacker' | 'gateway' | 'inside'

/** One end of a veth pair. */
export interface Interface {
  readonly role: Role
  readonly device: 'eth0' | 'eth1'
  readonly mac: string
  /** IPv4 addresses without prefix length (all /24), the main one first. */
  readonly v4: readonly string[]
  /** IPv6 addresses without prefix length (all /64), the main one first. */
  readonly v6: readonly string[]
}

/** A veth pair: an interface, and its far end, which is a port of the switch or another interface. */
export interface Link {
  readonly near: Interface
  readonly far: 'switch' | Interface
}

/** Routes of one namespace, as the words after `ip route add`. */
export interface Route {
  readonly role: Role
  readonly words: string
}

/** Everything needed to build a network. */
export interface Topology {
  readonly links: readonly Link[]
  readonly routes: readonly Route[]
  /** Namespaces that forward packets. */
  readonly routers: readonly Role[]
  /** Namespace in which the daemon runs. */
  readonly daemonRole: Role
}

/** MAC address of the next hop that does not exist; see `defaultRoute`. */
export const nowhereMac = '02:00:00:00:00:fe'
/** Addresses of the next hop that does not exist. */
export const nowhere = { v4: `${outsideV4}.254`, v6: `${outsideV6}:fe` } as const

/** Plan of a topology. `extraAddresses` more addresses go to the attacker, from .16 and ::10 on. */
export function planTopology(name: TopologyName, extraAddresses = 0): Topology {
  const toSwitch = (role: Role, host: number, extra = 0): Link => ({
    near: outsideInterface(role, [host, ...Array.from({ length: extra }, (_, i) => 16 + i)]),
    far: 'switch',
  })
  const guests = [toSwitch('client', 2), toSwitch('attacker', 3, extraAddresses)]
  if (name === 'host') {
    return { links: [toSwitch('server', 1), ...guests], routes: [], routers: [], daemonRole: 'server' }
  }
  return {
    links: [
      toSwitch('gateway', 1),
      { near: insideInterface('gateway', 'eth1', 1), far: insideInterface('inside', 'eth0', 2) },
      ...guests,
    ],
    routes: [
      ...guests.flatMap(({ near: { role } }): Route[] => [
        { role, words: `${insideV4}.0/24 via ${outsideV4}.1` },
        { role, words: `${insideV6}:/64 via ${outsideV6}:1` },
      ]),
      { role: 'inside', words: `default via ${insideV4}.1` },
      { role: 'inside', words: `default via ${insideV6}:1` },
    ],
    routers: ['gateway'],
    daemonRole: 'gateway',
  }
}

/** Every interface that has addresses. */
export function interfacesOf({ links }: Topology): Interface[] {
  return links.flatMap(({ near, far }) => (far === 'switch' ? [near] : [near, far]))
}

function outsideInterface(role: Role, hosts: readonly number[]): Interface {
  return {
    role,
    device: 'eth0',
    mac: `02:00:00:00:00:0${hosts[0]}`,
    v4: hosts.map((host) => `${outsideV4}.${host}`),
    v6: hosts.map((host) => `${outsideV6}:${host.toString(16)}`),
  }
}

function insideInterface(role: Role, device: Interface['device'], host: number): Interface {
  return {
    role,
    device,
    mac: `02:00:00:00:01:0${host}`,
    v4: [`${insideV4}.${host}`],
    v6: [`${insideV6}:${host}`],
  }
}
