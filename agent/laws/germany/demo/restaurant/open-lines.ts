import type { Answer, Proof, ShiftStep } from '../../../demo-shift.ts'
import { at, demand } from '../../../demo-shift.ts'

/** Thousandths of a piece: half a plate is 500. */
const ONE = 1000

/**
 * Adds up what the answers of an evening ordered, cancelled and settled, by article, and compares it with the last
 * list of open tables. Throws DemoError unless both are empty.
 */
export function proveOpenLines(steps: readonly ShiftStep[]): Proof {
  const operations = steps.map(({ operation }) => operation)
  const orders = operations.filter((operation) => at(operation, 'type') === 'order')
  const lines = orders.flatMap(linesOf)
  const skus = new Map(lines.map((line) => [at(line, 'id'), at(line, 'sku_identifier')]))
  const open = new Map<string, number>()
  const add = (sku: string | undefined, quantity: string, sign: 1 | -1): void => {
    demand(sku !== undefined, 'a bill settles a line that was never ordered')
    open.set(String(sku), (open.get(String(sku)) ?? 0) + sign * Math.round(Number(quantity) * ONE))
  }
  for (const line of lines) add(at(line, 'sku_identifier'), at(line, 'quantity'), 1)
  for (const operation of operations) {
    for (const line of settledBy(operation)) add(skus.get(at(line, 'order_line_id')), at(line, 'quantity'), -1)
    const reversed = operations.find((one) => at(one, 'id') === at(operation, 'related_operation_id'))
    if (at(operation, 'type') !== 'void' || reversed === undefined) continue
    for (const line of settledBy(reversed)) add(skus.get(at(line, 'order_line_id')), at(line, 'quantity'), 1)
  }
  const unsettled = [...open].filter(([, quantity]) => quantity !== 0)
  demand(unsettled.length === 0, `not settled by the answers: ${JSON.stringify(unsettled)}`)
  const listed = steps.findLast(({ title }) => title === OPEN_TABLES)?.amount
  demand(listed === '0', `${listed} tables are open, and every line was paid`)
  return { what: 'Open tables', found: `none: ${lines.length} lines of ${orders.length} orders, each settled once` }
}

/** The title of the steps that list the open tables; their amount is the number of these. */
export const OPEN_TABLES = 'Open tables'

function linesOf(operation: Answer): readonly Answer[] {
  return operation['line_items'] as readonly Answer[]
}

function settledBy(operation: Answer): readonly Answer[] {
  return (operation['settled_order_lines'] ?? []) as readonly Answer[]
}
