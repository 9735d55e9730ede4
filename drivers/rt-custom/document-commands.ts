import { asciiText } from '../../base/ascii.ts'
import { DeviceError } from '../errors.ts'
import type { RtDocument, RtEvidence, RtOriginal, RtReturn, RtSale } from '../ports/rt-printer.ts'
import type { Content, Grammar } from '../rt/document-content.ts'
import { contentOf } from '../rt/document-content.ts'
import { four } from '../rt/document-number.ts'
import { checkCash, checkSlip, NINE_DIGITS_MAX, originalDay, refusal } from '../rt/document-rules.ts'
import type { CustomProfile } from './profile.ts'

/** The reply to a command that lets the next one be sent. */
export type Expectation =
  /** 1003: the total of the lines. */
  | { of: 'total'; cents: bigint }
  /** 3007: the rest; below 0 it is change. */
  | { of: 'rest'; cents: bigint }
  /** 1021: the open document is a return, unless the model has no such enquiry. */
  | { of: 'return' }
  /** 1012: a void that is still open wants its end first. */
  | { of: 'end' }
  /** 7101: one of these flags. `opens`: a document is open then, whatever the flag. */
  | { of: 'original'; flags: string; opens: boolean }

/**
 * `forms`: other forms of the same command, for models that refuse the first. `vat`: a rate or natura, whose index in the
 * printer's VAT table follows the command.
 */
export type Step = { command: string; expects?: Expectation; forms?: readonly string[]; vat?: string }

/** Sent as a whole, and after a settled loss as a whole again. `opensAt`: the first step that begins a document. */
export type DocumentPlan = { steps: readonly Step[]; opensAt: number }

/** `serial` is the printer's own, '' if it is not known. */
export type PlanSettings = {
  departments: Readonly<Record<string, number>>
  profile: CustomProfile
  serial: string
}

/** TYPE of command 3301. */
const lineType = { sale: '1', surcharge: '2', discount: '3', cancelDocument: '8', advance: 'F', gift: 'G' } as const

const LINE_TEXT_MAX = 44
const TEXT_MAX = 32
const SLIP_TEXT_MAX = 42
const TICKETS = 5

/** Aborts the open document. */
export const CANCEL_COMMAND = `3301${lineType.cancelDocument}${'0'.repeat(9 + 3 + 2 + 9 + 2)}`
/** Entries that may wait in the printer for the next document: lottery code, returned document, evidence. */
export const RESET_COMMANDS = ['301900', '71010', '71140'] as const

/** Pure. Throws `refused` or `department_unknown` (none) if the printer could not print the whole document. */
export function planDocument(document: RtDocument, settings: PlanSettings): DocumentPlan {
  switch (document.kind) {
    case 'sale':
      return planSale(document, settings)
    case 'return':
      return planReturn(document, settings)
    case 'void':
      return planVoid(document.original, settings)
    case 'non_fiscal':
      checkSlip(document.lines)
      // The manual says both that DOC, COPIA and IMP_FAT are optional and that none is.
      return commands([
        { command: '400110', forms: ['400110000000000', '40011'] },
        ...document.lines.map((line) => ({ command: `4003${pitched(line, SLIP_TEXT_MAX, settings)}` })),
        { command: '4004' },
      ])
    case 'cash': {
      const { amountCents } = document
      checkCash(amountCents)
      const amount = amountCents > 0n ? amountCents : -amountCents
      return commands([{ command: `7106${amountCents > 0n ? 'D' : 'P'}${nine(amount)}` }])
    }
  }
}

/** Asks whether a document may be voided: 1 yes, 0 unknown, 2 not, as after its void. */
export function voidQuestion(original: RtOriginal): string {
  return `7101A${named(original)}9`
}

function planSale(sale: RtSale, settings: PlanSettings): DocumentPlan {
  const content = contentOf(sale, settings.departments, grammarOf(settings))
  return commands([...content.lottery, ...content.lines, ...endOf(content)], content.lottery.length)
}

function planReturn(back: RtReturn, settings: PlanSettings): DocumentPlan {
  const content = contentOf(back, settings.departments, grammarOf(settings))
  const { before, opening } = openingOf(back, settings)
  // Power may fail after the opening without a lost reply: then the lines have opened a sale.
  const isReturn: Step = { command: '1021', expects: { of: 'return' } }
  return commands([...before, opening, ...content.lines, ...endOf(content, [isReturn])], before.length)
}

/** A document of this printer is asked for first; of another printer, the serial and its lottery code are named. */
function openingOf({ original, lotteryCode }: RtReturn, settings: PlanSettings): { before: Step[]; opening: Step } {
  const isOwn = !('evidence' in original) && isOf(original, settings)
  if ('evidence' in original) {
    if (lotteryCode !== undefined) throw refusal('a lottery code goes with a return of another printer only')
    return { before: [], opening: { command: `7114R${evidenceField(original)}` } }
  }
  if (isOwn) {
    const before: Step = { command: `7101R${named(original)}9`, expects: { of: 'original', flags: '1', opens: false } }
    const opening: Step = { command: `7101R${named(original)}8`, expects: { of: 'original', flags: '1', opens: true } }
    return { before: [before], opening }
  }
  const { serial = '' } = original
  const lottery = lotteryCode === undefined ? '' : `08${lotteryCode}`
  const command = `7101R${named(original)}8${two(serial.length)}${serial}${lottery}`
  return { before: [], opening: { command, expects: { of: 'original', flags: '01', opens: true } } }
}

