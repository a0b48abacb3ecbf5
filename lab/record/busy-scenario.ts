/**
 * Busy visitors without an attacker: browsers, programs and monitors that send many requests over one connection, some
 * of them with requests of one size, some as fast as they are answered.
 */

import type { Cast, Casts, Line } from './scenarios.js'

/** A web server and those who ask it. */
interface Site {
  readonly port: number
  /** Longest time before an answer, ms. */
  readonly delayMs: number
  /** Requests after which a connection is closed; 0 means any number. */
  readonly connectionRequests: number
  /** Options of `http-client`, one text for each visitor. */
  readonly visitors: readonly string[]
}

const words = (text: string): Line => text.split(' ') as unknown as Line

function castOf(sites: readonly Site[]): Cast {
  return {
    services: sites.map(({ port, delayMs, connectionRequests }) =>
      words(`http-server --port ${port} --delay ${delayMs} --connection-requests ${connectionRequests}`),
    ),
    benign: sites.flatMap(({ port, visitors }) =>
      visitors.map((visitor) => words(`http-client --port ${port} ${visitor}`)),
    ),
    attacks: [],
  }
}

export const busyScenario: Casts = {
  learned: castOf([
    {
      ...{ port: 9101, delayMs: 0, connectionRequests: 20 },
      visitors: [
        '--rate 40 --concurrency 3 --cookie-bytes 90 --paths /bytes/4000,/about,/bytes/250,/bytes/11000',
        '--rate 25 --concurrency 2 --body-bytes 64 --paths /api/items,/bytes/900',
        '--rate 12 --concurrency 1 --cookie-bytes 30 --paths /bytes/420',
      ],
    },
    {
      ...{ port: 9102, delayMs: 8, connectionRequests: 35 },
      visitors: [
        '--rate 60 --concurrency 3 --cookie-bytes 45 --paths /bytes/7000,/bytes/600,/,/api/items',
        '--rate 0 --concurrency 1 --cookie-bytes 120 --paths /bytes/100-9000,/about,/bytes/50-1200',
        '--rate 30 --concurrency 2 --body-bytes 220 --cookie-bytes 60 --paths /bytes/60-400,/api/items',
      ],
    },
    {
      ...{ port: 9103, delayMs: 25, connectionRequests: 25 },
      visitors: [
        '--rate 50 --concurrency 4 --cookie-bytes 70 --paths /bytes/6000,/about,/bytes/350',
        '--rate 40 --concurrency 3 --cookie-bytes 160 --paths /about,/bytes/2500,/bytes/150,/bytes/18000',
        '--rate 25 --concurrency 2 --body-bytes 130 --paths /api/items,/bytes/1500',
      ],
    },
    {
      ...{ port: 9104, delayMs: 45, connectionRequests: 60 },
      visitors: [
        '--rate 60 --concurrency 4 --cookie-bytes 20 --paths /bytes/3000,/bytes/9500,/api/items',
        '--rate 30 --concurrency 3 --body-bytes 20-60 --paths /bytes/30-200',
        '--rate 0 --concurrency 2 --cookie-bytes 250 --paths /bytes/0-25000,/,/about',
      ],
    },
    {
      ...{ port: 9105, delayMs: 90, connectionRequests: 15 },
      visitors: [
        '--rate 45 --concurrency 5 --cookie-bytes 100 --paths /bytes/5000,/about,/bytes/200,/bytes/1300',
        '--rate 30 --concurrency 4 --body-bytes 400 --paths /api/items,/bytes/700',
      ],
    },
    {
      ...{ port: 9106, delayMs: 180, connectionRequests: 12 },
      visitors: [
        '--rate 30 --concurrency 5 --cookie-bytes 55 --paths /bytes/2200,/bytes/30000,/api/items',
        '--rate 25 --concurrency 5 --body-bytes 90 --cookie-bytes 0-80 --paths /bytes/100-3000',
      ],
    },
    {
      ...{ port: 9107, delayMs: 0, connectionRequests: 0 },
      visitors: [
        '--rate 15 --concurrency 1 --paths /api/items',
        '--rate 8 --concurrency 2 --cookie-bytes 80 --paths /bytes/500,/bytes/520',
        '--rate 100 --concurrency 4 --body-bytes 300 --paths /bytes/40',
      ],
    },
    {
      ...{ port: 9108, delayMs: 15, connectionRequests: 100 },
      visitors: [
        '--rate 80 --concurrency 3 --cookie-bytes 0-400 --paths /bytes/0-14000,/bytes/0-700',
        '--rate 60 --concurrency 3 --cookie-bytes 140 --paths /,/about,/api/items,/bytes/8000',
        '--rate 30 --concurrency 1 --body-bytes 50-900 --paths /api/items',
      ],
    },
  ]),
  heldOut: castOf([
    {
      ...{ port: 7001, delayMs: 30, connectionRequests: 40 },
      visitors: [
        '--rate 50 --concurrency 4 --cookie-bytes 110 --paths /bytes/8200,/about,/bytes/420',
        '--rate 35 --concurrency 3 --body-bytes 160 --paths /api/items,/bytes/1250',
      ],
    },
    {
      ...{ port: 7002, delayMs: 4, connectionRequests: 18 },
      visitors: [
        '--rate 40 --concurrency 2 --cookie-bytes 35 --paths /,/bytes/950,/bytes/5600',
        '--rate 0 --concurrency 1 --cookie-bytes 60 --paths /about,/bytes/100-4000',
      ],
    },
    {
      ...{ port: 7003, delayMs: 70, connectionRequests: 0 },
      visitors: ['--rate 30 --concurrency 3 --paths /bytes/640', '--rate 20 --concurrency 2 --body-bytes 45'],
    },
  ]),
  unseen: castOf([
    {
      ...{ port: 6001, delayMs: 20, connectionRequests: 30 },
      visitors: [
        '--rate 45 --concurrency 3 --cookie-bytes 84 --paths /bytes/4700,/about,/bytes/310,/bytes/990',
        '--rate 28 --concurrency 2 --body-bytes 105 --paths /bytes/820,/api/items',
      ],
    },
    {
      ...{ port: 6002, delayMs: 110, connectionRequests: 22 },
      visitors: [
        '--rate 40 --concurrency 5 --cookie-bytes 190 --paths /api/items,/bytes/16500,/bytes/75',
        '--rate 25 --concurrency 3 --body-bytes 30-350 --paths /bytes/90-1900',
      ],
    },
    {
      ...{ port: 6003, delayMs: 0, connectionRequests: 75 },
      visitors: [
        '--rate 0 --concurrency 1 --cookie-bytes 25 --paths /about,/bytes/2700,/',
        '--rate 18 --concurrency 1 --paths /bytes/1100',
      ],
    },
  ]),
}
