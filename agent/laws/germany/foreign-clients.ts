import { rfc3339 } from '../../../base/clock.ts'
import { formatCents } from '../../../base/money.ts'
import type { FinishedLog } from '../../journal/books/device-logs.ts'
import type { GermanFindings } from './books/texts.ts'
import { readKassenbeleg } from './process-data.ts'

/** Maximum number of clients. */
const KEPT_MAX = 1000

/** The transactions of a client. Times are RFC 3339 UTC. */
export type ForeignClient = {
  readonly client: string
  readonly count: number
  /** Gross, as `10.70`. */
  readonly sum: string
  readonly from: string
  readonly until: string
}
type Sums = { count: number; cents: bigint; fromMs: number; untilMs: number }

/** The clients of TSEs that no register of the journal ever had. */
export class ForeignClients {
  readonly #clients = new Map<string, Sums>()

  note(
    {
      client,
      timeMs,
      processType,
      processData,
    }: Pick<FinishedLog, 'client' | 'timeMs' | 'processType' | 'processData'>,
    isFinish: boolean,
  ): void {
    const earlier = this.#clients.get(client)
    if (earlier === undefined && this.#clients.size >= KEPT_MAX) return
    const gross =
      isFinish && processType !== '' ? readKassenbeleg(Buffer.from(processData).toString('utf8'))?.gross : []
    const { count = 0, cents = 0n, fromMs = timeMs, untilMs = timeMs } = earlier ?? {}
    this.#clients.set(client, {
      count: count + (isFinish ? 1 : 0),
      cents: (gross ?? []).reduce((sum, one) => sum + one, cents),
      fromMs: Math.min(fromMs, timeMs),
      untilMs: Math.max(untilMs, timeMs),
    })
  }

  /** Adds a note for each, and returns them: their journal should be shown, whatever the form of their numbers. */
  report(findings: GermanFindings): ForeignClient[] {
    return [...this.#clients].map(([client, { count, cents, fromMs, untilMs }]) => {
      const times = { from: rfc3339(fromMs), until: rfc3339(untilMs) }
      const foreign = { client, count, sum: formatCents(cents), ...times }
      findings.add('tse_client_foreign', 0, foreign)
      return foreign
    })
  }
}
