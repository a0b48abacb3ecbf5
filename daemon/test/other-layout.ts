/** An idsd with other layouts, as an upgrade finds one: built from this checkout with more fields in its structs. */

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** Fields put in front, so that all others lie elsewhere, and the sizes that follow. */
const changes: readonly (readonly [RegExp, string])[] = [
  [/struct flow \{\n/, 'struct flow {\n\t__u64 other_layout;\n'],
  // The address stays the first: who writes an entry begins with it.
  [/struct block_entry \{\n.*\n/, '$&\t__u64 other_layout;\n'],
  [/struct counters \{\n/, 'struct counters {\n\t__u64 other_layout;\n'],
  [/struct flow_opened \{\n\tstruct record_header header;\n/, '$&\t__u64 other_layout;\n'],
]
const grown = ['flow', 'flow_record', 'flow_opened', 'block_entry']

export interface OtherLayout extends Disposable {
  /** Words that start its daemon. */
  readonly program: readonly string[]
}

/** @throws Error when `bpf/wire.h` does not look as it is taken to here, or a compiler fails */
export function buildOtherLayout(): OtherLayout {
  const folder = mkdtempSync(join(tmpdir(), `idsd-layout-${process.pid}-`))
  // A daemon that gave up root loads more of its files then.
  chmodSync(folder, 0o755)
  const here = (...names: string[]) => join(folder, ...names)
  const run = (command: string, args: readonly string[], cwd = folder) =>
    execFileSync(command, args, { cwd, maxBuffer: 1 << 26, encoding: 'utf8' })
  cpSync(join(root, 'bpf'), here('bpf'), { recursive: true })
  writeFileSync(here('bpf/wire.h'), changedHeader(readFileSync(here('bpf/wire.h'), 'utf8')))

  mkdirSync(here('build/bpf'), { recursive: true })
  mkdirSync(here('build/native'))
  const triple = run('gcc', ['-dumpmachine']).trim()
  const flags = ['-O2', '-g', '-target', 'bpf', '-mcpu=v3', '-Ibpf', `-I/usr/include/${triple}`]
  const objects = ['xdp_block', 'flow_kern', 'reject_kern'].map((name) => {
    run(process.env.CLANG ?? 'clang', [...flags, '-c', `bpf/${name}.c`, '-o', `build/bpf/${name}.o`])
    return `build/bpf/${name}.o`
  })
  const bpftool = run(join(root, 'packaging/packages.sh'), ['bpftool'], root).trim() || 'bpftool'
  run(bpftool, ['gen', 'object', 'build/bpf/idsd.bpf.o', ...objects])

  cpSync(join(root, 'build/daemon/src'), here('build/daemon/src'), { recursive: true })
  writeFileSync(here('wire.ts'), wireSource(folder, bpftool))
  const wire = here('build/daemon/src/kernel/wire.js')
  run(join(root, 'node_modules/.bin/esbuild'), [
    'wire.ts',
    '--format=esm',
    '--log-level=warning',
    `--outfile=${wire}`,
  ])
  for (const name of ['build/native/idsd.node', 'node_modules', 'proto', 'models', 'package.json'])
    symlinkSync(join(root, name), here(name))
  return {
    program: [process.execPath, here('build/daemon/src/main.js')],
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function changedHeader(text: string): string {
  let header = text
  for (const [from, to] of changes) {
    if (!from.test(header)) throw new Error(`bpf/wire.h has no ${from}`)
    header = header.replace(from, to)
  }
  for (const name of grown) {
    header = header.replace(
      new RegExp(`(sizeof\\(struct ${name}\\) == )(\\d+)`),
      (_all, start: string, size: string) => `${start}${Number(size) + 8}`,
    )
  }
  return header
}

/** The generator reads `bpf/wire.h` of the folder it runs in. */
function wireSource(folder: string, bpftool: string): string {
  const generator = join(root, 'build/daemon/src/kernel/wire-generator.js')
  return execFileSync(process.execPath, [generator, 'build/bpf/idsd.bpf.o'], {
    cwd: folder,
    env: { ...process.env, BPFTOOL: bpftool },
    maxBuffer: 1 << 26,
    encoding: 'utf8',
  })
}
