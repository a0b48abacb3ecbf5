/** Enum values of the contract as words: `ORIGIN_OPERATOR` is `operator`. */

/** The part after the prefix that all values of the enum share; '' when it is unspecified. */
export function word(
  value: string,
  prefix: 'MODE' | 'ORIGIN' | 'ACTION' | 'DECISION_STATE' | 'DECISION_KIND' | 'KIND' | 'FATE',
): string {
  const text = value.startsWith(`${prefix}_`)
    ? value.slice(prefix.length + 1).toLowerCase()
    : value.toLowerCase()
  return text === 'unspecified' ? '' : text
}
