import type { Location } from '../../../contract/location.ts'
import type { Merchant } from '../../../contract/merchant.ts'
import { isOwnIdentity } from '../identity.ts'
import type { Field, FormRecord } from './form.ts'
import { formDate } from './form.ts'
import type { Notice } from './notices.ts'
import { recordsOf } from './notices.ts'
import { addressOf } from './place-facts.ts'
import type { Till } from './tills.ts'

/** The names of the fields in the form, in its order, which is not that of the file. */
const NAMES = {
  Art: 'Art des elektronischen Aufzeichnungssystems',
  Software: 'Software',
  SoftwareVersion: 'Software-Version',
  SeriennummerAS: 'Seriennummer des elektronischen Aufzeichnungssystems',
  Hersteller: 'Hersteller',
  Modell: 'Modell',
  AnschaffungAS: 'Anschaffung',
  InbetriebnahmeAS: 'Inbetriebnahme',
  AusserbetriebnahmeAS: 'Außerbetriebnahme',
  GrundAusserbetriebnahme: 'Grund der Außerbetriebnahme',
  /** Not in the file. */
  remark: 'Bemerkung',
  SeriennummerTSE: 'Seriennummer der TSE',
  BSIID: 'Zertifizierungs-ID (BSI-K-TR-)',
  InbetriebnahmeTSE: 'Inbetriebnahme der TSE',
  ArtTSE: 'Art der TSE',
} as const satisfies Readonly<Record<Field | 'remark', string>>

export type SheetParts = {
  readonly location: Location
  readonly merchant: Merchant | undefined
  readonly tills: readonly Till[]
  /** Undefined for a trial. */
  readonly notice: Notice | undefined
}

/** All fields of the form in its order, for a person who types them or compares them. */
export function sheetOf({ location, merchant, tills, notice }: SheetParts): string {
  const names = tills.map(({ clientId }) => clientId).join(', ')
  const lines = [
    'Mitteilung über elektronische Aufzeichnungssysteme (§ 146a Abs. 4 AO)',
    ...(notice === undefined ? ['TRIAL: units that are not certified are in it. Do not send it.'] : []),
    `The file has the tills of this agent: ${names}.`,
    'Does the place have others, spare ones and ones not in use yet among them? One notice has all of them:',
    'add the files of other agents with --with, or type them.',
    'It was not tried whether ELSTER accepts the file. If it does not, type the fields below.',
    '',
    'Not in the file, to be typed:',
    ...taxpayer(merchant),
    field('Betriebsstätte', location.name),
    field('Anschrift', addressOf(location.address)),
    ...countLines(recordsOf(tills)),
    ...tills.flatMap((till, index) => ['', `System ${index + 1} of ${tills.length}`, ...systemLines(till)]),
    '',
    ...(notice === undefined ? [] : changeLines(notice)),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function taxpayer(merchant: Merchant | undefined): string[] {
  const { tax_number, vat_id } = merchant?.fiscal_identities.find(isOwnIdentity) ?? {}
  return [
    field('Steuernummer', tax_number ?? 'to be filled in: the merchant is recorded without one'),
    ...(typeof vat_id === 'string' ? [field('USt-IdNr.', vat_id)] : []),
    field('Steuerpflichtiger', merchant?.legal_name ?? ''),
    ...(merchant === undefined ? [] : [field('Anschrift', addressOf(merchant.address))]),
  ]
}

/** The form compares the number when it reads the file. A place without a till in use is closed. */
function countLines(records: readonly FormRecord[]): string[] {
  const ends = records.flatMap(({ AusserbetriebnahmeAS: day }) => (day === undefined ? [] : [day]))
  const count = field('Anzahl der eAs', String(records.length - ends.length))
  if (ends.length < records.length) return [count]
  const byDate = ends.toSorted((one, other) => (isoOf(one) < isoOf(other) ? -1 : 1))
  return [count, field('Schließung der Betriebsstätte', byDate.at(-1) ?? '')]
}

function isoOf(day: string): string {
  return day.split('.').toReversed().join('-')
}

/** The sheet of these systems, for more of them. */
export function recounted(sheet: string, own: readonly FormRecord[], all: readonly FormRecord[]): string {
  return sheet.replace(countLines(own).join('\n'), () => countLines(all).join('\n'))
}

function systemLines(till: Till): string[] {
  const { record, tses } = till
  const values = { ...record, remark: '-' }
  const fields = Object.entries(NAMES).flatMap(([name, words]) => {
    const value = values[name as keyof typeof NAMES]
    return value === undefined ? [] : [field(words, value)]
  })
  const earlier = tses.slice(0, -1).map(({ serial, since }, index) => {
    const until = formDate(tses[index + 1]?.since)
    return field('Earlier TSE, not in the file', `${serial}, from ${formDate(since)} until ${until}`)
  })
  return [...fields, ...earlier, ...hints(till)]
}

/** For each till that was used before its acquisition: one of the two days is wrong. */
export function contradictions({ inventory: { acquired_on: acquired }, firstUse }: Till) {
  return acquired === undefined || firstUse === undefined || acquired <= firstUse ? [] : [{ acquired, firstUse }]
}

function hints(till: Till): string[] {
  const { decommissioned, end } = till
  return [
    ...contradictions(till).map(
      ({ acquired, firstUse }) =>
        `  Contradictory: acquired on ${formDate(acquired)}, after its first use on ${formDate(firstUse)}.`,
    ),
    ...(decommissioned !== undefined && end === undefined
      ? [
          `  Decommissioned on ${formDate(decommissioned.day)} and kept: it stays in the list until inventory.ended_on says when it left the business.`,
        ]
      : []),
  ]
}

function changeLines({ before, changes }: Notice): string[] {
  const since = before === undefined ? 'No notice was confirmed before.' : `Changed since ${before.id}:`
  return [since, ...changes.map(({ subject, what, since: day }) => `  ${subject}: ${what}, since ${formDate(day)}`)]
}

function field(name: string, value: string): string {
  return `  ${name}: ${value}`
}
