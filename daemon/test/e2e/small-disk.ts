/** A file system that is soon full, for a database that finds no room. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly dir: string
  /** Takes all the room that is left. */
  fill(): void
  /** Gives back what `fill` took. */
  clear(): void
  /** Idempotent; whatever is on it goes with it. */
  close(): void
}

const prefix = 'idsd-e2edisk-'
/** The least step of tmpfs, bytes: a page. */
const pageBytes = 4_096

/** @param bytes room on it */
export function openSmallDisk(bytes: number): SmallDisk {
  sweep()
  const dir = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
  const filler = join(dir, 'filler')
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', dir])
  assert.equal(status, 0, `${stderr}`)
  const close = () => {
    process.off('exit', close)
    if (existsSync(dir)) remove(dir)
  }
  process.on('exit', close)
  return {
    dir,
    fill: () => {
      for (let size = bytes; size >= pageBytes; ) {
        try {
          writeFileSync(filler, Buffer.alloc(size), { flag: 'a' })
        } catch {
          size = Math.floor(size / 2)
        }
      }
    },
    clear: () => rmSync(filler, { force: true }),
    close,
  }
}

function remove(dir: string): void {
  spawnSync('umount', ['--lazy', dir])
  rmdirSync(dir)
}

/** What a process that was killed left. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length).split('-')[0] : undefined
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) remove(join(tmpdir(), name))
  }
}
