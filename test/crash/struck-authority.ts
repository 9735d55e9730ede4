import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request } from 'node:http'

/** A moment of a call at the service: it has arrived, was executed, or its answer has left. */
export type Stage = 'arrived' | 'executed' | 'answered'

const OPERATION =
  /<(status_see|status_kasse|registrierung_se|registrierung_kasse|belegpruefung|loginRequest|logoutRequest)\b/

/** A line to a service that runs `act` once, at a stage of a call. */
export class StruckAuthority {
  readonly #server = createServer((call, answer) => void this.#passed(call, answer))
  #target = 0
  #armed: { operation: string; stage: Stage; act: () => void } | undefined
  /** Calls that were answered, by operation. */
  readonly answered: string[] = []

  static async open(target: number): Promise<StruckAuthority> {
    const line = new StruckAuthority()
    line.#target = target
    await new Promise<void>((resolve) => line.#server.listen(0, '127.0.0.1', resolve))
    return line
  }

  get url(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return `http://127.0.0.1:${address.port}`
  }

  arm(operation: string, stage: Stage, act: () => void): void {
    this.#armed = { operation, stage, act }
  }

  /** A session was begun since then, and not ended. */
  hasSession(since: number): boolean {
    const calls = this.answered.slice(since)
    return calls.lastIndexOf('login') > calls.lastIndexOf('logout')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  async #passed(call: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await bytesOf(call)
    const operation = (OPERATION.exec(body.toString('utf8'))?.[1] ?? '').replace('Request', '')
    if (this.#strikes(operation, 'arrived')) return void answer.destroy()
    const headers = { ...call.headers, connection: 'close' }
    const onward = request({ host: '127.0.0.1', port: this.#target, method: 'POST', path: call.url, headers })
    onward.on('response', async (response) => {
      const given = await bytesOf(response)
      if (this.#strikes(operation, 'executed')) return void answer.destroy()
      answer.writeHead(response.statusCode ?? 500, { 'Content-Type': 'text/xml; charset=utf-8' })
      answer.end(given, () => {
        this.answered.push(operation)
        this.#strikes(operation, 'answered')
      })
    })
    onward.end(body)
  }

  #strikes(operation: string, stage: Stage): boolean {
    const armed = this.#armed
    if (armed?.operation !== operation || armed.stage !== stage) return false
    this.#armed = undefined
    armed.act()
    return true
  }
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
