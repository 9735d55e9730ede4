import { localMinute, localTime, SHOP_ZONE } from '../../../base/clock.ts'
import { csvLine, csvText } from '../../../base/csv.ts'
import type { MasterData } from '../../journal/books/master-data.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart } from './audit-part.ts'
import type { ReportLanguage, Translated } from './report-language.ts'

/** Kinds, first parts of members, and reasons by their names in the API; another one keeps its name. */
const GERMAN = {
  title: 'Stammdaten',
  changes: 'Änderungen, jede einzeln',
  /** GoBD no. 111: changes of master data stay traceable. */
  file: 'stammdaten.csv',
  header: 'zeit;art;id;name;merkmal;vorher;nachher;grund;ereignis',
  ...{ merchant: 'Unternehmen', location: 'Betriebsstätte', register: 'Kasse' },
  ...{ payment_terminal: 'Zahlungsterminal', vat_rates: 'Steuersätze' },
  ...{ legal_name: 'Name', name: 'Name', address: 'Anschrift', fiscal_identities: 'Steuernummern' },
  ...{ correction: 'Berichtigung', new_office: 'anderes Finanzamt' },
} as const
const ITALIAN: Translated<typeof GERMAN> = {
  title: 'Dati anagrafici',
  changes: 'modifiche, una per riga',
  file: 'dati-anagrafici.csv',
  header: 'ora;tipo;id;nome;dato;prima;dopo;motivo;evento',
  ...{ merchant: 'impresa', location: 'sede', register: 'cassa' },
  ...{ payment_terminal: 'terminale di pagamento', vat_rates: 'aliquote' },
  ...{ legal_name: 'nome', name: 'nome', address: 'indirizzo', fiscal_identities: 'codici fiscali' },
  ...{ correction: 'rettifica', new_office: 'altro ufficio' },
}
const TEXTS = { de: GERMAN, it: ITALIAN }

/** The list of changes in a range, and in the report the tax numbers that changed with a reason. */
export function masterDataPart(
  { changes }: MasterData,
  [fromMs, toMs]: readonly [number, number],
  language: ReportLanguage,
): { part: AuditPart; file: string; csv: string } {
  const { title, changes: words, file, header, ...named } = TEXTS[language]
  const names = new Map<string, string>(Object.entries(named))
  const wordOf = (name: string): string => names.get(name) ?? name
  /** `Anschrift city` for `address.city` */
  const nameOf = (member: string): string =>
    member
      .split('.')
      .map((part, index) => (index === 0 ? wordOf(part) : part))
      .join(' ')
  const rows = changes.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
  const findings = rows.flatMap(({ atMs, name, member, before, after, reason }) => {
    const change = `${nameOf(member)} ${before} → ${after} (${wordOf(reason)})`
    return reason === '' ? [] : [`${localMinute(atMs, SHOP_ZONE)} ${name}: ${change}`]
  })
  const lines = rows.map(({ seq, atMs, kind, op, name, member, before, after, reason }) => {
    const texts = [named[kind], op, name, nameOf(member), before, after, wordOf(reason)]
    return csvLine([localTime(atMs, SHOP_ZONE), ...texts.map(csvText), String(seq)])
  })
  const part = auditPart(findings.length === 0 ? 'sound' : 'note', title, `${rows.length} ${words}: ${file}`, findings)
  return { part, file, csv: `${header}\n${lines.join('')}` }
}
