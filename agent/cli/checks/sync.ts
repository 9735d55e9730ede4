import type { Config } from '../../agent-config.ts'
import type { TargetConfig } from '../../config/targets.ts'
import { locationOf } from '../../config/targets.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok, READ_AGAIN } from './finding.ts'
import { remedyOf } from './target-remedies.ts'

const WARNINGS: Readonly<Record<string, string>> = {
  sync_delayed: 'the oldest waits for more than 15 minutes',
  sync_delayed_long: 'the oldest waits for more than 24 hours',
}

const CLOCKS = 'one of the two clocks is wrong: this machine\'s if "time source" reports it, else that of the target'
const STALLED = 'nothing is lost; the agent retries automatically, and at once when the cause is fixed'
const REPLACED =
  'nothing is lost; another copy of this journal continues there: find that machine and stop one of the two. If this one is to stay: ' +
  'fiskal-edge journal epoch --above N, the epoch that it has there; then'
const STRANDED =
  'another copy of this journal has sold, or has shut them out: find it and stop one of the two; once it is clear'
const FORKED = 'nothing is lost; two copies of this journal have sold: find the other one (fiskal-edge duty list)'

/** A target as the daemon reports it; the members of `GET /v1/sync`. */
type TargetStatus = {
  readonly target: string
  readonly state: 'current' | 'behind' | 'offline' | 'stalled' | 'forked'
  readonly unacked: number
  readonly dismissed: number
  /** The running daemon may be older than this command. */
  readonly stranded?: number
  readonly last_error: { readonly code: string; readonly message: string } | null
  readonly clock_skew_ms: number | null
  readonly warning: string | null
  readonly backup?: { readonly created_at: string; readonly state: string; readonly error: string | null } | null
}

/**
 * The id of this agent at a receiver and how far each target is: as the running daemon reports it (`reported`), else by the
 * journal. An unreachable target is a warning, one that needs a person a failure.
 */
export async function checkSync({ sync, state }: Config, reported: unknown): Promise<Finding[]> {
  if (sync.targets.length === 0) return []
  const { readSyncBacklog } = await import('../../journal/cursors.ts')
  const { JournalMissingError } = await import('../../journal/reader.ts')
  const running = Array.isArray(reported) ? (reported as readonly TargetStatus[]) : undefined
  try {
    const { agentId, waiting } = readSyncBacklog(state)
    const resting = (id: string): Finding => {
      const message = `${waiting(id)} events wait`
      if (running !== undefined) return caution(`sync ${id}`, `not known to the running agent, ${message}`, READ_AGAIN)
      if (waiting(id) === 0) return ok(`sync ${id}`, message)
      return caution(`sync ${id}`, message, 'start the agent: it sends them')
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

/** The remedy for a reported cause, with the target's own members; otherwise the path to the target is examined. */
export function remedyFor(target: TargetConfig, code: string | undefined): string {
  const at = locationOf(target)
  if ('folder' in at) return remedyOf(code, '"path"') ?? `is the disk there? ${at.folder}`
  const showsCertificate = 'tls' in target && target.tls?.certFile !== undefined
  const way = showsCertificate ? `address, ${at.pass} and client certificate` : `address and ${at.pass}`
  return remedyOf(code, at.named) ?? `check network, ${way}`
}

function targetFinding(status: TargetStatus, config: TargetConfig): Finding {
  const { target, state, backup, last_error, unacked, warning } = status
  const check = `sync ${target}`
  const skew = skewWords(status)
  const cause = causeWords(status)
  const message = [`${state}, ${unacked} events wait`, ...partWords(status), ...cause, ...skew].join('; ')
  if (state === 'stalled') {
    const remedy = last_error?.code === 'stale_epoch' ? REPLACED : `${STALLED}:`
    return failure(check, message, `${remedy} fiskal-edge sync resume ${target}`)
  }
  if (state === 'forked') return failure(check, message, FORKED)
  if ((status.stranded ?? 0) > 0)
    return failure(check, message, `${STRANDED}: fiskal-edge sync dismiss ${target} --reason TEXT`)
  // A target that lags and answers is catching up; a `file` target is written every five minutes.
  const isOnItsWay = state === 'current' || (state === 'behind' && warning === null)
  const hindered = isOnItsWay && cause.length === 0 ? [] : [remedyFor(config, last_error?.code)]
  const remedies = [...hindered, ...(skew.length > 0 ? [CLOCKS] : [])]
  if (remedies.length > 0) return caution(check, message, remedies.join('; '))
  return backup?.state === 'failed'
    ? caution(check, message, 'the log shows what prevents the backup')
    : ok(check, message)
}

/**
 * For a target that is up to date, only present obstacles count: waiting events, as with a target that asks to wait; or
 * events that it lost permanently.
 */
function causeWords({ state, unacked, last_error: error }: TargetStatus): string[] {
  if (error === null) return []
  const isHindered = state !== 'current' || unacked > 0 || error.code === 'message_missing'
  return isHindered ? [`${error.code}: ${error.message}`] : []
}

function skewWords({ clock_skew_ms: ms }: TargetStatus): string[] {
  const seconds = ms === null ? null : Math.round(ms / 1000)
  return Math.abs(seconds ?? 0) > 60 ? [`our clock is ${seconds} s off`] : []
}

/** Events that wait for long or will never be sent, and the backup. */
function partWords({ warning, dismissed, stranded = 0, backup }: TargetStatus): string[] {
  const waiting = warning === null ? [] : [WARNINGS[warning] ?? warning]
  const strandedWords = stranded > 0 ? [`${stranded} of an earlier epoch never get there`] : []
  const aside = dismissed > 0 ? [`${dismissed} of an earlier epoch dismissed`] : []
  return [...waiting, ...strandedWords, ...aside, ...backupWords(backup)]
}

function backupWords(backup: TargetStatus['backup']): string[] {
  // The running daemon may be older than this command.
  if (backup === null || backup === undefined) return []
  const { created_at, state, error } = backup
  if (state === 'unsupported') return ['it takes no backups']
  return [`backup of ${created_at.slice(0, 16)}Z ${state}${error === null ? '' : ` (${error})`}`]
}
