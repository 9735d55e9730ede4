import type { Config } from '../../config/config.ts'
import type { TargetConfig } from '../../config/targets.ts'
import { whereaboutsOf } from '../../config/targets.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok, READ_AGAIN } from './finding.ts'
import { mendOf } from './target-mends.ts'

const WARNINGS: Readonly<Record<string, string>> = {
  'unacked-15-min': 'the oldest waits for more than 15 minutes',
  'unacked-24-h': 'the oldest waits for more than 24 hours',
}

const CLOCKS =
  'one of the two clocks is wrong: this machine\'s if "time source" says so, else that of whoever runs the target'
const STALLED = 'nothing is lost; it is tried again by itself, and at once when the cause is mended'
const REPLACED =
  'nothing is lost; another copy of this journal goes on there: find that machine and stop one of the two. If this one is to stay: ' +
  'fiskal-edge journal epoch --above N, the epoch that it has there; then'
const LEFT_BEHIND =
  'another copy of this journal has sold, or has shut them out: find it and stop one of the two; once it is clear'
const FORKED = 'nothing is lost; two copies of this journal have sold: find the other one (fiskal-edge task list)'

/** What the daemon tells of a target; the members of `GET /v1/sync`. */
type Told = {
  readonly target: string
  readonly state: 'current' | 'behind' | 'offline' | 'stalled' | 'forked'
  readonly unacked: number
  readonly set_aside: number
  /** The running daemon may be older than this command. */
  readonly left_behind?: number
  readonly last_error: { readonly code: string; readonly message: string } | null
  readonly clock_skew_seconds: number | null
  readonly warning: string | null
  readonly backup?: { readonly made_at: string; readonly state: string; readonly error: string | null } | null
}

/**
 * Who this agent is to a cloud end and how far each target is: as the running daemon tells it (`told`), else as the
 * journal has it. A cloud that is away is a warning, one that needs a person a failure.
 */
export async function checkReplay({ sync, state }: Config, told: unknown): Promise<Finding[]> {
  if (sync.targets.length === 0) return []
  const { readReplay } = await import('../../journal/cursors.ts')
  const { JournalMissingError } = await import('../../journal/reader.ts')
  const running = Array.isArray(told) ? (told as readonly Told[]) : undefined
  try {
    const { agentId, waiting } = readReplay(state)
    const resting = (id: string): Finding => {
      const message = `${waiting(id)} events wait`
      if (running !== undefined) return caution(`sync ${id}`, `not known to the running agent, ${message}`, READ_AGAIN)
      if (waiting(id) === 0) return ok(`sync ${id}`, message)
      return caution(`sync ${id}`, message, 'start the agent: it replays them')
    }
    const findings = sync.targets.map((config) => {
      const target = running?.find((one) => one.target === config.id)
      return target === undefined ? resting(config.id) : targetFinding(target, config)
    })
    return [ok('agent id', `${agentId}: the token of a receiver is issued to it`), ...findings]
  } catch (error) {
    if (error instanceof JournalMissingError) return [ok('sync', 'begins at the first start')]
    throw error
  }
}

/** What mends that, in the words of the target's own members; else all that stands between here and there. */
export function mendAt(target: TargetConfig, code: string | undefined): string {
  const at = whereaboutsOf(target)
  if ('folder' in at) return mendOf(code, '"path"') ?? `is the disk there? ${at.folder}`
  const showsCertificate = 'tls' in target && target.tls?.certFile !== undefined
  const way = showsCertificate ? `address, ${at.pass} and client certificate` : `address and ${at.pass}`
  return mendOf(code, at.named) ?? `check network, ${way}`
}

function targetFinding(told: Told, config: TargetConfig): Finding {
  const { target, state, backup, last_error, unacked, warning } = told
  const check = `sync ${target}`
  const skew = skewWords(told)
  const cause = causeWords(told)
  const message = [`${state}, ${unacked} events wait`, ...partWords(told), ...cause, ...skew].join('; ')
  if (state === 'stalled') {
    const mend = last_error?.code === 'stale-epoch' ? REPLACED : `${STALLED}:`
    return failure(check, message, `${mend} fiskal-edge sync resume ${target}`)
  }
  if (state === 'forked') return failure(check, message, FORKED)
  if ((told.left_behind ?? 0) > 0)
    return failure(check, message, `${LEFT_BEHIND}: fiskal-edge sync set-aside ${target} --reason TEXT`)
  // One that is behind and answers is on its way; a disk is written to every five minutes.
  const isOnItsWay = state === 'current' || (state === 'behind' && warning === null)
  const hindered = isOnItsWay && cause.length === 0 ? [] : [mendAt(config, last_error?.code)]
  const mends = [...hindered, ...(skew.length > 0 ? [CLOCKS] : [])]
  if (mends.length > 0) return caution(check, message, mends.join('; '))
  return backup?.state === 'failed'
    ? caution(check, message, 'the log tells what hinders the backup')
    : ok(check, message)
}

/**
 * Of one that is current only what hinders it now: events wait, as with one that asks to wait and answers; or it has lost some
 * for good.
 */
function causeWords({ state, unacked, last_error: error }: Told): string[] {
  if (error === null) return []
  const isHindered = state !== 'current' || unacked > 0 || error.code === 'message-missing'
  return isHindered ? [`${error.code}: ${error.message}`] : []
}

function skewWords({ clock_skew_seconds: seconds }: Told): string[] {
  return Math.abs(seconds ?? 0) > 60 ? [`our clock is ${seconds} s off`] : []
}

/** What waits for long, what never gets there, and the backup. */
function partWords({ warning, set_aside, left_behind = 0, backup }: Told): string[] {
  const waiting = warning === null ? [] : [WARNINGS[warning] ?? warning]
  const left = left_behind > 0 ? [`${left_behind} of an earlier epoch never get there`] : []
  const aside = set_aside > 0 ? [`${set_aside} of an earlier epoch set aside`] : []
  return [...waiting, ...left, ...aside, ...backupWords(backup)]
}

function backupWords(backup: Told['backup']): string[] {
  // The running daemon may be older than this command.
  if (backup === null || backup === undefined) return []
  const { made_at, state, error } = backup
  if (state === 'unsupported') return ['it takes no backups']
  return [`backup of ${made_at.slice(0, 16)}Z ${state}${error === null ? '' : ` (${error})`}`]
}
