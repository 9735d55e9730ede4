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

/** The version of a release of this program, or of a candidate for it. */
export type ProgramVersion = `${number}.${number}.${number}` | `${number}.${number}.${number}-rc.${number}`

/**
 * The oldest program that may open a journal after this one has written to it. A changed meaning, an event that books
 * have to count or a member that is hashed otherwise raises it; a kind or member that an older program refuses by name
 * (docs/versions.md) does not.
 */
export const OLDEST_SAFE_VERSION: ProgramVersion = '1.0.0'

/** Three numbers (of another program four), and for a candidate its number; dpkg sorts a candidate first only after `~`. */
const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:\.\d+)?(?:[-~]rc\.(\d+))?$/

/** True if `version` is the other or a newer one; false if either is not a version. A fourth number is not compared. */
export function isAtLeast(version: string, other: string): boolean {
  const [a, b] = [numbersOf(version), numbersOf(other)]
  if (a === undefined || b === undefined) return false
  const differs = a.findIndex((number, index) => number !== b[index])
  return differs === -1 || Number(a[differs]) > Number(b[differs])
}

/** True for a version that is newer than the other one. */
export function isNewer(version: string, other: string): boolean {
  return isAtLeast(version, other) && !isAtLeast(other, version)
}

/** As the control file of a package has it: `1.0.0~rc.1` is before `1.0.0` for dpkg, `1.0.0-rc.1` after it. */
export function debianVersion(version: string): string {
  return version.replace('-rc.', '~rc.')
}

/** A release follows all of its candidates. */
function numbersOf(version: string): number[] | undefined {
  const [, major, minor, patch, candidate = Number.MAX_SAFE_INTEGER] = VERSION.exec(version) ?? []
  return major === undefined ? undefined : [major, minor, patch, candidate].map(Number)
}
