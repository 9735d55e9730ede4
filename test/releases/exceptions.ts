/** What a release promised, and a law or a hole in security took away (docs/versions.md, "Two exceptions"). */
export type Exception = {
  /** The line that the test of the releases prints without this row. */
  readonly lost: string
  readonly takenBy: 'law' | 'security'
  /** The paragraph with its date, or the number of the advisory. */
  readonly source: string
  /** What a till or a shop does instead, as CHANGELOG.md says it. */
  readonly instead: string
}

/** One row for each line; none so far. */
export const EXCEPTIONS: readonly Exception[] = []

/** The lines that no exception excuses. */
export function unexcused(lines: readonly string[], exceptions = EXCEPTIONS): string[] {
  return lines.filter((line) => !exceptions.some(({ lost }) => lost === line))
}
