// @module-tag heavy
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SOFTHSM, tokensOfFile } from '../drivers/native/soft-token.ts'
import { AustrianCourse } from './austrian-course.ts'
import { forkDaemon } from './forked-lives.ts'
import { KillRun } from './kill-run.ts'

const PIN = '74091358'
const tokens = tokensOfFile(async (made) => {
  for (const label of ['kassa-1', 'kassa-2']) await made.makeToken(label, PIN)
  writeFileSync(join(made.folder, 'pin'), PIN, { mode: 0o600 })
})
const TOKENS = {
  pull: (number: 1 | 2) => tokens.pullToken(`kassa-${number}`),
  putBack: (number: 1 | 2) => tokens.putBackToken(`kassa-${number}`),
}

test('killed while units are pulled: no Belegnummer twice, each counter as sold, every answer in the DEP', async () => {
  const { kills, broken, answers } = await new KillRun(20_261_121, new AustrianCourse(), forkDaemon).run(10)
  expect(broken).toEqual([])
  expect(kills).toBe(10)
  expect(answers).toBeGreaterThan(kills)
})

test('the same over two PKCS#11 tokens, either of which is unplugged for a while', async () => {
  const card = { driver: 'card-pkcs11', module: SOFTHSM, pinFile: join(tokens.folder, 'pin') }
  const devices = ['1', '2'].map((number) => ({ id: `card-${number}`, token: `kassa-${number}`, ...card }))
  const course = new AustrianCourse(devices, TOKENS)
  const { kills, broken, answers } = await new KillRun(20_261_122, course, forkDaemon).run(7)
  expect(broken).toEqual([])
  expect(kills).toBe(7)
  // Two registers, and the other unit took over at least once; there was an outage as well.
  expect(course.proven.groups).toBeGreaterThan(2)
  expect(course.proven.outageReceipts).toBeGreaterThan(0)
  expect(answers).toBeGreaterThan(kills)
})
