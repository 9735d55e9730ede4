import { randomBytes } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { monoMs, stayAlive, systemClock } from '../base/clock.ts'
import { logDroppedVariables } from '../base/dropped-variables.ts'
import { randomStore } from '../base/ids.ts'
import { leave } from '../base/leave.ts'
import { isAddressAway, tryListening } from '../base/listening.ts'
import type { Log } from '../base/log.ts'
import { linesFor, openLog } from '../base/log.ts'
import type { RetryLimit } from '../base/retry.ts'
import { retry } from '../base/retry.ts'
import { isSystemJournal, standardError } from '../base/standard-error.ts'
import { stopSignal, untilAborted } from '../base/stop-signals.ts'
import { visible } from '../base/text.ts'
import { CodedError } from '../base/thrown.ts'
import type { Config } from './agent-config.ts'
import { readConfig } from './agent-config.ts'
import type { Agent } from './compose.ts'
import type { HandedOver } from './config/credentials.ts'
import { describeFailure } from './failure.ts'
import { systemBoot } from './process/clock-steps.ts'
import { processFigures } from './process/process-figures.ts'
import { SecretRenewal } from './process/secret-renewal.ts'
import type { ServiceNotice } from './process/service-notice.ts'
import { notifyUntilReceived, serviceNotice, statusWord } from './process/service-notice.ts'
import { Watchdog } from './process/watchdog.ts'
import { machineNumbers } from './state/machine-numbers.ts'
import { volatilityOf } from './state/volatility.ts'
import { diagnosisText } from './watch/diagnosis.ts'

const PARENT_CHECK_MS = 100
/**
 * Between two collections the heap may grow to two and a half times the live data; V8 uses 1.3 for so small a heap, and
 * its threads mark twice as long (ADR 070). Set when the agent is ready, so that the garbage of the start stays small.
 */
const HEAP_GROWTH = '--heap-growing-percent=150'
const FATAL_DELAY_MS = 200
const FATAL_EXIT_CODE = 74
const ORPHAN_LIMIT_MS = 1000
/** A service waits for a passing cause, for less than a start may take (TimeoutStartSec). */
const SERVICE_LIMIT_MS = 40_000
const HELD = 'JournalHeldError'
const HELD_STATUS = 'waits for another program that holds the journal'
const EXTENDED_EVERY_MS = 10_000
/** Most starts take less. */
const FIRST_EXTENDED_MS = 1000
/** From the notification on. */
const EXTENDED_BY_US = 60_000_000
/** Children or the parent of a daemon that was just killed may hold the lock for a moment. */
const BY_HAND_LIMITS: Readonly<Record<string, RetryLimit>> = { StateLockedError: { limitMs: 3000, everyMs: 100 } }
/**
 * How long the service waits, by cause: a full disk; a disk that is remounted after its fsck; a command, such as an
 * export, or another agent that holds the state or the journal; an address that is not available yet.
 */
const SERVICE_LIMITS: Readonly<Record<string, RetryLimit>> = {
  DiskFullError: { limitMs: SERVICE_LIMIT_MS, everyMs: 1000 },
  readOnly: { limitMs: SERVICE_LIMIT_MS, everyMs: 1000 },
  StateLockedError: { limitMs: SERVICE_LIMIT_MS, everyMs: 100 },
  address: { limitMs: SERVICE_LIMIT_MS, everyMs: 1000 },
  [HELD]: { limitMs: Number.POSITIVE_INFINITY, everyMs: 250 },
}

/**
 * The daemon in the foreground, from start to signal. Returns the exit code: 0 after an orderly stop, 1 with one
 * sentence on standard error if it could not start or had to end.
 */
