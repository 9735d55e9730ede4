import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import type { Post } from '../links/http.ts'
import { post as postOverHttp } from '../links/http.ts'
import type { RtBaseline, RtDocument } from '../ports/rt-printer.ts'
import { documentNumberOf } from '../rt/document-number.ts'
import { isAfter } from '../rt/memory-text.ts'
import { isSlip } from '../rt/slip.ts'
import type { RtCounters, RtFound, RtSent, RtUnit, Search } from '../rt/unit.ts'
import type { DocumentPlan } from './document-xml.ts'
import { totalOf } from './document-xml.ts'
import { epsonRefusal, isUnclear, refusesClosing, statesOf } from './refusals.ts'
import type { AnsweredReceipt, EpsonReply, LastReceipt, RtStatus } from './xml.ts'
import {
  answeredReceipt,
  element,
  envelope,
  hasNoDocument,
  matricolaOf,
  parseLastClosure,
  parseLastReceipt,
  parseReply,
  parseRtStatus,
  serialIn,
  wholeMatricola,
} from './xml.ts'

export type EpsonTimeouts = { replyMs: number; printMs: number; longMs: number }
export type EpsonUnitOptions = {
  host: string
  port: number
  clock: Clock
  timeouts: EpsonTimeouts
  /** Default: the network. */
  post?: Post | undefined
}

/** An Epson printer with its XML service. A document is one request; its outcome is one answer. */
export class EpsonUnit implements RtUnit<DocumentPlan> {
  readonly #options: EpsonUnitOptions
  #serial: string | undefined
  /** The answer to the last document. */
  #answered: AnsweredReceipt | undefined
  /**
   * Our own slip that the printer reports instead of its last document: its period, and the number of that document.
   */
  #slip: { at: string; z: number; number: number } | undefined

  constructor(options: EpsonUnitOptions) {
    this.#options = options
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
    this.#serial = undefined
    const identity = (await this.directIo('3217', signal)).trim()
    const serial = wholeMatricola(identity) ?? matricolaOf(identity, await this.rtStatus(signal))
    if (serial === undefined) throw new DeviceError('garbled', 'none', 'no matricola')
    this.#serial = serial
    return serial
  }

  /** The service reports no time except that of the last document. */
  async clockText(): Promise<string | undefined> {
    return undefined
  }

  async pendingFiles(): Promise<number | undefined> {
    return undefined
  }

  async baseline(signal: AbortSignal): Promise<RtBaseline> {
    const serial = await this.ready(signal)
    const { z, number } = await this.counters(signal)
    const last = await this.lastReceipt(signal)
    return { serial, z, number, nonFiscal: 0, restores: 0, at: last?.at ?? '' }
  }

  async restingCounters(signal: AbortSignal): Promise<RtCounters> {
    const status = await this.status(signal)
    if (status.startsWith('3')) throw new DeviceError('paper_out', 'unknown', 'no paper, or the cover is open')
    return await this.counters(signal)
  }

