import type { Basket, Reference } from './basket.ts'
import { bodyOf, cashOf, freshBasket, givesChange, knownTender, lastGoods, paidOf, totalOf } from './basket.ts'
import type { Fields } from './grammar.ts'
import { demand, fieldsOf, integer, isoDay, Refusal } from './grammar.ts'
import type { Layout, Paper } from './tape.ts'
import { money, padded, Tape, textOf, thousands } from './tape.ts'

/** The printer's reply to one command: its outcome or value, and a text of the memory before it. */
export type Say = { data: string; text?: string }
export type MachineOptions = {
  now: () => string
  serial: string
  layout: Layout
  /** Status 04 until `=c`. */
  fidelity: boolean
  /** An error of paper or cover stays until `=K`. */
  keepsError: boolean
}

const rates = ['22%', '10%', '5%', '4%', 'EE', 'NS', 'NI', 'ES', 'RM', 'AL']

/**
 * A second printer of the RCH line, made from the tables of the protocol alone: each command is one entry of a table, a
 * refusal is thrown. It shares nothing with the driver or with the simulator that is part of the product.
 */
export class PageMachine {
  readonly #options: MachineOptions
  readonly tape = new Tape()
  z = 141
  number = 0
  slips = 0
  restores = 3
  key = 'R'
  paper = true
  cover = true
  paperEndsIn: 'resume' | 'lose' | undefined
  #error = '0000'
  #basket: Basket | undefined
  #slip: string[] | undefined
  #ahead: string[] = []
  #ending = false
  #tail = false
  #stuck = false

  constructor(options: MachineOptions) {
    this.#options = options
  }

