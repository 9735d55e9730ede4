import { createHash } from 'node:crypto'
import { isCalendarDate } from '../../../../base/clock.ts'
import { visible } from '../../../../base/text.ts'
import type { XmlElement } from '../../../../base/xml.ts'
import { readXml, XmlError } from '../../../../base/xml.ts'
import { germanDate } from './days.ts'

/** The fields of a system, in the order of the form. */
export const FIELDS = [
  'Art',
  'Software',
  'SoftwareVersion',
  'SeriennummerAS',
  'Hersteller',
  'Modell',
  'SeriennummerTSE',
  'InbetriebnahmeTSE',
  'BSIID',
  'ArtTSE',
  'AnschaffungAS',
  'InbetriebnahmeAS',
  'AusserbetriebnahmeAS',
  'GrundAusserbetriebnahme',
] as const
export type Field = (typeof FIELDS)[number]
/** Only a system that ended has them. */
const END_FIELDS: readonly Field[] = ['AusserbetriebnahmeAS', 'GrundAusserbetriebnahme']

/** A system as the form has it; '' for a field that is missing. */
export type FormRecord = { readonly [Name in Field]?: string }

const NAMESPACE = 'http://finkonsens.de/elster/elsternachricht/aufzeichnung146a/v1'
const ROOT = 'Aufzeichnung146a'
const SYSTEM = 'AngabenAufzeichnungssystem'
const DAY = {
  test: (text: string) => /^\d\d\.\d\d\.\d{4}$/.test(text) && isCalendarDate(text.split('.').toReversed().join('-')),
}
/** The numbers of kinds in the form. */
export const FORM_CODE = /^[1-5]$/
/** The fields that are not words, as this program writes them. */
const SHAPES: { readonly [Name in Field]?: Pick<RegExp, 'test'> } = {
  Art: FORM_CODE,
  SeriennummerTSE: /^[0-9a-f]{64}$/,
  InbetriebnahmeTSE: DAY,
  BSIID: /^\d{4}-\d{4}$/,
  ArtTSE: FORM_CODE,
  AnschaffungAS: DAY,
  InbetriebnahmeAS: DAY,
  AusserbetriebnahmeAS: DAY,
}
const LIMITS = { characters: 1 << 20, elements: 100_000, depth: 5 }
const LIST_DIGITS = 12

/** The file for the portal, to the byte: three lines, systems by their serial numbers. */
export function formXml(records: readonly FormRecord[]): string {
  const systems = records.toSorted(bySerial).map(systemXml).join('')
  return [
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>',
    `<${ROOT} xmlns="${NAMESPACE}" version="1">`,
    `<${ROOT}>${systems}</${ROOT}></${ROOT}>`,
    '',
  ].join('\n')
}

/** The name of a list and of its place: a new version of the software alone makes no other list. */
export function listOf(records: readonly FormRecord[], place: Readonly<Record<string, string>>): string {
  const unversioned = records.map((record) => ({ ...record, SoftwareVersion: '' }))
  const hash = createHash('sha256')
    .update(formXml(unversioned))
    .update(JSON.stringify(Object.entries(place)))
  return hash.digest('hex').slice(0, LIST_DIGITS)
}

function systemXml(record: FormRecord): string {
  const fields = FIELDS.flatMap((name) => {
    const value = record[name]
    return value === undefined ? [] : [`<${name}>${escapeText(value)}</${name}>`]
  })
  return `<${SYSTEM}>${fields.join('')}</${SYSTEM}>`
}

/** Only these three: a quote is text. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** By code points, not by UTF-16 units. */
export function bySerial(one: FormRecord, other: FormRecord): number {
  return Buffer.compare(Buffer.from(one.SeriennummerAS ?? ''), Buffer.from(other.SeriennummerAS ?? ''))
}

/** A text as the form has it: composed and trimmed; '' for none. */
export function formText(text: string | null | undefined): string {
  return (text ?? '').normalize('NFC').trim()
}

/** A calendar date, or an instant in the German calendar, as dd.mm.yyyy; '' for none. */
export function formDate(date: string | null | undefined): string {
  if (date === undefined || date === null) return ''
  const [year, month, day] = (isCalendarDate(date) ? date : germanDate(date)).split('-')
  return `${day}.${month}.${year}`
}

/** The systems in a file of this form, as another agent of the place wrote it. Throws XmlError. */
export function readForm(bytes: Uint8Array): FormRecord[] {
  const root = readXml(bytes, LIMITS)
  const [inner, ...others] = root.children
  const isForm = isNamed(root, ROOT) && root.attributes.get('version') === '1' && root.attributes.size === 2
  if (!isForm || inner === undefined || others.length > 0 || !isNamed(inner, ROOT)) throw otherForm('its root')
  demandNoText(root, inner)
  if (inner.children.length === 0) throw new XmlError('it has no system')
  return inner.children.map(readSystem)
}

function readSystem(system: XmlElement): FormRecord {
  if (!isNamed(system, SYSTEM)) throw otherForm(`the element ${system.name}`)
  demandNoText(system)
  const names = system.children.map((field) => (isNamed(field, field.name) ? field.name : ''))
  const isEnded = names.length === FIELDS.length
  const expected = FIELDS.filter((name) => isEnded || !END_FIELDS.includes(name))
  if (names.join() !== expected.join()) throw otherForm(`the fields of a system, ${names.join(' ').slice(0, 200)}`)
  const values = system.children.map(({ name, children, attributes, text }) => {
    if (children.length > 0 || attributes.size > 0) throw otherForm(`the content of ${name}`)
    return [name, formText(text)]
  })
  const record = Object.fromEntries(values) as FormRecord
  const blank = expected.find((name) => record[name] === '')
  if (blank !== undefined) throw new XmlError(`a system has no ${blank}`)
  const misshapen = expected.find((name) => {
    const text = record[name] ?? ''
    return visible(text) !== text || SHAPES[name]?.test(text) === false
  })
  if (misshapen !== undefined) throw otherForm(`${misshapen} ${visible(record[misshapen]?.slice(0, 100) ?? '')}`)
  return record
}

function isNamed({ name, namespace }: XmlElement, wanted: string): boolean {
  return name === wanted && namespace === NAMESPACE
}

function demandNoText(...elements: readonly XmlElement[]): void {
  const texts = elements.find(({ text }) => text.trim() !== '')
  if (texts !== undefined) throw otherForm(`text in ${texts.name}`)
}

function otherForm(what: string): XmlError {
  return new XmlError(`another form: ${what} is not that of § 146a Abs. 4 AO`)
}
