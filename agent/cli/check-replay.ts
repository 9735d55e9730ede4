import type { Config } from '../config.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'

const WARNINGS: Readonly<Record<string, string>> = {
  'unacked-15-min': 'the oldest waits for more than 15 minutes',
  'unacked-24-h': 'the oldest waits for more than 24 hours',
}

const STALLED = 'nothing is lost; it is tried again by itself, and at once when the cause is mended'
const FORKED = 'nothing is lost; two copies of this journal have sold: find the other one (fiskal-edge task list)'

/** What the daemon tells of a target; the members of `GET /v1/sync`. */
type Told = {
  readonly target: string
  readonly state: 'current' | 'behind' | 'offline' | 'stalled' | 'forked'
  readonly unacked: number
  readonly set_aside: number
  readonly last_error: { readonly code: string; readonly message: string } | null
  readonly clock_skew_seconds: number | null
  readonly warning: string | null
  readonly backup: { readonly made_at: string; readonly state: string; readonly error: string | null } | null
}

/**
 * Who this agent is to a cloud end and how far each target is: as the running daemon tells it (`told`), else as the
 * journal has it. A cloud that is away is a warning, one that needs a person a failure.
 */
export async function checkReplay({ sync, state }: Config, told: unknown): Promise<Finding[]> {
  if (sync.targets.length === 0) return []
  const { readReplay } = await import('../journal/cursors.ts')
  const { JournalMissingError } = await import('../journal/reader.ts')
  const running = Array.isArray(told) ? (told as readonly Told[]) : undefined
  try {
    const { agentId, waiting } = readReplay(state)
    const resting = (id: string): Finding =>
      caution(`sync ${id}`, `${waiting(id)} events wait`, 'start the agent: it replays them')
    const findings = sync.targets.map(({ id }) => {
      const target = running?.find((one) => one.target === id)
      return target === undefined ? resting(id) : targetFinding(target)
    })
    return [ok('agent id', `${agentId}: the token of a receiver is issued to it`), ...findings]
  } catch (error) {
    if (error instanceof JournalMissingError) return [ok('sync', 'begins at the first start')]
    throw error
  }
}

function backupWords(backup: Told['backup']): string[] {
  if (backup === null) return []
  const { made_at, state, error } = backup
  if (state === 'unsupported') return ['it takes no backups']
  return [`backup of ${made_at.slice(0, 16)}Z ${state}${error === null ? '' : ` (${error})`}`]
}

function targetFinding({
  target,
  state,
  unacked,
  set_aside,
  last_error,
  clock_skew_seconds,
  warning,
  backup,
}: Told): Finding {
  const check = `sync ${target}`
  const skew = Math.abs(clock_skew_seconds ?? 0) > 60 ? [`our clock is ${clock_skew_seconds} s off`] : []
  const waiting = warning === null ? [] : [WARNINGS[warning] ?? warning]
  const aside = set_aside > 0 ? [`${set_aside} of an earlier epoch set aside`] : []
  const cause = last_error === null || state === 'current' ? [] : [`${last_error.code}: ${last_error.message}`]
  const message = [
    `${state}, ${unacked} events wait`,
    ...waiting,
    ...aside,
    ...backupWords(backup),
    ...cause,
    ...skew,
  ].join('; ')
  if (state === 'stalled' || state === 'forked') {
    return failure(check, message, state === 'forked' ? FORKED : `${STALLED}: fiskal-edge sync resume ${target}`)
  }
  if (state === 'current' && skew.length === 0) return ok(check, message)
  return caution(check, message, skew.length === 0 ? 'check network, address and token' : "set the machine's clock")
}
