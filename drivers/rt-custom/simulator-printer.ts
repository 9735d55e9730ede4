import type { Clock } from '../../base/clock.ts'
import { romeTime } from '../rt/civil-time.ts'
import { soundConditions } from '../rt/simulated-conditions.ts'
import { euros, OpenDocument } from '../rt/simulated-document.ts'
import type { SimulatedMemory, SimulatedOriginal } from '../rt/simulated-memory.ts'
import { PERIOD_MAX_MS } from '../rt/simulated-memory.ts'
import { leftOf, originalAt, unfitForReturn, unfitForVoid } from '../rt/simulated-originals.ts'
import { isBetween, linesOf, printDocument } from '../rt/simulated-paper.ts'
import { enquire } from './simulator-enquiries.ts'

/** Number of the factory payment table for each preset payment. */
const tenders: Readonly<Record<string, number>> = {
  '01': 1,
  '02': 3,
  '03': 4,
  '05': 5,
  '07': 2,
  '08': 4,
  '50': 6,
  '51': 7,
  '52': 8,
  '53': 9,
}
const REFUSED_VALUE = 'ERR03'
const REFUSED_SEQUENCE = 'ERR05'
const REFERENCE_MISSING = 'ERR91'
const REFERENCE_REVERSED = 'ERR92'

/** A printer of the Custom family without its line: commands in, echo and data or `ERRxx` out. */
export class SimulatedCustomPrinter {
  readonly #memory: SimulatedMemory
  readonly #clock: Clock
  readonly #serial: string
  #open: OpenDocument | undefined
  #paid = false
  #slip: string[] | undefined
  #reading: string[] = []
  #lastSlipAt: string | undefined
  #error = '00'
  readonly conditions = soundConditions()

  constructor(options: { memory: SimulatedMemory; clock: Clock; serial: string }) {
    this.#memory = options.memory
    this.#clock = options.clock
    this.#serial = options.serial
  }

  losePower(): void {
    this.#open = undefined
    this.#slip = undefined
    this.#reading = []
    this.#paid = false
    this.#error = '00'
    this.#memory.append({ type: 'restore' })
  }

  keyInSale(cents: number): void {
    if (this.#open || this.#slip) return
    const document = new OpenDocument('sale')
    document.addLine(1, cents, 1000, 'REPARTO 1')
    document.pay(1, undefined)
    this.#complete(document)
  }

  /** The daily closing, on request or automatically at midnight. */
  closeDay(): string {
    if (this.#open || this.#slip) return REFUSED_SEQUENCE
    const { z, number } = this.#memory
    this.#memory.append({ type: 'closure', z: z + 1, at: this.#now(), documents: number })
    return ''
  }

  execute(body: string): string {
    const command = body.slice(0, 4)
    const data = body.slice(4)
    const answered = this.#enquire(command, data)
    const answer = answered ?? this.#print(command, data)
    const refused = /^ERR(\d\d)$/.exec(answer)?.[1]
    if (refused !== undefined || answered === undefined) this.#error = refused ?? '00'
    return refused === undefined ? `${command}${answer}` : answer
  }

  #enquire(command: string, data: string): string | undefined {
    const open = this.#open ? 'document' : this.#slip && 'slip'
    return enquire(command, data, {
      memory: this.#memory,
      conditions: this.conditions,
      now: this.#now(),
      serial: this.#serial,
      error: this.#error,
      step: this.#step(),
      open,
      lastSlipAt: this.#lastSlipAt,
    })
  }

  #print(command: string, data: string): string {
    if (!this.conditions.coverClosed) return 'ERR37'
    switch (command) {
      case '3301':
        return this.#line(data)
      case '3003':
        return this.#open ? String(this.#open.totalCents).padStart(9, '0') : REFUSED_SEQUENCE
      case '3004':
        return this.#payInWords(data)
      case '3007':
        return this.#pay(data)
      case '3012':
      case '3024':
        return this.#trail(data)
      case '3019':
      case '6607':
        return this.#enterLottery(data)
      case '3011':
        return this.#close()
      case '7114':
        return data.startsWith('R') ? this.#openReturn(data) : this.#void(data)
      default:
        return this.#other(command, data)
    }
  }

