/** A kernel out of its package: the image, and the modules of the virtual machine's disk and network. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from '../lab-error.js'

export interface Kernel {
  /** As `uname -r` says it. */
  readonly release: string
  readonly image: string
  /** Holds lib/modules. */
  readonly folder: string
}

/** Runs a command to its end. @throws LabError with what it said */
export function need(argv: readonly string[], options: { cwd?: string } = {}): string {
  const [command, ...rest] = argv as [string, ...string[]]
  const { error, status, stdout, stderr } = spawnSync(command, rest, { ...options, maxBuffer: 1 << 28 })
  if (error !== undefined) throw new LabError(`${command}: ${error.message}`)
  if (status !== 0) throw new LabError(`${argv.join(' ')}: ${stderr.toString().trim()}`)
  return stdout.toString('latin1')
}

/**
 * @param folder where packages are kept
 * @param asked a package; default: what the distribution installs
 * @throws LabError when it is not to be had
 */
export function readKernel(folder: string, asked?: string): Kernel {
  const name = asked ?? usualPackage()
  const unpacked = join(folder, name)
  if (!existsSync(join(unpacked, 'boot'))) {
    need(['apt-get', 'download', name], { cwd: folder })
    const found = readdirSync(folder).find((entry) => entry.startsWith(`${name}_`) && entry.endsWith('.deb'))
    if (found === undefined) throw new LabError(`${name}: apt brought no package`)
    mkdirSync(unpacked, { recursive: true })
    need(['dpkg', '-x', join(folder, found), unpacked])
  }
  const release = readdirSync(join(unpacked, 'lib/modules'))[0]
  if (release === undefined) throw new LabError(`${name}: a package with modules was expected`)
  need(['depmod', '-b', unpacked, release])
  return { release, image: join(unpacked, 'boot', `vmlinuz-${release}`), folder: unpacked }
}

function usualPackage(): string {
  const found = /linux-image-[\w.+-]+/.exec(
    need(['apt-cache', 'depends', 'linux-image-amd64']).split('\n')[1] ?? '',
  )
  if (found === null) throw new LabError('linux-image-amd64 names no kernel: give one with --kernel')
  return found[0]
}

/** Files of the modules that the named ones need, in the order of loading, below lib/modules/RELEASE. */
export function modulesFor({ folder, release }: Kernel, names: readonly string[]): readonly string[] {
  const lines = readFileSync(join(folder, 'lib/modules', release, 'modules.dep'), 'utf8').split('\n')
  const files = new Set<string>()
  for (const name of names) {
    const line = lines.find((one) => moduleName(one) === name)
    if (line === undefined) continue
    const [file, rest] = line.split(':') as [string, string]
    for (const needed of rest.trim().split(/\s+/).filter(Boolean).reverse()) files.add(needed)
    files.add(file)
  }
  return [...files]
}

function moduleName(line: string): string | undefined {
  return /\/([\w-]+)\.ko(\.\w+)?:/.exec(line)?.[1]
}
