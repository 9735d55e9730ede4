// Warnings as cards: devices that went down together are one card, and what a cause explains is counted below it.

/** @typedef {import('./agent.js').Overview['warnings'][number]} Warning */
/** @typedef {{ warnings: Warning[], followers: Warning[] }} Group */

/** One pulled cable takes down all of its devices within this time. */
const TOGETHER_MS = 10_000
/** Longer than any chain of causes. */
const CHAIN_MAX = 8

/**
 * The groups in the order of their first warnings.
 * @param {readonly Warning[]} warnings
 * @returns {Group[]}
 */
export function grouped(warnings) {
  const byKey = new Map(warnings.map((warning) => [warning.key, warning]))
  const rootOf = (/** @type {Warning} */ warning) => rootIn(byKey, warning)
  const roots = warnings.filter((warning) => rootOf(warning) === warning)
  const pulls = together(roots, ({ code, device, due }) =>
    device === undefined || due !== undefined ? undefined : code,
  )
  const groups = pulls.map((pull) => /** @type {Group} */ ({ warnings: pull, followers: [] }))
  const groupOf = new Map(groups.flatMap((group) => group.warnings.map((warning) => [warning, group])))
  for (const warning of warnings) {
    const root = rootOf(warning)
    if (root !== warning) groupOf.get(root)?.followers.push(warning)
  }
  return groups
}

/**
 * Those with the same code of which each began within that time of another one, as one group; one without a code is
 * alone. The topology is not guessed. The doctor groups its lines by the same rule. All in the given order.
 * @template {{ since: string }} Down
 * @param {readonly Down[]} all
 * @param {(one: Down) => string | undefined} codeOf
 * @returns {Down[][]}
 */
export function together(all, codeOf) {
  const msOf = (/** @type {Down} */ { since }) => Date.parse(since) || 0
  /** @type {Map<Down, Set<Down>>} */
  const groupOf = new Map()
  /** @type {Map<string | undefined, Down>} */
  const newest = new Map()
  for (const one of [...all].sort((left, right) => msOf(left) - msOf(right))) {
    const code = codeOf(one)
    const before = code === undefined ? undefined : newest.get(code)
    const isNear = before !== undefined && msOf(one) - msOf(before) <= TOGETHER_MS
    groupOf.set(one, ((isNear && groupOf.get(before)) || new Set()).add(one))
    newest.set(code, one)
  }
  return [...new Set(all.map((one) => groupOf.get(one)))].map((group) => all.filter((one) => group?.has(one)))
}

/** @param {Map<string, Warning>} byKey @param {Warning} warning */
function rootIn(byKey, warning) {
  let root = warning
  for (let steps = 0; steps < CHAIN_MAX; steps++) {
    const cause = root.because === undefined ? undefined : byKey.get(root.because)
    if (cause === undefined) return root
    root = cause
  }
  return root
}
