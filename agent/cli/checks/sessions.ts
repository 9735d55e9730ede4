import { DAY_MS, rfc3339 } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'
import type { Finding } from './finding.ts'
import { failure } from './finding.ts'

const REMEDY =
  'Count and close the session at its till: until then no closing (Z) and no DSFinV-K package has its receipts.'

/** Sessions that are open for more than 24 hours, by the events. */
export async function checkSessions(state: string, nowMs: number): Promise<Finding[]> {
  const { openSessions } = await import('../../journal/open-sessions.ts')
  return openSessions(state)
    .filter(({ openedMs = nowMs }) => nowMs - openedMs > DAY_MS)
    .map(({ register, openedMs = nowMs, bons, gross }) => {
      const opened = rfc3339(openedMs)
      const amount = formatCents(BigInt(gross))
      const sold = bons === 1 ? `1 receipt over ${amount}` : `${bons} receipts over ${amount}`
      return failure('session', `register ${register} is not closed since ${opened}: ${sold} (session_open)`, REMEDY)
    })
}
