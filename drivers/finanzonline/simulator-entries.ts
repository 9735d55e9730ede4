import { X509Certificate } from 'node:crypto'
import { parseRfc3339 } from '../../base/clock.ts'
import type { XmlElement } from '../../base/xml.ts'
import { childOf, childText } from '../../base/xml.ts'
import type { Book, RegisterState, UnitState } from './simulator-books.ts'
import { outagesWith } from './simulator-books.ts'
import type { Verification } from './simulator-receipt.ts'
import { codeOf, normalSerial, verifyReceipt } from './simulator-receipt.ts'

/** The answer to one entry or question. `isDone`: it took effect, or would have. */
export type EntryResult = {
  readonly rc: string
  readonly message: string
  readonly isDone: boolean
  readonly status?: { readonly registeredAt: number; readonly word: string; readonly changedAt: number } | undefined
  readonly verification?: Verification
}

export type Surroundings = {
  readonly nowMs: number
  /** Certificates by number, base64 of DER; undefined without `--vda`: then each number is taken. */
  readonly certificates: ReadonlyMap<string, string> | undefined
  /** Milder than the service: a register is in use at once, and what can pass only later passes. */
  readonly isMild: boolean
  /** The effect is visible only that much later. */
  readonly lateMs: number
}

type Stateful = UnitState | RegisterState

const done: EntryResult = { rc: '0', message: '', isDone: true }

function refused(rc: string, message: string): EntryResult {
  return { rc, message, isDone: false }
}

/** The subject of an entry or question: number of the certificate, or Kassen-ID. */
export function subjectOf(name: string, entry: XmlElement): string {
  const cashBox = childText(entry, 'kassenidentifikationsnummer')
  if (cashBox !== undefined) return cashBox
  const code = childText(entry, 'beleg')
  if (name === 'belegpruefung' && code !== undefined) return codeOf(code).cashBoxId
  const certificate = childText(entry, 'zertifikat')
  const serial = certificate === undefined ? childText(entry, 'zertifikatsseriennummer') : serialIn(certificate)
  return normalSerial(serial ?? '')
}

/** Undefined for bytes that are not a certificate. */
function serialIn(certificate: string): string | undefined {
  try {
    return new X509Certificate(Buffer.from(certificate, 'base64')).serialNumber
  } catch {
    return undefined
  }
}

/** Changes the book, as the service would. */
export function applyEntry(name: string, entry: XmlElement, book: Book, around: Surroundings): EntryResult {
  const subject = subjectOf(name, entry)
  const found = stateOf(name, subject, book)
  switch (name) {
    case 'status_see':
    case 'status_kasse':
      return statusOf(found, name, around)
    case 'registrierung_se':
      return registerUnit(subject, entry, book, around)
    case 'registrierung_kasse':
      return register(subject, childText(entry, 'benutzerschluessel') ?? '', book, around)
    case 'belegpruefung':
      return checkReceipt(childText(entry, 'beleg') ?? '', subject, book, around)
    default:
      return found === undefined ? notThere(name) : change(name, entry, found, around)
  }
}

function stateOf(name: string, subject: string, book: Book): Stateful | undefined {
  return name.endsWith('_se') || name === 'status_see' ? book.units[subject] : book.registers[subject]
}

function notThere(name: string): EntryResult {
  return name.endsWith('_se') || name === 'status_see'
    ? refused('B33', 'Die Signaturerstellungseinheit ist nicht registriert.')
    : refused('B32', 'Die Registrierkasse ist nicht registriert.')
}

function statusOf(found: Stateful | undefined, name: string, { nowMs }: Surroundings): EntryResult {
  const shown = (found?.visibleAt ?? 0) > nowMs ? found?.before : found
  if (found === undefined || shown === undefined || shown.state === 'ENDED') return notThere(name)
  const { registeredAt } = found
  const { state, changedAt } = shown
  return { ...done, status: { registeredAt, word: state, changedAt } }
}

