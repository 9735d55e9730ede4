import type { LawBooks } from '../journal/books/law-books.ts'
import { AUSTRIAN_BOOKS } from './austria/books/law-books.ts'
import { GERMAN_BOOKS } from './germany/books/law-books.ts'
import { ITALIAN_BOOKS } from './italy/books/law-books.ts'
import type { LawName } from './names.ts'

/** `undefined` for a law whose documents cannot be checked against the events. */
const BY_NAME: Record<LawName, LawBooks | undefined> = {
  germany: GERMAN_BOOKS,
  austria: AUSTRIAN_BOOKS,
  italy: ITALIAN_BOOKS,
}

/** The books of each built-in law: a process that verifies a journal loads nothing else of a law. */
export const LAW_BOOKS: readonly LawBooks[] = Object.values(BY_NAME).filter((books) => books !== undefined)
