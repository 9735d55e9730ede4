import { isIdOf } from '../../../base/ids.ts'
import type { AuthorityMode } from '../../../drivers/ports/authority.ts'
import { FiskalError } from '../../errors.ts'
import type { Journal } from '../../journal/journal.ts'
import { notFound } from '../../journal/not-found.ts'
import type { View } from '../../journal/projections/view.ts'
import type { AskedOutage } from '../../laws/duty.ts'
import type { OpenLaw } from '../../laws/law.ts'
import { isFulfilled, progressOf } from '../duty-records.ts'

export type OutageReporting = {
  readonly journal: Journal
  /** Asks the law that the register or device has. */
  readonly reportOutage: NonNullable<OpenLaw['reportOutage']>
  readonly devices: ReadonlyMap<string, unknown>
  readonly authorityMode: AuthorityMode | undefined
}

/** `recorded`: false for one that was reported before. */
export type RecordedOutage = { readonly id: string; readonly duties: readonly string[]; readonly recorded: boolean }

/**
 * Journals an outage that a person reports; again the same changes nothing. A request that was sent already keeps its
 * facts. Throws `not_found`, `unprocessable_entity`.
 */
export function reportOutage(parts: OutageReporting, id: string, asked: AskedOutage): Promise<RecordedOutage> {
  const { journal, authorityMode: mode = 'P' } = parts
  return journal.commit('outcome', (view) => {
    const report = parts.reportOutage(view, id, asked)
    if (report === undefined) throw unknown(view, parts, id)
    const { events, duties } = report
    const sent = events.length === 0 ? undefined : duties.find((duty) => isSent(view, duty, mode))
    if (sent !== undefined)
      throw new FiskalError('unprocessable_entity', `${sent} is sent or confirmed already: correct it in FinanzOnline.`)
    return { events, result: { id, duties, recorded: events.length > 0 } }
  })
}

function isSent(view: View, duty: string, mode: AuthorityMode): boolean {
  return isFulfilled(view, duty, mode) || progressOf(view, duty, mode)?.state === 'sent'
}

function unknown(view: View, { devices }: OutageReporting, id: string): FiskalError {
  const isRegister = view.register(id) !== undefined
  if (!isRegister && !devices.has(id)) return notFound(isIdOf('reg', id) ? 'register' : 'device', id)
  const what = isRegister ? 'Register' : 'Device'
  return new FiskalError(
    'unprocessable_entity',
    `${what} ${id} is not one of Austria: only those have outages in FinanzOnline.`,
  )
}
