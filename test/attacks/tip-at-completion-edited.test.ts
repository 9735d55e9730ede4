// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { goods, pay } from '../e2e/goods.ts'
import { codesAfter, retold } from './insider.ts'

// A tip that comes with the payments has no line: it is in the plan of the completion and in its end. The insider keeps the
// signed text, edits the tip there, and signs the journal again.

/** A sale of 7.00 at 19 % and 13.00 at 7 % by card, with a tip of 2.00 at its completion. */
async function tipped(bench: Bench, recipient: 'employee' | 'owner'): Promise<string> {
  const { id, till } = await bench.till('50.00')
  const open = await till.create(
    goods('sale', id, [
      ['7.00', '0.19'],
      ['13.00', '0.07'],
    ]),
  )
  const done = await till.complete(open, [pay('card', '22.00')], { tip_amount: '2.00', tip_recipient: recipient })
  return done.id
}

function codesAfterEdit(bench: Bench, id: string, edit: (text: string) => string): Promise<string[]> {
  return codesAfter(bench, (line) => (line.op === id ? retold(line, edit) : line))
}

test.each([
  ['lowered', (text: string) => text.replaceAll('"22.00"', '"21.00"').replaceAll('"2.00"', '"1.00"')],
  [
    'made goods',
    (text: string) => text.replaceAll('"tip_amount":"2.00"', '"tip_amount":"0.00"').replaceAll('"13.00"', '"15.00"'),
  ],
])(
  'a tip to the employee that was %s after its signature is not what the TSE was asked to secure',
  async (_how, edit) => {
    await using bench = await Bench.open({ edits: true })
    const id = await tipped(bench, 'employee')
    expect(await codesAfterEdit(bench, id, edit)).toContain('tse_amounts_differ')
  },
)

test.each([
  ['lowered', (text: string) => text.replaceAll('"0.70"', '"0.10"').replaceAll('"22.00"', '"21.40"')],
  ['moved to the lower rate', (text: string) => text.replaceAll('"0.70"', '"0.20"').replaceAll('"1.30"', '"1.80"')],
])('a tip to the owner that was %s after its signature is not what the TSE was asked to secure', async (_how, edit) => {
  await using bench = await Bench.open({ edits: true })
  const id = await tipped(bench, 'owner')
  expect(await codesAfterEdit(bench, id, edit)).toContain('tse_amounts_differ')
})

test.each(['employee', 'owner'] as const)('a tip to the %s that no one edited has no finding', async (recipient) => {
  await using bench = await Bench.open({ edits: true })
  const id = await tipped(bench, recipient)
  expect(await codesAfterEdit(bench, id, (text) => text)).toEqual([])
})
