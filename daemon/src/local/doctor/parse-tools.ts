/** Lists of firewall rules, of VLAN interfaces and of routes, as values. */

/** VLAN interfaces by the interface below them. Source: the kernel's /proc/net/vlan/config. */
export function vlansOf(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const [, name, below] of text.matchAll(/^(\S+)\s*\|\s*\d+\s*\|\s*(\S+)\s*$/gm))
    found.set(below as string, [...(found.get(below as string) ?? []), name as string])
  return found
}

/** Interfaces of the default routes. Source: proc(5), /proc/net/route. */
export function defaultRouteInterfaces(text: string): string[] {
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/))
  const found = rows.filter(
    ([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000',
  )
  return [...new Set(found.map(([name]) => name as string))]
}

/** Parts of a rule that may name a translation without doing it. */
const notActions =
  /comment "[^"]*"|--comment (?:"[^"]*"|\S+)|-A \S+|\b(?:jump|goto) \S+|ct status \S+|--ctstatus \S+/g

/**
 * Counts the rules of `nft list ruleset` or `iptables-save` that change addresses. Comments, and names of tables, chains
 * and sets, are no rules.
 */
export function natRulesOf(text: string): { readonly source: number; readonly destination: number } {
  let source = 0
  let destination = 0
  for (const line of text.split('\n')) {
    const isRule = !/^\s*(?:#|:|\*|table\b|chain\b|set\b|map\b|type\b)/.test(line)
    if (!isRule) continue
    const bare = line.replaceAll(notActions, '')
    const word = /(?:^|\s|"|xt_|-j )(masquerade|snat|dnat|redirect)\b/i.exec(bare)?.[1]?.toLowerCase()
    if (word === 'masquerade' || word === 'snat') source++
    if (word === 'dnat' || word === 'redirect') destination++
  }
  return { source, destination }
}
