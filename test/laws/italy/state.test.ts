import { expect, test } from 'vitest'
import type { Members } from '../../../agent/journal/events.ts'
import type { PrintState } from '../../../agent/laws/italy/state.ts'
import { printOf, printSetBy, resting, stateMembers, stateOf } from '../../../agent/laws/italy/state.ts'
import { canonicalJson } from '../../../base/canonical.ts'

const baseline = {
  ...{ serial: '72IV6000001', z: 141, number: 3, at: '2026-09-14T10:00:00' },
  ...{ non_fiscal: 0, restores: 0 },
}
const reso = {
  ...{ rt_serial_number: '72IV6000001', z_number: '0142', document_number: '0142-0004' },
  ...{ document_type: 'return' as const, printed_at: '2026-09-14T08:00:00.000Z' },
}
const paidOut = [{ payment_id: 'cash', method: 'cash', amount: '-5.00', currency: 'EUR', status: 'captured' }] as const
const half: PrintState = { baseline, printed: [reso], closure: 'due', paidOut: [...paidOut] }

function stored(state: Members) {
  return { law: { name: 'RT', state } }
}

test('the state that is written is the state that is read', () => {
  const facts = {
    ...{ totals: { documents: 4, sales: 500, vat: [], payments: [] }, cause: 'printer' as const, pendingFiles: 2 },
    ...{ isUncertain: true, isByHand: true, annulled: ['0142-0002'] },
  }
  const members = stateMembers({ print: half, facts })
  expect(stateOf(stored(members))).toEqual({ print: half, facts })
  expect(printSetBy({ law: members })).toEqual(half)
})

test('the stored members have their frozen names', () => {
  expect(canonicalJson(stateMembers({ print: { ...half, closure: 'made' }, facts: { cause: 'asked' } }))).toBe(
    canonicalJson({
      print: { baseline, printed: [reso], closure: 'made', paid_out: [...paidOut] },
      cause: 'asked',
    }),
  )
  expect(stateMembers({ print: 'none', facts: { isUncertain: false, isByHand: undefined } })).toEqual({ print: null })
  expect(stateMembers({})).toEqual({})
})

test('between two requests only the printed documents and their payments are kept', () => {
  expect(resting(half)).toEqual({ printed: [reso], paidOut })
  expect(resting({ ...half, printed: [] })).toBe('none')
})

test('a member of another type is read as if it were missing', () => {
  const odd = {
    print: 'x',
    totals: [],
    cause: 'why',
    pendingFiles: '2',
    uncertain: 1,
    byHand: 'yes',
    annulled: 'a',
  }
  expect(stateOf(stored(odd))).toEqual({ print: 'none', facts: {} })
  expect(printOf(stored({ print: { printed: {}, baseline: [], closure: 'soon', paid_out: 'much' } }))).toEqual({
    printed: [],
  })
  expect(printOf({ law: undefined })).toEqual({ printed: [] })
})
