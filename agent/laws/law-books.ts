import type { LawBooks } from '../journal/books/law-books.ts'
import { LAWS } from './laws.ts'

/** The books of the built-in laws that have them. Apart from the list, because only a verification loads them. */
export const LAW_BOOKS: readonly LawBooks[] = (await Promise.all(LAWS.map(({ books }) => books?.()))).filter(
  (books) => books !== undefined,
)