export async function runDaemon(configFile: string | undefined): Promise<number> {
  // Sales continue if no one reads the output.
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => undefined)
  const destination = standardError(systemClock)
  process.once('exit', () => destination.flushSync())
  const isInJournal = isSystemJournal(process.env['JOURNAL_STREAM'])
  // The state directory is private already; a careless copy of its files stays private too.
  process.umask(0o077)
  takeName()
  const leave = stayAlive()
  const notice = serviceNotice(process.env['NOTIFY_SOCKET'])
  let agent: Agent | undefined
  try {
    const { config, file, warnings, invalidSecrets } = readConfig(configFile)
    refuseOtherUser(config.state)
    const log = openLog(config.log.level, linesFor(destination, process.stderr, isInJournal))
    logDroppedVariables(process.env, log)
    for (const warning of warnings.concat(invalidSecrets)) log.warn({ file }, warning)
    process.on('SIGUSR2', () => void logDiagnosis(log, agent))
    const stopped = stopOf(log)
    watchParent()
    const extension = extensionOf(notice)
    const made = await composeWithRetries(config, log, { notice, extend: extension.extend, signal: stopped })
    if (made === undefined) return 0
    agent = made
    const serving = await agent.listen().catch((error: unknown) => {
      if (!stopped.aborted) throw error
    })
    extension.end()
    if (serving === undefined) {
      await agent.stop()
      return 0
    }
    const { url } = serving
    log.info({ url, state: config.state, pid: process.pid, node: process.version, file }, `ready at ${url}`)
    process.stdout.write(`fiskal-edge is ready at ${url} (state ${visible(config.state)}, pid ${process.pid})\n`)
    // Now, because a killed process writes no cache.
    flushCompileCache()
    setFlagsFromString(HEAP_GROWTH)
    const watchdog = watch(agent, notice, log)
    const ready = (): readonly string[] => ['READY=1', statusWord(readinessWord(made))]
    void notifyUntilReceived(notice, ready, { clock: systemClock, signal: stopped, log })
    watchdog?.start()
    await untilAborted(stopped)
    watchdog?.stop()
    void notice.notify('STOPPING=1', statusWord('finishes what runs'))
    await agent.stop()
    log.info({}, 'stopped')
    return 0
  } catch (error) {
    await agent?.stop().catch(() => undefined)
    const failure = `fiskal-edge: ${visible(describeFailure(error))}`
    process.stderr.write(`${isInJournal ? '<3>' : ''}${failure}\n`)
    await notice.notify(statusWord(describeFailure(error)))
    return 1
  } finally {
    leave()
  }
}

/** Logs the diagnosis of the running work, line by line. */
async function logDiagnosis(log: Log, agent: Agent | undefined): Promise<void> {
  const { diagnose } = await import('./watch/diagnose.ts')
  const found = await (agent?.diagnose() ?? diagnose(systemClock))
  for (const line of diagnosisText(found).split('\n')) log.info({}, line)
}

/** As `top`, `ps` and `pgrep` show it (proc(5), comm): Node calls each of its programs `MainThread`. */
function takeName(): void {
  try {
    writeFileSync('/proc/self/comm', 'fiskal-edge')
  } catch {
    // A sandbox may forbid it: only the name is missing.
  }
}

/** Only if the unit has a watchdog for this process (sd_watchdog_enabled(3)). */
function watch(agent: Agent, notice: ServiceNotice, log: Log): Watchdog | undefined {
  const limitMs = Number(process.env['WATCHDOG_USEC']) / 1000
  const pid = process.env['WATCHDOG_PID'] ?? String(process.pid)
  if (!(limitMs > 0) || pid !== String(process.pid)) return undefined
  return new Watchdog({
    clock: systemClock,
    everyMs: limitMs / 3,
    probeCommit: () => agent.probeCommit(),
    ping: () => notice.notify('WATCHDOG=1', statusWord(readinessWord(agent))),
    log,
  })
}

/** Root would create files that the user of the service cannot write. */
function refuseOtherUser(state: string): void {
  const owner = statSync(state, { throwIfNoEntry: false })?.uid
  if (process.getuid?.() !== 0 || owner === undefined || owner === 0) return
  throw new CodedError(
    'wrong_user',
    `${state} belongs to user ${owner}, and this is root: systemctl start fiskal-edge, or become that user (setpriv --reuid=${owner}).`,
  )
}

/** `ready; tse-1 ready, card-1 down` */
function readinessWord(agent: Agent): string {
  const { state, details } = agent.application.readiness()
  const devices = (details['devices'] ?? []) as readonly { readonly id: string; readonly state: string }[]
  return [state, devices.map((device) => `${device.id} ${device.state}`).join(', ')]
    .filter((word) => word !== '')
    .join('; ')
}

/** Files of root that the unit passes on. */
function handedOver(log: Log): HandedOver | undefined {
  const [folder, runtime] = [process.env['FISKAL_EDGE_SECRETS'], process.env['RUNTIME_DIRECTORY']]
  if (folder === undefined || runtime === undefined) return undefined
  const renewal = new SecretRenewal(join(runtime, 'renew'), systemClock, log)
  renewal.watchCopies(folder)
  return { folder, renew: () => renewal.requestSecrets() }
}

