import type { Bon, BonLine } from '../../../../agent/laws/germany/dsfinvk/bon.ts'
import { cashPayments } from '../../../../agent/laws/germany/dsfinvk/payments.ts'
import type { Draft, Signer } from './signer.ts'

const operator = { id: 'u7', name: 'Erika Muster' }

export function articleLine(text: string, number: string, quantity: bigint, priceCents: bigint, key: number): BonLine {
  return {
    businessCase: 'Umsatz',
    text,
    article: { number, quantity: quantity * 1000n, unitPrice: priceCents * 1000n },
    vat: [{ key, cents: quantity * priceCents }],
  }
}

function cashLine(businessCase: BonLine['businessCase'], text: string, cents: bigint): BonLine {
  return { businessCase, text, vat: [{ key: 5, cents }] }
}

/** The day of DSFinV-K's worked bakery: opening, two sales, a drop, the count, the close. */
export function bakeryDay(signer: Signer): Bon[] {
  const bon = (id: number, start: string, end: string, lines: readonly BonLine[], cents: bigint): Bon => {
    const times = { start: `2026-03-02T${start}+01:00`, end: `2026-03-02T${end}+01:00` }
    const draft: Draft = { id, type: 'Beleg', ...times, operator, lines, payments: cashPayments(cents, 'EUR') }
    return signer.sign(draft, Date.parse(times.start), Date.parse(times.end))
  }
  return [
    bon(1, '08:00:00', '08:00:01', [cashLine('Anfangsbestand', 'Anfangsbestand', 5000n)], 5000n),
    bon(2, '08:14:00', '08:14:41', [articleLine('Roggenbrot', 'BROT-ROGGEN', 1n, 450n, 2)], 450n),
    bon(
      3,
      '10:30:00',
      '10:32:05',
      [
        articleLine('Kuchenplatte', 'PLATTE-K', 2n, 4000n, 2),
        articleLine('Kaffeekanne 2 l', 'KAFFEE-2L', 1n, 1800n, 1),
      ],
      9800n,
    ),
    bon(4, '12:00:00', '12:00:01', [cashLine('Geldtransit', 'Abschöpfung Tresor', -2000n)], -2000n),
    bon(
      5,
      '17:00:00',
      '17:00:01',
      [cashLine('DifferenzSollIst', 'Kassensturz: gezählt 127,50, Soll 132,50', -500n)],
      -500n,
    ),
    bon(6, '17:05:00', '17:05:01', [cashLine('Geldtransit', 'Entnahme bei Sitzungsende', -10000n)], -10000n),
  ]
}
