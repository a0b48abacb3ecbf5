/** The event file, once it is open, and what is written into it. */

import { createCommunityId } from '../publish/community-id.js'
import { type EventFile, openEventFile } from '../publish/event-file.js'
import { createEventLines } from '../publish/event-lines.js'
import { createEventWriter, type EventWriter } from '../publish/event-writer.js'
import type { Feeds } from '../publish/handlers.js'
import type { View } from '../publish/view.js'
import type { Ground } from './ground.js'
import { isDevice } from './run-as.js'

export interface EventOutput {
  /** While idsd is root. @throws as `openEventFile` */
  openDevice(): Promise<void>
  /** As the user that idsd has become. @throws as `openEventFile` */
  openFile(): Promise<void>
  /** Undefined while no file is open. */
  readonly file: EventFile | undefined
  readonly writer: EventWriter | undefined
  /** After the file was moved away. */
  reopen(): void
}

export function createEventOutput(ground: Ground, feeds: Feeds, view: View): EventOutput {
  const { inForce, clock, onClose, log } = ground
  const { file: path } = inForce.config.events
  let file: EventFile | undefined
  let writer: EventWriter | undefined

  const open = async (path: string) => {
    const { maxBytes, keep } = inForce.config.events
    const opened = await openEventFile({ path, maxBytes, keep, log })
    onClose(() => opened.close())
    file = opened
    writer = createEventWriter({
      feeds,
      file: opened,
      lines: createEventLines(view, createCommunityId()),
      flows: () => inForce.config.events.flows,
      nowMs: clock.nowMs,
    })
  }

  return {
    async openDevice() {
      if (path !== null && isDevice(path)) await open(path)
    },
    async openFile() {
      if (path !== null && !isDevice(path)) await open(path)
    },
    get file() {
      return file
    },
    get writer() {
      return writer
    },
    reopen: () => file?.reopen(),
  }
}
