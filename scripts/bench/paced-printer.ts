import { createConnection, createServer } from 'node:net'
import { systemClock } from '../../base/clock.ts'
import { RchSimulator } from '../../drivers/rt-rch/simulator.ts'

/** One command and its reply, as the printer saw them: ms of the monotonic clock, which all processes share. */
export type Exchange = { bytes: number; seenAt: number; answeredAt: number }

// A simulated RCH printer with a line of that speed, in a separate process: node paced-printer.ts FOLDER BAUD PRINT_MS.
// It sends its port, then for each message "exchanges" those since the last one; "at-once" removes the line's time,
// "paced" restores it. Its timers are late or early like all timers: it reports the real time, so that this is charged
// to no other part.
const [folder = '', baud = '9600', printMs = '0'] = process.argv.slice(2)
const BITS_A_BYTE = 10

function msOf(bytes: number): number {
  return (bytes * BITS_A_BYTE * 1000) / Number(baud)
}

function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

const simulator = new RchSimulator({ directory: folder, clock: systemClock })
simulator.open()
const port = await simulator.serveTcp(0)
let exchanges: Exchange[] = []
let isPaced = true

const server = createServer((host) => {
  const printer = createConnection({ host: '127.0.0.1', port })
  host.setNoDelay(true)
  printer.setNoDelay(true)
  let seenAt = 0
  let sent = 0
  let lineMs = 0
  host.on('data', (request: Buffer) => {
    seenAt = nowMs()
    sent = request.length
    lineMs = msOf(sent) + (request.includes('=T') ? Number(printMs) : 0)
    printer.write(request)
  })
  printer.on('data', (reply: Buffer) => {
    const answer = (): void => {
      exchanges.push({ bytes: sent + reply.length, seenAt, answeredAt: nowMs() })
      host.write(reply)
    }
    if (isPaced) setTimeout(answer, Math.max(0, seenAt + lineMs + msOf(reply.length) - nowMs()))
    else answer()
  })
  for (const [one, other] of [
    [host, printer],
    [printer, host],
  ] as const) {
    one.on('error', () => other.destroy())
    one.on('close', () => other.destroy())
  }
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' && address !== null ? address.port : 0 })
})
process.on('message', (message) => {
  if (message !== 'exchanges') {
    isPaced = message === 'paced'
    return
  }
  process.send?.(exchanges)
  exchanges = []
})
process.on('disconnect', () => process.exit(0))
