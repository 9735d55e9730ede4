import type { LawBooks } from '../../../journal/books/law-books.ts'
import { BusinessDates } from './business-dates.ts'
import { SignedAmounts } from './signed-amounts.ts'
import { TEXTS } from './texts.ts'

/** Compares German operations with the texts that their TSEs were requested to sign, and closings with their dates. */
export const GERMAN_BOOKS: LawBooks<keyof typeof TEXTS> = {
  texts: TEXTS,
  open: ({ findings, state, isOfLater }) => {
    const [amounts, dates] = [new SignedAmounts(findings, state, isOfLater), new BusinessDates(findings)]
    return {
      note: (event, body) => {
        amounts.note(event, body)
        dates.note(event, body)
      },
    }
  },
}