  /** 00 idle, 01 lines, 02 payments, 03 alphanumeric, 04 waits for `=c`. */
  get status(): string {
    if (this.#ending) return '04'
    if (this.#slip) return '03'
    if (!this.#basket) return '00'
    return this.#basket.paid.length > 0 || this.#stuck ? '02' : '01'
  }

  get isStuck(): boolean {
    return this.#stuck
  }

  outcome(code: string, more = false): string {
    if (code.startsWith('E')) this.#error = code.slice(2)
    return `${code}${this.status}${more ? '1' : '0'}0`
  }

  run(command: string): Say {
    try {
      if (command.startsWith('<</?')) return { data: this.#enquire(command.slice(4)) }
      if (this.#options.keepsError && command !== '=K' && /^004[01]$/.test(this.#error))
        throw new Refusal(this.#error === '0040' ? 'EP0040' : 'ES0041')
      const text = this.#order(command)
      return text === undefined ? { data: this.outcome('ON0000') } : { data: this.outcome('ON0000'), text }
    } catch (error) {
      if (error instanceof Refusal) return { data: this.outcome(error.code) }
      throw error
    }
  }

  losePower(): void {
    this.#basket = undefined
    this.#slip = undefined
    this.#ending = false
    this.#tail = false
    this.#stuck = false
    this.#ahead = []
    this.#error = '0000'
    this.key = 'R'
    this.restores += 1
  }

  loadPaper(): 'printed' | 'lost' | undefined {
    this.paper = true
    const basket = this.#basket
    if (!this.#stuck || !basket) return undefined
    this.#stuck = false
    this.#basket = undefined
    if (this.paperEndsIn === 'lose') return 'lost'
    this.#print(basket)
    return 'printed'
  }

  sellAtPanel(cents: number): void {
    if (this.status !== '00') return
    this.#print(freshBasket(undefined, [{ text: 'REPARTO 1', cents, vat: '22%' }], [{ tender: 1, cents }]))
  }

  closeDay(): void {
    this.z += 1
    this.tape.entries.push({ type: 'closure', z: this.z, at: this.#options.now(), documents: this.number })
    this.number = 0
    this.slips = 0
  }

  // --- commands -----------------------------------------------------------------------------------------------------

  #order(command: string): string | undefined {
    const fields = fieldsOf(command)
    const head = command.split('/')[0] ?? ''
    for (const [pattern, act] of this.#table) {
      const match = pattern.exec(head)
      if (!match) continue
      if (!/^=([Tcx"]|C\d)/.test(head)) this.#tail = false
      return act(match, fields) ?? undefined
    }
    throw new Refusal('EG0003')
  }

  readonly #table: readonly (readonly [RegExp, (match: RegExpExecArray, fields: Fields) => string | undefined])[] = [
    [/^=K$/, () => this.#clear()],
    [/^=C([0-5])$/, ([, digit]) => this.#turn('LRXZPS'.charAt(Number(digit)))],
    [/^=C10$/, () => this.#report()],
    [/^=C86$/, () => undefined],
    [/^=C422$/, () => undefined],
    [/^=C900$/, () => this.losePower() as undefined],
    [/^=C45([1235])$/, ([, kind], fields) => this.#dump(kind ?? '', fields)],
    [/^=R(\d{1,2})$/, ([, department], fields) => this.#line(Number(department), fields)],
    [/^=([%V])([+-]?)$/, ([, unit, sign], fields) => this.#adjust(unit === '%', sign === '+', fields)],
    [/^=S$/, () => this.#subtotal()],
    [/^=a$/, () => this.#cancelLine()],
    [/^="$/, (_, fields) => this.#text(fields)],
    [/^=T(\d{1,2})$/, ([, tender], fields) => this.#pay(Number(tender), fields)],
    [/^=[cx]$/, () => this.#end()],
    [/^=k$/, (_, fields) => (fields.has('&') ? this.#void(fields) : this.#abort())],
    [/^=r$/, (_, fields) => this.#return(fields)],
    [/^=o$/, () => this.#slipMode()],
    [/^=([ep])$/, ([, way], fields) => this.#cash(way === 'e', fields)],
    [/^=(D\d|O\d*|f)$/, () => undefined],
  ]

  #clear(): undefined {
    this.#error = '0000'
    if (!this.#basket && !this.#slip) this.#ahead = []
  }

  #turn(key: string): undefined {
    demand(this.status === '00' || this.key === key, 'EG0005')
    this.key = key
  }

  #report(): undefined {
    demand(this.key === 'X' || this.key === 'Z', 'EG0004')
    demand(this.status === '00', 'EG0005')
    this.#needsPaper()
    if (this.key === 'Z') this.closeDay()
  }

  #line(department: number, fields: Fields): undefined {
    if (!this.#basket) this.#mayOpen()
    this.#needsPaper()
    demand(department >= 1 && department <= rates.length, 'ES0001')
    const basket = this.#basket ?? freshBasket(undefined)
    demand(basket.paid.length === 0, 'EG0005')
    const price = integer(fields.get('$'))
    const text = fields.get('(') ?? ''
    demand(text.length <= 36, 'EG0002')
    demand(price > 0 && price <= 99_999_999, 'ES0001')
    const vat = rates[department - 1] ?? ''
    if (fields.has('&')) {
      demand(basket.rows.length > 0 && price <= totalOf(basket), 'ES0001')
      basket.rows.push({ text, cents: -price, vat })
    } else {
      const quantity = fields.get('*') ?? '1'
      demand(/^\d{1,5}(\.\d{1,3})?$/.test(quantity) && Number(quantity) > 0, 'EG0002')
      const cents = Math.round(price * Number(quantity) + 1e-6)
      demand(cents <= 99_999_999 && totalOf(basket) + cents <= 999_999_999, 'ES0001')
      demand(!basket.of || cents + totalOf(basket) <= this.tape.leftOf(basket.of), 'EG0022')
      basket.rows.push({ text, cents, vat })
    }
    basket.subtotalled = false
    if (!this.#basket) {
      basket.notes.push(...this.#ahead)
      this.#ahead = []
    }
    this.#basket = basket
  }

  #adjust(isPercent: boolean, isUp: boolean, fields: Fields): undefined {
    const basket = this.#openBasket()
    demand(basket.paid.length === 0, 'EG0005')
    const value = Number(fields.get('*') ?? fields.get('$') ?? Number.NaN)
    demand(value > 0, 'EG0002')
    const last = basket.rows.at(-1)
    demand(last !== undefined, 'ES0001')
    const base = basket.subtotalled ? totalOf(basket) : lastGoods(basket)
    const cents = isPercent ? Math.round((base * value) / 100) : value
    demand(isUp || cents <= base, 'ES0001')
    basket.rows.push({ text: fields.get('(') ?? 'SCONTO', cents: isUp ? cents : -cents, vat: `~${last?.vat ?? ''}` })
  }

  #subtotal(): undefined {
    this.#openBasket().subtotalled = true
  }

  #cancelLine(): undefined {
    const basket = this.#openBasket()
    demand(basket.paid.length === 0 && basket.rows.length > 0, 'EG0005')
    basket.rows.pop()
  }

  #text(fields: Fields): undefined {
    const text = fields.get('(') ?? ''
    if (this.#slip) {
      this.#needsPaper()
      demand(text.length <= 48, 'EG0002')
      this.#slip.push(text)
      return
    }
    const kind = fields.get('?')
    demand(text.length <= 36, 'EG0002')
    if (kind === 'L') demand(/^[A-Z0-9]{8}$/.test(text), 'ES0001')
    if (kind === 'C') demand(/^([A-Z0-9]{16}|\d{11})$/.test(text), 'ES0001')
    if (this.#tail) return
    const note = kind === 'L' ? `Codice Lotteria ${text}` : kind === 'C' ? `Codice Fiscale ${text}` : `#${text}`
    if (this.#basket) this.#basket.notes.push(note)
    else this.#ahead.push(note)
  }

  #pay(tender: number, fields: Fields): undefined {
    if (!this.#basket && this.#tail) return
    const basket = this.#openBasket()
    this.#needsPaper()
    const rest = totalOf(basket) - paidOf(basket)
    const cents = fields.has('$') ? integer(fields.get('$')) : rest
    demand(basket.rows.length > 0 && cents >= 0, 'ES0001')
    const tenderNumber = knownTender(tender)
    demand(cents <= rest || givesChange(tenderNumber), 'ES0001')
    if (cents >= rest && this.paperEndsIn && this.paper) {
      basket.paid.push({ tender: tenderNumber, cents })
      this.paper = false
      this.#stuck = true
      throw new Refusal('EP0040')
    }
    basket.paid.push({ tender: tenderNumber, cents })
    if (cents < rest) return
    this.#basket = undefined
    this.#print(basket)
    this.#ending = this.#options.fidelity
  }

  #end(): undefined {
    demand(!this.#basket && !this.#slip, 'EG0005')
    this.#ending = false
  }

  #abort(): undefined {
    demand(this.#basket !== undefined || this.#slip !== undefined, 'EG0005')
    this.#needsPaper()
    this.#basket = undefined
    this.#slip = undefined
    this.#stuck = false
  }

  #return(fields: Fields): undefined {
    const reference = this.#mayReverse(fields)
    if (reference.serial === undefined || reference.serial === this.#options.serial) {
      const sold = this.tape.find(reference)
      demand(sold?.kind === 'sale', 'EG0020')
      demand(
        !this.tape.against(reference).some(({ kind }) => kind === 'void') && this.tape.leftOf(reference) > 0,
        'EG0021',
      )
    }
    if (reference.checks) return
    this.#basket = freshBasket(reference)
    this.#basket.notes.push(...this.#ahead)
    this.#ahead = []
  }

  #void(fields: Fields): undefined {
    const reference = this.#mayReverse(fields)
    const found = this.tape.find(reference)
    demand(found?.kind === 'sale', 'EG0020')
    demand(this.tape.against(reference).length === 0, 'EG0021')
    if (reference.checks || !found) return
    const { totalCents, cashCents } = found
    this.#file('void', reference, totalCents, -cashCents, [`TOTALE COMPLESSIVO ${money(totalCents)}`])
  }

  #slipMode(): undefined {
    demand(!this.#basket, 'EG0005')
    demand(this.key === 'R', 'EG0004')
    this.#needsPaper()
    if (this.#slip) this.#fileSlip(this.#slip, 0)
    this.#slip = this.#slip ? undefined : []
  }

  #cash(isIn: boolean, fields: Fields): undefined {
    demand(this.status === '00', 'EG0005')
    demand(this.key === 'R', 'EG0004')
    this.#needsPaper()
    const cents = integer(fields.get('$'))
    demand(cents > 0 && (isIn || cents <= this.tape.drawer()), 'ES0001')
    this.#fileSlip([`${isIn ? 'VERSAMENTO' : 'PRELIEVO'} ${money(cents)}`], isIn ? cents : -cents)
  }

  #dump(kind: string, fields: Fields): string | undefined {
    demand(this.key === 'Z' || this.key === 'P', 'EG0004')
    if (fields.get('$') !== '0') return undefined
    const from = isoDay(fields.get('&'))
    const until = kind === '2' ? from : isoDay(fields.get('[') ?? fields.get('&'))
    const text = kind === '3' ? this.tape.last(this.z + 1) : this.tape.between(from, until)
    demand(text !== '', 'EG0020')
    return text
  }

  // --- enquiries ----------------------------------------------------------------------------------------------------

  #enquire(name: string): string {
    const values: Readonly<Record<string, () => string>> = {
      s: () => `${this.#error}${this.status}${this.key}E${padded(this.number)}`,
      '7': () => String(this.z),
      m: () => this.#options.serial,
      N: () => String(this.slips),
      '0': () => String(this.restores),
      S: () => String(this.#basket ? totalOf(this.#basket) : 0),
      d: () => this.#options.now().replace(/^(\d+)-(\d+)-(\d+)T/, '$3/$2/$1 '),
      '1': () => thousands(this.tape.total('sale', this.z + 1)),
      r: () => thousands(this.tape.total('return', this.z + 1)),
      v: () => thousands(this.tape.total('void', this.z + 1)),
      '5': () => '0,00',
      '8': () => thousands(this.tape.total('sale')),
      i: () => '0',
      'i/*3': () => '111000',
      'i/*4': () => `${this.paper && this.cover ? 0 : 1}${this.paper ? 0 : 1}00${this.cover ? 0 : 1}0`,
      'i/*5': () => '0  3/25 14/09/2026 22:01',
    }
    const value = Object.hasOwn(values, name) ? values[name]?.() : undefined
    return value === undefined ? this.outcome('EG0003') : `${name.charAt(0)}${value}`
  }

  // --- parts --------------------------------------------------------------------------------------------------------

  #mayOpen(): void {
    demand(this.key === 'R', 'EG0004')
    demand(this.status === '00', 'EG0005')
  }

  #mayReverse(fields: Fields): Reference {
    this.#mayOpen()
    this.#needsPaper()
    const [z, number] = [integer(fields.get('[')), integer(fields.get(']'))]
    const isEvidence = z === 0 && number === 0 && ['POS', 'VR', 'ND'].includes(fields.get('(') ?? '')
    demand(/^\d{6}$/.test(fields.get('&') ?? '') && ((z > 0 && number > 0) || isEvidence), 'EG0002')
    const [date, serial, checks] = [isoDay(fields.get('&')), fields.get('('), fields.get('*') === '1']
    return { z, number, date, serial, checks }
  }

  #needsPaper(): void {
    demand(this.paper, 'EP0040')
    demand(this.cover, 'ES0041')
  }

  #openBasket(): Basket {
    if (!this.#basket) throw new Refusal('EG0005')
    return this.#basket
  }

  #print(basket: Basket): void {
    this.#file(basket.of ? 'return' : 'sale', basket.of, totalOf(basket), cashOf(basket), bodyOf(basket))
    this.#tail = true
  }

  #file(
    kind: Paper['kind'],
    of: Reference | undefined,
    totalCents: number,
    cashCents: number,
    body: readonly string[],
  ): void {
    this.number += 1
    const { now, serial, layout } = this.#options
    const paper = { kind, z: this.z + 1, number: this.number, at: now(), totalCents, cashCents, of }
    this.tape.entries.push({ type: 'document', ...paper, lines: textOf(paper, body, serial, layout) })
  }

  #fileSlip(lines: readonly string[], cashCents: number): void {
    this.slips += 1
    this.tape.entries.push({ type: 'slip', number: this.slips, at: this.#options.now(), cashCents, lines })
  }
}
