import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'
import { smoke } from '../tags.ts'
import { execFileSync } from '../waits.ts'
import type { Area, Place } from './plain-words.ts'
import { PLAIN, placesOfCode, placesOfDocument } from './plain-words.ts'

/** A count may fall and never rise. If yours is lower, write it here. */
const LIMITS: Readonly<Record<Area, number>> = { docs: 0, messages: 0, comments: 3, tests: 0, names: 0 }
const SHOWN_MAX = 20

function places(): Place[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT })
  return String(listed)
    .split('\n')
    .filter((file) => !/(^|\/)(node_modules|fixtures|dist|generated)\//.test(file) && existsSync(join(ROOT, file)))
    .flatMap((file) => {
      if (file.endsWith('.md')) return placesOfDocument(file, readFileSync(join(ROOT, file), 'utf8'))
      return /\.(ts|js|cjs|mjs)$/.test(file) ? placesOfCode(file, readFileSync(join(ROOT, file), 'utf8')) : []
    })
}

test('no area has more words of the old dialect than its limit', smoke(), () => {
  const found = places()
  const areas = Object.entries(LIMITS).map(([area, limit]) => {
    const here = found.filter((place) => place.area === area)
    const shown = here.slice(-SHOWN_MAX).map(({ file, line, word }) => `${file}:${line} ${word}: ${PLAIN.get(word)}`)
    return here.length <= limit ? [] : [`${area}: ${here.length} found, ${limit} allowed`, ...shown]
  })
  expect(areas.flat()).toEqual([])
})

test('words are counted in prose, messages, comments, titles and names, and not in code', () => {
  const words = (found: readonly Place[]) => found.map(({ area, word, line }) => `${area} ${word} ${line}`)
  expect(words(placesOfDocument('a.md', '# A\n\nIt is told.\n\n```sh\necho told\n```\n`told` and anew\n'))).toEqual([
    'docs told 3',
    'docs anew 8',
  ])
  const code =
    "// It goes on.\nconst lanes = 'is not there, as one tells'\nconst plain = 'told'\nconst quiet = /anew/\n"
  expect(words(placesOfCode('agent/a.ts', code)).sort()).toEqual([
    'comments goes on 1',
    'messages is there 2',
    'messages told 2',
    'names lane 1',
  ])
  expect(words(placesOfCode('test/a.test.ts', "test('it is told', () => {\n  // told\n})\n"))).toEqual(['tests told 1'])
})

test('a word with an everyday use is counted in its odd use only', () => {
  const count = (text: string) => placesOfDocument('a.md', text).map(({ word }) => word)
  expect(count('There is no printer. The proxy stood behind a firewall.')).toEqual(['stands'])
  expect(count('A simulator is no TSE. The shop where it was bought.')).toEqual(['is no X'])
  expect(count('What is signed? What the TSE signs is stored.')).toEqual(['riddle'])
})
