import { expect, test } from 'vitest'
import { LANGUAGES } from '../../agent/contract/receipt.ts'
import { DISPLAY_TEXTS } from '../../agent/texts/display.ts'
import { PAGE_TEXTS } from '../../agent/texts/page.ts'
import { LABELS, labelsOf } from '../../agent/texts/receipts.ts'
import type { Text, WarningText } from '../../agent/texts/text.ts'
import { WARNING_TEXTS } from '../../agent/texts/warnings.ts'
import { warningOf } from '../../agent/watch/warnings.ts'

const row = ['The disk is full.', 'Free space.'] as const

test('a text without one of the languages, and a warning without a text, do not compile', () => {
  // @ts-expect-error: no Italian
  const word: Text = { en: 'Key', de: 'Schlüssel' }
  // @ts-expect-error: no German
  const warning: WarningText = { severity: 'alarm', en: row, it: row }
  // @ts-expect-error: no remedy
  const half: WarningText = { severity: 'alarm', en: row, de: row, it: ['Il disco è pieno.'] }
  // @ts-expect-error: no row
  expect(() => warningOf('no_such_code')).toThrow(TypeError)
  expect([word, warning, half].map((text) => Object.keys(text).length)).toEqual([2, 3, 4])
})

test('every text says something in every language', () => {
  const texts = [PAGE_TEXTS, DISPLAY_TEXTS, WARNING_TEXTS].flatMap((each) => Object.values(each)) as Record<
    string,
    unknown
  >[]
  for (const language of LANGUAGES)
    expect(texts.filter((text) => !String(text[language]).replace(',', '').trim())).toEqual([])
})

test('a value in a text of the page has the same name in every language', () => {
  const namesIn = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort()
  for (const text of Object.values(PAGE_TEXTS))
    for (const language of LANGUAGES) expect(namesIn(text[language])).toEqual(namesIn(text.en))
})

test('a receipt has the words of its language', () => {
  expect(LANGUAGES.map((language) => labelsOf(language)('total'))).toEqual(['Summe', 'Total', 'Totale'])
})

test('no text names an article of D.P.R. 633/1972, which D.Lgs. 10/2026 replaces from 2027 with other numbers', () => {
  const tables: readonly object[] = [LABELS, PAGE_TEXTS, WARNING_TEXTS]
  const texts = tables.flatMap((table) => JSON.stringify(table).split('"'))
  expect(texts.filter((text) => /\bart(\.|icolo) ?\d+(?! BMR)|633/i.test(text))).toEqual([])
  const ofN1 = LANGUAGES.map((language) => labelsOf(language)('nature_N1'))
  expect(ofN1).toEqual(['Auslage (N1)', 'excluded (N1)', 'escluso (N1)'])
})
