/** What a start needs to know and say: map sizes, the user behind sudo, the banner. */

import type { Config } from '../config/config.js'
import { type MapSizes, mapBytes } from '../kernel/data-path.js'
import type { InterfaceState } from '../kernel/interface-set.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Logger } from '../log.js'
import type { ScorerState } from '../score/scorer.js'

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, atLeast)))
}

export function mapSizes({ kernel }: Config): MapSizes {
  return {
    flows: kernel.flows,
    tombstones: Math.max(1024, Math.floor(kernel.flows / 4)),
    blocks: powerOfTwo(kernel.blocks),
    prefixes: kernel.prefixes,
    allows: kernel.allow,
    suspects: 4096,
    limiters: kernel.limiters + 1,
    sources: powerOfTwo(kernel.sources),
    urgentRingBytes: kernel.ringUrgentBytes,
    bulkRingBytes: kernel.ringBulkBytes,
  }
}

/** Who called sudo, and may do everything over the socket; undefined when nobody did, or root. */
export function sudoUser(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const uid = Number(env.SUDO_UID)
  return env.SUDO_UID !== undefined && Number.isInteger(uid) && uid > 0 ? uid : undefined
}

export interface StartFacts extends Pick<BannerInput, 'config' | 'version' | 'sizes'> {
  readonly kernel: Pick<Kernel, 'interfaces' | 'blockList'>
  readonly model: ScorerState
}

/** Logs what runs from here on. */
export function tellStart(log: Logger, { config, version, kernel, sizes, model }: StartFacts): void {
  const { blockList } = kernel
  const interfaces = kernel.interfaces.states()
  const lines = banner({
    ...{ config, version, interfaces, sizes },
    bytes: mapBytes(sizes, interfaces.length),
    lists: {
      addresses: blockList.exactCount,
      prefixes: blockList.prefixCount,
      allowed: blockList.allowCount,
    },
    model: modelName(model),
  })
  for (const { level, fields, message } of lines) {
    if (level === 'warn') log.warn(fields, message)
    else log.info(fields, message)
  }
}

/** Name and version, or why there is no model. */
function modelName({ isLoaded, name, version, problem }: ScorerState): string {
  return isLoaded ? `${name} ${version}` : `none, ${problem}`
}

export interface BannerLine {
  readonly level: 'info' | 'warn'
  readonly fields: object
  readonly message: string
}

export interface BannerInput {
  readonly lists: { readonly addresses: number; readonly prefixes: number; readonly allowed: number }
  /** Name and version; why there is none. */
  readonly model: string
  readonly config: Config
  readonly version: string
  readonly interfaces: readonly InterfaceState[]
  readonly sizes: MapSizes
  /** Memory of each map, bytes. */
  readonly bytes: Readonly<Record<string, number>>
}

/** A flow stays in the table so long at most; under pressure an unanswered one leaves after 10 s. */
const flowSeconds = 120
const pressureSeconds = 10

/** What the start says. Generic mode is a warning: it costs about three times as much. */
export function banner({
  config,
  version,
  interfaces,
  sizes,
  bytes,
  lists,
  model,
}: BannerInput): BannerLine[] {
  const lines: BannerLine[] = []
  for (const { name, xdpMode, egressHook, frags } of interfaces) {
    const fields = { interface: name, xdp: xdpMode, egress: egressHook, frags }
    if (xdpMode === 'generic') {
      const message = `${name}: XDP runs in generic mode, about 3 times slower than native: check driver and MTU`
      lines.push({ level: 'warn', fields, message })
    } else {
      lines.push({ level: 'info', fields, message: `${name}: XDP ${xdpMode}, egress ${egressHook}` })
    }
    if (!frags) {
      lines.push({
        level: 'warn',
        fields,
        message: `${name}: this kernel has no XDP frames in several buffers`,
      })
    }
  }
  const total = Object.values(bytes).reduce((sum, value) => sum + value, 0)
  const mib = (value: number) => Math.round(value / 2 ** 20)
  lines.push({
    level: 'info',
    fields: { sizes, mapMiB: mib(total), flowMiB: mib(bytes.flows ?? 0) },
    message:
      `maps: ${sizes.flows} flows per interface, ${sizes.blocks} addresses, ${sizes.prefixes} prefixes, ${mib(total)} MiB; ` +
      `sustains ${Math.floor(sizes.flows / flowSeconds)} new flows/s on each, ` +
      `${Math.floor((sizes.flows * 0.8) / pressureSeconds)} while quiet flows end early`,
  })
  lines.push({
    level: 'info',
    fields: { ...lists, model },
    message:
      `lists: ${lists.addresses} addresses and ${lists.prefixes} prefixes blocked, ${lists.allowed} allowed; ` +
      `model: ${model}`,
  })
  lines.push({
    level: config.mode === 'detect' ? 'warn' : 'info',
    fields: { mode: config.mode, socket: config.paths.socket, database: config.paths.db, version },
    message:
      config.mode === 'detect'
        ? 'idsd runs in mode detect: automatic decisions only count, your own blocks drop'
        : 'idsd runs in mode prevent',
  })
  return lines
}
