import { Agent, get } from 'node:http'
import type { Distribution } from './statistics.ts'
import { distributionOf } from './statistics.ts'

const EVERY_MS = 10

/** Requests each of `urls` in rotation, a hundred times a second in all, from this process while `work` runs. */
export async function probeDuring<T>(
  urls: readonly string[],
  work: () => Promise<T>,
): Promise<{ result: T; answers: Distribution[] }> {
  const asked = urls.map((url) => ({
    url,
    agent: new Agent({ keepAlive: true, maxSockets: 1 }),
    taken: [] as number[],
  }))
  let ended = false
  const asking = (async () => {
    while (!ended) {
      for (const { url, agent, taken } of asked) {
        const started = performance.now()
        await ask(url, agent)
        taken.push(performance.now() - started)
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
      }
    }
  })()
  try {
    const result = await work()
    ended = true
    await asking
    return { result, answers: asked.map(({ taken }) => distributionOf(taken)) }
  } finally {
    ended = true
    for (const { agent } of asked) agent.destroy()
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
