import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import type { AreaName } from './areas.ts'
import { areasOf, isTestOf } from './areas.ts'
import type { Costs, Unit } from './costs.ts'
import { sumOf } from './costs.ts'

export const SLICES = 10

/**
 * Which heavy tests a run leaves to others. `slice`: one of ten, or all; `areas` and `files`: what is run in any case,
 * because it was changed.
 */
export type Choice = {
  readonly slice: number | 'all'
  readonly areas: readonly AreaName[]
  readonly files: readonly string[]
  /** Random tests of one commit draw the same numbers. */
  readonly seed: number
  /** The most that the run may compute, by the table of costs; without it all of its slice. */
  readonly budgetS?: number | undefined
}

/** Of one run: a minute is left for what no table foresees. */
const RUN_S = 9 * 60
/** How much of its time a core computes for tests. */
const USED = 0.85
/** Computing of the gates (measured). */
const GATES_S = 110

/** The slice of each heavy unit; a smoke test is in none of them, because every run has it. */
export function slicesOf({ heavy }: Costs): ReadonlyMap<Unit, number> {
  const loads = Array.from({ length: SLICES }, () => 0)
  const slices = new Map<Unit, number>()
  for (const unit of heavy.toSorted((one, other) => other.cpuS - one.cpuS || keyOf(one).localeCompare(keyOf(other)))) {
    const lightest = loads.indexOf(Math.min(...loads))
    loads[lightest] = (loads[lightest] ?? 0) + unit.cpuS
    slices.set(unit, lightest)
  }
  return slices
}

function keyOf({ file, name = '' }: Unit): string {
  return `${file}\n${name}`
}

/** The heavy tests of a run: those of its slice that it has, those that its budget leaves out, and those of other slices. */
type Parts = Readonly<Record<'taken' | 'cut' | 'otherSlices', readonly Unit[]>> & { readonly fixedS: number }

/** The tests of a run with that choice. `fixedS`: computing of gates, light tests, smoke tests and tests of what was changed. */
export function partsOf(costs: Costs, choice: Choice): Parts {
  const isChanged = ({ file }: Unit): boolean =>
    choice.files.includes(file) || choice.areas.some((area) => isTestOf(area, file))
  const slices = slicesOf(costs)
  const isOwn = (unit: Unit): boolean => choice.slice === 'all' || slices.get(unit) === choice.slice
  const rotating = costs.heavy.filter((unit) => !isChanged(unit))
  const own = rotating.filter(isOwn).toSorted((one, other) => drawn(choice.seed, one) - drawn(choice.seed, other))
  const always = [...Object.values(costs.smoke), ...costs.heavy.filter(isChanged)]
  const fixedS = GATES_S + costs.lightCpuS + sumOf(always.map(({ cpuS }) => cpuS))
  const budgetS = choice.budgetS ?? Number.POSITIVE_INFINITY
  let sumS = fixedS
  const fitting = own.findIndex(({ cpuS }) => {
    sumS += cpuS
    return sumS > budgetS
  })
  const end = fitting < 0 ? own.length : fitting
  return { taken: own.slice(0, end), cut: own.slice(end), otherSlices: rotating.filter((unit) => !isOwn(unit)), fixedS }
}

/** The place of a unit in the order of a commit: each is first at some commit. */
function drawn(seed: number, unit: Unit): number {
  return createHash('sha1')
    .update(`${seed}\n${keyOf(unit)}`)
    .digest()
    .readUInt32BE(0)
}

/** The files with heavy tests that a run leaves out: all that the file has, or the named ones. */
export function leftOut(costs: Costs, choice: Choice): ReadonlyMap<string, 'all' | readonly string[]> {
  const { cut, otherSlices } = partsOf(costs, choice)
  const absent = new Set([...cut, ...otherSlices])
  const files = new Map<string, 'all' | readonly string[]>()
  for (const { file } of absent) {
    const units = costs.heavy.filter((unit) => unit.file === file)
    const names = units.flatMap((unit) => (absent.has(unit) ? [unit.name ?? ''] : []))
    files.set(file, names.length === units.length ? 'all' : names)
  }
  return files
}

export function testsIn(units: readonly Unit[]): number {
  return sumOf(units.map(({ tests }) => tests))
}

/** The most that a run may compute on a machine of that slowness, in seconds of the table; `TEST_BUDGET=none`: all of it. */
export function budgetOf(slowness: number, cores: number, budget: string | undefined): number | undefined {
  if (budget === 'none') return undefined
  if (budget !== undefined) throw new Error(`TEST_BUDGET is ${budget}: none, or absent`)
  return (RUN_S * cores * USED) / slowness
}

/** The environment carries it from `check.ts` to the test runner and its processes; without it, every test runs. */
export function choiceIn(environment: NodeJS.ProcessEnv): Choice {
  const { TEST_CHOICE } = environment
  return TEST_CHOICE === undefined
    ? { slice: 'all', areas: [], files: [], seed: 1 }
    : (JSON.parse(TEST_CHOICE) as Choice)
}

/** Slice and seed from the commit, so that the same commit runs the same tests; without git, from the day. */
export function choiceNow(slice: string | undefined, budgetS?: number): Choice {
  const head =
    git('rev-parse', 'HEAD') ?? createHash('sha1').update(new Date().toISOString().slice(0, 10)).digest('hex')
  const seed = Number.parseInt(head.slice(0, 8), 16)
  const changed = changedFiles()
  return {
    slice: slice === undefined ? seed % SLICES : sliceNamed(slice),
    areas: areasOf(changed),
    files: changed.filter((file) => file.endsWith('.test.ts')),
    seed,
    budgetS,
  }
}

function sliceNamed(text: string): Choice['slice'] {
  if (text === 'all' || /^\d$/.test(text)) return text === 'all' ? text : Number(text)
  throw new Error(`TEST_SLICE is ${text}: 0 to ${SLICES - 1}, or all`)
}

/** Since `origin/main`, and what is not committed. */
function changedFiles(): string[] {
  const since = git('merge-base', 'HEAD', 'origin/main')
  const committed = since === undefined ? '' : git('diff', '--name-only', since)
  const present = git('status', '--porcelain', '--no-renames', '--untracked-files=all') ?? ''
  const own = present.split('\n').map((line) => line.slice(3))
  return [...new Set([...(committed ?? '').split('\n'), ...own])].filter((file) => file !== '')
}

function git(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8', timeout: 10_000 })
  return status === 0 ? stdout.trimEnd() : undefined
}
