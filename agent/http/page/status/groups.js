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
  const roots = warnings.filter((warning) => rootOf(warning, byKey) === warning)
  /** @type {Map<string, Group>} */
  const groups = new Map()
  for (const root of roots) {
    if (groups.has(root.key)) continue
    const group = { warnings: togetherWith(root, roots), followers: [] }
    for (const { key } of group.warnings) groups.set(key, group)
  }
  for (const warning of warnings) {
    const root = rootOf(warning, byKey)
    if (root !== warning) groups.get(root.key)?.followers.push(warning)
  }
  return [...new Set(groups.values())]
}

/**
 * The devices with the same code of which each went down within that time of another one. The topology is not guessed.
 * @param {Warning} first
 * @param {readonly Warning[]} roots
 * @returns {Warning[]}
 */
function togetherWith(first, roots) {
  if (first.device === undefined || first.due !== undefined) return [first]
  const alike = roots
    .filter(({ code, device, due }) => code === first.code && device !== undefined && due === undefined)
    .toSorted((one, other) => Date.parse(one.since) - Date.parse(other.since))
  /** @type {Warning[][]} */
  const pulls = []
  for (const warning of alike) {
    const pull = pulls.at(-1)
    const last = pull?.at(-1)
    const isTogether = last !== undefined && Date.parse(warning.since) - Date.parse(last.since) <= TOGETHER_MS
    if (isTogether) pull?.push(warning)
    else pulls.push([warning])
  }
  return pulls.find((pull) => pull.includes(first)) ?? [first]
}

/** @param {Warning} warning @param {Map<string, Warning>} byKey */
function rootOf(warning, byKey) {
  let root = warning
  for (let steps = 0; steps < CHAIN_MAX; steps++) {
    const cause = root.because === undefined ? undefined : byKey.get(root.because)
    if (cause === undefined) return root
    root = cause
  }
  return root
}
