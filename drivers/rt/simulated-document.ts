import type { SimulatedOriginal } from './simulated-memory.ts'

/** The document that is open in the simulated printer. Amounts in cents; refusals are the printer's codes. */

const vatNames = ['22%', '10%', '5%', '4%', 'EE', 'NS', 'NI', 'ES', 'RM', 'AL']
const rates = [22, 10, 5, 4]
/** Departments 12 to 21 have the rates of 1 to 10 again, as for services; the others are not programmed. */
const SECOND_OF_EACH = 11
const paymentNames = [
  'CONTANTI',
  'NON RISCOSSO BENI',
  'ASSEGNI',
  'CARTE ELETTRONICHE',
  'TICKETS',
  'NON RISCOSSO SERVIZI',
  'NON RISCOSSO FATTURE',
  'NON RISCOSSO DCR SSN',
  'SCONTO A PAGARE',
  'BUONI MULTIUSO',
  'BUONI CELIACHIA',
]
/** Cents in nine digits: the width of amounts and totals. */
const NINE_DIGITS_MAX = 999_999_999
/** Contanti, assegni and tickets give change. */
const changeTenders = [1, 3, 5]
/** Non riscosso, and sconto a pagare. */
const unpaidTenders = [2, 6, 7, 8, 9]

type Line = { text: string; department: number; cents: number; detail: string | undefined }
/** `name`: as printed, if the printer has another one than the factory table. */
type Payment = { tender: number; cents: number; name?: string | undefined }

export class OpenDocument {
  readonly kind: 'sale' | 'return'
  readonly original: SimulatedOriginal | undefined
  readonly texts: string[] = []
  readonly payments: Payment[] = []
  lottery: string | undefined
  taxCode: string | undefined
  readonly #lines: Line[] = []
  #subtotalAsked = false
  /** Total of the last line of goods, including its discounts and surcharges. */
  #lastCents = 0

  constructor(kind: 'sale' | 'return', original?: SimulatedOriginal) {
    this.kind = kind
    this.original = original
  }

  get totalCents(): number {
    return this.#lines.reduce((sum, line) => sum + line.cents, 0)
  }

  get paidCents(): number {
    return this.payments.reduce((sum, payment) => sum + payment.cents, 0)
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0
  }

  subtotal(): void {
    this.#subtotalAsked = true
  }

  addLine(department: number, priceCents: number, thousandths: number, text: string): string | undefined {
    if (!isProgrammed(department) || priceCents <= 0 || thousandths <= 0) return 'ES0001'
    const cents = Math.floor((priceCents * thousandths + 500) / 1000)
    if (cents > NINE_DIGITS_MAX || this.totalCents + cents > NINE_DIGITS_MAX) return 'ES0001'
    this.#subtotalAsked = false
    const detail = thousandths === 1000 ? undefined : ` n.${thousandths / 1000} * ${euros(priceCents)}`
    this.#lines.push({ text, department, cents, detail })
    this.#lastCents = cents
    return undefined
  }

  deduct(department: number, cents: number, text: string): string | undefined {
    if (this.isEmpty || cents <= 0 || cents > this.totalCents || !isProgrammed(department)) return 'ES0001'
    this.#lines.push({ text: text || 'DETRAZIONE', department, cents: -cents, detail: undefined })
    return undefined
  }

  /** Adjusts the last line, or the total after a subtotal. */
  adjust(cents: (base: number) => number, text: string): string | undefined {
    const last = this.#lines.at(-1)
    if (!last) return 'ES0001'
    const base = this.#subtotalAsked ? this.totalCents : this.#lastCents
    const change = cents(base)
    if (base + change < 0) return 'ES0001'
    this.#lines.push({ text: text || 'SCONTO', department: last.department, cents: change, detail: undefined })
    this.#lastCents += change
    return undefined
  }

  cancelLast(): string | undefined {
    return this.#lines.pop() ? undefined : 'EG0005'
  }

  /** `done` if the document is paid; without an amount pays the whole rest. */
  pay(number: number, cents: number | undefined, name?: string): 'done' | 'open' | 'ES0001' {
    if (this.isEmpty) return 'ES0001'
    // The printer takes a number beyond the last tender as the last one, without an error.
    const tender = Math.min(number, paymentNames.length)
    const rest = this.totalCents - this.paidCents
    const amount = cents ?? rest
    if (amount > rest && !changeTenders.includes(tender)) return 'ES0001'
    if (amount <= 0 && rest > 0) return 'ES0001'
    this.payments.push({ tender, cents: amount, name })
    return amount >= rest ? 'done' : 'open'
  }

  /** The cash change in the drawer: cash less change, negative for a return. */
  get cashCents(): number {
    const change = this.paidCents - this.totalCents
    const cash = this.payments.filter(({ tender }) => tender === 1).reduce((sum, { cents }) => sum + cents, 0)
    return this.kind === 'sale' ? cash - change : change - cash
  }

  #sumOf(tenders: readonly number[]): number {
    return this.payments.filter(({ tender }) => tenders.includes(tender)).reduce((sum, { cents }) => sum + cents, 0)
  }

  /** The lines between head and end of the printed document. */
  body(): readonly string[] {
    const vat = this.#lines.reduce((sum, { department, cents }) => {
      const rate = rates[rateIndexOf(department)] ?? 0
      return sum + Math.round((cents * rate) / (100 + rate))
    }, 0)
    const change = this.paidCents - this.totalCents
    const byCard = this.#sumOf([4])
    return [
      'DESCRIZIONE                   IVA      Prezzo(E)',
      ...this.#lines.flatMap(({ text, department, cents, detail }) => [
        `${text.slice(0, 29).padEnd(30)}${(vatNames[rateIndexOf(department)] ?? '').padEnd(3)}${euros(cents).padStart(15)}`,
        ...(detail === undefined ? [] : [detail]),
      ]),
      ...this.texts.map((text) => `#${text}`),
      ...(this.lottery === undefined ? [] : [`Codice Lotteria ${this.lottery}`]),
      ...(this.taxCode === undefined ? [] : [`Codice Fiscale ${this.taxCode}`]),
      columns('TOTALE COMPLESSIVO', euros(this.totalCents)),
      columns('di cui IVA', euros(vat)),
      ...this.payments.map(({ tender, cents, name }) => columns(name ?? paymentNames[tender - 1] ?? '', euros(cents))),
      ...(change > 0 ? [columns('Resto', euros(change))] : []),
      ...(byCard > 0 ? [columns('Pagamento elettronico', euros(byCard))] : []),
      columns('Importo pagato', euros(this.paidCents - change - this.#sumOf(unpaidTenders))),
    ]
  }
}

function isProgrammed(department: number): boolean {
  return vatNames[rateIndexOf(department)] !== undefined
}

function rateIndexOf(department: number): number {
  return department > SECOND_OF_EACH ? department - SECOND_OF_EACH - 1 : department - 1
}

export function euros(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)},${digits.slice(-2)}`
}

/** A text, and an amount at the right edge of 48 columns. */
export function columns(left: string, right: string): string {
  return left + right.padStart(Math.max(1, 48 - left.length))
}
