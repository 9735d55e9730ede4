import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exampleConfig } from '../../agent/cli/config/example.ts'
import { LAW_WORDS } from '../../agent/laws/laws.ts'
import { ROOT } from '../cli/command.ts'
import { execFileSync } from '../waits.ts'

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

test('help, examples and the page say sync, and never replay', () => {
  const words = [read('test/public/commands.txt'), ...LAW_WORDS.map((law) => exampleConfig(law))]
  expect(words.flatMap((text) => text.match(/.*\breplay.*/gi) ?? [])).toEqual([])
  expect(read('package.json') + read('agent/texts/page.ts')).not.toMatch(/replay/i)
})

test('package.json has what a registry shows, and no address that does not exist', () => {
  const shown = JSON.parse(read('package.json')) as Record<string, unknown>
  expect(shown).toMatchObject({
    private: true,
    description: expect.stringMatching(/^.{20,110}$/),
    keywords: expect.arrayContaining(['tse', 'rksv']),
    license: 'Apache-2.0',
    files: expect.arrayContaining(['agent/', 'bin/', 'docs/']),
  })
  for (const address of ['repository', 'homepage', 'bugs']) expect(shown).not.toHaveProperty(address)
  // The OpenAPI document shows it as its contact: a name alone.
  expect(shown['author']).toMatch(/^[a-z][a-z -]+$/)
  expect(read('SECURITY.md')).not.toMatch(/https?:\/\/|\S@\S+\.\S/)
})

/**
 * As of a list of rules that is nowhere in the project: a letter, a dash and a number; not a curve, not an amount, and
 * not a rule for tills, which are in the OpenAPI document (contract/till-rules.ts).
 */
const RULE_CODE = /(?<![\w.-])(?!P-(?:256|384|521)\b)(?!T-(?:[1-9]|1[0-8])\b)[A-Z]-\d{1,3}(?!\w|\.\d|'|\\)/
/** Words of other projects, and values; the OpenAPI document lists the rules that it names. */
const FOREIGN = /(^|\/)(node_modules|fixtures|package-lock\.json|clients\/openapi\.json)/

test('no source, test or page names a rule by a number that only its author can read', () => {
  const files = String(
    execFileSync('git', ['ls-files', '*.ts', '*.js', '*.cjs', '*.md', '*.json', '*.sh'], { cwd: ROOT }),
  )
  const places = files
    .split('\n')
    .filter((file) => file !== '' && !FOREIGN.test(file))
    .flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line) => (RULE_CODE.test(line) ? [`${file}: ${line.trim()}`] : [])),
    )
  expect(places).toEqual([])
})

test('a number of a rule is found in a comment, a title and a sentence, and a value is not', () => {
  const sentences = ['// It ends (R38).', "test('W1: it begins')", 'See F20, then do it.', 'As of G2.']
  const codes = sentences.map((line) => line.replace(/[A-Z](?=\d)/, '$&-'))
  expect(codes.filter((line) => !RULE_CODE.test(line))).toEqual([])
  const values = ["'K-1'", 'P-256', 'AES-128', 'UTF-8', 'A-5.00', '1234.B-01', 'till-A-1']
  expect(values.filter((line) => RULE_CODE.test(line))).toEqual([])
})
