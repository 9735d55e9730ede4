import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FOLDERS } from '../../scripts/package/contents.ts'
import { ROOT } from '../cli/command.ts'

/** A constant at module level, without a type of its own: its name and how its value begins. */
const CONSTANT = /^(?:export )?const (\w+) = (.*)$/gm
const LITERAL = /^(?:-?\d[\w.]*|'[^']*'|`[^`]*`?|\/.+\/[a-z]*)$/
const ARROW = /^(?:async )?(?:<.*>)?(?:\w+|\([^()]*(?:\([^()]*\)[^()]*)*\)(?:: [^(]+)?) =>|^(?:async )?(?:<.*>)?\($/

/** What is written in another way than the house writes it. */
function wrongIn(text: string): string[] {
  return [...text.matchAll(CONSTANT)].flatMap(([line, name = '', value = '']) => {
    const isCamel = /^[a-z]/.test(name)
    return (isCamel && LITERAL.test(value)) || ARROW.test(value) ? [line] : []
  })
}

test('at module level functions are declarations, and a constant of a literal is in CONSTANT_CASE', () => {
  const rooms = [...FOLDERS, 'scripts', 'test', 'clients'].join()
  const files = globSync(`{${rooms}}/**/*.ts`, { cwd: ROOT }).filter((file) => !/node_modules|generated/.test(file))
  expect(files.length).toBeGreaterThan(3000)
  const wrong = files.flatMap((file) =>
    wrongIn(readFileSync(join(ROOT, file), 'utf8')).map((line) => `${file}: ${line}`),
  )
  expect(wrong).toEqual([])
})

test('each spelling of an arrow and of a literal is found, and what is computed or has a type is not', () => {
  const wrong = [
    "const kind = 'sale'",
    'export const limit = -5',
    'const pattern = /a+/g',
    'const text = `one line',
    'const double = (value: number): number => value * 2',
    'export const wait = async (ms: number) => {',
    'const first = async (',
    'const same = value => value',
  ]
  expect(wrong.flatMap(wrongIn)).toEqual(wrong)
  const right = [
    'const LIMIT = 5',
    "const parts = 'a b'.split(' ')",
    'const half = 5 / 2',
    "  const kind = 'sale'",
    'export const post: Post = async (sent) => {',
    'const isRoot = process.getuid?.() === 0',
    'const names = ROWS.map(({ name }) => name)',
    "const law = (['tse', 'rt'] as const).find((known) => known === LAW)",
  ]
  expect(right.flatMap(wrongIn)).toEqual([])
})
