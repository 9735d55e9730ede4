import type { Tender } from '../../agent/contract/payment.ts'
import type { Members } from './answer-log.ts'
import type { Seeded } from './seeded.ts'
import { money } from './till.ts'

/** The classes that every family prints, and that go with other money. */
const CLASSES: readonly [Tender, ...Tender[]] = [
  ...(['assegni', 'elettronico', 'non_riscosso_beni', 'non_riscosso_servizi'] as const),
  ...(['non_riscosso_fatture', 'non_riscosso_ssn', 'sconto_a_pagare', 'ticket'] as const),
]
const FIVE = 5
const NOTE = 2_000

/** How a till is paid a total, or pays it out: in cash that is rounded both ways, by tickets, by each class, by card. */
export function italianPayments(random: Seeded, cents: number): Members[] {
  const lot = random.below(10)
  if (lot < 3) return [paid('cash', cents)]
  if (lot < 5) return rounded(random, cents)
  if (lot < 7) return byClass(random, cents)
  return lot < 9 && cents > 0 ? byTickets(random, cents) : [paid('card', cents)]
}

/** What cash may be rounded up to on a return is limited by its sale: there it is rounded down alone. */
function rounded(random: Seeded, cents: number): Members[] {
  const rest = Math.abs(cents) % FIVE
  const isUp = rest > 2
  if (rest === 0 || (isUp && cents < 0)) return [paid('cash', cents)]
  const off = Math.sign(cents) * (isUp ? rest - FIVE : rest)
  const more = cents > 0 && random.chance(0.5) ? NOTE : 0
  const cash = [paid('cash', cents - off + more), ...(more > 0 ? [paid('cash', -more)] : [])]
  return [...cash, paid('rounding', off)]
}

function byClass(random: Seeded, cents: number): Members[] {
  const part = random.chance(0.5) ? cents : Math.trunc(cents / 3)
  const own = paid('other', part, { tender: random.pick(CLASSES) })
  return part === cents ? [own] : [own, paid('cash', cents - part)]
}

function byTickets(random: Seeded, cents: number): Members[] {
  const count = 1 + random.below(9)
  const value = Math.trunc(cents / count)
  const rest = cents - value * count
  const tickets = value === 0 ? [] : [paid('voucher', value * count, { count })]
  return rest === 0 ? tickets : [...tickets, paid('cash', rest)]
}

function paid(method: string, cents: number, more: Members = {}): Members {
  const payment = { method, status: 'captured', amount: money(cents), currency: 'EUR' }
  return { payment_id: `${method}-${cents}`, ...payment, ...more }
}
