import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { systemClock } from './clock.ts'
import type { Agent } from './compose.ts'
import type { Config } from './config.ts'
import { readConfig } from './config.ts'
import { describeFailure } from './failure.ts'
import type { Log } from './log.ts'
import { openLog, readableLines, standardError } from './log.ts'

const STOP_LIMIT_MS = 20_000
const PARENT_CHECK_MS = 100
/** A daemon that was killed a moment ago may leave children or a parent that hold the lock for a blink. */
const LOCK_WAIT_MS = 3000
const LOCK_RETRY_MS = 100

/**
 * The daemon in the foreground, from start to signal. Returns the exit code: 0 after an orderly stop, 1 with one
 * sentence on standard error where it could not start or had to give up.
 */
export async function runDaemon(configFile: string | undefined): Promise<number> {
  const destination = standardError()
  let agent: Agent | undefined
  try {
    const { config, file, warnings } = readConfig(configFile)
    const log = openLog(
      config.log.level,
      process.stderr.isTTY ? readableLines((text) => process.stderr.write(text)) : destination,
    )
    for (const warning of warnings) log.warn({ file }, warning)
    watchParent()
    const stopped = stopSignal(log)
    agent = await composeUnderLock(config, log)
    const { url } = await agent.listen()
    log.info({ url, state: config.state, pid: process.pid, node: process.version, file }, `ready at ${url}`)
    process.stdout.write(`fiskal-edge is ready at ${url} (state ${config.state}, pid ${process.pid})\n`)
    await stopped
    await agent.stop()
    log.info({}, 'stopped')
    return 0
  } catch (error) {
    await agent?.stop().catch(() => undefined)
    process.stderr.write(`fiskal-edge: ${describeFailure(error)}\n`)
    return 1
  } finally {
    destination.flushSync()
  }
}

async function composeUnderLock(config: Config, log: Log): Promise<Agent> {
  // Not imported above: better-sqlite3 kills the process of an older Node, which must first be told so.
  const { compose } = await import('./compose.ts')
  const started = performance.now()
  while (true) {
    try {
      return await compose(config, { clock: systemClock, random: (length) => randomBytes(length), log })
    } catch (error) {
      const isLocked = error instanceof Error && error.name === 'StateLockedError'
      if (!isLocked || performance.now() - started > LOCK_WAIT_MS) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS))
  }
}

/** Resolves at the first SIGTERM or SIGINT; the second, or 20 s of stopping, ends the process where it stands. */
async function stopSignal(log: Log): Promise<void> {
  const signals = new EventTarget()
  let asked = false
  const ask = (signal: string): void => {
    if (asked) process.exit(1)
    asked = true
    log.info({ signal }, 'stopping')
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref()
    signals.dispatchEvent(new Event('stop'))
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ask(signal))
  await once(signals, 'stop')
}

/**
 * Started by npm or by an older Node, the daemon is the child of a process that may be killed alone: then it goes too,
 * at once and without ceremony, as if the kill had hit it, so that the next start finds port and lock free.
 */
function watchParent(): void {
  const parent = Number(process.env['FISKAL_EDGE_PARENT'])
  if (!Number.isInteger(parent) || parent <= 1) return
  const check = (): void => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
  }
  check()
  setInterval(check, PARENT_CHECK_MS).unref()
}
