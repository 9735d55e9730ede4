import type { ReceiptModel } from '../../agent/contract/receipt.ts'
import type { Bench } from './bench.ts'

export const DISPLAY = { digitalReceipt: { show: ['display'] } }

type Now = {
  receipt: ReceiptModel | null
  text: string | null
  code: string | null
  link: string | null
  until: string | null
}

/** A display of a register, which asks as its page does. */
export class CustomerDisplay {
  readonly path: string
  readonly #bench: Bench
  #etag = ''

  constructor(bench: Bench, url: string) {
    this.#bench = bench
    this.path = new URL(url).pathname
  }

  static async of(bench: Bench, register: string, renew = false): Promise<CustomerDisplay> {
    const { url } = await bench.agent.administration.display(register, renew)
    return new CustomerDisplay(bench, url)
  }

  call(path = '/now', init: RequestInit = {}): Promise<Response> {
    return fetch(new URL(`${this.path}${path}`, this.#bench.url), init)
  }

  /** The next question of the page; undefined if nothing has changed since the last one. */
  async ask(): Promise<Now | undefined> {
    const answer = await this.call('/now', this.#etag === '' ? {} : { headers: { 'If-None-Match': this.#etag } })
    if (answer.status === 304) return undefined
    if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
    this.#etag = answer.headers.get('etag') ?? ''
    return (await answer.json()) as Now
  }

  /** What is on it now. */
  async now(): Promise<Now> {
    return (await (await this.call()).json()) as Now
  }

  /** The operation whose receipt is on it; a HEAD and this leave no trace. */
  async operation(): Promise<string | null> {
    return (await this.now()).receipt?.operation_id ?? null
  }

  /** Waits until that receipt is on it. */
  async shows(operation: string | null): Promise<void> {
    await this.#bench.until(async () => (await this.operation()) === operation)
  }
}
