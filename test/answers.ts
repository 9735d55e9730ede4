import { within } from './waits.ts'

const LIMITED = Symbol.for('fiskal-edge.limited')

/** Every answer has the limit of a wait until its head comes, and an error that names its request. */
function limit(unlimited: typeof fetch): typeof fetch {
  const limited: typeof fetch = (input, init) => {
    const stop = new AbortController()
    const signals = [stop.signal, ...(init?.signal ? [init.signal] : [])]
    const name = `an answer to ${init?.method ?? 'GET'} ${input instanceof Request ? input.url : String(input)}`
    return within(name, unlimited(input, { ...init, signal: AbortSignal.any(signals) }), () => stop.abort())
  }
  return Object.assign(limited, { [LIMITED]: true })
}

// The files of one process share it.
if (!(LIMITED in globalThis.fetch)) globalThis.fetch = limit(globalThis.fetch)
