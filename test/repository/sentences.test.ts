import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'
import { execFileSync } from '../waits.ts'
import { cellsOf, oneSentenceALine, proseOf, sentencesOf } from './sentences.ts'

const PAGES = String(execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT }))
  .split('\n')
  .filter(Boolean)

const SENTENCE_MAX = 25
const CELL_MAX = 40
/** Longer sentences of a page. A count may fall and never rise. If yours is lower, write it here. */
const LONG_SENTENCES: Readonly<Record<string, number>> = {
  'ARCHITECTURE.md': 12,
  'CONTRIBUTING.md': 39,
  'README.md': 8,
  'docs/alerts.md': 2,
  'docs/austria.md': 3,
  'docs/backup.md': 3,
  'docs/configuration.md': 16,
  'docs/devices.md': 46,
  'docs/display.md': 2,
  'docs/finanzonline.md': 10,
  'docs/first-sale.md': 3,
  'docs/germany.md': 42,
  'docs/install.md': 6,
  'docs/italy.md': 32,
  'docs/network.md': 12,
  'docs/performance.md': 14,
  'docs/prove.md': 6,
  'docs/receiver.md': 13,
  'docs/technician.md': 1,
  'docs/versions.md': 6,
}
/** Longer cells, in the same way. */
const LONG_CELLS: Readonly<Record<string, number>> = {}

/** For each page with more texts of more than `max` words than `limits` allows: the count, and the texts. */
function tooMany(textsOf: (text: string) => string[], max: number, limits: Readonly<Record<string, number>>): string[] {
  return PAGES.filter((page) => /^(?:docs\/[^/]+|README|CONTRIBUTING|ARCHITECTURE)\.md$/.test(page)).flatMap((page) => {
    const long = longerThan(max, textsOf(readFileSync(join(ROOT, page), 'utf8')))
    const allowed = limits[page] ?? 0
    return long.length <= allowed ? [] : [`${page}: ${long.length} found, ${allowed} allowed`, ...long]
  })
}

function longerThan(words: number, texts: readonly string[]): string[] {
  return texts.filter((text) => text.split(/\s+/).length > words)
}

/** The lines of a page that would be laid out in another way. */
function otherLines(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const lines = text.split('\n')
  const wanted = oneSentenceALine(text).split('\n')
  const first = lines.findIndex((line, index) => line !== wanted[index])
  return first === -1 ? [] : [`${page}:${first + 1}`, lines[first] ?? '', `one sentence a line: ${wanted[first]}`]
}

test('each page has one sentence a line, so that a change of prose shows what changed', () => {
  expect(PAGES.length).toBeGreaterThan(30)
  expect(PAGES.flatMap(otherLines)).toEqual([])
})

test('no page has more sentences of more than 25 words than it has had', () => {
  expect(tooMany(proseOf, SENTENCE_MAX, LONG_SENTENCES)).toEqual([])
})

test('no cell of a table has more than 40 words: the rest is a section below the table', () => {
  expect(tooMany(cellsOf, CELL_MAX, LONG_CELLS)).toEqual([])
})

test('sentences and cells are counted by their words, without code, headings and marks', () => {
  const page = [
    '# A heading of six whole words',
    '',
    '- One two three.',
    '  Four `five six` seven eight.',
    '',
    '| a \\| b | nine ten eleven twelve thirteen |',
    '|---|---|',
    '',
    '```sh',
    'one two three four five six',
    '| one two three four five | six |',
    '```',
    '',
  ].join('\n')
  expect(proseOf(page)).toEqual(['One two three.', 'Four `five six` seven eight.'])
  expect(cellsOf(page)).toEqual(['a \\| b', 'nine ten eleven twelve thirteen', '---', '---'])
  expect(longerThan(4, [...proseOf(page), ...cellsOf(page)])).toEqual([
    'Four `five six` seven eight.',
    'nine ten eleven twelve thirteen',
  ])
})

test('a paragraph and an item are divided at the ends of their sentences, and keep mark and indentation', () => {
  const page = [
    '# A. B',
    '',
    'One. Two',
    'goes on. `Three` is code.',
    '',
    '- Four. **Five.** Six!',
    '  - Seven? Eight',
    '',
  ]
  expect(oneSentenceALine(page.join('\n')).split('\n')).toEqual([
    '# A. B',
    '',
    'One.',
    'Two goes on.',
    '`Three` is code.',
    '',
    '- Four.',
    '  **Five.**',
    '  Six!',
    '  - Seven?',
    '    Eight',
    '',
  ])
})

test('abbreviations, code, links, brackets and the head of an item do not end a sentence', () => {
  for (const whole of [
    'As in § 146a Abs. 4 AO, z. B. Nr. 1 and art. 2.',
    'Say `one. Two` or [one. Two](a.md) (or. Three) here.',
    '**One request, one answer.** The same request gets the same bytes.',
    'Version 3.51.3 takes 1.5 s.',
  ])
    expect(sentencesOf(whole)).toEqual([whole])
})

test('tables, code and hard line breaks stay as they are', () => {
  const page = ['| A. B | C. D |', '|---|---|', '', '```sh', 'one. Two. Three', '```', '', 'One.\\', 'Two.', ''].join(
    '\n',
  )
  expect(oneSentenceALine(page)).toBe(page)
})
