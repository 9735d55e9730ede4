import type { Bench, Register } from '../bench.ts'
import type { Client, Members, Operation } from '../client.ts'
import { event, goods, order, pay } from '../goods.ts'

export type Line = Parameters<typeof order>[1][number]

export const CUP = { title: 'Eisbecher "Himbeere"', sku_identifier: 'cup', unit_price: '3.99' }
export const COFFEE = { title: 'Eiskaffee', sku_identifier: 'coffee', unit_price: '2.99' }
export const GROUPS = '/v1/allocation-groups'

export function cups(quantity: number | string, more: Members = {}): Line {
  return [(3.99 * Number(quantity)).toFixed(2), '0.19', { ...CUP, quantity, ...more }]
}

export function coffees(quantity: number | string, more: Members = {}): Line {
  return [(2.99 * Number(quantity)).toFixed(2), '0.19', { ...COFFEE, quantity, ...more }]
}

/** Two registers of one location, each with an open session. */
export async function tavern(bench: Bench): Promise<{ bar: Register; terrace: Register; locationId: string }> {
  const { locationId } = await bench.shop()
  const registers = [await bench.register(locationId), await bench.register(locationId)] as const
  for (const { id, till } of registers)
    await till.create(event('session_open', id, { opening_balance_amount: '50.00' }))
  return { bar: registers[0], terrace: registers[1], locationId }
}

export async function ordered({ id, till }: Register, group: string, ...lines: readonly Line[]): Promise<Operation> {
  return till.complete(await till.create(order(id, lines, { allocation_group: group })), [])
}

export function billOf({ id }: Register, group: string, ...lines: readonly Line[]): Members {
  return goods('sale', id, lines, { allocation_group: group })
}

export async function billed(register: Register, group: string, ...lines: readonly Line[]): Promise<Operation> {
  const open = await register.till.create(billOf(register, group, ...lines))
  return register.till.complete(open, [pay('cash', String(open['total_amount' as never]))])
}

/** `group line quantity` of all open lines. */
export async function openLines(till: Client, query = ''): Promise<string[]> {
  const groups = await till.list(`${GROUPS}${query}`)
  return groups.flatMap((group) =>
    (group['open_lines'] as Members[]).map(
      ({ sku_identifier: sku, quantity }) => `${group['allocation_group']} ${sku} ${quantity}`,
    ),
  )
}

export function lineOf(done: Operation, index: number): string {
  return String((done as { line_items?: { id: string }[] }).line_items?.[index]?.id)
}
