// @module-tag heavy
import { expect, test } from 'vitest'
import { finanzonline, progress } from '../e2e/austria/finanzonline.ts'
import { austrianTill, ONE_CARD } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import type { Line } from './insider.ts'
import { codesAfter, retold } from './insider.ts'

// What was sent to the tax office is in the journal alone. The insider lets a duty look confirmed, sent in production, or
// answered under another packet, and signs the journal again.

async function registeredShop(bench: Bench): Promise<void> {
  await austrianTill(bench)
  await bench.until(() => progress(bench)['startbeleg-check']?.state === 'confirmed')
}

test.each([
  ['moved to production', 'duty.sent', (text: string) => text.replace('"T":', '"P":')],
  ['of another duty', 'duty.changed', (text: string) => text.replace(/"id":"[^"]+"/, '"id":"outage-1"')],
  ['with another packet', 'duty.sent', (text: string) => text.replace(/"packet":\d+/, '"packet":7')],
  ['an answer to another packet', 'duty.answered', (text: string) => text.replace(/"packet":\d+/, '"packet":7')],
  ['with a state that does not exist', 'duty.changed', (text: string) => text.replace('"confirmed"', '"done"')],
])('an event of a duty that was edited to be %s is found', async (_name, kind, edit) => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities }, edits: true })
  await registeredShop(bench)
  const codes = await codesAfter(bench, (line: Line) => (line.kind === kind ? retold(line, edit) : line))
  expect(codes).toContain('duty_record_wrong')
})

test('an honest journal with duties has no finding', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities }, edits: true })
  await registeredShop(bench)
  expect(await codesAfter(bench, (line) => line)).toEqual([])
})