type Extension = { extend: (status: string) => void; end: () => void }

/**
 * The service manager ends a start that takes longer than TimeoutStartSec. Reading a long journal takes longer, and so
 * does waiting for another program that holds it.
 */
function extensionOf(notice: ServiceNotice): Extension {
  let extendedMs = monoMs(systemClock) - EXTENDED_EVERY_MS + FIRST_EXTENDED_MS
  return {
    extend: (status) => {
      const now = monoMs(systemClock)
      if (now - extendedMs < EXTENDED_EVERY_MS) return
      extendedMs = now
      void notice.notify(`EXTEND_TIMEOUT_USEC=${EXTENDED_BY_US}`, statusWord(status))
    },
    end: () => {
      extendedMs = Number.POSITIVE_INFINITY
    },
  }
}

/** Undefined if a signal stopped it before the agent was composed. */
async function composeWithRetries(
  config: Config,
  log: Log,
  { notice, extend, signal }: { notice: ServiceNotice; extend: Extension['extend']; signal: AbortSignal },
): Promise<Agent | undefined> {
  // Not imported above: better-sqlite3 kills the process of an older Node before it can report its version.
  const { compose } = await import('./compose.ts')
  const { isReadOnly } = await import('./journal/read-only-disk.ts')
  const environment = {
    clock: systemClock,
    random: randomStore(randomBytes),
    log,
    credentials: handedOver(log),
    onFatal: endSoon,
    onReading: () => extend('reads the journal from its first event'),
    onWaiting: () => extend(HELD_STATUS),
    onTakingOver: extend,
    stopping: signal,
    memory: {
      heldBytes: () => getHeapStatistics().total_heap_size,
      // Exists with --expose-gc. Without "last-resort" V8 collects, but keeps the memory.
      release: () => globalThis.gc?.({ type: 'major', flavor: 'last-resort' }),
    },
    processFigures,
    volatilityOf,
    machineNumbers,
    comparesMachine: true,
    commands: process.env,
    boot: systemBoot(),
  }
  let reported = ''
  const limitFor = (error: unknown): RetryLimit | undefined => {
    const obstacle = isAddressAway(error) ? 'address' : isReadOnly(config.state) ? 'readOnly' : nameOf(error)
    if (obstacle === HELD) extend(HELD_STATUS)
    // A start by hand reports any other cause at once.
    const mayWait = notice.isExpected || obstacle === HELD
    const limit = mayWait ? SERVICE_LIMITS[obstacle] : BY_HAND_LIMITS[obstacle]
    if (limit !== undefined && mayWait && reported !== obstacle) {
      log.warn({ path: config.state }, describeFailure(error))
      void notice.notify(statusWord(describeFailure(error)))
      reported = obstacle
    }
    return limit
  }
  const make = async (): Promise<Agent> => {
    // First of all: until the address is available, commands work and no device is queried every second.
    if (notice.isExpected) await tryListening(config.listen)
    return await compose(config, environment)
  }
  return await retry(make, limitFor, { clock: systemClock, signal })
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

function stopOf(log: Log): AbortSignal {
  return stopSignal({
    asked: (signal) => log.info({ signal }, 'stopping'),
    late: (ms) => log.error({ ms }, 'the stop took too long: the agent exits now; the next start reconciles open acts'),
  })
}

/**
 * Started by npm or by an older Node, the daemon is the child of a process that may be killed alone. Then the daemon
 * ends too, so that the next start finds port and lock free: in order if that is quick, else by SIGKILL.
 */
function watchParent(): void {
  const parent = Number(process.env['FISKAL_EDGE_PARENT'])
  if (!Number.isInteger(parent) || parent <= 1) return
  const timer = setInterval(() => {
    if (isChildOf(parent)) return
    clearInterval(timer)
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), ORPHAN_LIMIT_MS).unref()
    process.kill(process.pid, 'SIGTERM')
  }, PARENT_CHECK_MS).unref()
}

/** True for a direct child, or with the shell of an npm script in between. */
function isChildOf(parent: number): boolean {
  if (process.ppid === parent) return true
  try {
    // proc(5): pid (name) state ppid …; the name may hold anything.
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 1).split(' ')[2]) === parent
  } catch {
    return false
  }
}

/** After a failed write no data in memory can be trusted: pending answers are sent, then the process ends. */
function endSoon(): void {
  setTimeout(() => leave(FATAL_EXIT_CODE), FATAL_DELAY_MS)
}
