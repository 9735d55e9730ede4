import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Reporter } from 'vitest/node'
import type { Costs } from './costs.ts'
import { readCosts, sumOf } from './costs.ts'
import { treeMs } from './process-tree.ts'
import { crowded, slowness } from './slowness.ts'

/** The work of a process of tests now; it writes this to a file with its pid as the name (`test/running-tests.ts`). */
export type Running = { readonly file: string; readonly tests: readonly string[]; readonly served: readonly number[] }
/** How a process of tests was when it last did something. */
type Look = { readonly tests: string; readonly beganMs: number; readonly sinceMs: number; readonly computedMs: number }

const EVERY_MS = 5000
/** A wait has a shorter limit that names what did not happen. */
const IDLE_MS = 60_000
const IDLE_COMPUTED_MS = 200
const COSTS_MOST = 20
/** A test without a row may load the agent and begin its shop. */
const COMPUTED_LEAST_MS = 60_000

/** Its folder, clock and output; those of this machine if nothing else is given. */
type Surroundings = {
  readonly folder: () => string
  readonly nowMs: () => number
  readonly crowded: () => number
  /** Random tests of a long run draw more than the table says. */
  readonly isLong: boolean
  readonly computedMs: (pids: readonly number[]) => number
  readonly write: (text: string) => void
}

const HERE: Surroundings = {
  folder: runningFolder,
  nowMs: () => performance.now(),
  crowded,
  isLong: process.env['TEST_LONG'] !== undefined,
  computedMs: (pids) => pids.reduce((sum, pid) => sum + treeMs(pid), 0),
  write: (text) => process.stdout.write(text),
}

/**
 * Ends a process whose tests hang: it computed less than 0.2 s in a minute, or twenty times what they cost. Unlike a limit
 * of time, that says nothing of a machine that is slow.
 */
export class Watchdog implements Reporter {
  readonly #looks = new Map<number, Look>()
  readonly #hangs: string[] = []
  readonly #costs: Costs
  readonly #factor = slowness()
  readonly #here: Surroundings
  #timer: NodeJS.Timeout | undefined

  constructor(here: Partial<Surroundings> = {}, costs = readCosts()) {
    this.#here = { ...HERE, ...here }
    this.#costs = costs
  }

  onTestRunStart(): void {
    this.#timer = setInterval(() => this.look(), EVERY_MS).unref()
  }

  /** The hangs again: of a long log often only the last lines are kept. */
  onTestRunEnd(): void {
    clearInterval(this.#timer)
    for (const hang of this.#hangs) this.#here.write(hang)
  }

  look(): void {
    const { folder, write } = this.#here
    for (const [pid, running] of runningTests(folder())) {
      const why = this.#hangOf(pid, running)
      if (why === undefined) continue
      const hang = `✖ ${running.file} > ${running.tests.join(', ')}\n    process ${pid} hangs and is ended: ${why}\n`
      this.#hangs.push(hang)
      write(hang)
      rmSync(join(folder(), String(pid)))
      process.kill(pid, 'SIGKILL')
    }
  }

  #hangOf(pid: number, running: Running): string | undefined {
    const nowMs = this.#here.nowMs()
    const computedMs = this.#here.computedMs([pid, ...running.served])
    const tests = [running.file, ...running.tests].join('\n')
    const former = this.#looks.get(pid)
    if (former?.tests !== tests) {
      this.#looks.set(pid, { tests, beganMs: computedMs, sinceMs: nowMs, computedMs })
      return undefined
    }
    const spentMs = computedMs - former.beganMs
    const limitMs = this.#here.isLong ? Number.POSITIVE_INFINITY : mostMs(this.#costs, running) * this.#factor
    if (spentMs > limitMs) return `it computed for ${seconds(spentMs)}, the most is ${seconds(limitMs)}`
    if (computedMs - former.computedMs >= IDLE_COMPUTED_MS)
      this.#looks.set(pid, { ...former, sinceMs: nowMs, computedMs })
    else if (nowMs - former.sinceMs > IDLE_MS * this.#factor * this.#here.crowded())
      return `it did nothing for ${seconds(nowMs - former.sinceMs)}`
    return undefined
  }
}

/** The most that those tests may compute. */
function mostMs({ heavy, smoke }: Costs, { file, tests }: Running): number {
  const units = heavy.filter((unit) => unit.file === file && (unit.name === undefined || tests.includes(unit.name)))
  return COMPUTED_LEAST_MS + sumOf([...units, smoke[file]].map((unit) => unit?.cpuS ?? 0)) * 1000 * COSTS_MOST
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}

/** By process; a file that is just written is read at the next look. */
function runningTests(folder: string): [number, Running][] {
  return readdirSync(folder).flatMap((name) => {
    try {
      return [[Number(name), JSON.parse(readFileSync(join(folder, name), 'utf8')) as Running]]
    } catch {
      return []
    }
  })
}

/** That of a run: it is in the folder of all its files (`test/run-folder.ts`). */
export function runningFolder(): string {
  return join(String(process.env['TMPDIR']), 'running')
}
