import { expect, test } from 'vitest'
import { Books } from '../../agent/journal/books/books.ts'
import { describeBooks } from '../../agent/journal/books/findings.ts'
import type { LawBooks } from '../../agent/journal/books/law-books.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import { textEvent } from './some-event.ts'

const RURITANIAN_BOOKS: LawBooks<'ruritania_stamp_missing'> = {
  texts: {
    ruritania_stamp_missing: { level: 'error', en: 'Stamp {stamp} is missing.', de: 'Marke {stamp} fehlt.' },
  },
  open: ({ findings }) => {
    let seen = 0
    findings.atEnd((found) => found.add('ruritania_stamp_missing', seen, { stamp: seen + 1 }))
    return {
      note: ({ seq }) => {
        seen = seq
      },
      coverage: () => ({ stamps: seen }),
    }
  },
}

test('the books of a law that is not built in report its findings in its words, and their extent', () => {
  const laws = [...LAW_BOOKS, RURITANIAN_BOOKS]
  const books = new Books('salt', laws)
  for (const seq of [1, 2]) {
    const { kind, op, body } = textEvent('sold')
    books.note({ seq, kind, op, at: '2026-03-02T08:00:00.000Z', body: JSON.stringify(body) })
  }
  const [finding, ...more] = books.findings.all()
  expect([finding, more]).toMatchObject([{ code: 'ruritania_stamp_missing', level: 'error', seq: 2 }, []])
  expect(finding && describeBooks(finding, 'de', laws)).toBe('Marke 3 fehlt. (ruritania_stamp_missing)')
  expect(books.coverage()).toEqual({ stamps: 2 })
})

test('no two laws have a finding of the same code', () => {
  const codes = LAW_BOOKS.flatMap(({ texts }) => Object.keys(texts))
  expect(new Set(codes).size).toBe(codes.length)
})
