import { localDate, SHOP_ZONE, shiftedDate } from '../../base/clock.ts'
import type { AccountState } from '../till/account-work.ts'
import type { ListedDuty } from '../till/reading/listed-duties.ts'
import type { Warning } from '../watch/warnings.ts'
import { warningOf } from '../watch/warnings.ts'
import type { WatchOptions } from './watch-options.ts'

const SILENT_MS = 86_400_000
/** A silence is an alarm so many days before a duty is due. */
const ALARM_DAYS = 2

/** Duties that wait for a person because of an answer. */
export function dutyWarnings(duties: readonly ListedDuty[]): Warning[] {
  return duties.flatMap(({ id, title, due, state, reason, message }) => {
    if (state !== 'refused' && state !== 'unclear') return []
    const detail = [title, reason === null ? '' : `(${reason})`, message ?? ''].filter(Boolean).join(' ')
    return [warningOf(`duty_${state}`, { about: { kind: 'duty', id }, due, detail })]
  })
}

/** The accounts of an authority; none without one in the configuration. */
export function authorityWarnings({ authorityMode, accounts, clock }: WatchOptions): Warning[] {
  return [
    ...(authorityMode === 'T' ? [warningOf('authority_test_mode')] : []),
    ...accounts().flatMap((state) => [...refusedWarnings(state), ...silentWarnings(state, clock.now())]),
  ]
}

function refusedWarnings({ account, refused, credentialsDuty: id }: AccountState): Warning[] {
  if (refused === undefined) return []
  const detail = `${refused.message} (${account.files.join(', ')})`
  const about = id === undefined ? aboutAccount(account) : { about: { kind: 'duty', id } as const }
  return [warningOf('authority_credentials', { ...about, detail })]
}

function silentWarnings({ account, silence, due }: AccountState, nowMs: number): Warning[] {
  if (silence === undefined || silence.forMs < SILENT_MS) return []
  const isUrgent = due !== undefined && due <= shiftedDate(localDate(nowMs, SHOP_ZONE), ALARM_DAYS)
  const { sinceMs } = silence
  const severity = isUrgent ? 'alarm' : undefined
  return [warningOf('authority_unreachable', { ...aboutAccount(account), sinceMs, due, severity })]
}

/** The only account has no name. */
function aboutAccount({ merchant }: AccountState['account']) {
  return merchant === undefined ? {} : { about: { kind: 'account', id: merchant } as const }
}
