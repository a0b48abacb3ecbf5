/** Thresholds that were fitted to this site, over the defaults: what the file names wins. Pure. */

import type { Config } from '../config/config.js'
import { type FittedDetector, fitted, type Thresholds, withThresholds } from './thresholds.js'

/** A calibration that was applied. */
export interface SiteThresholds {
  /** Wall time, ms. */
  readonly atMs: number
  readonly by: string
  /** Alerts of 10,000 flows that were asked for. */
  readonly alerts: number
  /** Learnt from so many flows of about so many sources, from when to when; wall times, ms. */
  readonly flows: number
  readonly sources: number
  readonly sinceMs: number
  readonly untilMs: number
  /** Only what differs from what was in force before. */
  readonly thresholds: Thresholds
  /** The bundle that was looked at, and its threshold; undefined when none was, or it does not fit the site. */
  readonly model: { readonly name: string; readonly sha256: string; readonly threshold: number } | undefined
  /** It was applied although something was missing, which is named. */
  readonly forced: string
}

/** Whether the file, or a flag, names a key of the configuration. */
export type IsPinned = (path: string) => boolean

/**
 * The configuration that is in force.
 * @param model the bundle in use, `sha256` '' without one, and the threshold that the configuration gives it
 */
export function withSite(
  config: Config,
  site: SiteThresholds | undefined,
  isPinned: IsPinned,
  model: { readonly sha256: string; readonly threshold: number },
): Config {
  if (site === undefined) return config
  const free = fitted.filter(({ path }) => !isPinned(path))
  const thresholds = Object.fromEntries(
    free.map(({ detector }) => [detector, site.thresholds[detector]] as const),
  ) as Partial<Record<FittedDetector, number>>
  const made = withThresholds(config, thresholds)
  if (site.model === undefined || site.model.sha256 !== model.sha256) return made
  const threshold = isPinned('model.threshold') ? model.threshold : site.model.threshold
  const mayBlock = isModelFitted(site, model.sha256, threshold) && !isPinned('policy.model_may_block')
  return {
    ...made,
    model: { ...made.model, threshold },
    policy: { ...made.policy, modelMayBlock: made.policy.modelMayBlock || mayBlock },
  }
}

/** Another bundle, or a lower threshold than the one that was found, is not calibrated. */
export function isModelFitted(site: SiteThresholds | undefined, sha256: string, threshold: number): boolean {
  const model = site?.model
  return model !== undefined && sha256 !== '' && model.sha256 === sha256 && threshold >= model.threshold
}

/** What was stored; undefined for what is no such thing. */
export function readSite(document: unknown): SiteThresholds | undefined {
  const site = document as SiteThresholds | undefined
  if (typeof site !== 'object' || site === null || typeof site.atMs !== 'number') return undefined
  if (typeof site.thresholds !== 'object' || site.thresholds === null) return undefined
  const thresholds = Object.fromEntries(
    fitted.flatMap(({ detector, max }) => {
      const value = site.thresholds[detector]
      const isGood = typeof value === 'number' && value >= 1 && value <= max && Number.isInteger(value)
      return isGood ? [[detector, value] as const] : []
    }),
  )
  const { model } = site
  const isModelGood =
    typeof model?.sha256 === 'string' && model.sha256 !== '' && model.threshold >= 0 && model.threshold <= 1
  return { ...site, thresholds, model: isModelGood ? model : undefined }
}

/** `scan_vertical 30, model 0.942`, for the audit and the log. */
export function siteInWords(site: SiteThresholds | undefined): string {
  if (site === undefined) return 'not calibrated'
  const parts = Object.entries(site.thresholds).map(([detector, value]) => `${detector} ${value}`)
  if (site.model !== undefined) parts.push(`model ${site.model.threshold}`)
  return parts.length === 0 ? 'no threshold differs' : parts.join(', ')
}
