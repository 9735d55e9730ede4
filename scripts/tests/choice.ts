import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import type { AreaName } from './areas.ts'
import { areasOf, isTestOf } from './areas.ts'
import type { Costs } from './costs.ts'

export const SLICES = 7

/**
 * Which heavy tests a run leaves to others. `slice`: one of seven, or all; `areas` and `files`: what is run in any case,
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

/** A file that takes longer is cut into its tests, unless they share a booted machine or a device, one after the other. */
const UNIT_LIMIT_S = 15
const ONE_AFTER_THE_OTHER = /^test\/(package|systemd)\/|\/vendor-tse\.test\.ts$/

type Unit = { readonly file: string; readonly names: readonly string[]; readonly cpuS: number }

/** The heavy tests of each slice; a smoke test is in none of them, because every run has it. */
export function slicesOf(costs: Costs): ReadonlyMap<string, number> {
  const units = Object.entries(costs.tests).flatMap(([file, tests]) => unitsOf(file, tests))
  const loads = Array.from({ length: SLICES }, () => 0)
  const slices = new Map<string, number>()
  for (const { file, names, cpuS } of units.sort(
    (one, other) => other.cpuS - one.cpuS || one.file.localeCompare(other.file),
  )) {
    const lightest = loads.indexOf(Math.min(...loads))
    loads[lightest] = (loads[lightest] ?? 0) + cpuS
    for (const name of names) slices.set(keyOf(file, name), lightest)
  }
  return slices
}

function unitsOf(file: string, tests: Costs['tests'][string]): Unit[] {
  const heavy = Object.entries(tests).filter(([, { tag }]) => tag === 'heavy')
  const whole = { file, names: heavy.map(([name]) => name), cpuS: sumOf(heavy.map(([, { cpuS }]) => cpuS)) }
  if (whole.cpuS <= UNIT_LIMIT_S || ONE_AFTER_THE_OTHER.test(file)) return whole.names.length === 0 ? [] : [whole]
  return heavy.map(([name, { cpuS }]) => ({ file, names: [name], cpuS }))
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, next) => sum + next, 0)
}

export function keyOf(file: string, name: string): string {
  return `${file}\n${name}`
}

/** The heavy tests of a run: those of its slice that it has, those that its budget leaves out, and those of other slices. */
type Parts = Readonly<Record<'taken' | 'cut' | 'otherSlices', readonly Unit[]>> & { readonly fixedS: number }

/** The tests of a run with that choice. `fixedS`: computing of gates, light tests, smoke tests and tests of what was changed. */
export function partsOf(costs: Costs, choice: Choice): Parts {
  const isChanged = (file: string): boolean =>
    choice.files.includes(file) || choice.areas.some((area) => isTestOf(area, file))
  const slices = slicesOf(costs)
  const rotating = Object.entries(costs.tests)
    .filter(([file]) => !isChanged(file))
    .flatMap(([file, tests]) => unitsOf(file, tests))
  const sliceOf = ({ file, names: [first = ''] }: Unit): number | undefined => slices.get(keyOf(file, first))
  const isOwn = (unit: Unit): boolean => choice.slice === 'all' || sliceOf(unit) === choice.slice
  const own = rotating.filter(isOwn).toSorted((one, other) => drawn(choice.seed, one) - drawn(choice.seed, other))
  const fixedS = fixedOf(costs, isChanged)
  const budgetS = choice.budgetS ?? Number.POSITIVE_INFINITY
  let sumS = fixedS
  const fitting = own.findIndex(({ cpuS }) => {
    sumS += cpuS
    return sumS > budgetS
  })
  const end = fitting < 0 ? own.length : fitting
  return { taken: own.slice(0, end), cut: own.slice(end), otherSlices: rotating.filter((unit) => !isOwn(unit)), fixedS }
}

function fixedOf(costs: Costs, isChanged: (file: string) => boolean): number {
  const rows = Object.entries(costs.tests).flatMap(([file, tests]) =>
    Object.values(tests).filter(({ tag }) => tag !== 'heavy' || isChanged(file)),
  )
  return GATES_S + costs.othersCpuS + sumOf(rows.map(({ cpuS }) => cpuS))
}

/** The place of a unit in the order of a commit: each is first at some commit. */
function drawn(seed: number, { file, names: [first = ''] }: Unit): number {
  return createHash('sha1')
    .update(`${seed}\n${keyOf(file, first)}`)
    .digest()
    .readUInt32BE(0)
}

/** The heavy tests that a run leaves out, by file. */
export function leftOut(costs: Costs, choice: Choice): ReadonlyMap<string, readonly string[]> {
  const { cut, otherSlices } = partsOf(costs, choice)
  const out = new Map<string, readonly string[]>()
  for (const { file, names } of [...cut, ...otherSlices]) out.set(file, [...(out.get(file) ?? []), ...names])
  return out
}

export function testsIn(units: readonly Unit[]): number {
  return sumOf(units.map(({ names }) => names.length))
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
  if (text === 'all' || /^[0-6]$/.test(text)) return text === 'all' ? text : Number(text)
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
