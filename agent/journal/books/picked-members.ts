import type { Members } from '../events.ts'

const NONE: Members = {}

/** Members after a change, of which only the named ones are kept; the same object if it sets none, as most events do. */
export function withPicked(names: readonly string[], before: Members, set: Members = NONE): Members {
  let after: Record<string, Members[string]> | undefined
  for (const name of names) {
    if (set[name] === undefined) continue
    after ??= { ...before }
    after[name] = set[name]
  }
  return after ?? before
}
