import type { LawBooks } from '../../../journal/books/law-books.ts'
import { ReceiptChains } from './receipt-chain.ts'
import { TEXTS } from './texts.ts'

/** Compares the receipts of Austrian registers with their chains, and with the operations. */
export const AUSTRIAN_BOOKS: LawBooks<keyof typeof TEXTS> = {
  texts: TEXTS,
  open: ({ findings }) => {
    const receipts = new ReceiptChains(findings)
    return { note: ({ seq, op }, body) => receipts.note(seq, op, body) }
  },
}
