import { describe, expect, test } from 'vitest'
import { MEMBERS as AUSTRIA } from '../../agent/laws/austria/members.ts'
import { MEMBERS as GERMANY } from '../../agent/laws/germany/members.ts'
import { MEMBERS as ITALY } from '../../agent/laws/italy/members.ts'
import type { LawMember } from '../../agent/register/law-members.ts'
import { ONLINE_MEMBERS } from '../../agent/register/law-members.ts'
import { MEMBERS as RURITANIA } from '../laws/ruritania/members.ts'
import { refusalOf } from './refusal.ts'

/** By the laws that have it. A member without a row does not compile. */
const HAVE: { readonly [Member in LawMember]: readonly string[] } = {
  order: ['Germany'],
  transfer: ['Germany'],
  employee_benefit: ['Germany'],
  order_move: ['Germany'],
  allocation_group: ['Germany'],
  terminal: ['Germany'],
  agency: ['Germany'],
  in_house: ['Germany'],
  department: ['Italy'],
  order_line: ['Germany'],
  line_reference: ['Germany', 'Austria', 'Italy'],
  reference_kind: ['Germany', 'Austria', 'Italy'],
  minus_line: ['Germany', 'Austria', 'Italy'],
  empties_alone: ['Germany', 'Austria', 'Italy'],
  single_purpose_voucher: ['Germany', 'Austria', 'Italy'],
  omaggio: ['Italy'],
  tip_to_owner: ['Germany'],
  on_account: ['Germany', 'Austria', 'Italy'],
  receivable: ['Germany', 'Austria', 'Italy'],
  foreign_cash: ['Germany'],
  tender: ['Italy'],
  ticket_count: ['Italy'],
  rounding: ['Italy'],
}
const LAWS = { Germany: GERMANY, Austria: AUSTRIA, Italy: ITALY, Ruritania: RURITANIA, ONLINE: ONLINE_MEMBERS }

describe.each(Object.entries(LAWS))('%s', (law, members) => {
  test.each(Object.entries(HAVE))('answers for %s', (member, have) => {
    const ask = () => members.require(member as LawMember, '/line_items/0/total_amount')
    if (have.includes(law)) expect(ask).not.toThrow()
    else
      expect(refusalOf(ask)).toMatchObject({
        code: 'not_supported_by_law',
        status: 422,
        fiscalEffect: 'none',
        details: { member: 'total_amount', pointer: '/line_items/0/total_amount' },
      })
  })
})

test('a refusal names the law, the member and its place', () => {
  const { message, details } = refusalOf(() => AUSTRIA.require('order', '/type'))
  expect(message).toBe('Registers under RKSV do not support operations of type order.')
  expect(details).toEqual({ member: 'type', pointer: '/type' })
})

test('a law that has every member is not asked for any of a sale', () => {
  expect(GERMANY.lacksAny).toBe(false)
})
