import type { OpenDocument } from '../rt/simulated-document.ts'
import { unescaped } from './xml.ts'

/** Receipts as the simulated service reads them. */

export type Tag = { name: string; attributes: ReadonlyMap<string, string> }

/** The document that a return or void names. `date` `YYYY-MM-DD`. */
type Named = { word: string; z: number; number: number; date: string; serial: string }

/** Number of the factory payment table for each payment type. */
const tenders: Readonly<Record<string, number>> = { '0': 1, '1': 3, '2': 4, '3': 5, '4': 5, '5': 2, '6': 9 }

/** What the body of the envelope says, in order; its prefix is the host's own. */
export const tagsOf = (body: string): readonly Tag[] => {
  const inside = /<(?:\w+:)?Body\b[^>]*>([\s\S]*)<\/(?:\w+:)?Body>/.exec(body)?.[1] ?? ''
  return [...inside.matchAll(/<(\w+)((?:\s+\w+="[^"]*")*)\s*\/?>/g)].map(([, name = '', words = '']) => ({
    name,
    attributes: new Map(
      [...words.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, unescaped(value)]),
    ),
  }))
}

/** `REFUND ZZZZ NNNN ddmmyyyy SERIAL` or `VOID …`. */
export const originalIn = (tags: readonly Tag[]): Named | undefined => {
  const message = tags.find(isReference)?.attributes.get('message') ?? ''
  const match = /^(REFUND|VOID) (\d{4}) (\d{4}) (\d\d)(\d\d)(\d{4}) ([0-9A-Z]{11})$/.exec(message)
  if (!match) return undefined
  const [, word = '', z, number, day, month, year, serial = ''] = match
  return { word, z: Number(z), number: Number(number), date: `${year}-${month}-${day}`, serial }
}

/** It begins and ends; the reference of a return may stand before its beginning. */
export const isWhole = (tags: readonly Tag[]): boolean => {
  const names = tags.filter((tag) => !isReference(tag)).map(({ name }) => name)
  return names[1] === 'beginFiscalReceipt' && names.indexOf('endFiscalReceipt') === names.length - 1
}

const isReference = ({ attributes }: Tag): boolean => attributes.get('messageType') === '4'

/** The printer's code where it refuses the element. */
export const applyTag = (document: OpenDocument, { name, attributes }: Tag): string | undefined => {
  const text = attributes.get('description') ?? ''
  switch (name) {
    case 'printerFiscalReceipt':
    case 'beginFiscalReceipt':
    case 'endFiscalReceipt':
    case 'printRecSubtotal':
      return undefined
    case 'printRecItem':
    case 'printRecRefund': {
      if ((name === 'printRecItem') !== (document.kind === 'sale') || document.payments.length > 0) return 'ES0001'
      const thousandths = Math.round(numberIn(attributes.get('quantity')) * 1000)
      const cents = centsOf(attributes.get('unitPrice'))
      return document.addLine(Number(attributes.get('department')), cents, thousandths, text)
    }
    case 'printRecItemAdjustment': {
      const sign = attributes.get('adjustmentType') === '0' ? -1 : 1
      return document.adjust(() => sign * centsOf(attributes.get('amount')), text)
    }
    case 'printRecMessage':
      if (attributes.get('messageType') === '3')
        document.texts.push((attributes.get('message') ?? '').replace(/^#/, ''))
      return undefined
    case 'printRecLotteryID': {
      document.lottery = attributes.get('code')
      return /^[A-Z0-9]{8}$/.test(document.lottery ?? '') ? undefined : 'ES0001'
    }
    case 'printRecTotal': {
      const paid = document.pay(tenders[attributes.get('paymentType') ?? ''] ?? 0, centsOf(attributes.get('payment')))
      return paid === 'ES0001' ? paid : undefined
    }
    default:
      return 'EG0003'
  }
}

const numberIn = (text: string | undefined): number => Number((text ?? '').replace(',', '.'))

const centsOf = (text: string | undefined): number => Math.round(numberIn(text) * 100)
