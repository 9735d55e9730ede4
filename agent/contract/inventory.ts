import * as z from 'zod'
import { dayOfUse, formLine } from './scalars.ts'

/** The kinds of recording systems in § 1 KassenSichV; a system of another kind is `other`. */
const SYSTEM_KINDS = ['pc', 'tablet', 'cash_register', 'scale', 'taximeter', 'odometer', 'other'] as const

const line = formLine(100).refine(
  (value) => !/[\ufffe\uffff]/.test(value),
  'must not hold U+FFFE or U+FFFF, which no XML file may have',
)

export const endReason = line.describe('Why it ended.')

const MEMBERS = {
  kind: z.enum(SYSTEM_KINDS).describe('Kind of the system.'),
  kind_code: z
    .string()
    .regex(/^[1-5]$/, 'must be 1 to 5')
    .describe('Number of the kind in the form.'),
  maker: line.describe('Maker of the till.'),
  model: line.describe('Model of the till.'),
  software: line.describe('Name of the till software.'),
  software_version: line.describe('Its version.'),
  acquired_on: dayOfUse.describe('Day of acquisition.'),
  first_used_on: dayOfUse.describe('First day of use; else that of `fiscalize`.'),
  ended_on: dayOfUse.describe('Day on which it left the business.'),
  end_reason: endReason,
}

/**
 * The facts of a till in the notice of § 146a Abs. 4 AO, as far as they are known: only Germany asks for them, and the
 * contract is one for all laws.
 */
export const inventory = z
  .strictObject(MEMBERS)
  .partial()
  .describe('Germany: the till in the notice to the tax office (§ 146a Abs. 4 AO) and in the DSFinV-K.')
export type Inventory = z.output<typeof inventory>

export const updateInventory = z
  .strictObject({
    kind: MEMBERS.kind.nullish(),
    kind_code: MEMBERS.kind_code.nullish(),
    maker: MEMBERS.maker.nullish(),
    model: MEMBERS.model.nullish(),
    software: MEMBERS.software.nullish(),
    software_version: MEMBERS.software_version.nullish(),
    acquired_on: MEMBERS.acquired_on.nullish(),
    first_used_on: MEMBERS.first_used_on.nullish(),
    ended_on: MEMBERS.ended_on.nullish(),
    end_reason: MEMBERS.end_reason.nullish(),
  })
  .describe('Members of `inventory`: omitted ones stay, null removes one. In force at once, also in a session.')
export type UpdateInventory = z.output<typeof updateInventory>

/** True for an end before the first use; `first`: that of a till without one in its inventory. */
export function endsBeforeUse({ first_used_on: own, ended_on: last }: Inventory, first?: string): boolean {
  const begin = own ?? first
  return last !== undefined && begin !== undefined && last < begin
}

const DAYS = ['acquired_on', 'first_used_on', 'ended_on'] as const

/** The first member that names a day after that one. */
export function dayToCome(days: UpdateInventory, today: string): (typeof DAYS)[number] | undefined {
  return DAYS.find((name) => (days[name] ?? '') > today)
}

/** The inventory after a change of some members. */
export function inventoryAfter(before: Inventory | undefined, change: UpdateInventory): Inventory {
  const members = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(members) as Inventory
}
