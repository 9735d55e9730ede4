import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** `heavy` rotates, `smoke` is a heavy one that every run has; without a tag it takes 0.5 s at most. */
export type Tag = 'heavy' | 'smoke'

/** Seconds of computing of tests and their processes, and of the clock, in halves. */
type Cost = { readonly cpuS: number; readonly clockS: number }

/** Heavy tests that run together: all of a file, or one of a file that takes long. */
export type Unit = Cost & { readonly file: string; readonly name?: string; readonly tests: number }

/** The time that a machine takes for a start of the program, for new memory and for computing, in milliseconds (`slowness.ts`). */
export type Speed = { readonly startMs: number; readonly memoryMs: number; readonly computeMs: number }

/**
 * The costs of tests on a machine of that speed. Loading and the runner, which belong to no test, are spread over all of
 * them. `npm run test:long -- --costs` measures them.
 */
export type Costs = {
  readonly speed: Speed
  readonly lightCpuS: number
  /** Above the limit it must become heavy. */
  readonly dearestLight: { readonly name: string; readonly cpuS: number }
  readonly smoke: Readonly<Record<string, Cost>>
  readonly heavy: readonly Unit[]
}

export const COSTS_FILE = join(import.meta.dirname, '..', '..', 'test', 'costs.json')
/** Each process of this run has one test at a time, and writes what it costs. */
export const IS_MEASURING = process.env['TEST_COSTS'] !== undefined
/** A file that takes longer is cut into its tests, unless they share a booted machine or a device, one after the other. */
const UNIT_LIMIT_S = 15
const ONE_AFTER_THE_OTHER = /^test\/(package|systemd)\/|\/vendor-tse\.test\.ts$/

type OfTest = readonly [cpuS: number, clockS: number]
type OfFile = readonly [cpuS: number, clockS: number, tests: number]
type Stored = {
  speed: Speed
  lightCpuS: number
  dearestLight: Costs['dearestLight']
  smoke: Record<string, OfTest>
  heavy: Record<string, OfFile | Record<string, OfTest>>
}

export function readCosts(): Costs {
  const { speed, lightCpuS, dearestLight, smoke, heavy } = JSON.parse(readFileSync(COSTS_FILE, 'utf8')) as Stored
  return {
    ...{ speed, lightCpuS, dearestLight },
    smoke: Object.fromEntries(Object.entries(smoke).map(([file, [cpuS, clockS]]) => [file, { cpuS, clockS }])),
    heavy: Object.entries(heavy).flatMap(([file, row]) => unitsOf(file, row)),
  }
}

function unitsOf(file: string, row: Stored['heavy'][string]): Unit[] {
  if (isOfFile(row)) {
    const [cpuS, clockS, tests] = row
    return [{ file, tests, cpuS, clockS }]
  }
  return Object.entries(row).map(([name, [cpuS, clockS]]) => ({ file, name, tests: 1, cpuS, clockS }))
}

function isOfFile(row: Stored['heavy'][string]): row is OfFile {
  return Array.isArray(row)
}

export type Measured = {
  readonly file: string
  readonly name: string
  readonly cpuMs: number
  /** Before it. */
  readonly hooksMs: number
  readonly clockMs: number
  readonly tag: Tag | undefined
}

/** `wholeMs`: computing of the whole run. One line a file: a change of one is one line of the difference. */
export function writeCosts(tests: readonly Measured[], wholeMs: number, speed: Speed): void {
  const measuredMs = sumOf(tests.map(({ cpuMs, hooksMs }) => cpuMs + hooksMs))
  const share = Math.max(1, wholeMs / measuredMs)
  const measured = tests.map((test) => ({ ...test, cpuMs: test.cpuMs * share, hooksMs: test.hooksMs * share }))
  const light = measured.filter(({ tag }) => tag === undefined)
  const hooksMs = sumOf(measured.map((test) => test.hooksMs))
  const lightCpuS = Math.round((sumOf(light.map(({ cpuMs }) => cpuMs)) + hooksMs) / 1000)
  const [dearest] = tests.filter(({ tag }) => tag === undefined).toSorted((one, other) => other.cpuMs - one.cpuMs)
  const stored: Stored = {
    speed,
    lightCpuS,
    dearestLight: { name: `${dearest?.file} > ${dearest?.name}`, cpuS: Math.round((dearest?.cpuMs ?? 0) / 10) / 100 },
    smoke: Object.fromEntries(byFile(measured, 'smoke').map(([file, rows]) => [file, costOf(rows)])),
    heavy: Object.fromEntries(byFile(measured, 'heavy').map(([file, rows]) => [file, heavyRow(file, rows)])),
  }
  writeFileSync(COSTS_FILE, textOf(stored))
}

/** Each row of numbers in one line. */
function textOf(stored: Stored): string {
  const inOneLine = (row: string): string => row.replaceAll(/\s+/g, ' ').replace('[ ', '[').replace(' ]', ']')
  return `${JSON.stringify(stored, undefined, 2).replaceAll(/\[[\d.,\s]+\]/g, inOneLine)}\n`
}

function byFile(measured: readonly Measured[], tag: Tag): [string, Measured[]][] {
  const own = measured.filter((test) => test.tag === tag)
  const files = [...new Set(own.map(({ file }) => file))].sort()
  return files.map((file) => [file, own.filter((test) => test.file === file)])
}

function heavyRow(file: string, rows: readonly Measured[]): Stored['heavy'][string] {
  const cost = costOf(rows)
  if (cost[0] <= UNIT_LIMIT_S || ONE_AFTER_THE_OTHER.test(file)) return [...cost, rows.length]
  return Object.fromEntries(rows.map((row) => [row.name, costOf([row])]))
}

function costOf(rows: readonly Measured[]): OfTest {
  return [halves(sumOf(rows.map(({ cpuMs }) => cpuMs))), halves(sumOf(rows.map(({ clockMs }) => clockMs)))]
}

/** Rounded up, so that a small change of speed does not change the file. */
function halves(ms: number): number {
  return Math.ceil(ms / 500) / 2
}

export function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, next) => sum + next, 0)
}
