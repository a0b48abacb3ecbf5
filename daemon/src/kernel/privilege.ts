/** Gives up root: once everything is open, every thread becomes an ordinary user with the few capabilities still needed. */

import { readFileSync } from 'node:fs'
import { type Binding, kernelCall, loadBinding } from './binding.js'

/** A user of this machine. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

/** What the daemon runs as. */
export interface PrivilegeState {
  /** Name of the user, or its number where it has none. */
  readonly user: string
  readonly uid: number
  /** Capabilities in effect; empty as root, who has them all. */
  readonly capabilities: readonly string[]
  /** Why it is root; '' when it is not, or should be. */
  readonly problem: string
}

export interface Privilege {
  /** Whom the daemon becomes; undefined when it stays who it is. */
  readonly account: Account | undefined
  readonly problem: string
  /** Runs work that opens or makes files as the account, so that no link in its folders leads root elsewhere. */
  asAccount<T>(work: () => T): T
  /** Gives up root in every thread, for good. @throws KernelError after which the process must end */
  drop(): void
  state(): PrivilegeState
  /** Number of a group; undefined when there is none. */
  groupId(name: string): number | undefined
  userName(uid: number): string | undefined
  /** Sets the access list of a file, in the form of linux/posix_acl_xattr.h. @throws KernelError */
  setAcl(path: string, bytes: Uint8Array): void
}

export interface PrivilegeOptions {
  /** Folder that holds `build/`. */
  readonly root: string
  /** Name of the user; '' or `root` stays as it is. */
  readonly user: string
  /** User that this process runs as. Default: the process's own. */
  readonly ownUid?: number
  /** Capabilities in effect, a bit each. Default: the process's own. */
  readonly effective?: bigint
  readonly binding?: Pick<
    Binding,
    'userByName' | 'userName' | 'groupByName' | 'setAcl' | 'setFileIds' | 'dropPrivileges'
  >
}

/**
 * What a running daemon needs: maps and programs, an interface that comes back, and pointer arithmetic in what is loaded
 * then. Source: linux/capability.h for the numbers.
 */
const kept = { CAP_NET_ADMIN: 12, CAP_PERFMON: 38, CAP_BPF: 39 } as const

const mostNames = 256

export function openPrivilege({ root, user, ...rest }: PrivilegeOptions): Privilege {
  const { ownUid = process.getuid?.() ?? 0, binding = loadBinding(root), effective = effectiveBits() } = rest
  const isWanted = ownUid === 0 && user !== '' && user !== 'root'
  const found = isWanted ? binding.userByName(user) : undefined
  const lacking = Object.entries(neededToDrop).filter(([, bit]) => !hasBit(effective, bit))
  const isPossible = found !== undefined && found.uid !== 0 && lacking.length === 0
  const account = isPossible ? { name: user, ...found } : undefined
  let problem = ''
  if (isWanted && account === undefined) {
    problem =
      found !== undefined && found.uid !== 0
        ? `idsd runs as root: it was started without ${lacking.map(([name]) => name).join(', ')}, which it needs to ` +
          `become ${user}`
        : `idsd runs as root: there is no user ${user} (sudo useradd --system --user-group --no-create-home ` +
          `--shell /usr/sbin/nologin ${user}, or user = "" if that is meant)`
  }
  const names = new Map<number, string | undefined>()
  const userName = (uid: number) => {
    // A directory service may take its time, and requests of one user come in rows.
    if (names.size >= mostNames) names.clear()
    if (!names.has(uid)) names.set(uid, binding.userName(uid))
    return names.get(uid)
  }
  let known: PrivilegeState | undefined
  return {
    account,
    problem,
    asAccount(work) {
      if (account === undefined) return work()
      kernelCall(() => binding.setFileIds(account.uid, account.gid))
      try {
        return work()
      } finally {
        kernelCall(() => binding.setFileIds(0, 0))
      }
    },
    drop() {
      if (account === undefined) return
      const { uid, gid, groups } = account
      kernelCall(() => binding.dropPrivileges(uid, gid, groups, Object.values(kept)))
      known = undefined
    },
    state() {
      if (known !== undefined) return known
      const uid = process.getuid?.() ?? 0
      const capabilities = uid === 0 ? [] : capabilitiesInEffect()
      known = { user: userName(uid) ?? String(uid), uid, capabilities, problem }
      return known
    },
    groupId: (name) => (name === '' ? undefined : binding.groupByName(name)),
    userName,
    setAcl: (path, bytes) => kernelCall(() => binding.setAcl(path, bytes)),
  }
}

/** To hand files over and to change; a container may lack them. */
const neededToDrop = { CAP_CHOWN: 0, CAP_DAC_OVERRIDE: 1, CAP_SETGID: 6, CAP_SETUID: 7 } as const

function hasBit(bits: bigint, bit: number): boolean {
  return ((bits >> BigInt(bit)) & 1n) === 1n
}

function effectiveBits(): bigint {
  const hex = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'
  return BigInt(`0x${hex}`)
}

/** By name; what should not be there, as a number. */
function capabilitiesInEffect(): string[] {
  const bits = effectiveBits()
  const names = Object.entries(kept)
  const found = names.filter(([, bit]) => hasBit(bits, bit)).map(([name]) => name)
  const others = names.reduce((left, [, bit]) => left & ~(1n << BigInt(bit)), bits)
  return others === 0n ? found : [...found, `0x${others.toString(16)}`]
}
