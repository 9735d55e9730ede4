import { expect, test } from 'vitest'
import { inEmergency } from '../e2e/italy/emergency-shop.ts'
import { sell } from '../e2e/italy/shop.ts'
import { heavy } from '../tags.ts'
import type { Line } from './insider.ts'
import { findingsAfter, retold } from './insider.ts'

// The insider has the machine's own key: every hash and signature of his journal is right. An entry outside of an
// emergency is a sale that no printer has, on no sheet, and in no sum that a duty hands to the books.

const OUTSIDE = { code: 'rt_entry_outside', level: 'error', serial: '72IV6000001' }

test('entries whose emergency was cut out are found, each one', heavy(), () =>
  inEmergency(async ({ bench, register, emergency }) => {
    await sell(register, '12.20')
    await sell(register, '3.00')
    expect(await findingsAfter(bench, (line) => (line.kind.startsWith('emergency.') ? [] : line))).toMatchObject([
      { ...OUTSIDE, register: register.id, facts: { emergency, entry: '2' } },
      { ...OUTSIDE, register: register.id, facts: { emergency, entry: '3' } },
    ])
  }),
)

test('an entry that names another emergency is found: it is on no sheet', heavy(), () =>
  inEmergency(async ({ bench, register, emergency }) => {
    await sell(register, '12.20')
    const { id } = await sell(register, '3.00')
    const other = `${emergency.slice(0, -1)}${emergency.endsWith('X') ? 'Y' : 'X'}`
    const moved = (line: Line): Line =>
      line.op === id ? retold(line, (text) => text.replaceAll(emergency, other)) : line
    expect(await findingsAfter(bench, moved)).toMatchObject([{ ...OUTSIDE, facts: { emergency: other, entry: '3' } }])
  }),
)
