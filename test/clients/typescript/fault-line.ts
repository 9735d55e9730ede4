import type { TillOptions } from '../../../clients/typescript/src/options.ts'
import type { Outcome } from '../../../clients/typescript/src/outcome.ts'
import { memoryStore } from '../../../clients/typescript/src/store.ts'
import { Till } from '../../../clients/typescript/src/till.ts'
import type { Bench, Register } from '../../e2e/bench.ts'
import { BUILT_IN } from '../../e2e/contract-check.ts'

/** `lost`: the agent has it, and its answer does not arrive. */
type Fault = 'lost' | 'busy'
type Call = { readonly method: string; readonly path: string }

const QUICK = { answerWithinMs: 4000, timeoutMs: 4000 }
const BUSY = { code: 'fiscal_device_busy', fiscal_effect: 'none', retryable: true, message: 'busy', status: 503 }

/** A fetch that holds every JSON answer against the contract, and fails where it is told. */
export function faultyFetch(faultOf: (call: Call) => Fault | undefined = () => undefined): typeof fetch {
  return async (input, init) => {
    const { pathname } = new URL(String(input))
    const method = init?.method ?? 'GET'
    const fault = faultOf({ method, path: pathname })
    if (fault === 'busy') return Response.json(BUSY, { status: 503 })
    const answer = await fetch(input, init)
    if (answer.headers.get('content-type')?.startsWith('application/json') === true)
      BUILT_IN.answer(method, pathname, answer.status, (await answer.clone().json()) as never)
    if (fault === 'lost') throw new TypeError('terminated')
    return answer
  }
}

/** A line that fails at each change while it has a fault. */
export class SwitchedLine {
  fault: Fault | undefined
  readonly calls: Call[] = []
  readonly fetch = faultyFetch((call) => {
    this.calls.push(call)
    return call.method === 'GET' ? undefined : this.fault
  })
}

/** A register of the bench, opened by the client. */
export function openTill(bench: Bench, { key }: Register, more: Partial<TillOptions> = {}): Promise<Till> {
  const store = memoryStore(() => undefined)
  return Till.open({ key, url: bench.url, store, fetch: faultyFetch(), ...QUICK, ...more })
}

/** The value of an act that is done; fails for any other outcome. */
export function done<T>(outcome: Outcome<T>): T {
  if (outcome.outcome !== 'done') throw new Error(`not done: ${JSON.stringify(outcome)}`)
  return outcome.value
}
