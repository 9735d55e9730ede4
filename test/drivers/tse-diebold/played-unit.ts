import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import type { Request } from '../../../drivers/tse-diebold/codec.ts'
import { decodeRequests, encodeAnswer } from '../../../drivers/tse-diebold/codec.ts'

/** The values of an answer, bytes as they are, or silence. */
type Play = (request: Request) => readonly (string | Buffer)[] | Buffer | undefined

/** A unit on a TCP port that answers as the test orders, frame by frame; it keeps the requests, in order. */
export class PlayedUnit {
  /** Commands with their parameters, as `200 0  0`. */
  readonly asked: string[] = []
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(play: Play) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      let heard: Buffer = Buffer.alloc(0)
      socket.on('data', (bytes: Buffer) => {
        const { requests, rest } = decodeRequests(Buffer.concat([heard, bytes]))
        heard = rest
        for (const request of requests) {
          this.asked.push([request.command, ...request.parameters].join(' '))
          const told = play(request)
          if (Buffer.isBuffer(told)) socket.write(told)
          else if (told !== undefined) socket.write(answerTo(request, told))
        }
      })
    })
  }

  static async listen(play: Play): Promise<PlayedUnit> {
    const unit = new PlayedUnit(play)
    await new Promise<void>((resolve) => {
      unit.#server.listen(0, '127.0.0.1', resolve)
    })
    return unit
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await promisify(this.#server.close.bind(this.#server))()
  }
}

export function answerTo({ command, id }: Request, values: readonly (string | Buffer)[]): Buffer {
  return encodeAnswer({
    command,
    id,
    values: values.map((value) => (typeof value === 'string' ? Buffer.from(value, 'latin1') : value)),
  })
}
