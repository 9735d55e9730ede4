import { localTime, SHOP_ZONE } from '../../../base/clock.ts'
import { csvLine, csvText } from '../../../base/csv.ts'
import { formatCents } from '../../../base/money.ts'
import type { UnsoldAct } from '../../journal/books/unsold-acts.ts'

/** How the file names an act: in words, and as the law's own export has it. */
export type NamedAct = {
  readonly act: UnsoldAct
  readonly name: string
  readonly record: string
  readonly register: string
  readonly bon: string
  readonly z: number | undefined
}

/** The file of all acts, a line each, in the order of their events. */
export function unsoldCsv(acts: readonly NamedAct[], header: string): string {
  const lines = acts.map(({ act, name, record, register, bon, z }) => {
    const { atMs, session = '', operator, cents, cash, original, reason, operation } = act
    const amounts = [cents, cash].map((each) => formatCents(each).replace('.', ','))
    const texts = [register, session, z === undefined ? '' : String(z), operator, name, record, bon].map(csvText)
    return csvLine([localTime(atMs, SHOP_ZONE), ...texts, ...amounts, ...[original, reason, operation].map(csvText)])
  })
  return `${header}\n${lines.join('')}`
}
