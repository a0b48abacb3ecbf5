/** The two login conversations that server and attacker speak: FTP (RFC 959), and the outline of SSH. */

/** Kind of login service. */
export const services = ['ftp', 'ssh'] as const
/** Kind of login service. */
export type Service = (typeof services)[number]

/** One login service in lines of text; every line ends with CR LF. */
export interface Dialogue {
  /** Port where it usually listens. */
  readonly port: number
  /** First line of the server. */
  readonly banner: string
  /** The lines of one attempt, each sent after an answer of the server. */
  attempt(user: string, password: string): readonly string[]
  /** The server's answer to the line number `n`, from 0. The last one denies. */
  readonly answers: readonly string[]
}

/** Last line of a session in which a command was run to its end. */
export const farewell = 'exit 0'

/** How each service talks. SSH is not encrypted here: sizes and turns are like a real failed login, contents are not. */
export const dialogues: Readonly<Record<Service, Dialogue>> = {
  ftp: {
    port: 2121,
    banner: '220 lab FTP server ready',
    attempt: (user, password) => [`USER ${user}`, `PASS ${password}`],
    answers: ['331 Password required', '530 Login incorrect'],
  },
  ssh: {
    port: 2222,
    banner: 'SSH-2.0-lab_1.0',
    attempt: (user, password) => [
      'SSH-2.0-lab_client',
      `kex ${'k'.repeat(1000)}`,
      `auth ${user} ${password}`,
    ],
    answers: [`kex ${'k'.repeat(1000)}`, `newkeys ${'k'.repeat(400)}`, 'Permission denied'],
  },
}
