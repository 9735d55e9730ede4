import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sha256 } from '../../base/sha256.ts'
import { commandsIn, publicWords } from '../../scripts/releases/public-words.ts'
import { ROOT } from '../cli/command.ts'
import { RELEASES } from './former-program.ts'
import { apiBreaks, inputBreaks } from './superset.ts'

const [NEWEST] = RELEASES.all()
if (NEWEST === undefined) throw new Error('there is no release')
const FORMER = RELEASES.words(NEWEST.version)
const IS_CANDIDATE = NEWEST.version.startsWith('1.0.0-rc.')
/** The files of this commit; test/public compares them with the program. */
const TODAY = publicWords(ROOT)

function lost(former: readonly string[], today: readonly string[]): string[] {
  const excused = IS_CANDIDATE ? RENAMED : []
  return former.filter((word) => !today.includes(word) && !excused.includes(word))
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

/** Which a candidate may still break. Goes with the candidate: it took a change without a key, and these names changed. */
const CHANGED = new RegExp(
  [
    ' header Idempotency-Key: is required$',
    String.raw`\bexplanation\..*\b(?:tax_key|container)\b`,
    String.raw`\bgift_cards\b`,
    String.raw`\bhints\[\]\.(?:code: never has emergency_entries|date|amount)`,
    String.raw`\.warnings\[\]\.due: has another format$`,
    String.raw`^GET /v1/overview 200(?:\.registers\[\])?.*(?:pending|failed|law|device|expected_amount|alerts)\b`,
  ].join('|'),
)
const RENAMED = [
  'fiskal_sync_target_backup_seconds',
  'fiskal-edge export rksv_crypto --from <time>',
  'fiskal-edge export rksv_crypto --to <time>',
]

test('the OpenAPI document is a superset of that of the newest release', () => {
  const breaks = apiBreaks(FORMER.openapi, TODAY.openapi)
  expect(breaks.filter((each) => !(IS_CANDIDATE && CHANGED.test(each)))).toEqual([])
})

test('agent.json takes what it took in the newest release', () => {
  // The schema of the candidate has patterns without their flag. Goes with the candidate.
  const breaks = inputBreaks(FORMER.config, TODAY.config)
  expect(breaks.filter((each) => !(IS_CANDIDATE && each.endsWith(': has another pattern')))).toEqual([])
})

test('receiver.json takes what it took in the newest release', () => {
  // The candidate did not keep it. Goes with the candidate.
  expect(inputBreaks(FORMER.receiver ?? TODAY.receiver, TODAY.receiver)).toEqual([])
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
