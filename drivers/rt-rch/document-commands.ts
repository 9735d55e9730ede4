import { asciiText } from '../../base/ascii.ts'
import type { RtDocument, RtEvidence, RtOriginal, RtReturn, RtSale } from '../ports/rt-printer.ts'
import type { Grammar } from '../rt/document-content.ts'
import { contentOf } from '../rt/document-content.ts'
import { checkCash, checkSlip, NINE_DIGITS_MAX, originalDay, refusal } from '../rt/document-rules.ts'
import type { RchProfile } from './profile.ts'
import { hasTender } from './profile.ts'

/** The commands of a document, in order. They are sent as a whole, and after a settled loss as a whole again. */
export type DocumentPlan = {
  commands: readonly string[]
  /** The total that `<</?S` must return before the first payment. */
  totalCents: bigint
  /** The form in which it names evidence instead of a document. */
  evidence?: string
}

export type PlanSettings = {
  /** Rate or natura → department. */
  departments: Readonly<Record<string, number>>
  profile: RchProfile
  /** The printer's own. */
  serial: string
}

const MAX_CENTS = 99_999_999n
/** Ends a made-up serial number. */
const ZEROS = '000000'
const MODEL_LENGTH = 5
const deductionTypes = { gift: 1, advance: 2, single_use_voucher: 3 } as const

/** Pure. Throws `refused` or `department_unknown` (none) if the printer could not print the whole document. */
export function planDocument(document: RtDocument, settings: PlanSettings): DocumentPlan {
  switch (document.kind) {
    case 'sale':
      return planContent([], document, settings)
    case 'return':
      return planReturn(document, settings)
    case 'void':
      return { commands: [`=k${originalOf(document.original, settings)}`], totalCents: 0n }
    case 'non_fiscal': {
      checkSlip(document.lines)
      const max = settings.profile.nonFiscalTextMax
      return { commands: ['=o', ...document.lines.map((line) => textLine('', line, max)), '=o'], totalCents: 0n }
    }
    case 'cash': {
      const { amountCents } = document
      checkCash(amountCents)
      const direction = amountCents > 0n ? '=e' : '=p'
      return { commands: [`${direction}/$${cents(amountCents > 0n ? amountCents : -amountCents)}`], totalCents: 0n }
    }
  }
}

/** The printable form of a text: the printer's ASCII, without characters of the grammar, cut to `max`. */
export function printable(text: string, max: number): string {
  return asciiText(text)
    .replaceAll('/', '-')
    .replaceAll('(', '[')
    .replaceAll(')', ']')
    .replace(/totale/gi, 'TOT.')
    .slice(0, max)
}

function planContent(opening: readonly string[], document: RtSale | RtReturn, settings: PlanSettings): DocumentPlan {
  const content = contentOf(document, settings.departments, grammarOf(settings.profile))
  const { lines, texts, taxCode, lottery, payments, totalCents } = content
  return { commands: [...opening, ...lines, ...texts, ...taxCode, ...lottery, ...payments, '=c'], totalCents }
}

function grammarOf(profile: RchProfile): Grammar<string> {
  const words = (text: string): string => parameter(printable(text, profile.textMax))
  return {
    lineMaxCents: MAX_CENTS,
    changeTenders: profile.changeTenders,
    line: ({ text, unitPriceCents }, department, thousandths) =>
      `=R${department}/$${cents(unitPriceCents)}/*${decimal(thousandths)}${words(text)}`,
    change: ({ kind, text, amountCents }, department) => {
      if (kind === 'discount' || kind === 'surcharge')
        return `=V${kind === 'discount' ? '-' : '+'}/*${cents(amountCents)}${words(text)}`
      return `=R${department}/$${cents(amountCents)}/&${deductionTypes[kind]}${words(text)}`
    },
    text: (text) => textLine('/?A', text, profile.textMax),
    taxCode: (code) => `="/?C/(${code})`,
    lottery: (code) => `="/?L/$1/(${code})`,
    payment: ({ tender, amountCents, count }, restCents) => {
      if (!hasTender(profile, tender)) throw refusal(`there is no payment number ${tender}`)
      if (amountCents === 0n && restCents === 0n) return `=T${tender}`
      return `=T${tender}/$${cents(amountCents, NINE_DIGITS_MAX)}${count === undefined ? '' : `/&${count}`}`
    },
  }
}

function planReturn(back: RtReturn, settings: PlanSettings): DocumentPlan {
  const plan = planContent([`=r${originalOf(back.original, settings)}`], back, settings)
  return 'evidence' in back.original ? { ...plan, evidence: settings.profile.evidence } : plan
}

/** `/&DDMMYY/[Z/]N[/(serial)]`; without a document 0 and 0, with the evidence instead of the serial. */
function originalOf(original: RtOriginal | RtEvidence, settings: PlanSettings): string {
  const { day, month, year } = originalDay(original)
  const [z, number, named = ''] =
    'evidence' in original ? [0, 0, evidenceSerial(original, settings)] : [original.z, original.number, original.serial]
  return `/&${day}${month}${year.slice(2)}/[${z}/]${number}${parameter(named)}`
}

function evidenceSerial({ evidence }: RtEvidence, { profile, serial }: PlanSettings): string {
  if (profile.evidence === 'none') throw refusal('a return on other evidence is switched off (profile.evidence)')
  return profile.evidence === 'letters' ? evidence : `${serial.slice(0, MODEL_LENGTH)}${ZEROS}`
}

function textLine(before: string, text: string, max: number): string {
  return `="${before}/(${printable(text, max)})`
}

function parameter(text: string): string {
  return text === '' ? '' : `/(${text})`
}

function cents(amount: bigint, max = MAX_CENTS): bigint {
  if (amount <= 0n || amount > max) throw refusal(`an amount above 0 and up to ${max / 100n}.99 was expected`)
  return amount
}

function decimal(thousandths: bigint): string {
  const fraction = String(thousandths % 1000n)
    .padStart(3, '0')
    .replace(/0+$/, '')
  return `${thousandths / 1000n}${fraction === '' ? '' : `.${fraction}`}`
}
