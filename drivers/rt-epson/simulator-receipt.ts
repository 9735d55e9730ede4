import type { OpenDocument } from '../rt/simulated-document.ts'

/** The elements of a receipt, as the simulated service reads them. */

export type Tag = { name: string; attributes: ReadonlyMap<string, string> }

/** The document that a return or void names. `date` `YYYY-MM-DD`. */
type Named = { word: string; z: number; number: number; date: string; serial: string }

/** Number of the factory payment table for each payment type, with the index if that distinguishes them. */
const tenders: Readonly<Record<string, number>> = {
  '0': 1,
  '1': 3,
  '2': 4,
  '3': 5,
  '4': 5,
  '5': 2,
  '6': 9,
  '5/2': 6,
  '5/3': 7,
  '5/4': 8,
  '6/1': 10,
}

/** Acconto, omaggio, buono monouso. */
const deductionTypes: readonly string[] = ['10', '11', '12']

/** The elements in the body of the envelope, in order, with any prefix. */
export function tagsOf(body: string): readonly Tag[] {
  const inside = /<(?:\w+:)?Body\b[^>]*>([\s\S]*)<\/(?:\w+:)?Body>/.exec(body)?.[1] ?? ''
  return [...inside.matchAll(/<(\w+)((?:\s+\w+="[^"]*")*)\s*\/?>/g)].map(([, name = '', words = '']) => ({
    name,
    attributes: new Map(
      [...words.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, unescaped(value)]),
    ),
  }))
}

/** `REFUND ZZZZ NNNN ddmmyyyy SERIAL` or `VOID …`. */
export function originalIn(tags: readonly Tag[]): Named | undefined {
  const message = tags.find(isReference)?.attributes.get('message') ?? ''
  const match = /^(REFUND|VOID) (\d{4}) (\d{4}) (\d\d)(\d\d)(\d{4}) ([0-9A-Z]{11})$/.exec(message)
  if (!match) return undefined
  const [, word = '', z, number, day, month, year, serial = ''] = match
  return { word, z: Number(z), number: Number(number), date: `${year}-${month}-${day}`, serial }
}

/** It has a begin and an end; the reference of a return may precede its begin. */
export function isWhole(tags: readonly Tag[]): boolean {
  const names = tags.filter((tag) => !isReference(tag)).map(({ name }) => name)
  return names[1] === 'beginFiscalReceipt' && names.indexOf('endFiscalReceipt') === names.length - 1
}

function isReference({ attributes }: Tag): boolean {
  return attributes.get('messageType') === '4'
}

function isTrailing({ name, attributes }: Tag): boolean {
  return name === 'printRecMessage' && attributes.get('messageType') === '3'
}

/** Without trailing lines that a later one with the same index replaces. */
export function withoutReplaced(tags: readonly Tag[]): readonly Tag[] {
  const placeOf = (tag: Tag): string | Tag => tag.attributes.get('index') ?? tag
  const standing = new Map(tags.filter(isTrailing).map((tag) => [placeOf(tag), tag]))
  return tags.filter((tag) => !isTrailing(tag) || standing.get(placeOf(tag)) === tag)
}

/** The printer's code if it refuses the element. */
export function applyTag(document: OpenDocument, { name, attributes }: Tag): string | undefined {
  if (['printerFiscalReceipt', 'beginFiscalReceipt', 'endFiscalReceipt', 'printRecSubtotal'].includes(name))
    return undefined
  const enter = Object.hasOwn(entries, name) ? entries[name] : undefined
  return enter ? enter(document, (key) => attributes.get(key) ?? '') : 'EG0003'
}

/** An attribute, empty if omitted. */
type Attribute = (key: string) => string

const entries: Readonly<Record<string, (document: OpenDocument, attribute: Attribute) => string | undefined>> = {
  printRecItem: (document, attribute) => (document.kind === 'sale' ? addGoods(document, attribute) : 'EG0005'),
  printRecRefund: (document, attribute) => (document.kind === 'return' ? addGoods(document, attribute) : 'EG0005'),
  printRecItemAdjustment: (document, attribute) => {
    if (deductionTypes.includes(attribute('adjustmentType')))
      return document.deduct(Number(attribute('department')), centsOf(attribute('amount')), attribute('description'))
    const sign = attribute('adjustmentType') === '0' ? -1 : 1
    return document.adjust(() => sign * centsOf(attribute('amount')), attribute('description'))
  },
  printRecMessage: (document, attribute) => {
    if (attribute('messageType') === '3') document.texts.push(attribute('message').replace(/^#/, ''))
    return undefined
  },
  printRecLotteryID: (document, attribute) => {
    document.lottery = attribute('code')
    return /^[A-Z0-9]{8}$/.test(document.lottery) ? undefined : 'ES0001'
  },
  printRecTotal: (document, attribute) => {
    const [type, index] = [attribute('paymentType'), attribute('index')]
    const paid = document.pay(tenders[`${type}/${index}`] ?? tenders[type] ?? 0, centsOf(attribute('payment')))
    return paid === 'ES0001' ? paid : undefined
  },
}

function addGoods(document: OpenDocument, attribute: Attribute): string | undefined {
  if (document.payments.length > 0) return 'EG0005'
  const thousandths = Math.round(numberIn(attribute('quantity')) * 1000)
  return document.addLine(
    Number(attribute('department')),
    centsOf(attribute('unitPrice')),
    thousandths,
    attribute('description'),
  )
}

function numberIn(text: string): number {
  return Number(text.replace(',', '.'))
}

function centsOf(text: string): number {
  return Math.round(numberIn(text) * 100)
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}
