/** Text from elsewhere, made safe for a terminal. */

/** Replaces control and formatting characters: a reason or an alert must not move the cursor or forge a line. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD')
}
