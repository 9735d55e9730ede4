import { describe, expect, test } from 'vitest'
import type { Language } from '../../agent/contract/receipt.ts'
import { LANGUAGES } from '../../agent/contract/receipt.ts'
import { AGENT_WARNINGS } from '../../agent/texts/agent-warnings.ts'
import { AUTHORITY_WARNINGS } from '../../agent/texts/authority-warnings.ts'
import { CARD_WARNINGS } from '../../agent/texts/card-warnings.ts'
import { DEVICE_WARNINGS } from '../../agent/texts/device-warnings.ts'
import { DISPLAY_TEXTS } from '../../agent/texts/display.ts'
import { DUTY_TEXTS } from '../../agent/texts/duties.ts'
import { BACK_TEXTS, OUTAGE_TEXTS } from '../../agent/texts/outages.ts'
import { PAGE_TEXTS } from '../../agent/texts/page.ts'
import { PRINTER_WARNINGS } from '../../agent/texts/printer-warnings.ts'
import { SYNC_WARNINGS } from '../../agent/texts/sync-warnings.ts'
import { TSE_WARNINGS } from '../../agent/texts/tse-warnings.ts'
import { WARNING_TEXTS } from '../../agent/texts/warnings.ts'
import { WORDS } from '../../alerts/words.ts'
import type { LawName } from './law-words.ts'
import { GERMAN, OWN_WORDS } from './law-words.ts'

type Rows = Readonly<Record<string, Partial<Record<Language, unknown>>>>

/** The rows whose name begins so. */
function rowsOf(rows: Rows, ...begins: readonly string[]): Rows {
  return Object.fromEntries(Object.entries(rows).filter(([name]) => begins.some((begin) => name.startsWith(begin))))
}

const { trial_note, reason_emergency_open, ...page } = PAGE_TEXTS
/** What every shop reads. */
const COMMON: readonly Rows[] = [
  ...[AGENT_WARNINGS, SYNC_WARNINGS, DEVICE_WARNINGS, DISPLAY_TEXTS, OUTAGE_TEXTS, page, { mail: WORDS }],
  rowsOf(DUTY_TEXTS, 'agent.'),
]
/** What a shop of one law reads in addition. */
const OWN: Readonly<Record<LawName, readonly Rows[]>> = {
  Germany: [TSE_WARNINGS, rowsOf(BACK_TEXTS, 'tse'), rowsOf(DUTY_TEXTS, 'de.')],
  Austria: [
    CARD_WARNINGS,
    rowsOf(BACK_TEXTS, 'signature_card'),
    AUTHORITY_WARNINGS,
    rowsOf(DUTY_TEXTS, 'at.'),
    { trial_note },
  ],
  Italy: [PRINTER_WARNINGS, rowsOf(BACK_TEXTS, 'fiscal_printer'), rowsOf(DUTY_TEXTS, 'it.'), { reason_emergency_open }],
}

function textsIn(tables: readonly Rows[], language: Language): string[] {
  const rows = tables.flatMap((table) => Object.values(table)).map((row) => JSON.stringify(row[language] ?? ''))
  return rows.flatMap((row) => row.split('"'))
}

describe.each(LANGUAGES)('in %s', (language) => {
  test.each(Object.entries(OWN))('no text that a shop in %s reads has a word of another law', (name, own) => {
    const texts = textsIn([...COMMON, ...own], language)
    expect(texts.length).toBeGreaterThan(500)
    const others = Object.entries(OWN_WORDS).filter(([law]) => law !== name)
    for (const [, words] of others) expect(texts.filter((text) => words.test(text))).toEqual([])
  })
})

test('each warning belongs to the shops of a law or to all', () => {
  const read = [...COMMON, ...Object.values(OWN).flat()]
  expect(Object.keys(WARNING_TEXTS).filter((code) => read.every((table) => !(code in table)))).toEqual([])
})

test('no Italian text has German words', () => {
  const texts = textsIn([...COMMON, ...Object.values(OWN).flat()], 'it')
  expect(texts.length).toBeGreaterThan(800)
  expect(texts.filter((text) => GERMAN.test(text))).toEqual([])
})
