import { localMinute, localTime, SHOP_ZONE } from '../../../base/clock.ts'
import { csvLine, csvText } from '../../../base/csv.ts'
import type { MasterData, MasterDataChange } from '../../journal/books/master-data.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart } from './audit-part.ts'
import type { ReportLanguage } from './report-words.ts'

/** GoBD no. 111: changes of master data stay traceable. */
export const MASTER_DATA_FILE = 'stammdaten.csv'
const HEADER = ['zeit', 'art', 'id', 'name', 'merkmal', 'vorher', 'nachher', 'grund', 'ereignis']

const KIND_NAMES: Readonly<Record<MasterDataChange['kind'], string>> = {
  ...{ merchant: 'Unternehmen', location: 'Betriebsstätte', register: 'Kasse' },
  ...{ payment_terminal: 'Zahlungsterminal', vat_rates: 'Steuersätze' },
}
/** First parts of members; another one has its name in the API. */
const MEMBER_NAMES: Readonly<Record<string, string>> = {
  ...{ legal_name: 'Name', name: 'Name', address: 'Anschrift', fiscal_identities: 'Steuernummern' },
}
const REASONS: Readonly<Record<string, string>> = { correction: 'Berichtigung', new_office: 'anderes Finanzamt' }
const TEXTS: Readonly<Record<ReportLanguage, readonly [name: string, changes: string]>> = {
  de: ['Stammdaten', 'Änderungen, jede einzeln'],
  it: ['Dati anagrafici', 'modifiche, una per riga'],
}

/** The list of changes in a range, and in the report the tax numbers that changed with a reason. */
export function masterDataPart(
  { changes }: MasterData,
  [fromMs, toMs]: readonly [number, number],
  language: ReportLanguage,
): { part: AuditPart; csv: string } {
  const [title, words] = TEXTS[language]
  const rows = changes.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
  const findings = rows.flatMap(({ atMs, name, member, before, after, reason }) => {
    const change = `${nameOf(member)} ${before} → ${after} (${REASONS[reason] ?? reason})`
    return reason === '' ? [] : [`${localMinute(atMs, SHOP_ZONE)} ${name}: ${change}`]
  })
  const lines = rows.map(({ seq, atMs, kind, op, name, member, before, after, reason }) => {
    const texts = [KIND_NAMES[kind], op, name, nameOf(member), before, after, REASONS[reason] ?? reason]
    return csvLine([localTime(atMs, SHOP_ZONE), ...texts.map(csvText), String(seq)])
  })
  const summary = `${rows.length} ${words}: ${MASTER_DATA_FILE}`
  const part = auditPart(findings.length === 0 ? 'sound' : 'note', title, summary, findings)
  return { part, csv: csvLine(HEADER) + lines.join('') }
}

/** `Anschrift city` for `address.city` */
function nameOf(member: string): string {
  const [first = '', ...rest] = member.split('.')
  return [MEMBER_NAMES[first] ?? first, ...rest].join(' ')
}
