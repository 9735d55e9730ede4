import { basket as austrian } from '../../agent/laws/austria/demo/stall/menu.ts'
import type { Article } from '../../agent/laws/demo-menu.ts'
import { basket as german } from '../../agent/laws/germany/demo/restaurant/menu.ts'
import { basket as italian } from '../../agent/laws/italy/demo/bar/menu.ts'

/** The two requests of a sale of two lines, as a till sends them; both agents and the maker of journals get the same. */

const ROLLS: Article = { sku: 'bun-6', title: 'Brötchen, 6 Stück', cents: 450, percent: 7 }
const COFFEE: Article = { sku: 'coffee-1', title: 'Kaffee, Kanne', cents: 900, percent: 19 }

/** The law of the selling registers: Germany, Austria or Italy. */
export type Law = 'tse' | 'rksv' | 'rt'

const GOODS = {
  tse: german([
    [1, ROLLS],
    [2, COFFEE],
  ]),
  rksv: austrian([
    [1, { ...ROLLS, percent: 10 }],
    [2, { ...COFFEE, percent: 20 }],
  ]),
  rt: italian([
    [1, { ...ROLLS, percent: 10 }],
    [2, { ...COFFEE, percent: 22 }],
  ]),
}

export function saleOf(register: string, law: Law = 'tse') {
  return {
    type: 'sale' as const,
    source: 'POS' as const,
    register_id: register,
    currency: 'EUR',
    tip_amount: '0.00',
    ...GOODS[law],
  }
}

const CASH = { method: 'cash' as const, status: 'captured' as const, currency: 'EUR' }

/** Paid with 50.00, change 27.50. */
export function completionOf(sale: string) {
  return {
    payments: [
      { ...CASH, payment_id: `${sale}-1`, amount: '50.00' },
      { ...CASH, payment_id: `${sale}-2`, amount: '-27.50' },
    ],
  }
}

export function openingOf(register: string) {
  return {
    type: 'session_open' as const,
    register_id: register,
    currency: 'EUR',
    opening_balance_amount: '50.00',
  }
}
