import { csvLine, csvText } from '../../../base/csv.ts'
import { isConfirmed } from '../../journal/confirmed-tasks.ts'
import type { LinkDuty, LinkReader } from './terminal-links.ts'
import { linkDuties } from './terminal-links.ts'

const HEADER = [
  ...(['matricola', 'tipo', 'tid', 'acquirer_cf', 'acquirer_nome', 'indirizzo', 'cap', 'comune'] as const),
  ...(['evento', 'data', 'dal', 'al', 'stato'] as const),
]
const KINDS = { physical: 'fisico', virtual: 'virtuale' } as const
const EVENTS = { link: 'collegamento', unlink: 'scollegamento' } as const

/** The sheet of all links and their ends, for a person who types them at the portal: one line per duty, by day. */
export function linksSheet(view: LinkReader): string[] {
  const duties = [...linkDuties(view)]
    .filter((duty) => duty !== undefined)
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  return [csvLine(HEADER), ...duties.map((duty) => csvLine(cellsOf(view, duty)))]
}

function keyOf({ day, serial, id }: LinkDuty): string {
  return `${day} ${serial} ${id}`
}

function cellsOf(view: LinkReader, { id, serial, what, day, window, terminal, location }: LinkDuty): string[] {
  const { kind, tid, acquirer } = terminal
  const { line1 = '', line2, postal_code: code = '', city = '' } = view.location(location)?.shown.address ?? {}
  const street = line2 === undefined ? line1 : `${line1}, ${line2}`
  return [
    ...[serial, KINDS[kind], csvText(tid ?? ''), acquirer.tax_number, csvText(acquirer.name)],
    ...[street, code, city].map(csvText),
    ...[EVENTS[what], day, window.from, window.to, isConfirmed(view, id) ? 'confermato' : 'aperto'],
  ]
}
