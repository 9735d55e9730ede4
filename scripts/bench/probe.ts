import { Agent, get } from 'node:http'
import type { Distribution } from './statistics.ts'
import { distributionOf } from './statistics.ts'

const EVERY_MS = 10

/** Asks /healthz a hundred times a second, from this process, while `work` runs beside it. */
export async function probeDuring<T>(
  url: string,
  work: () => Promise<T>,
): Promise<{ result: T; health: Distribution }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const taken: number[] = []
  let ended = false
  const asking = (async () => {
    while (!ended) {
      const started = performance.now()
      await ask(`${url}/healthz`, agent)
      taken.push(performance.now() - started)
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
    }
  })()
  try {
    const result = await work()
    ended = true
    await asking
    return { result, health: distributionOf(taken) }
  } finally {
    ended = true
    agent.destroy()
  }
}

function ask(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = get(url, { agent }, (res) => {
      res.resume()
      res.on('end', resolve)
    })
    call.on('error', reject)
  })
}
