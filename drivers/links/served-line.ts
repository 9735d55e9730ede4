import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { DeviceError } from '../errors.ts'

/** The device's end of a line, for simulators. */
export type ServedLine = {
  write(bytes: Uint8Array): void
  listen(receive: (bytes: Buffer) => void): void
  onEnd(act: () => void): void
  /** Hangs up. */
  end(): Promise<void>
}

export type TcpService = { port: number; close(): Promise<void> }

/** Serves one client at a time, as a printer does: a new one replaces the old. Port 0 uses a free one. */
export async function serveTcp(port: number, onLine: (line: ServedLine) => void): Promise<TcpService> {
  let current: Socket | undefined
  let isClosed = false
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined)
    // A client accepted during the close would keep the service from closing.
    if (isClosed) return void socket.destroy()
    current?.destroy()
    current = socket
    onLine(lineOf(socket))
  })
  return {
    port: await listenHere(server, port),
    close: async () => {
      isClosed = true
      current?.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Listens on this machine alone; 0 takes a free port, which is returned. */
export async function listenHere(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new DeviceError('unavailable', 'none', `port ${port}: ${error.message}`)))
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}

function lineOf(socket: Socket): ServedLine {
  return {
    write: (bytes) => {
      if (socket.writable) socket.write(bytes)
    },
    listen: (receive) => {
      socket.on('data', receive)
    },
    onEnd: (act) => {
      socket.once('close', act)
    },
    end: async () => {
      socket.destroy()
    },
  }
}
