import { toCents } from '../../../../base/money.ts'
import type { AdoptedReceipt, LawBooks } from '../../../journal/books/law-books.ts'
import type { TransactionFacts } from '../../../journal/transaction-facts.ts'
import { transactionFacts } from '../../../journal/transaction-facts.ts'
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
      adoptedIn: ({ kind }, body) =>
        kind === 'transaction.lost' && body.receipt !== undefined ? adoptedBon(transactionFacts(body)) : undefined,
    }
  },
}

/** `Beleg^119.00_0.00_0.00_0.00_1.00^120.00:Bar`: the gross by VAT rate follows the type; an order has no amounts. */
function adoptedBon({ serial, process_data: data = '' }: TransactionFacts): AdoptedReceipt | undefined {
  const [, amounts = ''] = /^[A-Za-z]+\^(-?\d+\.\d\d(?:_-?\d+\.\d\d)*)\^/.exec(data) ?? []
  const cents = amounts === '' ? [] : amounts.split('_').map(toCents)
  return serial === undefined ? undefined : { serial, cents: cents.reduce((sum, each) => sum + each, 0n) }
}
