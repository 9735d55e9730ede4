import type { LawBooks } from '../journal/books/law-books.ts'
import { AUSTRIAN_BOOKS } from './austria/books/law-books.ts'
import { GERMAN_BOOKS } from './germany/books/law-books.ts'
import { ITALIAN_BOOKS } from './italy/books/law-books.ts'

/** The books of each built-in law: a process that verifies a journal loads nothing else of a law. */
export const LAW_BOOKS: readonly LawBooks[] = [GERMAN_BOOKS, AUSTRIAN_BOOKS, ITALIAN_BOOKS]
