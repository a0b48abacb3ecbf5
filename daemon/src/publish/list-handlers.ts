/** The methods about imported lists. Entries come and go packed, a part of the list in each message. */

import { once } from 'node:events'
import type {
  handleUnaryCall,
  ServerReadableStream,
  ServerWritableStream,
  sendUnaryData,
} from '@grpc/grpc-js'
import { checkDoing } from '../control/arguments.js'
import type { Caller } from '../control/caller.js'
import type { ListCommands } from '../control/list-commands.js'
import { ArgumentError, IdsdError, NotFoundError } from '../errors.js'
import { type ListEntries, MAX_ENTRIES, PACKED4_BYTES, PACKED6_BYTES } from '../lists/entries.js'
import type { ListDoing, ListRow } from '../lists/list-row.js'
import { noSuchList } from '../lists/list-words.js'
import type { ListHolding, ListState } from '../lists/lists.js'
import type { ScheduledState } from '../lists/schedule.js'
import type { BlockPlan } from '../plan/plan.js'
import type { Calls } from './calls.js'
import { ACTIONS } from './enum-words.js'
import { readTime } from './filters.js'
import type { BlockPlan as BlockPlanMessage } from './generated/idsd/v1/BlockPlan.js'
import type { ExportListPage } from './generated/idsd/v1/ExportListPage.js'
import type { ExportListRequest__Output } from './generated/idsd/v1/ExportListRequest.js'
import type { IdsdHandlers } from './generated/idsd/v1/Idsd.js'
import type { ImportedList } from './generated/idsd/v1/ImportedList.js'
import type { ImportListHeader__Output } from './generated/idsd/v1/ImportListHeader.js'
import type { ImportListRequest__Output } from './generated/idsd/v1/ImportListRequest.js'
import type { ImportListResponse } from './generated/idsd/v1/ImportListResponse.js'
import type { ListHolding as ListHoldingMessage } from './generated/idsd/v1/ListHolding.js'
import { limitMessage, type Messages, trialMessage } from './messages.js'
import { callerOf } from './peer.js'
import { blockPlanMessage } from './plan-messages.js'
import { readAction, readLimit } from './request-words.js'
import { createTurns } from './turns.js'

/** What a server needs to speak about lists. */
export interface ListService {
  readonly commands: ListCommands
  states(): readonly ListState[]
  /** Those that the configuration names. */
  scheduled(): readonly ScheduledState[]
  entries(name: string): ListEntries | undefined
  /** Longest time that the entries of an import may take to arrive, ms. */
  uploadMs(): number
  /** What the entries would have met. @param sinceMs wall time, ms */
  plan(
    source: { readonly packed4: Uint8Array; readonly packed6: Uint8Array },
    does: ListDoing,
    sinceMs: number,
    callerPeer: string,
    isWanted: () => boolean,
  ): Promise<{
    readonly plan: BlockPlan
    readonly refused: readonly { target: string; guards: readonly string[] }[]
  }>
}

type ListHandlers = Pick<
  IdsdHandlers,
  'ImportList' | 'PlanImport' | 'ListLists' | 'RemoveList' | 'ExportList'
>

/** Calls of each method that are taken in at the same time: such a one holds its entries, one that waits next to none. */
const TURNS = { most: 2, mostWaiting: 32 }
/** What those do who have their turn. */
const DOING = { ImportList: 'lists are being imported', PlanImport: 'imports are being planned' }
const PAGE_ENTRIES = 10_000

export interface ListHandlersOptions {
  readonly lists: ListService | undefined
  readonly messages: Pick<Messages, 'allowEntry'>
  readonly calls: Pick<Calls, 'open' | 'status'>
  readonly userName?: ((uid: number) => string | undefined) | undefined
}

