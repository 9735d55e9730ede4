import { randomBytes } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { monoMs, stayAlive, systemClock } from '../base/clock.ts'
import { randomStore } from '../base/ids.ts'
import { isAddressAway, tryListening } from '../base/listening.ts'
import type { Log } from '../base/log.ts'
import { linesFor, openLog } from '../base/log.ts'
import { isSystemJournal, standardError } from '../base/standard-error.ts'
import { stopSignal, untilAborted } from '../base/stop-signals.ts'
import { visibleLines } from '../base/text.ts'
import type { Config } from './agent-config.ts'
import { readConfig } from './agent-config.ts'
import type { Agent } from './compose.ts'
import type { HandedOver } from './config/credentials.ts'
import { describeFailure } from './failure.ts'
import { systemBoot } from './process/clock-steps.ts'
import type { Patience } from './process/patience.ts'
import { tryPatiently } from './process/patience.ts'
import { processFigures } from './process/process-figures.ts'
import { SecretRenewal } from './process/secret-renewal.ts'
import type { ServiceNotice } from './process/service-notice.ts'
import { serviceNotice, statusWord, tellUntilHeard } from './process/service-notice.ts'
import { Watchdog } from './process/watchdog.ts'
import { volatilityOf } from './state/volatility.ts'
import { diagnosisText } from './watch/diagnosis.ts'

const PARENT_CHECK_MS = 100
/**
 * Between two collections the heap may grow to two and a half times what lives; V8 takes 1.3 for so small a heap, and
 * marks it anew each 400 sales (10 % of all CPU time, measured). Set once the agent is ready, so that the garbage of the
 * start stays small.
 */
const HEAP_GROWTH = '--heap-growing-percent=150'
const FATAL_DELAY_MS = 200
const FATAL_EXIT_CODE = 74
const ORPHAN_LIMIT_MS = 1000
/** A service waits for what ends by itself, for less than a start may take (TimeoutStartSec). */
const SERVICE_LIMIT_MS = 40_000
const HELD = 'JournalHeldError'
const HELD_STATUS = 'waits for another program that holds the journal'
const EXTENDED_EVERY_MS = 10_000
/** Most starts take less. */
const FIRST_EXTENDED_MS = 1000
/** From the moment it is told. */
const EXTENDED_BY_US = 60_000_000
/** A daemon that was killed a moment ago may leave children or a parent that hold the lock for a blink. */
const BY_HAND_PATIENCE: Readonly<Record<string, Patience>> = { StateLockedError: { limitMs: 3000, everyMs: 100 } }
/**
 * By what is in the way: room on the disk, a disk that somebody mounts again after its fsck, a command or another agent that
 * is at the state, an export perhaps, and the address.
 */
const SERVICE_PATIENCE: Readonly<Record<string, Patience>> = {
  NoRoomError: { limitMs: SERVICE_LIMIT_MS, everyMs: 1000 },
  readOnly: { limitMs: SERVICE_LIMIT_MS, everyMs: 1000 },
  StateLockedError: { limitMs: SERVICE_LIMIT_MS, everyMs: 100 },
  address: { limitMs: SERVICE_LIMIT_MS, everyMs: 1000 },
  [HELD]: { limitMs: Number.POSITIVE_INFINITY, everyMs: 250 },
}

class WrongUserError extends Error {
  override readonly name = 'WrongUserError'
  readonly code = 'wrong_user'
}

/**
 * The daemon in the foreground, from start to signal. Returns the exit code: 0 after an orderly stop, 1 with one
 * sentence on standard error where it could not start or had to give up.
 */
export async function runDaemon(configFile: string | undefined): Promise<number> {
  // A shop sells on, whoever reads what it says.
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => undefined)
  const destination = standardError(systemClock)
  process.once('exit', () => destination.flushSync())
  const isInJournal = isSystemJournal(process.env['JOURNAL_STREAM'])
  // The folder keeps others out already; a copy of it that was made carelessly still does.
  process.umask(0o077)
  takeName()
  const leave = stayAlive()
  const notice = serviceNotice(process.env['NOTIFY_SOCKET'])
  let agent: Agent | undefined
  try {
    const { config, file, warnings } = readConfig(configFile)
    refuseOtherUser(config.state)
    const log = openLog(config.log.level, linesFor(destination, process.stderr, isInJournal))
    for (const warning of warnings) log.warn({ file }, warning)
    process.on('SIGUSR2', () => void logDiagnosis(log, agent))
    const stopped = stopOf(log)
    watchParent()
    const extension = extensionOf(notice)
    const made = await composePatiently(config, log, { notice, extend: extension.extend, signal: stopped })
    if (made === undefined) return 0
    agent = made
    const { url } = await agent.listen()
    extension.end()
    log.info({ url, state: config.state, pid: process.pid, node: process.version, file }, `ready at ${url}`)
    process.stdout.write(`fiskal-edge is ready at ${url} (state ${config.state}, pid ${process.pid})\n`)
    // Not left to the end: a killed process writes none.
    flushCompileCache()
    setFlagsFromString(HEAP_GROWTH)
    const watchdog = watch(agent, notice, log)
    const ready = (): readonly string[] => ['READY=1', statusWord(readinessWord(made))]
    void tellUntilHeard(notice, ready, { clock: systemClock, signal: stopped, log })
    watchdog?.start()
    await untilAborted(stopped)
    watchdog?.stop()
    void notice.tell('STOPPING=1', statusWord('finishes what runs'))
    await agent.stop()
    log.info({}, 'stopped')
    return 0
  } catch (error) {
    await agent?.stop().catch(() => undefined)
    const failure = `fiskal-edge: ${visibleLines(describeFailure(error))}`
    process.stderr.write(`${isInJournal ? failure.replaceAll(/^/gm, '<3>') : failure}\n`)
    await notice.tell(statusWord(describeFailure(error)))
    return 1
  } finally {
    leave()
  }
}

