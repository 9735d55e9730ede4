import type { Server, Socket } from 'node:net'
import { createConnection, createServer } from 'node:net'

/**
 * The permanent part between host and printer: a terminal server, or an adapter in the socket of the host. Another
 * printer may be plugged into it, and the line of the host stays open.
 */
export class LineAdapter {
  readonly #server: Server
  readonly #hosts = new Map<Socket, Socket>()
  #printerPort: number

  private constructor(server: Server, printerPort: number) {
    this.#server = server
    this.#printerPort = printerPort
    server.on('connection', (host) => {
      host.on('error', () => undefined)
      host.on('close', () => {
        this.#hosts.get(host)?.destroy()
        this.#hosts.delete(host)
      })
      host.on('data', (bytes) => this.#hosts.get(host)?.write(bytes))
      this.#connect(host)
    })
  }

  static async before(printerPort: number): Promise<LineAdapter> {
    const server = createServer({ noDelay: true })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new LineAdapter(server, printerPort)
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return address.port
  }

  plugInto(printerPort: number): void {
    this.#printerPort = printerPort
    for (const [host, printer] of this.#hosts) {
      printer.removeAllListeners('data').destroy()
      this.#connect(host)
    }
  }

  async close(): Promise<void> {
    for (const host of this.#hosts.keys()) host.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #connect(host: Socket): void {
    const printer = createConnection({ host: '127.0.0.1', port: this.#printerPort, noDelay: true })
    printer.on('error', () => undefined)
    printer.on('data', (bytes) => host.write(bytes))
    this.#hosts.set(host, printer)
  }
}
