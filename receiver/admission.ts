import { Problem } from './problem.ts'

/**
 * Limits in all, and for each agent or head office: a client that sends slowly, or never stops asking, leaves capacity
 * for the others.
 */
const LIMITS = {
  blob: { most: 4, each: 2 },
  batch: { most: 32, each: 4 },
  download: { most: 32, each: 8 },
  listing: { most: 8, each: 2 },
} as const

type Kind = keyof typeof LIMITS

/**
 * Under load the receiver refuses blobs first, then batches; heads and checkpoints never. This bounds the memory too,
 * since each batch in progress holds its text, and each download its blob.
 */
export class Admission {
  readonly #running: Readonly<Record<Kind, string[]>> = { blob: [], batch: [], download: [], listing: [] }

  /** `holder`: the agent or the tenant of the token. Throws Problem `too_many_requests` with a Retry-After. */
  async run<T>(kind: Kind, holder: string, work: () => Promise<T>): Promise<T> {
    const running = this.#running[kind]
    const { most, each } = LIMITS[kind]
    const crowded = kind === 'blob' && this.#running.batch.length > LIMITS.batch.most / 2
    const own = running.filter((one) => one === holder).length
    if (running.length >= most || own >= each || crowded) {
      const who = own >= each ? 'this sender' : 'others'
      throw new Problem('too_many_requests', `The receiver is busy with ${who}.`, {}, kind === 'batch' ? 2 : 30)
    }
    running.push(holder)
    try {
      return await work()
    } finally {
      running.splice(running.indexOf(holder), 1)
    }
  }
}
