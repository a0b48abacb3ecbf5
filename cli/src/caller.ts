/** Who asks, for the audit. The daemon trusts only the uid it reads from the socket. */

import { userInfo } from 'node:os'
import type { Io } from './io.js'

/** Name of the user behind the command; through sudo, of the one who called it. */
export function callerName({ env }: Pick<Io, 'env'>): string {
  const { SUDO_USER, USER } = env
  if (SUDO_USER !== undefined && SUDO_USER !== '') return SUDO_USER
  return userName() || (USER ?? '')
}

/** Name of the user that the command runs as; '' where it has none. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}