export function createListHandlers({ lists, messages, calls, userName }: ListHandlersOptions): ListHandlers {
  const service = (): ListService => {
    if (lists === undefined) throw new NotFoundError('this idsd keeps no lists')
    return lists
  }

  /** All entries of the call, then what is to be done with them. */
  function taking<A>(
    method: keyof typeof DOING,
    work: (
      header: ImportListHeader__Output,
      packed: { packed4: Uint8Array; packed6: Uint8Array },
      call: ServerReadableStream<ImportListRequest__Output, A>,
      caller: Caller,
    ) => Promise<A>,
  ) {
    // Of each method: plans, which a reader may ask for, must not stand in the way of imports.
    const uploadMs = () => lists?.uploadMs() ?? 0
    const turns = createTurns({ ...TURNS, waitMs: uploadMs, what: DOING[method] })
    return (call: ServerReadableStream<ImportListRequest__Output, A>, callback: sendUnaryData<A>): void => {
      // By its end the connection may be gone.
      const caller = callerOf(call, '', userName)
      const take = async (): Promise<A> => {
        const gone = new AbortController()
        // Otherwise what a caller that is gone never sends would be waited for.
        call.once('cancelled', () => call.destroy(new IdsdError('ERR_STOPPING', 'the caller went away')))
        call.once('error', (fault) => gone.abort(fault))
        const waiting = { fail: (fault: unknown) => gone.abort(fault) }
        calls.open.add(waiting)
        const endTurn = await turns.take(gone.signal).finally(() => calls.open.delete(waiting))
        let timer: NodeJS.Timeout | undefined
        try {
          timer = setTimeout(() => {
            const expected = `all of them within ${uploadMs()} ms`
            call.destroy(new ArgumentError('entries', expected, 'a part'))
          }, uploadMs())
          const { header, ...packed } = await readEntries(call)
          clearTimeout(timer)
          return await work(header, packed, call, caller)
        } finally {
          clearTimeout(timer)
          endTurn()
        }
      }
      take().then(
        (answer) => callback(null, answer),
        (error: unknown) => callback(calls.status(error, method)),
      )
    }
  }

  const answering =
    <Q, A>(
      method: string,
      answer: (request: Q, call: Parameters<handleUnaryCall<Q, A>>[0]) => Promise<A>,
    ): handleUnaryCall<Q, A> =>
    (call, callback) => {
      answer(call.request, call).then(
        (message) => callback(null, message),
        (error: unknown) => callback(calls.status(error, method)),
      )
    }

  async function sendEntries(
    call: ServerWritableStream<ExportListRequest__Output, ExportListPage>,
  ): Promise<void> {
    const { name } = call.request
    const state = service()
      .states()
      .find((list) => list.name === name)
    const entries = service().entries(name)
    if (state === undefined || entries === undefined) {
      throw new NotFoundError(
        noSuchList(
          name,
          service()
            .states()
            .map((list) => list.name),
        ),
      )
    }
    const gone = new AbortController()
    for (const event of ['cancelled', 'error', 'close']) call.once(event, () => gone.abort())
    call.write({ list: listMessage(state) })
    for (const page of pagesOf(entries)) {
      if (!call.write(page)) await once(call, 'drain', { signal: gone.signal }).catch(() => undefined)
      await new Promise((resolve) => setImmediate(resolve))
      if (gone.signal.aborted || call.cancelled) return
    }
    call.end()
  }

  return {
    ImportList: taking<ImportListResponse>('ImportList', async (header, source, _call, caller) => {
      const { name, ttlMs, reason, force, dryRun, callerPeer, confirmMs } = header
      const does = readDoing(header)
      const made = await service().commands.importList(
        {
          ...{ name, ...does, ttlMs, reason, force, dryRun, callerPeer, confirmMs, origin: header.source },
          caller: { ...caller, text: header.caller },
        },
        source,
      )
      const { added, removed, refusedCount, allowed } = made.prepared
      return {
        list: listMessage({ ...made.list, isLoaded: !dryRun }),
        before: made.before === undefined ? null : listMessage({ ...made.before, isLoaded: true }),
        ...{ added, removed, allowed, dryRun, refusedTotal: refusedCount },
        refused: made.refused.map(({ target, text }) => ({ target, guard: text })),
        trial: trialMessage(made.trial),
      }
    }),

    PlanImport: taking<BlockPlanMessage>('PlanImport', async (header, source, call) => {
      const does = readDoing(header)
      checkDoing(does)
      const isWanted = () => !call.cancelled
      const { plan, refused } = await service().plan(
        source,
        does,
        readTime('since_ms', header.sinceMs),
        header.callerPeer,
        isWanted,
      )
      return blockPlanMessage(plan, does, refused, messages)
    }),

    ListLists: answering('ListLists', async () => ({
      lists: (lists?.states() ?? []).map(listMessage),
      scheduled: (lists?.scheduled() ?? []).map(({ isRunning, dueMs, ...state }) => ({
        ...state,
        ...{ running: isRunning, dueAtMs: dueMs },
      })),
    })),

    RemoveList: answering('RemoveList', async ({ name, reason, confirmMs, dryRun, caller }, call) => {
      const order = { name, reason, confirmMs, dryRun, caller: callerOf(call, caller, userName) }
      const { list, trial } = await service().commands.removeList(order)
      return { list: listMessage(list), dryRun, trial: trialMessage(trial) }
    }),

    ExportList: (call) => {
      sendEntries(call).catch((error: unknown) => call.emit('error', calls.status(error, 'ExportList')))
    },
  }
}

