/** The fields of commands, by their widths, and the refusals of values that do not fit. */

export const REFUSED_VALUE = 'ERR03'
export const REFUSED_SEQUENCE = 'ERR05'
export const REFUSED_AMOUNT = 'ERR09'
const REFUSED_TOTALE = 'ERR07'
const REFUSED_LENGTH = 'ERR24'

/** A text, and what follows it; otherwise the refusal. */
type Sized = { text: string; rest: string } | { refused: string }

/** LEN(2) TEXT, then other fields. The printer keeps the word TOTALE for itself. */
export function sizedText(data: string, most: number): Sized {
  const length = /^\d\d/.test(data) ? Number(data.slice(0, 2)) : Number.NaN
  const text = data.slice(2, 2 + length)
  if (!(length <= most) || text.length !== length) return { refused: REFUSED_LENGTH }
  return /TOTALE/i.test(text) ? { refused: REFUSED_TOTALE } : { text, rest: data.slice(2 + length) }
}

/** PITCH(1) LEN(2) TEXT and nothing else. */
export function pitchedText(data: string, most: number): Sized {
  if (!data.startsWith('1')) return { refused: REFUSED_VALUE }
  const sized = sizedText(data.slice(1), most)
  return 'text' in sized && sized.rest !== '' ? { refused: REFUSED_LENGTH } : sized
}

export type LineFields = {
  type: string
  thousandths: number
  department: number
  text: string
  amount: number
  vat: number
}

/** TYPE(1) QTY(9) DEPT(3) LEN(2) TEXT AMOUNT(9) VAT(2). A quantity of zeros is one piece. */
export function lineFields(data: string): LineFields | { refused: string } {
  const head = /^(.)(\d{9})(\d{3})(.*)$/.exec(data)
  const sized = sizedText(head?.[4] ?? '', 44)
  if (!head || 'refused' in sized) return 'refused' in sized ? sized : { refused: REFUSED_LENGTH }
  const tail = /^(\d{9})(\d\d)$/.exec(sized.rest)
  if (!tail) return { refused: REFUSED_LENGTH }
  const [thousandths, department, amount, vat] = [head[2], head[3], tail[1], tail[2]].map(Number)
  return {
    type: head[1] ?? '',
    thousandths: thousandths || 1000,
    department: department ?? 0,
    text: sized.text,
    amount: amount ?? 0,
    vat: vat ?? 0,
  }
}

/** CODE(2) QTY(2) LEN(2) TEXT AMOUNT(9). */
export function paymentFields(data: string): { code: string; count: number; amount: number } | { refused: string } {
  const head = /^(\d\d)(\d\d)(.*)$/.exec(data)
  const sized = sizedText(head?.[3] ?? '', 22)
  if (!head || 'refused' in sized) return 'refused' in sized ? sized : { refused: REFUSED_LENGTH }
  if (!/^\d{9}$/.test(sized.rest)) return { refused: REFUSED_LENGTH }
  return { code: head[1] ?? '', count: Number(head[2]), amount: Number(sized.rest) }
}

export type OriginalFields = {
  type: string
  z: number
  number: number
  date: string
  oper: string
  serial?: string
  lottery?: string
}

/** R or A, Z(4) N(4) DDMMYY OPER(1), then the serial of another printer and the lottery code of its document. */
export function originalFields(data: string): OriginalFields | { refused: string } {
  const match = /^([RA])(\d{4})(\d{4})(\d{6})(\d)(.*)$/.exec(data)
  if (!match) return { refused: REFUSED_LENGTH }
  const [, type = '', z, number, day = '', oper = '', rest = ''] = match
  const named = { type, z: Number(z), number: Number(number), date: isoDay(day), oper }
  if (rest === '') return named
  const other = /^(09|10|11)([0-9A-Z]{9,11}?)(?:08([A-Z0-9]{8}))?$/.exec(rest)
  if (other?.[2]?.length !== Number(other?.[1])) return { refused: REFUSED_LENGTH }
  return { ...named, serial: other[2], ...(other[3] !== undefined && { lottery: other[3] }) }
}

/** DDMMYY → `YYYY-MM-DD`. */
export function isoDay(day: string): string {
  return `20${day.slice(4, 6)}-${day.slice(2, 4)}-${day.slice(0, 2)}`
}

export function nine(value: number): string {
  return String(value).padStart(9, '0')
}