  #other(command: string, data: string): string {
    switch (command) {
      case '2002':
        return data === '1' ? this.closeDay() : REFUSED_VALUE
      case '2003':
        return this.#open ? REFUSED_SEQUENCE : ''
      case '7106':
        return this.#moveCash(data)
      case '4001':
        if (this.#open || this.#slip) return REFUSED_SEQUENCE
        if (data !== '1') return REFUSED_VALUE
        this.#slip = []
        return ''
      case '4003':
        return this.#printText(data)
      case '4004':
        if (!this.#slip) return REFUSED_SEQUENCE
        this.#appendSlip(this.#slip, 0)
        this.#slip = undefined
        return ''
      case '7008':
        return ''
      case '8006':
        return this.#openReading(data)
      case '8004':
        return this.#reading.shift() ?? ''
      default:
        return REFUSED_VALUE
    }
  }

  /** TYPE(1) QTY(9) DEPT(3) LEN(2) TEXT AMOUNT(9) VATID(2). */
  #line(data: string): string {
    const match = /^(.)(\d{9})(\d{3})(\d\d.*)(\d{9})\d\d$/.exec(data)
    const text = textOf(match?.[4] ?? '')
    if (!match || text === undefined) return REFUSED_VALUE
    if (match[1] === '8') return this.#cancel()
    const [thousandths, department, amount] = [match[2], match[3], match[5]].map(Number) as [number, number, number]
    const refused = this.#open ? undefined : this.#checkOpening()
    if (refused) return refused
    if (this.#open?.payments.length) return REFUSED_SEQUENCE
    const document = this.#open ?? new OpenDocument('sale')
    const wrong = applyLine(document, match[1] ?? '', { department, amount, thousandths, text })
    if (wrong) return REFUSED_VALUE
    if (document.original && leftOf(this.#memory, document.original) < document.totalCents) {
      document.cancelLast()
      return REFUSED_VALUE
    }
    this.#open = document
    return ''
  }

  #pay(data: string): string {
    const tender = tenders[data.slice(0, 2)]
    if (!/^\d{11}$/.test(data)) return REFUSED_VALUE
    if (!this.#open || this.#paid) return REFUSED_SEQUENCE
    const paid = tender === undefined ? 'ES0001' : this.#open.pay(tender, Number(data.slice(2)))
    if (paid === 'ES0001') return REFUSED_VALUE
    this.#paid = paid === 'done'
    const rest = this.#open.totalCents - this.#open.paidCents
    return `${rest < 0 ? '-' : '+'}${String(Math.abs(rest)).padStart(9, '0')}`
  }

  /** Cash, under a name chosen by the host: LEN(2) TEXT AMOUNT(9). */
  #payInWords(data: string): string {
    const words = textOf(data.slice(0, -9))
    return words === undefined ? REFUSED_VALUE : this.#pay(`01${data.slice(-9)}`)
  }

  /** Lines after the payments, before the document is closed. */
  #trail(data: string): string {
    const words = textOf(data)
    if (words === undefined) return REFUSED_VALUE
    if (!this.#open || !this.#paid) return REFUSED_SEQUENCE
    this.#open.texts.push(words.replace(/^#/, ''))
    return ''
  }

  #enterLottery(data: string): string {
    if (!/^[A-Z0-9]{8}$/.test(data)) return REFUSED_VALUE
    if (!this.#open || this.#open.payments.length > 0) return REFUSED_SEQUENCE
    this.#open.lottery = data
    return ''
  }

  #printText(data: string): string {
    const words = textOf(data)
    if (words === undefined) return REFUSED_VALUE
    this.#slip?.push(words)
    return this.#slip ? '' : REFUSED_SEQUENCE
  }

  #close(): string {
    const document = this.#open
    if (!document || !this.#paid) return REFUSED_SEQUENCE
    this.#open = undefined
    this.#paid = false
    this.#complete(document)
    return ''
  }

  #cancel(): string {
    if (!this.#open) return REFUSED_SEQUENCE
    this.#open = undefined
    this.#paid = false
    return ''
  }

