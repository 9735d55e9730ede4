import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sha256 } from '../../base/sha256.ts'
import { commandsIn, publicWords } from '../../scripts/releases/public-words.ts'
import { ROOT } from '../cli/command.ts'
import { unexcused } from './exceptions.ts'
import { RELEASES } from './former-program.ts'
import { apiBreaks, inputBreaks } from './superset.ts'

const [NEWEST] = RELEASES.all()
if (NEWEST === undefined) throw new Error('there is no release')
const FORMER = RELEASES.words(NEWEST.version)
/** The files of this commit; test/public compares them with the program. */
const TODAY = publicWords(ROOT)

function lost(former: readonly string[], today: readonly string[]): string[] {
  return unexcused(former.filter((word) => !today.includes(word)))
}

test.each(RELEASES.all().map((release) => [release.version, release] as const))(
  'release %s has the files that it was made with',
  (version, { files }) => {
    const found = Object.keys(files).map((name) => {
      const bytes = readFileSync(RELEASES.path(version, name))
      return [name, { bytes: bytes.length, sha256: sha256(bytes).toString('hex') }]
    })
    expect(Object.fromEntries(found)).toEqual(files)
  },
)

test('the OpenAPI document is a superset of that of the newest release', () => {
  expect(unexcused(apiBreaks(FORMER.openapi, TODAY.openapi))).toEqual([])
})

test('agent.json takes what it took in the newest release', () => {
  expect(unexcused(inputBreaks(FORMER.config, TODAY.config))).toEqual([])
})

test('receiver.json takes what it took in the newest release', () => {
  expect(unexcused(inputBreaks(FORMER.receiver, TODAY.receiver))).toEqual([])
})

test('each error has the status that it had in the newest release, and no warning is lost', () => {
  const statuses = (errors: typeof FORMER.errors) =>
    Object.entries(errors).map(([code, { status }]) => `${code} ${status}`)
  expect(statuses(FORMER.errors).length).toBeGreaterThan(50)
  expect(lost(statuses(FORMER.errors), statuses(TODAY.errors))).toEqual([])
  const codes = (warnings: typeof FORMER.warnings) => warnings.map(({ code }) => code)
  expect(lost(codes(FORMER.warnings), codes(TODAY.warnings))).toEqual([])
})

test('no kind of event, metric, command or option of the newest release is lost', () => {
  expect(lost(FORMER.kinds, TODAY.kinds)).toEqual([])
  expect(lost(FORMER.metrics, TODAY.metrics)).toEqual([])
  const commands = commandsIn(FORMER.help)
  expect(commands.length).toBeGreaterThan(100)
  expect(lost(commands, commandsIn(TODAY.help))).toEqual([])
})
