/** One line of comma-separated values with its line feed. Source: RFC 4180, but for the line feed alone. */
export function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
  return `${quoted.join(',')}\n`
}
