import { formatCents, toCents } from '../../../../../base/money.ts'
import type { Answer, Proof, ShiftStep } from '../../../demo-shift.ts'
import { at, demand } from '../../../demo-shift.ts'
import type { Printed } from '../proofs.ts'
import { X_REPORT, Z_REPORT } from './day.ts'

/** In cents, by the name of the class in a closing. */
type Sums = ReadonlyMap<string, bigint>

/** The class of a method, and the name of each class in a closing. */
const CLASS_OF: Readonly<Record<string, string>> = {
  cash: 'contanti',
  card: 'elettronico',
  voucher: 'ticket',
  rounding: 'sconto_a_pagare',
}
const NAMES: Readonly<Record<string, string>> = {
  contanti: 'Contanti',
  elettronico: 'Carte elettroniche',
  ticket: 'Tickets',
  sconto_a_pagare: 'Sconto a pagare',
  non_riscosso_servizi: 'Non riscosso servizi',
}
/** A payment on paper: its class in capitals, and its amount. */
const PAYMENT = /^([A-Z][A-Z ]*[A-Z]) +(-?\d+),(\d\d)$/
const CHANGE = /^Resto +(\d+),(\d\d)$/

/**
 * Adds up the payments on the printer's paper and those of the answers, by class, and compares both with the closing and
 * with the X report before it. Throws DemoError.
 */
export function proveClasses(steps: readonly ShiftStep[], paper: readonly Printed[]): Proof {
  const totals = steps.find(({ title }) => title === Z_REPORT)?.operation['totals'] as Answer
  const closing = sumsOf(
    (totals['payments'] as readonly Answer[]).map((row) => [at(row, 'name'), toCents(at(row, 'amount'))]),
  )
  const words = (sums: Sums): string =>
    [...sums]
      .filter(([, cents]) => cents !== 0n)
      .map(([name, cents]) => `${name} ${formatCents(cents)}`)
      .sort()
      .join(', ')
  const found = words(closing)
  for (const [where, sums] of [
    ['the paper has', onPaper(paper)],
    ['the journal has', inAnswers(steps)],
  ] as const)
    demand(words(sums) === found, `${where} ${words(sums)}; the closing has ${found}`)
  const x = steps.find(({ title }) => title === X_REPORT)?.operation['totals']
  demand(JSON.stringify(x) === JSON.stringify(totals), 'the X report has other sums than the closing after it')
  return { what: 'Classes', found: `${closing.size} on paper, in closing and journal: ${formatCents(total(closing))}` }
}

function onPaper(paper: readonly Printed[]): Sums {
  return sumsOf(
    paper
      .filter(({ type }) => type === 'document')
      .flatMap(({ kind, lines = [] }) => {
        const sign = kind === 'return' ? -1n : 1n
        const end = lines.slice(lines.findIndex((line) => line.startsWith('TOTALE COMPLESSIVO')) + 1)
        return end.flatMap((line): [string, bigint][] => {
          const [, change, cents] = CHANGE.exec(line) ?? []
          if (change !== undefined) return [[NAMES['contanti'] ?? '', -sign * BigInt(`${change}${cents}`)]]
          const [, name = '', euros, rest] = PAYMENT.exec(line) ?? []
          return euros === undefined ? [] : [[named(name), sign * BigInt(`${euros}${rest}`)]]
        })
      }),
  )
}

function named(capitals: string): string {
  return Object.values(NAMES).find((name) => name.toUpperCase() === capitals) ?? capitals
}

function inAnswers(steps: readonly ShiftStep[]): Sums {
  return sumsOf(
    steps.flatMap(({ operation }) => {
      const payments = (operation['payments'] ?? []) as readonly Answer[]
      return payments.map((payment): [string, bigint] => {
        const tender = at(payment, 'tender') || CLASS_OF[at(payment, 'method')]
        return [NAMES[tender ?? ''] ?? '', toCents(at(payment, 'amount'))]
      })
    }),
  )
}

function sumsOf(entries: readonly (readonly [string, bigint])[]): Sums {
  const sums = new Map<string, bigint>()
  for (const [name, cents] of entries) sums.set(name, (sums.get(name) ?? 0n) + cents)
  return sums
}

function total(sums: Sums): bigint {
  return [...sums.values()].reduce((sum, cents) => sum + cents, 0n)
}
