import type { TillOptions } from '../../../clients/typescript/src/options.ts'
import { memoryStore } from '../../../clients/typescript/src/store.ts'
import { Till } from '../../../clients/typescript/src/till.ts'
import type { Bench, Register } from '../../e2e/bench.ts'
import { BUILT_IN } from '../../e2e/contract-check.ts'

/** An error of the line, at one request. `lost`: the agent has it, and its answer does not arrive. */
export type Fault = 'refused' | 'lost' | 'cut' | 'html' | 'twice'
export type Call = { readonly method: string; readonly path: string }

/** One attempt, for tests of what is between client and agent. */
export const QUICK = { answerWithinMs: 4000, timeoutMs: 4000 }

/** A fetch that holds every JSON answer against the contract, and fails where it is told. */
export function faultyFetch(faultOf: (call: Call) => Fault | undefined = () => undefined): typeof fetch {
  return async (input, init) => {
    const { pathname } = new URL(String(input))
    const method = init?.method ?? 'GET'
    const fault = faultOf({ method, path: pathname })
    if (fault === 'refused') throw new TypeError('fetch failed')
    if (fault === 'twice') await fetch(input, init)
    const answer = await fetch(input, init)
    if (answer.headers.get('content-type')?.startsWith('application/json') === true)
      BUILT_IN.answer(method, pathname, answer.status, (await answer.clone().json()) as never)
    if (fault === 'lost') throw new TypeError('terminated')
    if (fault === 'html') return new Response('<h1>Login</h1>', { headers: { 'Content-Type': 'text/html' } })
    if (fault === 'cut') return new Response((await answer.text()).slice(0, -20), { headers: answer.headers })
    return answer
  }
}

/** A register of the bench, opened by the client. */
export function openTill(bench: Bench, { key }: Register, more: Partial<TillOptions> = {}): Promise<Till> {
  const store = memoryStore(() => undefined)
  return Till.open({ key, url: bench.url, store, fetch: faultyFetch(), ...QUICK, ...more })
}
