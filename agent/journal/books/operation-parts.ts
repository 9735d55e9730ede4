import type { Members } from '../events.ts'

/** The members of an operation's lines and payments that the books read. */
export type Line = {
  readonly type?: string
  readonly total_amount: string
  readonly taxes: readonly { readonly rate: string }[]
}
export type Payment = { readonly method: string; readonly status: string; readonly amount: string }

export function linesIn({ line_items: lines = [] }: Members): readonly Line[] {
  return lines as unknown as readonly Line[]
}

/**
 * The payments that were part of the total when it was signed or printed. `untold`: the result for an operation without
 * that information.
 */
export function countedPayments(
  { payments = [], $signed_statuses: statuses }: Members,
  untold: 'all' | 'none',
): readonly Payment[] {
  const all = payments as unknown as readonly Payment[]
  if (statuses === undefined) return untold === 'all' ? all : []
  const counted = statuses as readonly string[]
  return all.filter(({ status }) => counted.includes(status))
}
