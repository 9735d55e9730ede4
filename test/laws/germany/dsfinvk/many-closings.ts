import type { Bon, Closing } from '../../../../agent/laws/germany/dsfinvk/bon.ts'
import { cashPayments } from '../../../../agent/laws/germany/dsfinvk/payments.ts'
import { rfc3339 } from '../../../../base/clock.ts'
import { articleLine } from './bakery.ts'
import { closingOf, Signer } from './signer.ts'

const BEGIN_MS = Date.parse('2026-03-02T08:00:00Z')
const SHIFT_MS = 4 * 3_600_000
const BON_MS = 60_000

/** Shifts of years, each with so many bons. The TSE has started them; that it signed none takes no time. */
export function* manyClosings(count: number, bonsEach: number): Generator<Closing> {
  const signer = new Signer('EDGE-000123')
  for (let number = 1; number <= count; number++) {
    const openedMs = BEGIN_MS + number * SHIFT_MS
    const bons = Array.from({ length: bonsEach }, (_, index): Bon => {
      const startMs = openedMs + index * BON_MS
      return {
        id: (number - 1) * bonsEach + index + 1,
        type: 'Beleg',
        start: localText(startMs),
        end: localText(startMs + 1000),
        operator: { id: 'u7' },
        lines: [articleLine('Roggenbrot', 'BROT-ROGGEN', 1n, 450n, 2)],
        payments: cashPayments(450n, 'EUR'),
        tse: { state: 'failed', reason: 'TSE ausgefallen', start: signer.start(startMs) },
      }
    })
    yield closingOf({ number, createdAt: localText(openedMs + bonsEach * BON_MS) }, bons, [signer])
  }
}

function localText(ms: number): string {
  return rfc3339(ms).replace('.000Z', '+00:00')
}
