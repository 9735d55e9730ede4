type Told = { id: string | undefined; event: string; data: { seq: number; id: string; state: string | null } }

/** Reads a stream of changes, as a page does. */
export class ChangeReader {
  readonly status: number
  readonly headers: Headers
  /** The received changes, without heartbeats and bare places. */
  readonly told: Told[] = []
  /** As a browser would send it when it comes back. */
  lastEventId = ''
  comments = 0
  isOver = false
  readonly #abort: AbortController
  #waiting: (() => void)[] = []
  #rest = ''

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status
    this.headers = response.headers
    this.#abort = abort
    void this.#read(response)
  }

  static async open(
    url: string,
    headers: Readonly<Record<string, string>>,
    path = '/v1/events',
  ): Promise<ChangeReader> {
    const abort = new AbortController()
    return new ChangeReader(await fetch(new URL(path, url), { headers, signal: abort.signal }), abort)
  }

  /** Waits until a look at the received changes is truthy, or the stream ends. */
  async until(look: () => boolean): Promise<void> {
    while (!look()) {
      if (this.isOver) throw new Error(`the stream ended: ${JSON.stringify(this.told)}`)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async ended(): Promise<void> {
    while (!this.isOver) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** `event state` of each, in order. */
  words(): string[] {
    return this.told.map(({ event, data }) => `${event} ${data.state}`)
  }

  close(): void {
    this.#abort.abort()
  }

  async #read(response: Response): Promise<void> {
    try {
      const decoder = new TextDecoder()
      for await (const bytes of response.body ?? []) {
        this.#take(decoder.decode(bytes as Uint8Array, { stream: true }))
        this.#wake()
      }
    } catch {
      // Broken off, by us or by the other end.
    }
    this.isOver = true
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    for (const block of blocks) this.#takeBlock(block)
  }

  #takeBlock(block: string): void {
    const fields = new Map<string, string>()
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) this.comments++
      const colon = line.indexOf(': ')
      fields.set(line.slice(0, colon), line.slice(colon + 2))
    }
    const id = fields.get('id')
    if (id !== undefined) this.lastEventId = id
    const data = fields.get('data')
    if (data === undefined) return
    this.told.push({ id, event: fields.get('event') ?? '', data: JSON.parse(data) })
  }
}
