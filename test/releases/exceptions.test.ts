import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../cli/command.ts'
import type { Exception } from './exceptions.ts'
import { EXCEPTIONS, unexcused } from './exceptions.ts'

const LAW: Exception = {
  lost: 'GET /v1/example 200.sum: is gone',
  takenBy: 'law',
  source: '§ 1 of an example, from 2027-01-01',
  instead: 'a till leaves the sum out',
}

test('an exception excuses its own line and no other', () => {
  expect(unexcused([LAW.lost, `${LAW.lost} again`], [LAW])).toEqual([`${LAW.lost} again`])
  expect(unexcused([LAW.lost], [])).toEqual([LAW.lost])
})

test('the changelog says what to do about each exception', () => {
  const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')
  expect(EXCEPTIONS.filter(({ instead }) => !changelog.includes(instead))).toEqual([])
})
