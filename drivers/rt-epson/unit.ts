import { DeviceError } from '../errors.ts'
import type { RtBaseline, RtDocument, RtOriginal } from '../ports/rt-printer.ts'
import { totalOf } from '../rt/amounts.ts'
import { documentNumberOf, four } from '../rt/document-number.ts'
import { originalDay } from '../rt/document-rules.ts'
import { isAfter } from '../rt/memory-text.ts'
import { isSlip } from '../rt/slip.ts'
import type { RtCounters, RtFound, RtSent, RtUnit, Search } from '../rt/unit.ts'
import type { DocumentPlan } from './document-xml.ts'
import { epsonRefusal, isUnclear, refusesClosing, WRONG_CHECK_DIGIT } from './refusals.ts'
import type { EpsonService } from './service.ts'
import { isUnsupported } from './service.ts'
import type { AnsweredReceipt, EpsonReply, LastReceipt, PrinterStates, RtStatus } from './xml.ts'
import {
  answeredReceipt,
  element,
  hasNoDocument,
  matricolaOf,
  parseLastClosure,
  parseLastReceipt,
  serialIn,
  wholeMatricola,
} from './xml.ts'

/** Steps that make the printer idle, before it counts as stuck. */
const REST_MAX = 5

/**
 * An Epson printer with its XML service. A document is one request, whose elements are executed one by one: after a
 * failure the document stays open, and is reset before anything else.
 */
export class EpsonUnit implements RtUnit<DocumentPlan> {
  readonly #service: EpsonService
  #serial: string | undefined
  /** The answer to the last document. */
  #answered: AnsweredReceipt | undefined
  /**
   * Our own slip that the printer reports instead of its last document: its period, and the number of that document.
   */
  #slip: { at: string; z: number; number: number } | undefined

  constructor(service: EpsonService) {
    this.#service = service
  }

  get connected(): boolean {
    return this.#serial !== undefined
  }

  async close(): Promise<void> {
    this.#serial = undefined
  }

  /** Each request opens a connection, so the printer is identified each time. */
  ready(signal: AbortSignal): Promise<string> {
    return this.identify(signal)
  }

  async identify(signal: AbortSignal): Promise<string> {
    return (await this.#identified(signal)).serial
  }

  /** With the state of the printer: some answer only parts of their matricola, and the state has the missing one. */
  async #identified(signal: AbortSignal): Promise<{ serial: string; status: RtStatus | undefined }> {
    this.#serial = undefined
    const identity = (await this.#service.directIo('3217', signal)).trim()
    const status = await this.#service.rtStatus(signal)
    const serial = wholeMatricola(identity) ?? matricolaOf(identity, status)
    if (serial === undefined)
      throw new DeviceError('garbled', 'none', 'no matricola: it is not an RT, or not activated')
    this.#serial = serial
    return { serial, status }
  }

  /** The printer must be in service: otherwise its documents are worthless, and nothing is sent to it. */
  async #inService(signal: AbortSignal): Promise<string> {
    const { serial, status } = await this.#identified(signal)
    const { worthless } = await this.#service.serviceState(status, signal)
    if (worthless !== undefined) throw new DeviceError('out_of_service', 'none', worthless)
    return serial
  }

  /** Connects, and ends a document that was left open. Throws if the firmware does not report its last document. */
  async open(signal: AbortSignal): Promise<void> {
    await this.#inService(signal)
    await this.#rest(signal)
    await this.lastReceipt(signal)
  }

  /** The service reports no time except that of the last document. */
  async clockText(): Promise<string | undefined> {
    return undefined
  }

  async pendingFiles(): Promise<number | undefined> {
    return undefined
  }

  async baseline(signal: AbortSignal): Promise<RtBaseline> {
    const serial = await this.#inService(signal)
    await this.#rest(signal)
    const { z, number, last } = await this.#counted(signal)
    return { serial, z, number, non_fiscal: 0, restores: 0, at: last?.at ?? '' }
  }

