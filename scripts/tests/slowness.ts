import { spawn } from 'node:child_process'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Speed } from './costs.ts'

const LEAST = 1
const MOST = 5
/** A machine that is slower than the reference by less is not slow: no two are the same. */
const SAME = 1.2
const STEPS = [LEAST, 1.5, 2, 3, 4] as const
const ROUNDS = 3
const CROWDED_MOST = 10
const ROOT = join(import.meta.dirname, '..', '..')
const START = [join(ROOT, 'bin', 'fiskal-edge.cjs'), 'version']
const WORK = [join(import.meta.dirname, 'work-of-speed.ts')]

/** By how much limits of time are longer on this machine: `TEST_SLOWNESS`, 1 to 5; 1 if it is absent. */
export function slowness(environment: NodeJS.ProcessEnv = process.env): number {
  const factor = Number(environment['TEST_SLOWNESS'] ?? LEAST)
  if (factor >= LEAST && factor <= MOST) return factor
  throw new Error(`TEST_SLOWNESS is a number from ${LEAST} to ${MOST}, not ${environment['TEST_SLOWNESS']}`)
}

/**
 * How many processes share a core now, by the load of the last minute, 1 to 10: a wait for another process is as
 * much longer, also on a machine that was idle when it was measured.
 */
export function crowded(load = loadavg()[0] ?? 0, cores = availableParallelism()): number {
  return Math.min(CROWDED_MOST, Math.max(1, load / cores))
}

/**
 * How long this machine takes now, on all its cores at once, for what tests do: starts, new memory, computing. Each is the
 * median of three rounds, so that other work of a moment does not count.
 */
export async function measureSpeed(): Promise<Speed> {
  const rounds: Speed[] = []
  while (rounds.length < ROUNDS) rounds.push(await measureRound())
  const median = (member: keyof Speed): number =>
    rounds.map((round) => round[member]).toSorted((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? 0
  return { startMs: median('startMs'), memoryMs: median('memoryMs'), computeMs: median('computeMs') }
}

/** The largest ratio to the reference, rounded up. */
export function slownessOf(speed: Speed, reference: Speed): number {
  const ratios = (Object.keys(reference) as (keyof Speed)[]).map((member) => speed[member] / reference[member])
  return STEPS.find((step) => Math.max(...ratios) <= step * SAME) ?? MOST
}

async function measureRound(): Promise<Speed> {
  const starts = await onAllCores(async () => {
    const began = performance.now()
    await printed(START)
    return Math.round(performance.now() - began)
  })
  const works = await onAllCores(async () => JSON.parse(await printed(WORK)) as Omit<Speed, 'startMs'>)
  const most = (member: keyof Omit<Speed, 'startMs'>): number => Math.max(...works.map((work) => work[member]))
  return { startMs: Math.max(...starts), memoryMs: most('memoryMs'), computeMs: most('computeMs') }
}

function onAllCores<T>(work: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: availableParallelism() }, work))
}

async function printed(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  return await text(child.stdout)
}
