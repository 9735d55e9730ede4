import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'

const LENGTH_MOST = 110
/** The first argument of `test(`, of `describe.concurrent(` and of what `test.each(…)` returns. */
const NAME = /(?:\b(?:test|describe)(?:\.\w+)*\(|\)\()\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g

function longNamesIn(text: string): string[] {
  return [...text.matchAll(NAME)].map(([, , name = '']) => name).filter((name) => name.length > LENGTH_MOST)
}

test(`the name of a test has at most ${LENGTH_MOST} characters`, () => {
  const files = globSync('test/**/*.ts', { cwd: ROOT })
  expect(files.length).toBeGreaterThan(700)
  const long = files.flatMap((file) =>
    longNamesIn(readFileSync(join(ROOT, file), 'utf8')).map((name) => `${file}: ${name}`),
  )
  expect(long).toEqual([])
})

test('a long name is found in each form of a test', () => {
  const long = 'a name '.repeat(20)
  const forms = [
    `test('${long}', () => undefined)`,
    `test(\n  "${long}",\n  () => undefined,\n)`,
    `describe.concurrent('${long}', () => undefined)`,
    `test.each([[1], [2]])('${long}', () => undefined)`,
    `test(\`\${1} ${long}\`, () => undefined)`,
  ]
  expect(forms.map((form) => longNamesIn(form).length)).toEqual([1, 1, 1, 1, 1])
})