  #openReturn(data: string): string {
    const refused = this.#open ? REFUSED_SEQUENCE : this.#checkOpening()
    const evidence = evidenceOf(data)
    if (!refused && evidence) {
      this.#open = new OpenDocument('return', evidence)
      return ''
    }
    const original = originalOf(data)
    if (refused || !original) return refused ?? REFUSED_VALUE
    const named = originalAt(this.#serial, original)
    const unfit = unfitForReturn(this.#memory, named)
    if (unfit) return unfit === 'EG0020' ? REFERENCE_MISSING : REFERENCE_REVERSED
    this.#open = new OpenDocument('return', named)
    return ''
  }

  #void(data: string): string {
    const refused = this.#open ? REFUSED_SEQUENCE : this.#checkOpening()
    const original = originalOf(data)
    if (refused || !original) return refused ?? REFUSED_VALUE
    const named = originalAt(this.#serial, original)
    const record = this.#memory.find(named.z, named.number)
    const unfit = unfitForVoid(this.#memory, named)
    if (!record || unfit) return unfit === 'EG0021' ? REFERENCE_REVERSED : REFERENCE_MISSING
    const { totalCents, cashCents } = record
    const document = { kind: 'void', original: named, totalCents, cashCents: -cashCents, at: this.#now() } as const
    printDocument(
      this.#memory,
      document,
      ['TOTALE COMPLESSIVO'.padEnd(34) + euros(totalCents).padStart(14)],
      this.#serial,
    )
    return ''
  }

  #moveCash(data: string): string {
    if (!/^[DP]\d{9}$/.test(data)) return REFUSED_VALUE
    const cents = Number(data.slice(1)) * (data.startsWith('D') ? 1 : -1)
    if (this.#open || this.#slip) return REFUSED_SEQUENCE
    if (cents === 0 || this.#memory.drawerCents + cents < 0) return REFUSED_VALUE
    this.#appendSlip([`${cents > 0 ? 'VERSAMENTO' : 'PRELIEVO'} ${euros(Math.abs(cents))}`], cents)
    return ''
  }

  #openReading(data: string): string {
    const [from, until] = [isoDay(data.slice(0, 6)), isoDay(data.slice(6, 12))]
    const records = this.#memory.records().filter((record) => 'at' in record && isBetween(record.at, from, until))
    this.#reading = records.flatMap((record) => linesOf(record)).map((line) => line || ' ')
    return ''
  }

  #complete(document: OpenDocument): void {
    const { kind, original, totalCents, cashCents } = document
    this.#lastSlipAt = undefined
    const head = { kind, original, totalCents, cashCents, at: this.#now() }
    printDocument(this.#memory, head, document.body(), this.#serial)
  }

  #appendSlip(lines: readonly string[], cashCents: number): void {
    this.#lastSlipAt = this.#now()
    this.#memory.append({ type: 'slip', number: this.#memory.nonFiscal + 1, at: this.#lastSlipAt, lines, cashCents })
  }

  #checkOpening(): string | undefined {
    if (this.#slip) return REFUSED_SEQUENCE
    if (this.#memory.isOpenSince(this.#now(-PERIOD_MAX_MS))) return 'ERR61'
    if (this.conditions.memoryFull) return 'ERR30'
    return this.conditions.inService ? undefined : 'ERR83'
  }

  #step(): string {
    if (this.#slip) return '8'
    if (!this.#open) return '0'
    if (this.#paid) return '3'
    return this.#open.payments.length > 0 ? '2' : '1'
  }

  #now(laterMs = 0): string {
    return romeTime(this.#clock.now() + this.conditions.clockOffsetMs + laterMs)
  }
}

/** LEN(2) TEXT; undefined if they do not match. */
function textOf(data: string): string | undefined {
  return /^\d\d/.test(data) && data.length === 2 + Number(data.slice(0, 2)) ? data.slice(2) : undefined
}

type Entry = { department: number; amount: number; thousandths: number; text: string }

function applyLine(document: OpenDocument, type: string, entry: Entry): string | undefined {
  const { department, amount, thousandths, text } = entry
  switch (type) {
    case '1':
      return document.addLine(department, amount, thousandths, text)
    case '2':
      return document.adjust(() => amount, text)
    case '3':
      return document.adjust(() => -amount, text)
    case 'F':
    case 'G':
      return document.deduct(department, amount, text)
    default:
      return REFUSED_VALUE
  }
}

/** Evidence of a document without a number: the kind of payment, or why it is unknown, and its day. */
function evidenceOf(data: string): SimulatedOriginal | undefined {
  const [, evidence, day = ''] = /^R(?:03|02)(POS|VR|ND)(\d{6})$/.exec(data) ?? []
  if (evidence === undefined || Number(data.slice(1, 3)) !== evidence.length) return undefined
  return { z: 0, number: 0, date: isoDay(day), evidence }
}

/** TYPE, LEN(2), serial, DDMMYY, Z(4), number(4). */
function originalOf(data: string): { z: number; number: number; date: string; serial: string } | undefined {
  const serial = textOf(data.slice(1, -14))
  const match = /(\d{6})(\d{4})(\d{4})$/.exec(data)
  if (!match || serial === undefined) return undefined
  return { serial, date: isoDay(match[1] ?? ''), z: Number(match[2]), number: Number(match[3]) }
}

function isoDay(day: string): string {
  return `20${day.slice(4, 6)}-${day.slice(2, 4)}-${day.slice(0, 2)}`
}
