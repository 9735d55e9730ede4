import type { Link } from '../../../drivers/links/link.ts'

/** A line whose other end is a list: each written frame takes the next answers. No time passes. */
export class ScriptedLink implements Link {
  readonly written: string[] = []
  readonly #answers: (readonly Buffer[])[]
  #inbox: Buffer[] = []
  connected = true
  /** Advances time. */
  beforeRead: () => Promise<void> = async () => undefined

  constructor(...answers: (readonly Buffer[])[]) {
    this.#answers = answers
  }

  async connect(): Promise<void> {
    this.connected = true
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.written.push(Buffer.from(bytes).toString('latin1'))
    this.#inbox.push(...(this.#answers.shift() ?? []))
  }

  /** Silence is reported at once. */
  async read(): Promise<Buffer | undefined> {
    await this.beforeRead()
    return this.#inbox.shift()
  }

  discard(): void {
    this.#inbox = []
  }

  async check(): Promise<void> {}

  async close(): Promise<void> {
    this.connected = false
  }
}
