import { readFileSync } from 'node:fs'

const FACTS = ['maintainer', 'repository', 'bugs', 'vulnerabilities', 'supported_until'] as const
export const NOT_NAMED = 'not named yet'

/**
 * Words that only the owner of this program can say, from maintainer.json: a name with an address, addresses of source,
 * bugs and reports of vulnerabilities, and the date (YYYY-MM-DD) until which the version is supported. null: not named.
 */
export type MaintainerFacts = Readonly<Record<(typeof FACTS)[number], string | null>>

export function maintainerFacts(): MaintainerFacts {
  const given = JSON.parse(readFileSync(new URL('../maintainer.json', import.meta.url), 'utf8')) as {
    [name: string]: unknown
  }
  const factOf = (name: string): string | null => {
    const value = given[name]
    return typeof value === 'string' && value !== '' ? value : null
  }
  return Object.fromEntries(FACTS.map((name) => [name, factOf(name)])) as MaintainerFacts
}
