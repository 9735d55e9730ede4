/** Header names by their lower case. */
export type HeaderNames = ReadonlyMap<string, string>

export function headerNames(names: readonly string[]): HeaderNames {
  return new Map(names.map((name) => [name.toLowerCase(), name]))
}

/**
 * The first of these headers that was sent twice. Node joins most of them, and of some takes the first: what then fails,
 * or passes, is not what the client meant.
 */
export function repeatedHeader(rawHeaders: readonly string[], once: HeaderNames): string | undefined {
  const names: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = once.get((rawHeaders[at] ?? '').toLowerCase())
    if (name === undefined) continue
    if (names.includes(name)) return name
    names.push(name)
  }
  return undefined
}