function registerUnit(
  serial: string,
  entry: XmlElement,
  book: Book,
  { nowMs, certificates, lateMs }: Surroundings,
): EntryResult {
  if (serial === '') return refused('5', 'Das Zertifikat ist nicht lesbar.')
  if (book.units[serial] !== undefined) return refused('B10', 'Die Signaturerstellungseinheit war bereits registriert.')
  const certificate = childText(entry, 'zertifikat') ?? certificates?.get(serial)
  if (certificate === undefined && certificates !== undefined)
    return refused('4', 'Das Zertifikat ist dem Vertrauensdiensteanbieter nicht bekannt.')
  book.units[serial] = {
    ...{ state: 'IN_BETRIEB', registeredAt: nowMs, changedAt: nowMs, visibleAt: nowMs + lateMs },
    vda: childText(entry, 'vda_id') ?? '',
    ...(certificate === undefined ? {} : { certificate }),
  }
  return done
}

function register(cashBoxId: string, aesKey: string, book: Book, around: Surroundings): EntryResult {
  if (book.registers[cashBoxId] !== undefined) return refused('B1', 'Die Registrierkasse war bereits registriert.')
  const { nowMs, isMild, lateMs } = around
  const hasUnit = Object.values(book.units).some(({ state }) => state !== 'ENDED')
  if (!hasUnit && !isMild) return refused('B7', 'Es ist keine Signaturerstellungseinheit registriert.')
  const state = isMild ? 'IN_BETRIEB' : 'REGISTRIERT'
  const times = { registeredAt: nowMs, changedAt: nowMs, visibleAt: nowMs + lateMs }
  book.registers[cashBoxId] = { state, aesKey, isStartChecked: false, ...times }
  return done
}

function checkReceipt(text: string, cashBoxId: string, book: Book, { nowMs, isMild }: Surroundings): EntryResult {
  const verification = verifyReceipt(codeOf(text), book, isMild)
  const register = book.registers[cashBoxId]
  if (verification.state !== 'PASS' || register === undefined)
    return { rc: '43', message: 'Die Belegprüfung ist fehlgeschlagen.', isDone: false, verification }
  const isFirst = !register.isStartChecked
  register.isStartChecked = true
  if (isFirst && register.state === 'REGISTRIERT') Object.assign(register, { state: 'IN_BETRIEB', changedAt: nowMs })
  return { ...done, verification }
}

/** Outage, its end, and the end of use. */
function change(name: string, entry: XmlElement, found: Stateful, { nowMs, lateMs }: Surroundings): EntryResult {
  const outage = childOf(entry, 'ausfall')
  const isEndOfUse = childOf(entry, 'ausserbetriebnahme') !== undefined
  if (found.state === 'ENDED') return isEndOfUse ? refused('B6', 'Bereits außer Betrieb.') : notThere(name)
  const become = (state: string, changedAt: number): EntryResult => {
    const before = { state: found.state, changedAt: found.changedAt }
    Object.assign(found, { state, changedAt, before, visibleAt: nowMs + lateMs })
    return done
  }
  if (isEndOfUse) return become('ENDED', nowMs)
  const text = childText(outage, 'beginn_ausfall') ?? childText(entry, 'ende_ausfall') ?? ''
  const at = parseRfc3339(text) ?? 0
  const isBegin = outage !== undefined
  if (found.state === 'REGISTRIERT') return refused('B2', 'Der Startbeleg wurde noch nicht geprüft.')
  if (isBegin === (found.state === 'AUSFALL')) return refused('B13', 'Der Zustand ist bereits gemeldet.')
  if (at > nowMs) return refused('B21', `Der Zeitpunkt ${text} liegt in der Zukunft.`)
  if (at < found.changedAt - 1000) return refused('B5', `Der Zeitpunkt ${text} liegt vor der letzten Änderung.`)
  found.outages = isBegin ? outagesWith(found, at) : (found.outages?.map((one) => ({ to: at, ...one })) ?? [])
  return become(isBegin ? 'AUSFALL' : 'IN_BETRIEB', at)
}
