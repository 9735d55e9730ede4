import type { CreateOrderMove } from '../../contract/order-lines.ts'
import { unprocessable } from '../../errors.ts'
import type { OpenLines, OpenPart } from '../../journal/books/open-lines.ts'
import type { ShownOf } from '../../journal/documents/document.ts'
import { madeAs } from '../../journal/documents/document.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { QUANTITY_MIN, refuseForeignCurrency } from '../../register/amounts.ts'
import { requireOpenSession } from '../../register/session.ts'
import { newestSession, refuseUnfiscalized, registerOf, requireMerchant } from '../guards.ts'
import { lawOfRegister, lawWhere } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { envelope } from './create-goods.ts'
import { orderIn } from './line-kinds.ts'
import { movedBy, refuseTooManyOpen } from './open-lines.ts'
import { partOf } from './order-parts.ts'

/** Moves open order lines to another group, in the commit of the request: completed at once, and signed. */
export function createOrderMove(parts: TillParts, mutation: Mutation, input: CreateOrderMove): Promise<Answer> {
  return parts.mutations.run(mutation, (view, seq) => {
    const merchant = requireMerchant(mutation.merchantId)
    const { shown: register } = registerOf(view, mutation, input.register_id)
    refuseForeignCurrency(input.currency)
    const law = lawOfRegister(parts.laws, register) ?? lawWhere(parts.laws, view, register)
    law?.members.require('order_move', '/type')
    checkMove(input)
    refuseUnfiscalized(register)
    const session = requireOpenSession(newestSession(view, register.id), register.id)
    const { location_id: location } = register
    const { from_allocation_group: from, allocation_group: to } = input
    const open = view.openLines(location)
    // Practice opens nothing that could move.
    const moved = input.training === true ? [] : movedBy(input.line_items, from, open)
    refuseTooManyOpen(open, halvesOf(moved, from, to, open))
    const common = envelope(parts, merchant, register, input)
    const set: ShownOf['order_move'] = {
      ...common,
      type: 'order_move',
      status: 'completed',
      completed_at: common.created_at,
      session_id: session,
      note: input.note ?? null,
      from_allocation_group: from,
      allocation_group: to,
      moved_lines: moved.map((part) => shownPart(view, part)),
      ...(input.training === true && { training: true }),
      fiscal: { state: law === undefined ? 'not_required' : 'pending' },
    }
    const index = { kind: 'order_move' as const, merchant, register: register.id, session }
    const orders = {
      location,
      moved: moved.map(({ line, quantity }) => ({ line, group: from, to, quantity: String(quantity) })),
    }
    const body = {
      index,
      status: 'completed',
      ...origin(mutation),
      set,
      ...(input.training !== true && { orders }),
      ...(law !== undefined && { law: { name: law.facts.name } }),
    }
    const event: NewEvent = { kind: 'operation.created', op: set.id, body }
    parts.recorder.running.admit(register.fiscal_device)
    const plan = { goal: 'completed' as const, status: 201, receipt: law !== undefined }
    return parts.workflow.begin(view, seq, event, madeAs(event, 'order_move'), plan)
  })
}

/** Throws `unprocessable_entity` for a move that moves nothing. */
function checkMove({ from_allocation_group: from, allocation_group: to, line_items: lines }: CreateOrderMove): void {
  if (from === to)
    throw unprocessable('Both groups are the same: name the one to which the orders move.', '/allocation_group')
  if (lines?.length === 0)
    throw unprocessable('No line is named: leave line_items out to move everything that is open.', '/line_items')
  for (const [index, { quantity }] of (lines ?? []).entries())
    if (Number(quantity) < QUANTITY_MIN)
      throw unprocessable(`Quantity ${quantity} of line ${index} moves nothing.`, `/line_items/${index}/quantity`)
}

/** Lines that are open in one group more after the move. */
function halvesOf(moved: readonly OpenPart[], from: string, to: string, open: OpenLines | undefined): number {
  const [there, here] = [from, to].map((group) => new Map(open?.in(group).map((line) => [line.line, line.quantity])))
  return moved.filter(({ line, quantity }) => there?.get(line) !== quantity && here?.has(line) !== true).length
}

function shownPart(view: View, part: OpenPart): ShownOf['order_move']['moved_lines'][number] {
  const { register: _, taxes: __, in_house: ___, ...line } = partOf(part, orderIn(view, part.order))
  return line
}
