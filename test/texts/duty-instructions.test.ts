import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { translated } from '../../agent/cli/terminal/language.ts'
import type { Task } from '../../agent/laws/duty.ts'
import { instruction } from '../../agent/laws/instruction.ts'
import { DUTY_INSTRUCTIONS } from '../../agent/texts/duty-instructions.ts'
import type { Text } from '../../agent/texts/text.ts'
import { ROOT } from '../cli/command.ts'

const ROWS: readonly Text[] = Object.entries(DUTY_INSTRUCTIONS).map(([en, words]) => ({ en, ...words }))
const files = globSync('agent/{laws,till,sync}/**/*.ts', { cwd: ROOT })
const code = files.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n')

test('an instruction of a duty without a row, and one without its facts, do not compile', () => {
  // @ts-expect-error: a sentence without a row
  instruction('Call the mayor.')
  // @ts-expect-error: no device
  instruction('Now {} signs.')
  // @ts-expect-error: one fact too many
  instruction('Then confirm this duty.', 'dut_1')
  // @ts-expect-error: a text that is not made from a row
  const task: Pick<Task, 'instructions'> = { instructions: ['Then confirm this duty.'] }
  expect(task.instructions).toEqual([instruction('Then confirm this duty.')])
})

function filled(text: string): string {
  return text.split('{}').reduce((words, part, index) => `${words}fact-${index}${part}`)
}

describe.each(['de', 'it'] as const)('in %s', (language) => {
  test('no instruction has the words of another row', () => {
    for (const row of ROWS) expect(translated(filled(row.en), language)).toBe(filled(row[language]))
  })

  test('each instruction has the same commands, options and facts', () => {
    const FIXED = /fiskal-edge [a-z]+|--[a-z-]+|\b(?:FILE|FOLDER|ID|N|TARGET|TEXT)\b|\/v1\/[^\s:)]+|docs\/[\w.]+|\{\}/g
    for (const row of ROWS) expect(row[language].match(FIXED)).toEqual(row.en.match(FIXED))
  })
})

test('each row is an instruction of a duty', () => {
  expect(ROWS.filter(({ en }) => !code.includes(en)).map(({ en }) => en)).toEqual([])
})

test('no sentence of ours is given verbatim, which no row would say in another language', () => {
  const given = [...code.matchAll(/\bverbatim\(\s*(['`][^\n]*)/g)].map(([, words = '']) => words)
  expect(given.length).toBeGreaterThan(5)
  expect(given.filter((words) => /\b(?:the|is|are|with|not|until|this|and|then|of|it)\b/i.test(words))).toEqual([])
})

test.each([
  ['2026-11-30', '30.11.2026'],
  ['2026-11-30T10:00:05', '30.11.2026 10:00:05'],
  ['2026-11-30 10:00', '30.11.2026 10:00'],
  ['2026-11-30T09:00:05.000Z', '30.11.2026 10:00'],
])('the time %s of an instruction is written as %s', (time, written) => {
  expect(translated(instruction('Beginn: {}.', time), 'de')).toBe(`Beginn: ${written}.`)
})

test('a command with a date stays as it can be pasted', () => {
  const command = 'fiskal-edge emergency sheet rt-1 --date 2026-11-30'
  const words = translated(instruction('The sums by rate and natura: {}', command), 'it')
  expect(words).toBe(`I totali per aliquota e natura: ${command}`)
})
