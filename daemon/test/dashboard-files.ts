/** The dashboard and the rules in `dashboards/`, read for tests. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './loaded-programs.js'

export const rulesFile = join(root, 'dashboards/prometheus/idsd.rules.yml')
export const ruleTestsFile = join(root, 'dashboards/prometheus/idsd.rules.test.yml')

/** Place on a grid of 24 columns. */
export interface GridPosition {
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

export interface Target {
  readonly refId: string
  readonly expr: string
  readonly legendFormat?: string
  /** Asked for one moment, not for a range. */
  readonly instant?: boolean
  readonly datasource: { readonly uid: string }
}

export interface Panel {
  readonly id: number
  /** `row` is a heading. */
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: GridPosition
  readonly datasource?: { readonly uid: string }
  readonly targets?: readonly Target[]
}

export interface Dashboard {
  readonly schemaVersion: number
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] }
  readonly panels: readonly Panel[]
}

export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(join(root, 'dashboards/grafana/overview.json'), 'utf8'))
}

/** Panels that show something, without headings. */
export function panelsOf(dashboard: Dashboard): (Panel & { readonly targets: readonly Target[] })[] {
  return dashboard.panels
    .filter(({ type }) => type !== 'row')
    .map((panel) => ({ ...panel, targets: panel.targets ?? [] }))
}

/** One rule as its text in the file has it. */
export interface Rule {
  readonly kind: 'alert' | 'record'
  readonly name: string
  readonly expr: string
  /** Every line of it. */
  readonly text: string
}

/** Reads the shape in which the file is written, not YAML at large; promtool reads that. */
export function readRules(): Rule[] {
  const parts = readFileSync(rulesFile, 'utf8').split(/^ {6}- (?=alert:|record:)/m)
  return parts.slice(1).map((text) => {
    const [, kind, name] = /^(alert|record): (\S+)$/m.exec(text) as unknown as [string, Rule['kind'], string]
    const expr = /^ {8}expr: ((?:.*\n)(?: {10}.*\n)*)/m.exec(text)?.[1] ?? ''
    return { kind, name, expr: expr.replace(/^>-/, '').trim(), text }
  })
}

/** Metrics of idsd and of its process that an expression names; what a rule recorded is left out. */
export function metricsIn(expr: string): string[] {
  return expr.match(/(?<![\w:])(?:idsd|nodejs|process)_\w+(?![\w:])/g) ?? []
}

/** What an expression names with a colon, as recorded series are named. */
export function recordedIn(expr: string): string[] {
  return expr.match(/[a-zA-Z_]\w*(?::\w+)+/g) ?? []
}

/** Metrics with their matchers, as an expression selects them. */
export function selectorsIn(expr: string): string[] {
  return expr.match(/(?<![\w:])(?:(?:idsd|nodejs|process)_\w+|up)(?![\w:])(?:\{[^}]*\})?/g) ?? []
}

/** Path of a tool of Debian's prometheus package; undefined when it is not here. */
export function prometheusTool(name: 'prometheus' | 'promtool'): string | undefined {
  const folders = [
    join(root, 'build/tools'),
    ...(process.env.PATH ?? '').split(':'),
    '/usr/bin',
    '/usr/local/bin',
  ]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Why a test that needs the tool cannot run; undefined when it can. */
export function toolMissing(name: 'prometheus' | 'promtool'): string | undefined {
  return prometheusTool(name) === undefined ? `${name} is not here: make test fetches it` : undefined
}
