import { base32 } from '../../../base/base32.ts'
import { formatCents } from '../../../base/money.ts'
import type { FieldAmounts } from './amounts.ts'
import { AustrianRefusal } from './refusal.ts'
import { TRAINING_MARK } from './turnover.ts'
import { fields } from './vat.ts'

/** Fields 1 to 12 of the machine-readable code, as written (RKSV Anlage Z 12). */
export type MachineCode = {
  /** Registrierkassenalgorithmuskennzeichen, e.g. `R1-AT1`. */
  suite: string
  cashBoxId: string
  number: string
  /** Local time Europe/Vienna, `YYYY-MM-DDThh:mm:ss`. */
  stamp: string
  amounts: FieldAmounts
  /** Encrypted counter in BASE64, or the mark of a training or void receipt. */
  counter: string
  serial: string
  previous: string
}

const BASE64 = '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)'
const TEXT = '[^_\\s](?:[^_]*[^_\\s])?'
const AMOUNT = '(?!-0,00)-?(?:0|[1-9][0-9]*),[0-9]{2}'
/** AT0 names company and key instead of a certificate. */
const SERIAL = '(?:[1-9a-f][0-9a-f]{0,39}|[USG]:[A-Z0-9]+-[^_-]+)'
const shape = new RegExp(
  `^_(R1-AT(?:0|[1-9][0-9]{0,2}))_(${TEXT})_(${TEXT})_(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d)` +
    `_(${AMOUNT})_(${AMOUNT})_(${AMOUNT})_(${AMOUNT})_(${AMOUNT})_(${BASE64})_(${SERIAL})_([A-Za-z0-9+/]{11}=)$`,
  'u',
)
const LENGTH_MIN = 100
const LENGTH_MAX = 1000
/** Elements 10, 12 and 13 of the code are BASE64; element 0 is the empty one before the leading `_`. */
const base64Elements: ReadonlySet<number> = new Set([10, 12, 13])

/** True for a Kassen-ID that every form of the code, every tool and FinanzOnline accept unchanged. */
export function isCashBoxId(text: string): boolean {
  return /^[A-Za-z0-9.-]{1,32}$/.test(text)
}

/** Leading `_` and twelve fields joined by `_`. Throws `field_malformed` for an invalid field. */
export function payloadOf(code: MachineCode): string {
  const payload = [
    '',
    code.suite,
    code.cashBoxId,
    code.number,
    code.stamp,
    ...fields.map((field) => formatCents(code.amounts[field]).replace('.', ',')),
    code.counter,
    code.serial,
    code.previous,
  ].join('_')
  if (!shape.test(payload)) throw malformed(payload)
  return payload
}

/** The twelve fields of a payload. Throws `field_malformed`. */
export function parsePayload(payload: string): MachineCode {
  const match = shape.exec(payload)
  if (!match) throw malformed(payload)
  const [, suite = '', cashBoxId = '', number = '', stamp = ''] = match
  const [normal, reduced1, reduced2, zero, special] = match.slice(5, 10).map(centsOf)
  const [counter = '', serialText = '', previous = ''] = match.slice(10)
  const amounts = {
    normal: normal ?? 0n,
    reduced1: reduced1 ?? 0n,
    reduced2: reduced2 ?? 0n,
    zero: zero ?? 0n,
    special: special ?? 0n,
  }
  return { suite, cashBoxId, number, stamp, amounts, counter, serial: serialText, previous }
}

/** Beleg-Datum-Uhrzeit of a code or payload written by this program, without parsing the other fields. */
export function stampOf(payload: string): string {
  return payload.split('_')[4] ?? ''
}

/** Suite and certificate serial (fields 1 and 11) of such a code or payload. */
export function unitOf(payload: string): Pick<MachineCode, 'suite' | 'serial'> {
  const elements = payload.split('_')
  return { suite: elements[1] ?? '', serial: elements[11] ?? '' }
}

export function isTraining(code: MachineCode): boolean {
  return code.counter === TRAINING_MARK
}

/** Text of the QR code: payload and field 13 in standard BASE64. Throws `field_malformed` outside 100–1000 characters. */
export function qrText(payload: string, signature: Uint8Array): string {
  const text = `${payload}_${Buffer.from(signature).toString('base64')}`
  if (text.length >= LENGTH_MIN && text.length <= LENGTH_MAX) return text
  throw new AustrianRefusal(
    'field_malformed',
    `The machine-readable code has ${text.length} characters, not 100 to 1000.`,
  )
}

/** The same code for the font OCR-A: BASE32 instead of BASE64. For printing only. */
export function ocrText(qr: string): string {
  return qr
    .split('_')
    .map((element, index) => (base64Elements.has(index) ? base32(Buffer.from(element, 'base64')) : element))
    .join('_')
}

function centsOf(text: string): bigint {
  return BigInt(text.replace(',', ''))
}

function malformed(payload: string): AustrianRefusal {
  return new AustrianRefusal('field_malformed', `A field of the machine-readable code is malformed: ${payload}`)
}
