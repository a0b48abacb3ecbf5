/** Configuration as TOML text with comments: what is in effect, or the example file. */

import { type Key, keyEntries } from './keys.js'
import type { LoadedConfig, Setting } from './load-config.js'

/** The configuration in effect; each line says where its value comes from. Feeding it back gives the same. */
export function printConfig({ settings, config }: Pick<LoadedConfig, 'settings' | 'config'>): string {
  return render((path, key) => {
    const { written, origin } = settings.get(path) as Setting
    const note = path === 'kernel.flows' && written === 'auto' ? `, here ${config.kernel.flows}` : ''
    return [`# ${key.doc}`, `${assignment(path, written)}  # ${origin}${note}`]
  })
}

/** Every key with its default, commented out: `#name = value` beside `# words`. */
export function printExample(): string {
  const head = [
    '# Configuration of idsd. Every key is here with its default, commented out.',
    '# idsd --check-config names every fault; idsd --print-config shows what is in effect and why.',
    '# Keys marked (reload) take effect with: systemctl reload idsd, or SIGHUP. The others need a restart.',
    '',
    '',
  ]
  return (
    head.join('\n') +
    render((path, key) => [
      `# ${key.doc}${key.isReloadable ? ' (reload)' : ''}`,
      `#${assignment(path, key.fallback)}`,
    ])
  )
}

/** The rows of the configuration table in README.md. */
export function printTable(): string[] {
  return keyEntries.map(({ path, key }) => {
    const live = key.isReloadable ? 'yes' : ''
    return `| \`${path}\` | \`${toml(key.fallback)}\` | ${live} | ${key.doc} |`
  })
}

function render(linesOf: (path: string, key: Key<unknown>) => readonly string[]): string {
  const lines: string[] = []
  let table = ''
  for (const { path, key } of keyEntries) {
    const here = path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : ''
    if (here !== table) lines.push('', `[${here}]`)
    table = here
    lines.push(...linesOf(path, key))
  }
  return `${lines.join('\n')}\n`
}

function assignment(path: string, value: unknown): string {
  return `${path.slice(path.lastIndexOf('.') + 1)} = ${toml(value)}`
}

function toml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toml).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(([name, inner]) => `${name} = ${toml(inner)}`)
    return `{ ${pairs.join(', ')} }`
  }
  // A JSON string is a TOML basic string, but for the one control character that JSON leaves bare.
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('\x7f', '\\u007f')
  return String(value)
}
