import type { LawBooks } from '../../../journal/books/law-books.ts'
import { SignedAmounts } from './signed-amounts.ts'
import { TEXTS } from './texts.ts'

/** Compares German operations with the texts that their TSEs were requested to sign. */
export const GERMAN_BOOKS: LawBooks<keyof typeof TEXTS> = {
  texts: TEXTS,
  open: ({ findings, state }) => new SignedAmounts(findings, state),
}
