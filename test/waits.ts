import { ChildProcess, execFileSync as execute, spawnSync as start } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import { once as next } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { crowded, slowness } from '../scripts/tests/slowness.ts'

// The limits of all tests: they detect a hang and decide nothing else, so a slow machine gets more of them, and one that
// other programs use gets more while they do.
const SLOWNESS = slowness()

/** One wait; it is shorter than the watchdog's minute, so that a failure names what did not happen. */
export const WAIT_LIMIT_MS = 50_000 * SLOWNESS

/** A build, an installation, the first start of a machine, or a program that computes for long. */
export const BUILD_LIMIT_MS = 240_000 * SLOWNESS

/** A demo: it plays a day, exports it and audits it, the last two at the lowest priority. */
export const DEMO_LIMIT_MS = 200_000 * SLOWNESS

/** True once a wait since then, by `performance.now()`, has reached its limit. */
export function isOver(sinceMs: number, limitMs = WAIT_LIMIT_MS): boolean {
  return performance.now() - sinceMs > limitMs * crowded()
}

/**
 * Rejects at the limit with the name of what did not happen, after it has called `end`. A wait that is begun and never
 * awaited fails nothing.
 */
export function within<T>(
  what: string,
  wait: Promise<T>,
  end: () => void = () => undefined,
  limitMs: number = WAIT_LIMIT_MS,
): Promise<T> {
  const limited = raced(what, wait, end, limitMs)
  limited.catch(() => undefined)
  return limited
}

async function raced<T>(what: string, wait: Promise<T>, end: () => void, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const sinceMs = performance.now()
  const late = new Promise<never>((_, reject) => {
    const look = (): void => {
      const passedMs = performance.now() - sinceMs
      const leftMs = limitMs * crowded() - passedMs
      if (leftMs > 0) {
        timer = setTimeout(look, leftMs).unref()
        return
      }
      end()
      reject(new Error(`${what}: not within ${Math.round(passedMs / 1000)} s`))
    }
    timer = setTimeout(look, limitMs).unref()
  })
  try {
    return await Promise.race([wait, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Looks again and again until there is something; undefined at the limit, and the caller says what there was not. */
export async function looked<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { everyMs = 25, limitMs = WAIT_LIMIT_MS }: { everyMs?: number; limitMs?: number } = {},
): Promise<T | undefined> {
  for (const sinceMs = performance.now(); ; await delay(everyMs)) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    if (isOver(sinceMs, limitMs)) return undefined
  }
}

/** The next event, as of node:events. A process that does not emit it in time is killed. */
export function once(emitter: EventEmitter, event: string, limitMs?: number): ReturnType<typeof next> {
  const isChild = emitter instanceof ChildProcess
  const name = isChild ? `${emitter.pid} ${emitter.spawnargs.join(' ')}` : emitter.constructor.name
  return within(`'${event}' of ${name}`, next(emitter, event), () => isChild && emitter.kill('SIGKILL'), limitMs)
}

type Options = { timeout?: number; killSignal?: NodeJS.Signals }

/** The limit of a command that blocks this process, and so the limit of its test. */
function limited(options: Options | undefined): Options {
  return { timeout: Math.round(WAIT_LIMIT_MS * crowded()), killSignal: 'SIGKILL', ...options }
}

/** As of node:child_process, with a limit: the error names the command. */
export const execFileSync = ((file: string, args: readonly string[], options?: Options) =>
  execute(file, args, limited(options))) as typeof execute

/** The same; it throws at the limit. */
export const spawnSync = ((file: string, args: readonly string[], options?: Options) => {
  const ran = start(file, args, limited(options))
  if (ran.error !== undefined && 'code' in ran.error && ran.error.code === 'ETIMEDOUT') throw ran.error
  return ran
}) as typeof start
