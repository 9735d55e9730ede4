import type { ReceiptModel } from '../contract/receipt.ts'
import type { Say } from '../texts/receipts.ts'
import { zoneOf } from './head.ts'
import { signedOf } from './law-of.ts'
import { printedTime } from './local-time.ts'
import type { Block, ReceiptDocuments, ReceiptLaw } from './receipt-law.ts'
import { recordedOf } from './recorded.ts'

/** Serial number of the unit that signed, or of the unit that should have; undefined if the receipt names no unit. */
export function unitOf(documents: ReceiptDocuments, law: ReceiptLaw | undefined): string | undefined {
  const { subject, register } = documents
  const signed = signedOf(documents)
  if (signed !== undefined) return signed.unit
  if (law?.unsigned === undefined) return undefined
  return recordedOf(subject).fiscal.state === 'not_required'
    ? undefined
    : (register.fiscalization?.tse_serial ?? undefined)
}

/**
 * The fiscal data that the law requires, in the words and times of the device; empty for a document that is never
 * signed.
 */
export function fiscalBlock(
  documents: ReceiptDocuments,
  law: ReceiptLaw | undefined,
  language: ReceiptModel['language'],
  say: Say,
): Block {
  const { subject } = documents
  const signed = signedOf(documents)
  if (signed !== undefined) return signed.block(say, (time) => printedTime(time, zoneOf(documents), language))
  if (law === undefined || recordedOf(subject).fiscal.state === 'not_required') return { fiscal: [], qr: null }
  return { fiscal: law.unsigned?.(documents, say) ?? [], qr: null }
}
