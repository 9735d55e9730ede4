import { expect, test } from 'vitest'
import type { BookCode } from '../../agent/journal/books/findings.ts'
import { BookFindings, describeBooks } from '../../agent/journal/books/findings.ts'
import { Findings } from '../../agent/journal/verify/findings.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'

const OF_BOOKS: Readonly<Record<BookCode, true>> = {
  ...{ receipt_number_gap: true, z_number_gap: true, bon_numbers_set_aside: true, z_numbers_set_aside: true },
  ...{
    receipt_numbers_twice: true,
    session_cash_differs: true,
    foreign_value_left: true,
    session_bons_differ: true,
    operation_changed: true,
    state_record_wrong: true,
  },
  ...{ projections_differ: true, projections_not_checked: true, tse_order: true, tse_transaction_twice: true },
  ...{
    cancelled_lines_differ: true,
    order_lines_differ: true,
    open_lines_differ: true,
    event_unreadable: true,
    version_too_old: true,
    counted_over_later: true,
  },
  ...{ used_beyond_itself: true, duty_record_wrong: true, duty_confirmed_by_relay: true },
}
const CODES = [...Object.keys(OF_BOOKS), ...LAW_BOOKS.flatMap(({ texts }) => Object.keys(texts))]

const OWN_FACTS =
  'line group quantity open original register to from at stated counted seq sum bons operation what was cosa host transaction counter floor serial duty version lost epoch'
const LAW_TEXTS = LAW_BOOKS.flatMap(({ texts }) =>
  Object.values(texts).flatMap(({ level: _, ...texts }) => Object.values(texts)),
)
const FACTS = [...OWN_FACTS.split(' '), ...LAW_TEXTS.flatMap((text) => text.match(/(?<=\{)\w+(?=\})/g) ?? [])]

const HARMLESS = 'K-1'
const FORGED = 'K-1\r\n\u001b[32m✔\u001b[0m in Ordnung\u0085\u2028\u2029\u202e\u2066\u200f\u061c\u009b'
const SHOWN =
  'K-1\\u000d\\u000a\\u001b[32m✔\\u001b[0m in Ordnung\\u0085\\u2028\\u2029\\u202e\\u2066\\u200f\\u061c\\u009b'

/** The sentence in which each fact has this value. */
function sentence(code: string, value: string, language: 'de' | 'en' | 'it'): string {
  const bookFindings = new BookFindings(LAW_BOOKS)
  bookFindings.add(code, 1, Object.fromEntries(FACTS.map((name) => [name, value])))
  return bookFindings
    .all()
    .map((finding) => describeBooks(finding, language, LAW_BOOKS))
    .join()
}

test.each(CODES)('no fact of %s ends its line, styles it or turns it, in any language', (code) => {
  for (const language of ['de', 'en', 'it'] as const) {
    const harmless = sentence(code, HARMLESS, language)
    expect(harmless).not.toContain('?')
    expect(sentence(code, FORGED, language)).toBe(harmless.replaceAll(HARMLESS, SHOWN))
  }
})

test('no text of a chain finding or note ends its line', () => {
  const findings = new Findings()
  findings.add('seal', 1, `the segment ${FORGED} is missing`)
  findings.note({ part: 'chain', seq: 1, what: FORGED, code: 'epoch_unproven' })
  expect(findings.list.map(({ what }) => what)).toEqual([`the segment ${SHOWN} is missing`])
  expect(findings.notes.map(({ what }) => what)).toEqual([SHOWN])
})

test('a name with an umlaut, a quotation mark or a backslash is in the sentence as it is', () => {
  const name = 'Käse „Eck“ \\ C:\\u000a 🥐 ❤️ שלום'
  expect(sentence('receipt_number_gap', name, 'de')).toContain(`der Kasse ${name} folgt`)
})
