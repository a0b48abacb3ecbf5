/** The peers that are Python: in a virtual environment of the bench, made when it is not there. */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { run } from './run.js'

/** Where its programs are, or why there are none. */
export type PythonPeer = { readonly bin: string; readonly version: string } | { readonly absent: string }

/**
 * @param root folder that holds `build/` and `bench/`
 * @param name a package, and its list in bench/peers/
 */
export function openPythonPeer(root: string, name: string): PythonPeer {
  const venv = `${root}/build/bench-venv`
  const stamp = `${venv}/.idsd-${name}`
  const list = `${root}/bench/peers/${name}.txt`
  const wanted = readFileSync(list, 'utf8')
  const version = new RegExp(`^${name}==(.+)$`, 'm').exec(wanted)?.[1] ?? ''
  const found = { bin: `${venv}/bin`, version }
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return found
  if (process.env.SKIP_DEPS) return { absent: 'not installed, and SKIP_DEPS is set' }
  try {
    if (!existsSync(`${venv}/bin/pip`)) run(['python3', '-m', 'venv', venv])
    const quick = ['--retries', '1', '--timeout', '20', '--disable-pip-version-check']
    run([`${venv}/bin/pip`, 'install', '--quiet', ...quick, '-r', list])
    writeFileSync(stamp, wanted)
  } catch (error) {
    return { absent: (error as Error).message }
  } finally {
    // The bench runs as root, but `make clean` need not.
    spawnSync('chown', ['-R', `--reference=${root}/build`, venv])
  }
  return found
}