/** @throws ArgumentError */
async function readEntries(call: AsyncIterable<ImportListRequest__Output>) {
  const four: Uint8Array[] = []
  const six: Uint8Array[] = []
  let header: ImportListHeader__Output | undefined
  let entries = 0
  for await (const { list, entries4, entries6 } of call) {
    if (list !== null) {
      if (header !== undefined) throw new ArgumentError('list', 'in the first message only', 'it again')
      header = list
    }
    if (header === undefined) throw new ArgumentError('list', 'in the first message', 'nothing')
    for (const [field, bytes, size] of [
      ['entries4', entries4, PACKED4_BYTES],
      ['entries6', entries6, PACKED6_BYTES],
    ] as const) {
      if (bytes.length % size !== 0)
        throw new ArgumentError(field, `${size} bytes for each entry`, `${bytes.length}`)
      entries += bytes.length / size
    }
    if (entries > MAX_ENTRIES) throw new ArgumentError('entries', `at most ${MAX_ENTRIES}`, 'more')
    if (entries4.length > 0) four.push(entries4)
    if (entries6.length > 0) six.push(entries6)
  }
  if (header === undefined) throw new ArgumentError('list', 'in the first message', 'nothing')
  // A caller that went away ends its stream like one that is done.
  if (header.entries !== entries)
    throw new ArgumentError('entries', `${header.entries}, as announced`, `${entries}`)
  return { header, packed4: joined(four), packed6: joined(six) }
}

/** In shared memory: a thread reads it where it is. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(new SharedArrayBuffer(parts.reduce((sum, part) => sum + part.length, 0)))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function* pagesOf({ networks4, lengths4, networks6, lengths6 }: ListEntries): Generator<ExportListPage> {
  for (let from = 0; from < lengths4.length; from += PAGE_ENTRIES) {
    const to = Math.min(lengths4.length, from + PAGE_ENTRIES)
    const entries4 = Buffer.alloc((to - from) * PACKED4_BYTES)
    for (let i = from; i < to; i++) {
      entries4.writeUInt32BE(networks4[i] as number, (i - from) * PACKED4_BYTES)
      entries4[(i - from) * PACKED4_BYTES + 4] = lengths4[i] as number
    }
    yield { entries4 }
  }
  for (let from = 0; from < lengths6.length; from += PAGE_ENTRIES) {
    const to = Math.min(lengths6.length, from + PAGE_ENTRIES)
    const entries6 = Buffer.alloc((to - from) * PACKED6_BYTES)
    for (let i = from; i < to; i++) {
      entries6.set(networks6.subarray(i * 16, i * 16 + 16), (i - from) * PACKED6_BYTES)
      entries6[(i - from) * PACKED6_BYTES + 16] = lengths6[i] as number
    }
    yield { entries6 }
  }
}

export function listMessage(list: ListRow & { readonly isLoaded: boolean }): ImportedList {
  const { name, entries, source, reason, createdAtMs, createdBy, expiresAtMs, packets, bytes } = list
  return {
    ...{ name, entries, source, reason, createdAtMs, createdBy, expiresAtMs, packets, bytes },
    action: ACTIONS[list.action],
    limit: limitMessage(list.limit, undefined),
    droppedPackets: list.droppedPackets,
    lastSeenMs: list.lastSeenMs,
    loaded: list.isLoaded,
  }
}

export function holdingMessage({ list, entry }: ListHolding): ListHoldingMessage {
  return { list: listMessage(list), entry }
}

/** @throws ArgumentError `action`, `limit.unit` */
function readDoing(header: Pick<ImportListHeader__Output, 'action' | 'limit'>): ListDoing {
  const limit = readLimit(header.limit)
  return { action: readAction(header.action), ...(limit === undefined ? {} : { limit }) }
}
