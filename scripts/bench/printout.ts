import { randomUUID } from 'node:crypto'
import type { Till } from './load.ts'
import { completionOf, saleOf } from './requests.ts'
import { post } from './shop.ts'
import type { Distribution } from './statistics.ts'
import { distributionOf } from './statistics.ts'

const ROUNDS = 10

/** An X report alone, a sale alone, and a sale that waits for an X report of the same moment. */
export type Delayed = {
  readonly reportMs: Distribution
  readonly saleMs: Distribution
  readonly delayedMs: Distribution
}

/** Asks a printer for a report while a sale comes, some times. */
export async function delayed(url: string, { register, headers }: Till): Promise<Delayed> {
  const [reports, sales, waits]: [number[], number[], number[]] = [[], [], []]
  const report = (): Promise<unknown> => post(url, headers, `/v1/registers/${register}/printouts`, { type: 'x_report' })
  for (let round = 0; round < ROUNDS; round++) {
    reports.push(await timed(report))
    sales.push(await timed(await completed(url, { register, headers })))
    const complete = await completed(url, { register, headers })
    const reported = report()
    waits.push(await timed(complete))
    await reported
  }
  return { reportMs: distributionOf(reports), saleMs: distributionOf(sales), delayedMs: distributionOf(waits) }
}

/** The completion of a sale that was begun. */
async function completed(url: string, { register, headers }: Till): Promise<() => Promise<unknown>> {
  const sale = String((await post(url, headers, '/v1/operations', saleOf(register, 'rt')))['id'])
  const all = { ...headers, 'content-type': 'application/json', 'idempotency-key': randomUUID(), 'if-match': '"1"' }
  const body = JSON.stringify(completionOf(sale))
  return async () => {
    const answer = await fetch(`${url}/v1/operations/${sale}/complete`, { method: 'POST', headers: all, body })
    if (!answer.ok) throw new Error(`the completion was answered ${answer.status}: ${await answer.text()}`)
  }
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await act()
  return performance.now() - began
}
