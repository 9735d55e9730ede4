import { createConnection, createServer } from 'node:net'
import { systemClock } from '../../agent/clock.ts'
import { RchSimulator } from '../../drivers/rt-rch/simulator.ts'

// A simulated RCH printer behind a line of that speed, in a process of its own: node paced-printer.ts FOLDER BAUD PRINT_MS.
// Tells its port, then for each message "passed" how many bytes and exchanges have passed; "at-once" takes the line's time away, "paced"
// gives it back. What a timer is late is taken off the next wait: the line takes its time to the microsecond, on the whole.
const [folder = '', baud = '9600', printMs = '0'] = process.argv.slice(2)
const BITS_A_BYTE = 10
const msOf = (bytes: number): number => (bytes * BITS_A_BYTE * 1000) / Number(baud)

const simulator = new RchSimulator({ directory: folder, clock: systemClock })
simulator.open()
const port = await simulator.serveTcp(0)
let bytesPassed = 0
let exchanges = 0
let isPaced = true

const server = createServer((host) => {
  const printer = createConnection({ host: '127.0.0.1', port })
  host.setNoDelay(true)
  printer.setNoDelay(true)
  let freeAt = 0
  let lateMs = 0
  host.on('data', (request: Buffer) => {
    bytesPassed += request.length
    exchanges += 1
    const isPrinting = request.includes('=T')
    freeAt = performance.now() - lateMs + msOf(request.length) + (isPrinting ? Number(printMs) : 0)
    lateMs = 0
    printer.write(request)
  })
  printer.on('data', (reply: Buffer) => {
    bytesPassed += reply.length
    if (!isPaced) {
      lateMs = 0
      host.write(reply)
      return
    }
    freeAt += msOf(reply.length)
    const due = freeAt
    setTimeout(
      () => {
        lateMs = performance.now() - due
        host.write(reply)
      },
      Math.max(0, Math.floor(due - performance.now())),
    )
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
  if (message === 'passed') process.send?.({ bytes: bytesPassed, exchanges })
  else isPaced = message === 'paced'
})
process.on('disconnect', () => process.exit(0))
