import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { once } from '../../waits.ts'

/** A TCP line to a server of this machine that can be cut, and fixed. */
export class CutLine {
  #upstream: number
  #isCut = false
  readonly #ends = new Set<Socket>()
  readonly #server = createServer((client) => this.#join(client))

  constructor(upstream: number) {
    this.#upstream = upstream
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  /** From now on it leads elsewhere. */
  leadTo(upstream: number): void {
    this.#upstream = upstream
  }

  cut(): void {
    this.#isCut = true
    for (const end of this.#ends) end.destroy()
  }

  repair(): void {
    this.#isCut = false
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket): void {
    if (this.#isCut) return void client.destroy()
    const upstream = connect(this.#upstream, '127.0.0.1')
    for (const [end, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#ends.add(end)
      end.on('error', () => undefined)
      end.on('close', () => {
        this.#ends.delete(end)
        other.destroy()
      })
      end.pipe(other)
    }
  }
}