  async restingCounters(signal: AbortSignal): Promise<RtCounters | 'again'> {
    const states = await this.#service.states(signal)
    if (await this.#stepToRest(states, signal)) return 'again'
    demandPaper(states)
    return await this.counters(signal)
  }

  async counters(signal: AbortSignal): Promise<RtCounters> {
    const { z, number } = await this.#counted(signal)
    return { z, number }
  }

  async #counted(signal: AbortSignal): Promise<RtCounters & { last: LastReceipt | undefined }> {
    const z = parseLastClosure(await this.#service.directIo('2052', signal, ''))
    if (z === undefined) throw new DeviceError('garbled', 'none', 'no closure number')
    const last = await this.lastReceipt(signal)
    return { z, number: this.#numberIn(z + 1, last), last }
  }

  async #rest(signal: AbortSignal): Promise<void> {
    for (let step = 0; step < REST_MAX; step += 1) {
      const states = await this.#service.states(signal)
      if (await this.#stepToRest(states, signal)) continue
      if (states.isRegistering) return
      throw new DeviceError('unavailable', 'none', 'not possible now: the printer is not in registration')
    }
    throw new DeviceError('unavailable', 'none', 'an open document cannot be reset')
  }

  /**
   * Resets an open document of any program: it has no number, and a finished document is not open. False if the printer
   * is idle.
   */
  async #stepToRest(states: PrinterStates, signal: AbortSignal): Promise<boolean> {
    if (!states.isOpen) return false
    demandPaper(states)
    const reset = element('printerCommand', {}, element('resetPrinter', { operator: 1 }))
    await this.#service.order(reset, this.#service.timeouts.replyMs, 'reset', signal)
    return true
  }

  /** Undefined if there is no receipt; an unreadable one must not pass for that. */
  async lastReceipt(signal: AbortSignal): Promise<LastReceipt | undefined> {
    const data = await this.#service.directIo('1387', signal).catch((error: unknown) => {
      if (!(error instanceof DeviceError)) throw error
      if (error.code === 'document_unknown') return ''
      throw isUnsupported(error) ? new DeviceError('out_of_service', 'none', OLD_FIRMWARE, error.deviceCode) : error
    })
    if (hasNoDocument(data)) return undefined
    const last = parseLastReceipt(data)
    if (last === undefined)
      throw new DeviceError('garbled', 'none', `the last document cannot be read: ${data.slice(0, 80)}`)
    return last
  }

  async send(plan: DocumentPlan, _fresh: RtBaseline, signal: AbortSignal): Promise<RtSent> {
    this.#answered = undefined
    try {
      const reply = await this.#service.request(plan.xml, this.#service.timeouts.printMs, signal)
      if (reply.success) {
        this.#answered = answeredReceipt(reply)
        return { end: 'done' }
      }
      if (isUnclear(reply)) return { end: 'unclear' }
      return { end: 'refused', error: await this.#causeOf(documentRefusal(reply, plan), signal), isBegun: true }
    } catch (error) {
      if (!(error instanceof DeviceError) || error.effect === 'none') throw error
      return { end: 'unclear' }
    }
  }

  /**
   * The number of the refusal after 24 hours is in no public list, but the state shows that a closure is due. If the
   * state cannot be read, it is open whether the document itself is at fault.
   */
  async #causeOf(refusal: DeviceError, signal: AbortSignal): Promise<DeviceError> {
    if (refusal.code !== 'refused') return refusal
    const { message, deviceCode } = refusal
    try {
      if (!(await this.#wantsClosure(signal))) return refusal
      return new DeviceError('closure_due', 'none', `${message}: the printer wants its closure first`, deviceCode)
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      return new DeviceError('unavailable', 'none', `${message}, and did not say why: ${error.message}`, deviceCode)
    }
  }

  async #wantsClosure(signal: AbortSignal): Promise<boolean> {
    const wanted = (await this.#service.rtElements(signal))?.wantsClosure
    return wanted ?? (await this.#service.rtStatus(signal))?.wantsClosure === true
  }

  async closeOnce(signal: AbortSignal): Promise<void> {
    const xml = element('printerFiscalReport', {}, element('printZReport', { operator: 1 }))
    try {
      const reply = await this.#service.request(xml, this.#service.timeouts.longMs, signal)
      if (!reply.success && refusesClosing(reply)) throw epsonRefusal(reply, 'Z report')
      this.#demandOwn(reply)
    } catch (error) {
      if (!(error instanceof DeviceError) || error.effect === 'none') throw error
    }
  }

  /**
   * The service reads no texts of the memory: one further document with the same total counts as ours and is marked as
   * not certain. Several cannot be distinguished, and a slip hides them. The last document also shows what was printed
   * before a closure.
   */
  search(document: RtDocument, baseline: RtBaseline): Search {
    return async (now, signal) => {
      const last = await this.lastReceipt(signal)
      if (!last || this.#numberIn(now.z + 1, last) !== now.number) return 'again'
      const isMade = document.kind === 'void' ? await this.#isVoided(document.original, baseline, signal) : undefined
      if (isMade === false) return undefined
      const seen = seenIn(last, document, baseline)
      return isMade === true && seen ? { ...seen, certain: true } : seen
    }
  }

  /** A sale that can no longer be voided was voided; undefined if the firmware does not report it. */
  async #isVoided(original: RtOriginal, baseline: RtBaseline, signal: AbortSignal): Promise<boolean | undefined> {
    const { day, month, year } = originalDay(original)
    const { z, number, serial = baseline.serial } = original
    try {
      const answer = await this.#service.directIo(
        '9205',
        signal,
        `2${serial}${day}${month}${year}${four(number)}${four(z)}`,
      )
      return !/^[01]/.test(answer)
    } catch (error) {
      if (error instanceof DeviceError && isUnsupported(error)) return undefined
      throw error
    }
  }

  /** A second slip is harmless, because it is not a fiscal document. */
  async findSlip(): Promise<undefined> {
    return undefined
  }

  async justPrinted(document: RtDocument, fresh: RtBaseline, signal: AbortSignal): Promise<RtFound | undefined> {
    if (isSlip(document)) {
      const last = await this.lastReceipt(signal).catch(() => undefined)
      if (last?.isFiscal === false && fresh.number >= 0)
        this.#slip = { at: last.at, z: fresh.z + 1, number: fresh.number }
      return { z: fresh.z + 1, number: 0, printedAt: undefined }
    }
    const answered = this.#answered
    // Two printers may share one address: the document is on paper at one of them and must not be printed again.
    const isOfOther = answered?.serial !== undefined && answered.serial !== fresh.serial
    if (answered !== undefined && (isOfOther || isAfter(answered, fresh))) {
      const { z, number, serial } = answered
      return { z, number, printedAt: await this.#secondOf(answered, signal), ...(serial !== undefined && { serial }) }
    }
    const last = await this.lastReceipt(signal)
    const isNext = last?.z === fresh.z + 1 && last.number === fresh.number + 1
    return isNext ? { z: last.z, number: last.number, printedAt: last.at } : undefined
  }

  /** Older firmware answers a document with its minute alone. */
  async #secondOf({ z, number, at }: AnsweredReceipt, signal: AbortSignal): Promise<string | undefined> {
    if (at !== undefined && at.length > MINUTE_LENGTH) return at
    const last = await this.lastReceipt(signal).catch(() => undefined)
    return last?.isFiscal === true && last.z === z && last.number === number ? last.at : at
  }

  /**
   * Two printers may share one address: a closure of the other one closes its own day, and each try would close
   * another.
   */
  #demandOwn(reply: EpsonReply): void {
    const serial = serialIn(reply)
    if (serial === undefined || this.#serial === undefined || serial === this.#serial) return
    throw new DeviceError('foreign', 'none', `printer ${serial} answers at the same address, and has closed its day`)
  }

  /**
   * The last document's number in the running period, 0 if it is from another. If the printer reports the slip of another
   * program instead, the number is unknown: the result is below 0, made of the slip's time, and equals only itself.
   */
  #numberIn(running: number, last: LastReceipt | undefined): number {
    if (last === undefined) return 0
    if (last.isFiscal) return last.z === running ? last.number : 0
    // The reported period of a slip may be the running one: a closure since then has restarted the numbers.
    if (last.at === this.#slip?.at) return this.#slip.z === running ? this.#slip.number : 0
    return -1 - Number(last.at.slice(5).replaceAll(/\D/g, ''))
  }
}

/** The evidence of the last document about ours; undefined if ours was certainly not printed. */
function seenIn(last: LastReceipt, document: RtDocument, baseline: RtBaseline): RtFound | undefined {
  if (!last.isFiscal) {
    if (last.at === baseline.at) return undefined
    throw new DeviceError('print_unresolved', 'unknown', hiddenBy(last))
  }
  if (!isAfter(last, baseline)) return undefined
  // After a slip only the first document of the period is known to be the next.
  const isNext = last.z === baseline.z + 1 && last.number === Math.max(0, baseline.number) + 1
  if (!isNext) throw new DeviceError('print_unresolved', 'unknown', severalSince(baseline))
  const totalCents = totalOf(document)
  if (totalCents !== undefined && totalCents !== last.totalCents) return undefined
  return { z: last.z, number: last.number, printedAt: last.at, certain: false }
}

function demandPaper({ paper }: PrinterStates): void {
  if (paper === 'out') throw new DeviceError('paper_out', 'unknown', 'no paper, or the cover is open')
}

const OLD_FIRMWARE = 'its firmware does not report the last document (directIO 1387): protocol 8.1 or newer is needed'
const MINUTE_LENGTH = 'YYYY-MM-DDTHH:MM'.length

/** A refusal names what the printer alone can check, and forms that its firmware may not take. */
function documentRefusal(reply: EpsonReply, { lotteryCode, evidence }: DocumentPlan): DeviceError {
  const refusal = epsonRefusal(reply, 'document')
  const words = [
    ...(lotteryCode !== undefined && reply.status === WRONG_CHECK_DIGIT ? [`lottery code ${lotteryCode}`] : []),
    ...(evidence === undefined ? [] : [`its evidence was sent as ${evidence} (profile.evidence)`]),
  ]
  return words.length === 0 ? refusal : refusal.toldAs({ message: [refusal.message, ...words].join(': ') })
}

function hiddenBy({ at }: LastReceipt): string {
  return `the slip of ${at} hides whether a document was printed before it: look at the paper`
}

/** If one of them is ours, it is the first. */
function severalSince({ z, number, at }: RtBaseline): string {
  const first = number < 0 ? `the slip of ${at}` : documentNumberOf(z + 1, number)
  return `several documents may have been printed after ${first}: look at them, the first is ours or none`
}
