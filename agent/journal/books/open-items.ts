import { counted, visible } from '../../../base/text.ts'
import type { Held } from './use-rule.ts'

/**
 * Anything that is not settled at the end of a journal: an operation that was begun, an allocation group with open order
 * lines, or an original of which something is left. None of them is wrong.
 */
export type OpenItem = {
  readonly what: 'operation' | 'group' | Held
  /** The id of an operation, the name of a group with its location, or the number of a voucher with its merchant. */
  readonly name: string
  /** The rest of an original, in euro. */
  readonly left?: string
}

/** `items`: the first of them. */
export type OpenItems = Pick<OpenItem, 'what'> & {
  readonly count: number
  readonly items: readonly Omit<OpenItem, 'what'>[]
}

const WORDS = {
  operation: ['operation', 'operations'],
  group: ['allocation group', 'allocation groups'],
  deposit: ['deposit', 'deposits'],
  claim: ['claim', 'claims'],
  voucher: ['voucher', 'vouchers'],
} as const satisfies { readonly [What in OpenItem['what']]: readonly [one: string, many: string] }
const KINDS = Object.keys(WORDS) as (keyof typeof WORDS)[]

const KEPT_MAX = 100
const NAMED_MAX = 3

/** By kind; those without any are left out. */
export function openItemsByKind(all: readonly OpenItem[]): OpenItems[] {
  return KINDS.flatMap((kind) => {
    const items = all.flatMap(({ what, ...item }) => (what === kind ? [item] : []))
    return items.length === 0 ? [] : [{ what: kind, count: items.length, items: items.slice(0, KEPT_MAX) }]
  })
}

/** `2 claims open: op_… (30.00), op_… (12.50)` */
export function openItemsText({ what, count, items }: OpenItems): string {
  const [one, many] = WORDS[what]
  const named = items
    .slice(0, NAMED_MAX)
    .map(({ name, left }) => (left === undefined ? visible(name) : `${visible(name)} (${left})`))
  const more = count > named.length ? `, + ${count - named.length}` : ''
  return `${counted(count, one, many)} open: ${named.join(', ')}${more}`
}