  async counters(signal: AbortSignal): Promise<RtCounters> {
    const z = await this.#lastClosure(signal)
    return { z, number: this.#numberIn(z + 1, await this.lastReceipt(signal)) }
  }

  /** Some firmware reports the running closure only in the answer to a document or report. */
  async #lastClosure(signal: AbortSignal): Promise<number> {
    const running = (await this.#query(signal)).info.get('zRepNumber')
    const z = running === undefined ? parseLastClosure(await this.directIo('2052', signal)) : Number(running) - 1
    if (z === undefined || !Number.isInteger(z)) throw new DeviceError('garbled', 'none', 'no closure number')
    return z
  }

  /** Five digits: printer, journal, drawer, document, mode. */
  async status(signal: AbortSignal): Promise<string> {
    return statesOf(await this.#query(signal))
  }

  /**
   * Undefined if the firmware does not support it, whatever its refusal: the documentation of the service has no such
   * command.
   */
  async rtStatus(signal: AbortSignal): Promise<RtStatus | undefined> {
    const reply = await this.#request(enquiry('1138'), this.#options.timeouts.replyMs, signal)
    if (isUnclear(reply)) throw epsonRefusal(reply, 'directIO 1138')
    return reply.success ? parseRtStatus(dataOf(reply)) : undefined
  }

  /** Undefined if there is no receipt; an unreadable one must not pass for that. */
  async lastReceipt(signal: AbortSignal): Promise<LastReceipt | undefined> {
    const data = await this.directIo('1387', signal).catch((error: unknown) => {
      if (error instanceof DeviceError && error.code === 'document_unknown') return ''
      throw error
    })
    if (hasNoDocument(data)) return undefined
    const last = parseLastReceipt(data)
    if (last === undefined)
      throw new DeviceError('garbled', 'none', `the last document cannot be read: ${data.slice(0, 80)}`)
    return last
  }

  async directIo(command: string, signal: AbortSignal): Promise<string> {
    return dataOf(await this.order(enquiry(command), this.#options.timeouts.replyMs, `directIO ${command}`, signal))
  }

  /** A command that prints no document. Throws the printer's refusal. */
  async order(xml: string, timeoutMs: number, what: string, signal: AbortSignal): Promise<EpsonReply> {
    const reply = await this.#request(xml, timeoutMs, signal)
    if (!reply.success) throw epsonRefusal(reply, what)
    return reply
  }

  async send({ xml }: DocumentPlan, _fresh: RtBaseline, signal: AbortSignal): Promise<RtSent> {
    this.#answered = undefined
    try {
      const reply = await this.#request(xml, this.#options.timeouts.printMs, signal)
      if (reply.success) {
        this.#answered = answeredReceipt(reply)
        return { end: 'done' }
      }
      if (isUnclear(reply)) return { end: 'unclear' }
      return { end: 'refused', error: await this.#causeOf(epsonRefusal(reply, 'document'), signal), isBegun: true }
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
    const wanted = (await this.#query(signal)).info.get('rtNoWorkingPeriod')
    return wanted === undefined ? (await this.rtStatus(signal))?.wantsClosure === true : wanted === '1'
  }

  async closeOnce(signal: AbortSignal): Promise<void> {
    const xml = element('printerFiscalReport', {}, element('printZReport', { operator: 1 }))
    try {
      const reply = await this.#request(xml, this.#options.timeouts.longMs, signal)
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
      return seenIn(last, document, baseline)
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
      const { z, number, at, serial } = answered
      const last = await this.lastReceipt(signal).catch(() => undefined)
      const isLast = last?.isFiscal === true && last.z === z && last.number === number
      return { z, number, printedAt: isLast ? last.at : at, ...(serial !== undefined && { serial }) }
    }
    const last = await this.lastReceipt(signal)
    const isNext = last?.z === fresh.z + 1 && last.number === fresh.number + 1
    return isNext ? { z: last.z, number: last.number, printedAt: last.at } : undefined
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

  async #request(xml: string, timeoutMs: number, signal: AbortSignal): Promise<EpsonReply> {
    const { host, port, clock, post = postOverHttp } = this.#options
    const path = `/cgi-bin/fpmate.cgi?devid=local_printer&timeout=${timeoutMs}`
    const headers = { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '""' }
    const answer = await post({ host, port, path, headers, body: envelope(xml) }, timeoutMs, clock, signal)
    const reply = parseReply(answer)
    if (!reply) throw new DeviceError('garbled', 'unknown', 'the answer is not from the XML service')
    return reply
  }

  /**
   * The last document's number in the running period, 0 if it is from another. A foreign slip reported instead hides
   * it: then the number is below 0, made of the slip's time, and equals only itself.
   */
  #numberIn(running: number, last: LastReceipt | undefined): number {
    if (last === undefined) return 0
    if (last.isFiscal) return last.z === running ? last.number : 0
    // The reported period of a slip may be the running one: a closure since then has restarted the numbers.
    if (last.at === this.#slip?.at) return this.#slip.z === running ? this.#slip.number : 0
    return -1 - Number(last.at.slice(5).replaceAll(/\D/g, ''))
  }

  async #query(signal: AbortSignal): Promise<EpsonReply> {
    const xml = element('printerCommand', {}, element('queryPrinterStatus', { operator: 1, statusType: 1 }))
    return await this.order(xml, this.#options.timeouts.replyMs, 'status', signal)
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

function enquiry(command: string): string {
  return element('printerCommand', {}, element('directIO', { command, data: '01' }))
}

function dataOf({ info }: EpsonReply): string {
  return info.get('responseData') ?? ''
}

function hiddenBy({ at }: LastReceipt): string {
  return `the slip of ${at} hides whether a document was printed before it: look at the paper`
}

/** If one of them is ours, it is the first. */
function severalSince({ z, number, at }: RtBaseline): string {
  const first = number < 0 ? `the slip of ${at}` : documentNumberOf(z + 1, number)
  return `several documents may have been printed after ${first}: look at them, the first is ours or none`
}
