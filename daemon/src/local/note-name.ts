/** Names of the notes that idsctl leaves of what was done past the daemon: in the order of time. */

export function noteName(atMs: number, pid: number): string {
  return `past-${String(atMs).padStart(15, '0')}-${pid}.json`
}

export function isNote(name: string): boolean {
  return /^past-\d{15}-\d+\.json$/.test(name)
}

/** One that was not finished. */
export function isDraft(name: string): boolean {
  return name.endsWith('.tmp') && isNote(name.slice(0, -4))
}
