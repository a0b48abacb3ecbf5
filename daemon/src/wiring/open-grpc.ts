/** The gRPC server with all that its requests ask of the rooms, and who may ask. */

import { createCommands } from '../control/create-commands.js'
import type { Panic } from '../enforce/panic.js'
import type { Trial } from '../enforce/trial.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Privilege } from '../kernel/privilege.js'
import { listedInWords } from '../lists/list-words.js'
import { prepareAside } from '../lists/prepare-aside.js'
import { parseTarget } from '../policy/address.js'
import { openGrpcServer } from '../publish/grpc-server.js'
import type { Feeds } from '../publish/handlers.js'
import type { Meters } from '../publish/meters.js'
import { createRefusalLog } from '../publish/refusal-log.js'
import { socketAcl } from '../publish/socket-acl.js'
import type { View } from '../publish/view.js'
import type { Store } from '../record/store.js'
import { createApplyDesk } from './apply-desk.js'
import type { Configuration } from './configuration.js'
import { configuredAllow } from './configured-allow.js'
import type { Ground } from './ground.js'
import { readGrpcFiles, readGrpcFilesAgain } from './grpc-files.js'
import { createListService } from './list-service.js'
import type { Enforcement } from './open-enforcement.js'
import type { Judgement } from './open-judgement.js'
import type { OpenedLists } from './open-lists.js'
import { sudoUser } from './start.js'

export interface GrpcOptions {
  readonly root: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly privilege: Privilege
  readonly kernel: Pick<Kernel, 'peer' | 'interfaces'>
  readonly store: Store
  readonly configuration: Configuration
  readonly enforcement: Pick<Enforcement, 'enforcer' | 'guards'>
  readonly imported: OpenedLists
  readonly judgement: Pick<Judgement, 'breakers' | 'calibration'>
  readonly panic: Panic
  readonly trial: Trial
  readonly view: View
  readonly feeds: Feeds
  readonly meters: Meters
}

export interface OpenedGrpc {
  /** Certificates and those called back, from the files that are configured. Faults are told. */
  readFilesAgain(): void
}

/** Opens socket and address. @throws as `openGrpcServer`, and where a file of `[grpc]` cannot be read */
export async function openGrpc(ground: Ground, options: GrpcOptions): Promise<OpenedGrpc> {
  const { inForce, clock, startedAtMs, audit, onClose, log } = ground
  const { root, env, privilege, kernel, store, configuration, imported, panic, trial } = options
  const { view, feeds, meters } = options
  const { enforcer, guards } = options.enforcement
  const { breakers, calibration } = options.judgement
  const { paths } = inForce.config
  const files = inForce.config.grpc
  const { listen, operatorGroup, readerGroup } = files

  const commands = createCommands({
    enforcement: enforcer,
    refusals: (target, callerPeer) => guards.refusals(target, callerPeer),
    audit,
    panic,
    trial,
    settings: createApplyDesk({
      settings: configuration.settings,
      store,
      apply: configuration.apply,
      allowEntries: (config) => configuredAllow(config, startedAtMs),
    }),
    breakers,
    listed: (target) => listedInWords(imported.lists.holding(target)),
    calibration,
    calibrateForMs: () => inForce.config.calibrate.forS * 1_000,
    parseTarget,
    nowMs: clock.nowMs,
  })
  const grpc = await openGrpcServer({
    protoRoot: `${root}/proto`,
    socketPath: paths.socket,
    admission: {
      operatorGid: privilege.groupId(operatorGroup),
      readerGid: privilege.groupId(readerGroup),
      admitUid: sudoUser(env),
    },
    admitReaders: (path, gid) => privilege.setAcl(path, socketAcl(gid)),
    readPeer: (fd) => kernel.peer(fd),
    userName: privilege.userName,
    groups: { operator: operatorGroup, reader: readerGroup },
    onRefused: createRefusalLog({ audit, count: meters.countRefusedRequest }),
    tcp: listen === null ? undefined : { endpoint: listen, ...readGrpcFiles(files) },
    view,
    commands,
    lists: createListService({
      lists: imported.lists,
      schedule: imported.schedule,
      commands: imported.commands,
      enforcer,
      guards,
      interfaces: kernel.interfaces,
      store,
      uploadS: () => inForce.config.lists.uploadS,
      prepare: prepareAside,
    }),
    feeds,
    parseTarget,
    log,
  })
  onClose(() => grpc.close())
  return {
    readFilesAgain() {
      if (listen === null) return
      readGrpcFilesAgain({ ...files, revoked: inForce.written.grpc.revoked }, grpc, log)
    },
  }
}
