/** Names of the notes that idsctl leaves of what was done past the daemon, in the order of time, and where they may be. */

/** Notes that nobody takes do not fill the disk of the sockets. */
export const mostNotes = 1_000

/** A folder in which everybody may make and rename files: no place for notes. */
export function isOpenToAll({ mode }: { readonly mode: number }): boolean {
  return (mode & 0o002) !== 0
}

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
