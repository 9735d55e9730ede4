import { readSync, writeSync } from 'node:fs'

type Read = { buffer: Buffer; bytesRead: number }

/** The library's port on Linux. */
type PolledPort = {
  readonly fd: number | null
  readonly poller: { once(event: 'readable', told: (error: Error | null) => void): unknown }
  read(buffer: Buffer, offset: number, length: number): Promise<Read>
  write(buffer: Buffer): Promise<void>
}

/**
 * Makes a port read and write in the same turn of the event loop if it can. The library hands each call to the thread
 * pool, which takes longer than all else that a driver does between two frames. The library still handles partial
 * transfers and every error.
 */
export function makePrompt(port: unknown): void {
  if (!isPolled(port)) return
  const { read, write } = port
  port.read = async (buffer, offset, length) => {
    await readable(port)
    const bytesRead = atOnce(() => readSync(port.fd ?? -1, buffer, offset, length, null))
    // A line that hung up reports its end permanently: the library would poll it without a pause.
    if (bytesRead === 0) throw new Error('the line hung up')
    return bytesRead === undefined ? await read.call(port, buffer, offset, length) : { buffer, bytesRead }
  }
  port.write = async (buffer) => {
    const written = atOnce(() => writeSync(port.fd ?? -1, buffer)) ?? 0
    if (written < buffer.length) await write.call(port, buffer.subarray(written))
  }
}

function isPolled(port: unknown): port is PolledPort {
  return typeof port === 'object' && port !== null && 'poller' in port && 'fd' in port
}

/** Rejects if the port is closed first. */
function readable({ poller }: PolledPort): Promise<void> {
  return new Promise((resolve, reject) => poller.once('readable', (error) => (error ? reject(error) : resolve())))
}

/** Undefined if the call would block or fails. */
function atOnce(act: () => number): number | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
