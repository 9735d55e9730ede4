import type { DocumentOf } from '../../journal/documents/document.ts'
import { orderText } from './order-text.ts'

/** BON_NAME, and the beginning of its processData. */
export const ORDER_MOVE = 'Umbuchung'
/** TSE_VORGANGSDATEN holds as many, and no row has what a longer text would be made from (DSFinV-K 2.2, Anhang I). */
const TEXT_MAX = 1000

type Move = Pick<DocumentOf<'order_move'>['shown'], 'from_allocation_group' | 'allocation_group' | 'moved_lines'>

/**
 * processData of a move: `Umbuchung;"<from>";"<to>"`, then the moved lines as in the text of an order, joined by CR. Lines
 * that do not fit are counted in the last one: `+3`. It is made again on purpose: books/move-text.ts.
 */
export function moveText({ shown }: { readonly shown: Move }): string {
  const { from_allocation_group: from, allocation_group: to, moved_lines: moved } = shown
  const lines = moved.map((line) => orderText([{ ...line, taxes: [] }]))
  let text = `${ORDER_MOVE};${quoted(from)};${quoted(to)}`
  for (const [index, line] of lines.entries()) {
    const left = lines.length - index - 1
    const next = `${text}\r${line}`
    // Room for the count of the others, unless this is the last line.
    if (next.length + (left === 0 ? 0 : countOf(left).length) > TEXT_MAX) return text + countOf(left + 1)
    text = next
  }
  return text
}

function countOf(lines: number): string {
  return `\r+${lines}`
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
