import type { ReceiptForm, ReceiptModel, ReceiptQuery } from '../contract/receipt.ts'
import type { RenderedReceipt } from './renderer.ts'

export type DrawingJob = { id: number; model: ReceiptModel; form: ReceiptForm; query: ReceiptQuery }

/** `holder`: the key of the request. */
export type Waiting = {
  holder: string
  job: DrawingJob
  resolve(rendered: RenderedReceipt): void
  reject(error: Error): void
  cancel(): void
}

const WAITING_MAX = 64
/** Lines of all waiting receipts: one of a thousand lines takes a second, and 1 MB of the agent until it is drawn. */
const LINES_MAX = 4_000

/**
 * Receipts that wait to be drawn, limited by number and lines. Keys are served round-robin. In a full queue the key
 * with the most waiting receipts loses its last one to another key: a program that requests many does not exclude a
 * till.
 */
export class DrawingQueue {
  /** In order of arrival. */
  readonly #waiting = new Map<number, Waiting>()
  /** The last time that a key was served; cleared when nothing waits. */
  readonly #served = new Map<string, number>()
  #serial = 0
  #drawn: Waiting | undefined

  /** The receipt that is being drawn; it stays in the queue until it is taken. */
  get drawn(): Waiting | undefined {
    return this.#drawn
  }

  /** Removes and returns receipts so that one of that key fits in. Undefined if it must be refused. */
  evictFor(holder: string, lines: number): Waiting[] | undefined {
    const evicted: Waiting[] = []
    for (let weigh = this.#excess(lines); weigh !== undefined; weigh = this.#excess(lines)) {
      const last = this.#lastOfGreediest(holder, weigh, weigh(lines))
      if (last === undefined) return undefined
      this.take(last.job.id)
      evicted.push(last)
    }
    return evicted
  }

  add(one: Waiting): void {
    this.#waiting.set(one.job.id, one)
  }

  /** Undefined if it no longer waits. */
  take(id: number): Waiting | undefined {
    const one = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (one === this.#drawn) this.#drawn = undefined
    if (this.#waiting.size === 0) this.#served.clear()
    return one
  }

  /** The next one to be drawn: the first of the key that was not served for longest. Undefined if none waits. */
  next(): Waiting | undefined {
    let next: Waiting | undefined
    const servedAt = ({ holder }: Waiting): number => this.#served.get(holder) ?? 0
    for (const one of this.#waiting.values()) if (next === undefined || servedAt(one) < servedAt(next)) next = one
    if (next !== undefined) this.#served.set(next.holder, ++this.#serial)
    this.#drawn = next
    return next
  }

  takeAll(): Waiting[] {
    const all = [...this.#waiting.values()]
    for (const { job } of all) this.take(job.id)
    return all
  }

  /** The weight of a receipt in the exceeded limit, if one more receipt is added; undefined if none is exceeded. */
  #excess(lines: number): ((lines: number) => number) | undefined {
    const { size } = this.#waiting
    if (size >= WAITING_MAX) return () => 1
    const all = [...this.#waiting.values()].reduce((sum, { job }) => sum + job.model.lines.length, lines)
    return size > 0 && all > LINES_MAX ? (own) => own : undefined
  }

  /** The last receipt of a key that has more waiting than `holder` would have. */
  #lastOfGreediest(holder: string, weigh: (lines: number) => number, more: number): Waiting | undefined {
    const sums = new Map([[holder, more]])
    const lasts = new Map<string, Waiting>()
    for (const one of this.#waiting.values()) {
      sums.set(one.holder, (sums.get(one.holder) ?? 0) + weigh(one.job.model.lines.length))
      if (one !== this.#drawn) lasts.set(one.holder, one)
    }
    const own = sums.get(holder) ?? 0
    const [greediest] = [...lasts.keys()].sort((a, b) => (sums.get(b) ?? 0) - (sums.get(a) ?? 0))
    return greediest !== undefined && (sums.get(greediest) ?? 0) > own ? lasts.get(greediest) : undefined
  }
}
