/** Stands before every method: whose role is not enough is refused, counted, and kept in the audit. */

import type { AuditRow } from '../control/audit-row.js'
import { type Caller, callerName, type Role } from '../control/caller.js'
import { ForbiddenError } from '../errors.js'
import type { IdsdHandlers } from './generated/idsd/v1/Idsd.js'
import { callStatus } from './grpc-errors.js'
import type { Logger } from './logger.js'
import { callerOf, type PeerCall } from './peer.js'
import type { Revocation } from './revocation.js'
import { METHOD_RULES, mayCall } from './roles.js'

export interface GuardOptions {
  readonly log: Logger
  /** Groups as they are configured, for what to do about a refusal. */
  readonly groups?: { readonly operator: string; readonly reader: string } | undefined
  readonly userName?: ((uid: number) => string | undefined) | undefined
  /** Certificates that were called back; default: none. */
  readonly revocation?: Revocation | undefined
  /** A refusal; the row is there when the request would have changed something. */
  readonly onRefused?: ((role: Role, row: AuditRow | undefined) => void) | undefined
  /** Wall time, ms. Default: the machine's. */
  readonly nowMs?: () => number
}

type Call = PeerCall & {
  readonly request?: object
  emit?(event: 'error', error: unknown): boolean
  destroy?(error: Error): unknown
  on?(event: 'cancelled' | 'close' | 'error' | 'finish', listener: () => void): unknown
}
type Callback = (error: unknown, answer?: unknown) => void
type Method = (call: Call, callback?: Callback) => void

/** A target that a refused request names, as far as it may go into a table. */
const maxTarget = 64

export function guardMethods(service: IdsdHandlers, options: GuardOptions): IdsdHandlers {
  const { log, onRefused, revocation, userName, groups = { operator: 'idsd', reader: 'idsd-read' } } = options
  const nowMs = options.nowMs ?? Date.now
  /** A stream lasts: its certificate may be called back meanwhile. */
  const endWhenRevoked = (call: Call, name: string) => {
    const error = new ForbiddenError(calledBack(callerOf(call, '')))
    // Who sends answers for what became of it; who receives is told here.
    const end = () =>
      isSent(call) ? call.destroy?.(error) : call.emit?.('error', callStatus(error, name, log))
    const forget = revocation?.watch(call, end)
    if (forget === undefined) return
    for (const event of ['cancelled', 'close', 'error', 'finish'] as const) call.on?.(event, forget)
  }
  const guarded = Object.entries(service).map(([name, method]) => {
    const next = method as unknown as Method
    const stand: Method = (call, callback) => {
      const isRevoked = revocation?.isRevoked(call) === true
      const { role = 'none' } = isRevoked ? {} : callerOf(call, '')
      if (mayCall(role, name)) {
        if (callback === undefined || isSent(call)) endWhenRevoked(call, name)
        return next(call, callback)
      }
      const { caller: claim = '', reason = '' } = (call.request ?? {}) as { caller?: string; reason?: string }
      const caller = callerOf(call, claim, userName)
      const error = new ForbiddenError(isRevoked ? calledBack(caller) : refusal(name, role, caller, groups))
      onRefused?.(role, auditRow(name, role, caller, call.request ?? {}, reason, nowMs()))
      const status = callStatus(error, name, log)
      if (callback === undefined) call.emit?.('error', status)
      else callback(status)
    }
    return [name, stand]
  })
  return Object.fromEntries(guarded) as unknown as IdsdHandlers
}

/** Its requests arrive one after another. */
function isSent({ request }: Call): boolean {
  return request === undefined
}

function calledBack(caller: Caller): string {
  const who = caller.certificate === undefined ? 'the caller' : `cert:${caller.certificate}`
  return `the certificate of ${who} was called back: an operator of idsd makes another one (idsctl pki issue NAME)`
}

/** What is lacking, and how to get it. */
function refusal(
  method: string,
  role: Role,
  caller: Caller,
  { operator, reader }: { readonly operator: string; readonly reader: string },
): string {
  const needed = METHOD_RULES[method]?.role ?? 'operator'
  const who = callerName({ ...caller, text: '' })
  const has = role === 'none' ? 'has no role here' : `only has the role ${role}`
  if (caller.certificate !== undefined) {
    return `${method} needs the role ${needed}, and ${who} ${has}: use a certificate with OU=${needed} (idsctl pki issue NAME --role ${needed})`
  }
  const group = needed === 'operator' ? operator : reader
  const join =
    group === '' ? '' : `, or join the group ${group} and log in again (sudo usermod -aG ${group} NAME)`
  return `${method} needs the role ${needed}, and ${who} ${has}: run the command through sudo${join}`
}

function auditRow(
  method: string,
  role: Role,
  caller: Caller,
  request: object,
  reason: string,
  atMs: number,
): AuditRow | undefined {
  const rule = METHOD_RULES[method]
  if (rule?.role !== 'operator') return undefined
  const { dryRun, target } = request as { dryRun?: boolean; target?: string }
  // As everywhere: what would change nothing is not kept.
  if (dryRun === true) return undefined
  return {
    atMs,
    action: typeof rule.audit === 'function' ? rule.audit(request) : rule.audit,
    target: (target ?? '').replace(/[^0-9a-fA-F:./]/g, '').slice(0, maxTarget),
    caller: callerName(caller),
    outcome: 'refused',
    detail: `needs the role operator, has ${role === 'none' ? 'none' : `the role ${role}`}`,
    decisionNumbers: [],
    ...(reason === '' ? {} : { reason: reason.replace(/\p{C}/gu, '').slice(0, 200) }),
  }
}
