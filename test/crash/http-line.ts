import { setTimeout as delay } from 'node:timers/promises'
import { today } from '../today.ts'
import { WAIT_LIMIT_MS } from '../waits.ts'
import type { Asked, Given } from './answer-log.ts'
import type { Line } from './till.ts'

export type HttpLineOptions = {
  /** The present address of the agent; undefined while there is none. */
  url: () => string | undefined
  key: string
  /** Resolves when an agent may be up again. */
  back: () => Promise<void>
  /** True if the connection is to break after the head of this answer. */
  cuts?: () => boolean
}

const AGAIN_MS = 10

/** A till's connection over HTTP, which may break at any moment. */
export function httpLine({ url, key, back, cuts }: HttpLineOptions): Line {
  return {
    send: async ({ method = 'POST', path, body, key: idempotencyKey, ifMatch }: Asked): Promise<Given | undefined> => {
      const base = url()
      if (base === undefined) return undefined
      try {
        const response = await fetch(new URL(path, base), {
          method,
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(WAIT_LIMIT_MS),
          headers: {
            authorization: `Bearer ${key}`,
            'content-type': 'application/json',
            'idempotency-key': idempotencyKey,
            ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
          },
        })
        if (cuts?.() === true) {
          await response.body?.cancel()
          return undefined
        }
        return { status: response.status, body: await response.text() }
      } catch {
        return undefined
      }
    },
    wait: async () => {
      await back()
      await delay(AGAIN_MS)
    },
    think: async () => undefined,
    today: () => today(),
  }
}
