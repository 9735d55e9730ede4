import type { Location } from '../../../contract/location.ts'
import type { Merchant } from '../../../contract/merchant.ts'
import { isOwnIdentity } from '../identity.ts'
import type { FormRecord } from './form.ts'
import { FIELDS, formDate } from './form.ts'
import type { Notice } from './notices.ts'
import type { Till } from './tills.ts'

/** The names of the fields in the form. */
const NAMES: Readonly<Record<keyof FormRecord, string>> = {
  Art: 'Art des elektronischen Aufzeichnungssystems',
  Software: 'Software',
  SoftwareVersion: 'Software-Version',
  SeriennummerAS: 'Seriennummer des elektronischen Aufzeichnungssystems',
  Hersteller: 'Hersteller',
  Modell: 'Modell',
  SeriennummerTSE: 'Seriennummer der TSE',
  InbetriebnahmeTSE: 'Inbetriebnahme der TSE',
  BSIID: 'Zertifizierungs-ID (BSI-K-TR-)',
  ArtTSE: 'Art der TSE',
  AnschaffungAS: 'Anschaffung',
  InbetriebnahmeAS: 'Inbetriebnahme',
  AusserbetriebnahmeAS: 'Außerbetriebnahme',
  GrundAusserbetriebnahme: 'Grund der Außerbetriebnahme',
}

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
    'Does the place have others? One notice has all of them: add the files of other agents with --with, or type them.',
    'It was not tried whether ELSTER accepts the file. If it does not, type the fields below.',
    '',
    'Not in the file, to be typed:',
    ...taxpayer(merchant),
    field('Betriebsstätte', location.name),
    field('Anschrift', addressOf(location.address)),
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

function addressOf({ line1, line2, postal_code, city }: Location['address']): string {
  return [line1, ...(line2 === undefined ? [] : [line2]), `${postal_code} ${city}`].join(', ')
}

function systemLines({ record, tses }: Till): string[] {
  const fields = FIELDS.flatMap((name) => {
    const value = record[name]
    return value === undefined ? [] : [field(NAMES[name], value)]
  })
  const earlier = tses.slice(0, -1).map(({ serial, since }, index) => {
    const until = formDate(tses[index + 1]?.since)
    return field('Earlier TSE, not in the file', `${serial}, from ${formDate(since)} until ${until}`)
  })
  return [...fields, ...earlier]
}

function changeLines({ before, changes }: Notice): string[] {
  const since = before === undefined ? 'No notice was confirmed before.' : `Changed since ${before.id}:`
  return [since, ...changes.map(({ clientId, what, since: day }) => `  ${clientId}: ${what}, since ${formDate(day)}`)]
}

function field(name: string, value: string): string {
  return `  ${name}: ${value}`
}
