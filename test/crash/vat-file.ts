import type { Lines } from './lines-back.ts'
import { money } from './till.ts'

/** A rate and a code of agent.json, as a shop adds them that is newer than the program. */
export const VAT_FILE = {
  kassensichv: {
    vatRates: [{ key: 3, rate: '0.08', from: '2026-01-01' }],
    vatKeys: [{ code: 'stamps', key: 1101, rate: '0.025', bucket: 2, description: 'Sammlermarken' }],
  },
}

/** The code with its rate. */
export const STAMPS_RATE = '0.025'

/** A line at the code of the file. */
export function stamps(cents: number, more: object = {}): Lines[number] {
  const tax = Math.sign(cents) * Math.round((Math.abs(cents) * 25) / 1025)
  const taxes = [{ name: 'Marken', rate: STAMPS_RATE, code: 'stamps', tax_amount: money(tax) }]
  return [money(cents), STAMPS_RATE, { title: 'Marken', ...more, taxes }]
}

/** Goods at the rate and at the code of the file, in two lines. */
export function linesOfFile(cents: number): Lines {
  const first = Math.ceil(cents / 2)
  return [[money(first), '0.08'], stamps(cents - first)]
}