/** Two commands after the question, without lines: the second prints the whole document, and some models end it. */
function planVoid(original: RtOriginal, settings: PlanSettings): DocumentPlan {
  if (!isOf(original, settings))
    throw new DeviceError('document_unknown', 'none', 'a document of another printer is voided there')
  const oper = (digit: string, opens: boolean): Step => ({
    command: `7101A${named(original)}${digit}`,
    expects: { of: 'original', flags: '1', opens },
  })
  return commands(
    [
      oper('9', false),
      oper('8', true),
      oper('1', true),
      { command: '1012', expects: { of: 'end' } },
      { command: '3013' },
    ],
    1,
  )
}

/** A document without a serial is the printer's own. */
function isOf({ serial }: RtOriginal, settings: PlanSettings): boolean {
  return serial === undefined || settings.serial === '' || serial === settings.serial
}

function commands(steps: readonly Step[], opensAt = 0): DocumentPlan {
  return { steps, opensAt }
}

/** Texts, customer, the total as the printer comes to it, payments, end and ejection. */
function endOf({ texts, taxCode, payments, totalCents }: Content<Step>, checks: readonly Step[] = []): readonly Step[] {
  const total: Step = { command: '1003', expects: { of: 'total', cents: totalCents } }
  return [...texts, ...taxCode, ...checks, total, ...payments, { command: '3011' }, { command: '3013' }]
}

/**
 * A gift acts on the line just before, at the rate of its department; an advance comes last and names its rate. A payment
 * is CODE(2) QTY(2) LEN(2) AMOUNT(9), without a text; the quantity is that of tickets, and an amount of 0 pays the rest.
 */
function grammarOf(settings: PlanSettings): Grammar<Step> {
  return {
    lineMaxCents: NINE_DIGITS_MAX,
    changeTenders: [1],
    givesWholeLines: true,
    line: ({ text, unitPriceCents }, department, thousandths) =>
      lineStep('sale', { thousandths, department, text, amountCents: unitPriceCents }, settings),
    change: ({ kind, vat, text, amountCents }, department) => {
      if (kind === 'single_use_voucher') throw refusal('this printer has no line for a single-use voucher')
      return lineStep(kind, { department, text, amountCents, ...(kind === 'advance' && { vat }) }, settings)
    },
    text: (text) => ({ command: `3002${pitched(`#${text}`, TEXT_MAX, settings)}` }),
    taxCode: (code) => ({ command: `3010B${two(code.length)}${code}` }),
    lottery: (code) => ({ command: `301908${code}` }),
    payment: ({ tender, amountCents, count = 1 }, restCents) => {
      const code = settings.profile.tenderCodes[tender]
      if (code === undefined)
        throw refusal(
          `this printer has no preset payment for number ${tender}: "tenderCodes" of its "profile" names one`,
        )
      const amount = amountCents === 0n ? '0'.repeat(9) : nine(amountCents)
      const command = `3007${code}${two(tender === TICKETS ? count : 0)}00${amount}`
      return { command, expects: { of: 'rest', cents: restCents } }
    },
  }
}

/** Without a quantity it is one piece. Without `vat` it has the rate of the department. */
type LineFields = { thousandths?: bigint; department: number; text: string; amountCents: bigint; vat?: string }

/** TYPE(1) QTY(9) DEPT(3) LEN(2) TEXT AMOUNT(9) VAT(2). */
function lineStep(type: keyof typeof lineType, fields: LineFields, settings: PlanSettings): Step {
  const { thousandths, department, text, amountCents, vat } = fields
  const quantity = thousandths === undefined ? '0'.repeat(9) : nine(thousandths)
  const title = sized(text, LINE_TEXT_MAX, settings)
  const digits = String(department).padStart(3, '0')
  const command = `3301${lineType[type]}${quantity}${digits}${title}${nine(amountCents)}`
  return vat === undefined ? { command: `${command}00` } : { command, vat: indexedVat(vat, settings) }
}

/** The rate or natura of a key of the departments. The table of the printer has no naturas, which only a person can name. */
function indexedVat(vat: string, { profile }: PlanSettings): string {
  const [kind = vat] = vat.split('/')
  if (!kind.startsWith('N') || profile.vatIndexes[kind] !== undefined) return kind
  throw refusal(`no index of the VAT table for ${kind}: "vatIndexes" of the "profile" names it`)
}

/** Z(4) N(4) DDMMYY. */
function named(original: RtOriginal): string {
  const { day, month, year } = originalDay(original)
  return `${four(original.z)}${four(original.number)}${day}${month}${year.slice(2)}`
}

/** LEN(2), the word instead of a document, DDMMYY. */
function evidenceField(original: RtEvidence): string {
  const { day, month, year } = originalDay(original)
  return `${two(original.evidence.length)}${original.evidence}${day}${month}${year.slice(2)}`
}

/** PITCH(1) LEN(2) TEXT. */
function pitched(text: string, max: number, settings: PlanSettings): string {
  return `1${sized(text, max, settings)}`
}

/** Two digits of length before the text. Characters above 7Dh are refused, and so is the word TOTALE. */
function sized(text: string, max: number, { profile }: PlanSettings): string {
  const length = Math.min(max, profile.textMax)
  const ascii = asciiText(text)
    .replaceAll('~', '-')
    .replaceAll(/TOTALE/gi, 'TOT.')
    .slice(0, length)
  return `${two(ascii.length)}${ascii}`
}

function nine(value: bigint): string {
  if (value <= 0n || value > NINE_DIGITS_MAX) throw refusal('an amount above 0 of at most nine digits was expected')
  return String(value).padStart(9, '0')
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
