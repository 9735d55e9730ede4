import type { DrawingJob } from './drawing-child.ts'
import type { RenderedReceipt } from './renderer.ts'

/** `holder`: whose key asked. */
export type Waiting = {
  holder: string
  job: DrawingJob
  resolve(rendered: RenderedReceipt): void
  reject(error: Error): void
  cancel(): void
}

const WAITING_MAX = 64
/** Of all receipts that wait: one of a thousand lines takes a second and a MB of the agent until it was drawn. */
const LINES_MAX = 4_000

/**
 * Receipts that wait to be drawn, bounded by their number and lines. Keys are served in turn, and where there is no room
 * the key that has the most waiting leaves its last place to another: one program that asks for many keeps no till out.
 */
export class DrawingQueue {
  /** In the order in which they came. */
  readonly #waiting = new Map<number, Waiting>()
  /** When a key was last served, for as long as anything waits. */
  readonly #served = new Map<string, number>()
  #turns = 0
  #drawn: Waiting | undefined

  /** What is being drawn: it stays in the queue until it was taken out. */
  get drawn(): Waiting | undefined {
    return this.#drawn
  }

  /** Makes room for one of that key; gives those that leave it theirs. Undefined where there is none for it. */
  roomFor(holder: string, lines: number): Waiting[] | undefined {
    const left: Waiting[] = []
    for (let weigh = this.#excess(lines); weigh !== undefined; weigh = this.#excess(lines)) {
      const last = this.#lastOfGreediest(holder, weigh, weigh(lines))
      if (last === undefined) return undefined
      this.take(last.job.id)
      left.push(last)
    }
    return left
  }

  add(one: Waiting): void {
    this.#waiting.set(one.job.id, one)
  }

  /** Undefined where it waits no more. */
  take(id: number): Waiting | undefined {
    const one = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (one === this.#drawn) this.#drawn = undefined
    if (this.#waiting.size === 0) this.#served.clear()
    return one
  }

  /** The next one to be drawn: the first of the key that was not served for longest. Undefined where none waits. */
  next(): Waiting | undefined {
    let next: Waiting | undefined
    const servedAt = ({ holder }: Waiting): number => this.#served.get(holder) ?? 0
    for (const one of this.#waiting.values()) if (next === undefined || servedAt(one) < servedAt(next)) next = one
    if (next !== undefined) this.#served.set(next.holder, ++this.#turns)
    this.#drawn = next
    return next
  }

  takeAll(): Waiting[] {
    const all = [...this.#waiting.values()]
    for (const { job } of all) this.take(job.id)
    return all
  }

  /** What a receipt weighs in that of which there is too much with one more; undefined while there is room. */
  #excess(lines: number): ((lines: number) => number) | undefined {
    const { size } = this.#waiting
    if (size >= WAITING_MAX) return () => 1
    const all = [...this.#waiting.values()].reduce((sum, { job }) => sum + job.model.lines.length, lines)
    return size > 0 && all > LINES_MAX ? (own) => own : undefined
  }

  /** Of a key that has more waiting than `holder` would have then. */
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