/** What the agent is at, a line of the log for each line of it. */
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
    // A sandbox without it: nothing but the name is missing.
  }
}

/** Only where the unit asks for signs of life, and of this process (sd_watchdog_enabled(3)). */
function watch(agent: Agent, notice: ServiceNotice, log: Log): Watchdog | undefined {
  const limitMs = Number(process.env['WATCHDOG_USEC']) / 1000
  const pid = process.env['WATCHDOG_PID'] ?? String(process.pid)
  if (!(limitMs > 0) || pid !== String(process.pid)) return undefined
  return new Watchdog({
    clock: systemClock,
    everyMs: limitMs / 3,
    vouch: () => agent.vouch(),
    ping: () => notice.tell('WATCHDOG=1', statusWord(readinessWord(agent))),
    log,
  })
}

/** Root would leave files that the service's user cannot write. */
function refuseOtherUser(state: string): void {
  const owner = statSync(state, { throwIfNoEntry: false })?.uid
  if (process.getuid?.() !== 0 || owner === undefined || owner === 0) return
  throw new WrongUserError(
    `${state} belongs to user ${owner}, and this is root: systemctl start fiskal-edge, or become that user (setpriv --reuid=${owner}).`,
  )
}

/** `ready; tse-1 ready, card-1 down` */
function readinessWord(agent: Agent): string {
  const { state, details } = agent.application.readiness()
  const devices = Object.entries((details['devices'] ?? {}) as Readonly<Record<string, string>>)
  return [state, devices.map((device) => device.join(' ')).join(', ')].filter((word) => word !== '').join('; ')
}

/** What the unit gives of root's own files. */
function handedOver(log: Log): HandedOver | undefined {
  const [folder, runtime] = [process.env['FISKAL_EDGE_SECRETS'], process.env['RUNTIME_DIRECTORY']]
  if (folder === undefined || runtime === undefined) return undefined
  const renewal = new SecretRenewal(join(runtime, 'renew'), systemClock, log)
  renewal.follow(folder)
  return { folder, renew: () => renewal.ask() }
}

type Extension = { extend: (status: string) => void; end: () => void }

/**
 * The service manager ends a start that takes longer than TimeoutStartSec. A long journal that is read whole needs more,
 * as does one that another program holds.
 */
function extensionOf(notice: ServiceNotice): Extension {
  let toldMs = monoMs(systemClock) - EXTENDED_EVERY_MS + FIRST_EXTENDED_MS
  return {
    extend: (status) => {
      const now = monoMs(systemClock)
      if (now - toldMs < EXTENDED_EVERY_MS) return
      toldMs = now
      void notice.tell(`EXTEND_TIMEOUT_USEC=${EXTENDED_BY_US}`, statusWord(status))
    },
    end: () => {
      toldMs = Number.POSITIVE_INFINITY
    },
  }
}

/** Undefined where it was told to stop before there was one. */
async function composePatiently(
  config: Config,
  log: Log,
  { notice, extend, signal }: { notice: ServiceNotice; extend: Extension['extend']; signal: AbortSignal },
): Promise<Agent | undefined> {
  // Not imported above: better-sqlite3 kills the process of an older Node, which must first be told so.
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
    memory: {
      heldBytes: () => getHeapStatistics().total_heap_size,
      // There with --expose-gc. Without "last-resort" V8 collects, and keeps the room.
      release: () => globalThis.gc?.({ type: 'major', flavor: 'last-resort' }),
    },
    processFigures,
    volatilityOf,
    commands: process.env,
    boot: systemBoot(),
  }
  let told = ''
  const patienceWith = (error: unknown): Patience | undefined => {
    const obstacle = isAddressAway(error) ? 'address' : isReadOnly(config.state) ? 'readOnly' : nameOf(error)
    if (obstacle === HELD) extend(HELD_STATUS)
    // Who started it by hand is told at once of all else.
    const isTold = notice.isHeard || obstacle === HELD
    const patience = isTold ? SERVICE_PATIENCE[obstacle] : BY_HAND_PATIENCE[obstacle]
    if (patience !== undefined && isTold && told !== obstacle) {
      log.warn({ path: config.state }, describeFailure(error))
      void notice.tell(statusWord(describeFailure(error)))
      told = obstacle
    }
    return patience
  }
  const make = async (): Promise<Agent> => {
    // Before there is an agent: commands work meanwhile, and no device is asked once a second.
    if (notice.isHeard) await tryListening(config.listen)
    return await compose(config, environment)
  }
  return await tryPatiently(make, patienceWith, { clock: systemClock, signal })
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

function stopOf(log: Log): AbortSignal {
  return stopSignal({
    asked: (signal) => log.info({ signal }, 'stopping'),
    late: (ms) =>
      log.error({ ms }, 'the stop took too long: the agent ends where it stands; the next start settles what is open'),
  })
}

/**
 * Started by npm or by an older Node, the daemon is the child of a process that may be killed alone. Then it goes too,
 * at once, so that the next start finds port and lock free: in order if that takes no time, else without.
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

/** Its child, or with the shell of an npm script in between. */
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

/** After a failed write nothing in memory is worth anything: the answers under way go out, then the process ends. */
function endSoon(): void {
  setTimeout(() => process.exit(FATAL_EXIT_CODE), FATAL_DELAY_MS)
}
