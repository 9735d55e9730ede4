import { expect, test } from 'vitest'
import { refuseBeyond } from '../../agent/till/selling/uses.ts'
import { refusalOf } from '../register/refusal.ts'

test('what is left of an original may be used to the cent, and the refusal names what is left and what was wanted', () => {
  refuseBeyond({ left: 3000n, wanted: 3000n }, 'The claim op_1', '/line_items/0/total_amount')
  refuseBeyond({ left: 0n, wanted: -500n }, 'The claim op_1', '/line_items/0/total_amount')
  const beyond = refusalOf(() => refuseBeyond({ left: 3000n, wanted: 3001n }, 'The claim op_1', '/line_items/0'))
  expect(beyond).toMatchObject({
    code: 'amount_exceeded',
    message: 'The claim op_1 has 30.00 left: 30.01 is wanted.',
    details: { pointer: '/line_items/0', left: '30.00', wanted: '30.01' },
  })
})
