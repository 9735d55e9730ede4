import { readFileSync } from 'node:fs'

/** The members of package.json that the contract shows. */
export function programFacts(): { version: string; license: string; author: string } {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { version, license, author } = JSON.parse(text) as { [member: string]: unknown }
  return { version: String(version), license: String(license), author: String(author) }
}

/** The version of this program in package.json. */
export function packageVersion(): string {
  return programFacts().version
}

/** The version of a release of this program. */
export type ProgramVersion = `${number}.${number}.${number}`

/**
 * True if `version` is the other or a newer one; false if either is not a version. Text after a hyphen is not compared,
 * nor a fourth number.
 */
export function isAtLeast(version: string, other: string): boolean {
  const [a, b] = [numbersOf(version), numbersOf(other)]
  if (a === undefined || b === undefined) return false
  const differs = a.findIndex((number, index) => number !== b[index])
  return differs === -1 || Number(a[differs]) > Number(b[differs])
}

function numbersOf(version: string): number[] | undefined {
  return /^(\d+)\.(\d+)\.(\d+)(?:[-.]|$)/.exec(version)?.slice(1, 4).map(Number)
}
