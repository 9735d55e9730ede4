import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** `heavy` rotates, `smoke` is a heavy one that every run has; without a tag it takes 0.5 s at most. */
export type Tag = 'heavy' | 'smoke'

/** Seconds of computing of a test and its processes, and of the clock, in halves. */
export type Cost = { readonly cpuS: number; readonly clockS: number; readonly tag?: Tag }

/** The time that a machine takes for a start of the program, for new memory and for computing, in milliseconds (`slowness.ts`). */
export type Speed = { readonly startMs: number; readonly memoryMs: number; readonly computeMs: number }

/**
 * The costs of tests on a machine of that speed: above 0.3 s by file and full name, all others together. `npm run test:long -- --costs` measures
 * them.
 */
export type Costs = {
  readonly speed: Speed
  readonly othersCpuS: number
  readonly tests: Readonly<Record<string, Readonly<Record<string, Cost>>>>
}

export const COSTS_FILE = join(import.meta.dirname, '..', '..', 'test', 'costs.json')
/** Each process of this run has one test at a time, and writes what it costs. */
export const IS_MEASURING = process.env['TEST_COSTS'] !== undefined
/** Below it a test is not listed. */
export const LISTED_S = 0.3

type Row = readonly [cpuS: number, clockS: number, tag?: Tag]
type Stored = { speed: Speed; othersCpuS: number; tests: Record<string, Record<string, Row>> }

export function readCosts(): Costs {
  const { speed, othersCpuS, tests } = JSON.parse(readFileSync(COSTS_FILE, 'utf8')) as Stored
  const rows = Object.entries(tests).map(([file, byName]) => [file, costsOf(byName)] as const)
  return { speed, othersCpuS, tests: Object.fromEntries(rows) }
}

function costsOf(rows: Record<string, Row>): Record<string, Cost> {
  return Object.fromEntries(
    Object.entries(rows).map(([name, [cpuS, clockS, tag]]) => [
      name,
      { cpuS, clockS, ...(tag !== undefined && { tag }) },
    ]),
  )
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

/** One line a test: a change of one is one line of the difference. */
export function writeCosts(measured: readonly Measured[], speed: Speed): void {
  const listed = measured.filter(({ cpuMs }) => cpuMs > LISTED_S * 1000)
  const others = measured.filter(({ cpuMs }) => cpuMs <= LISTED_S * 1000)
  const hooksMs = measured.reduce((sum, test) => sum + test.hooksMs, 0)
  const othersCpuS = Math.round((others.reduce((sum, { cpuMs }) => sum + cpuMs, 0) + hooksMs) / 1000)
  const files = [...new Set(listed.map(({ file }) => file))].sort()
  const blocks = files.map((file) => {
    const rows = listed.filter((test) => test.file === file)
    const lines = rows.map(({ name, cpuMs, clockMs, tag }) => {
      const row: Row = [halves(cpuMs), halves(clockMs), ...(tag === undefined ? ([] as const) : ([tag] as const))]
      return `      ${JSON.stringify(name)}: ${JSON.stringify(row).replaceAll(',', ', ')}`
    })
    return `    ${JSON.stringify(file)}: {\n${lines.join(',\n')}\n    }`
  })
  const head = `"speed": ${JSON.stringify(speed).replaceAll(/[:,]/g, '$& ')},\n  "othersCpuS": ${othersCpuS}`
  writeFileSync(COSTS_FILE, `{\n  ${head},\n  "tests": {\n${blocks.join(',\n')}\n  }\n}\n`)
}

/** Rounded up, so that a small change of speed does not change the file. */
function halves(ms: number): number {
  return Math.ceil(ms / 500) / 2
}
