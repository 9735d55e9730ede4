import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'
import { execFileSync } from '../waits.ts'
import { oneSentenceALine, sentencesOf } from './sentences.ts'

const PAGES = String(execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT }))
  .split('\n')
  .filter(Boolean)

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
