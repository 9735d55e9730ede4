import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../../drivers/errors.ts'
import type { Post } from '../../drivers/links/http.ts'
import type { ServedLine } from '../../drivers/links/served-line.ts'
import type { QueueLoad } from '../../drivers/ports/queue-load.ts'
import type { RtPrinter } from '../../drivers/ports/rt-printer.ts'
import { CustomPrinter } from '../../drivers/rt-custom/driver.ts'
import { CustomSimulator } from '../../drivers/rt-custom/simulator.ts'
import { EpsonPrinter } from '../../drivers/rt-epson/driver.ts'
import { EpsonSimulator } from '../../drivers/rt-epson/simulator.ts'
import { RchPrinter } from '../../drivers/rt-rch/driver.ts'
import { RchSimulator } from '../../drivers/rt-rch/simulator.ts'
import type { SimulatedPrinter } from '../e2e/italy/printer-families.ts'
import type { Pace } from './cable.ts'
import { Cable } from './cable.ts'

export type FamilyName = 'rch' | 'custom' | 'fpmate'
type Departments = Readonly<Record<string, number>>
type Driver = RtPrinter & { load(): QueueLoad }

/** A printer outside of the agent, and the way in which a life of the agent reaches it. */
export type PrinterBeside = {
  simulator: SimulatedPrinter
  connect(clock: Clock, departments: Departments): Driver
}

export type Family = {
  driver: string
  /** The address of the printer in the configuration. */
  place: object
  faults: readonly [string, ...string[]]
  /** It is without power for a moment. */
  restart: string
  make(directory: string, clock: Clock): PrinterBeside
}

const PRINT_MS = 400
/** A line of 9600 bit/s. */
const LINE: Pace = { latencyMs: 0, byteMs: 1.04 }
/** One way through the network of the shop. */
const NETWORK_MS = 2
const TIMEOUTS = { ackMs: 400, replyMs: 1000, printMs: 4000, longMs: 6000 }
const TCP = { tcp: { host: 'nowhere', port: 1 } }
const LINE_FAULTS = [
  ...['lost-answer@*', 'lost-answer@*#3', 'lost-request@*', 'nak@*', 'cut=3@*', 'late=900@*', 'busy@*#1-4', 'stale@*'],
  ...['power-cut=80@*', 'power-cut=2500@*', 'power-blink@*', 'power-cut-before=80@*', 'not-executed@*'],
  ...['unplugged=80@*', 'unplugged=3000@*', 'unplugged-before=500@*', 'unplugged-after=500@*', 'silent@*'],
  ...['lost-ack@*', 'slow-bytes=2@*', 'paper-out=2000@*', 'cover-open=2000@*'],
] as const

export const FAMILIES: Readonly<Record<FamilyName, Family>> = {
  rch: {
    ...{ driver: 'rt-rch', place: TCP, restart: 'power-cut=1500@*' },
    faults: [
      ...(['silent@=T', 'lost-answer@=T', 'power-cut-before=80@=T', 'manual-sale=500@=R'] as const),
      ...(['manual-sale=500@=T', ...LINE_FAULTS] as const),
    ],
    make: (directory, clock) =>
      cabled(
        new RchSimulator({ directory, clock, printMs: PRINT_MS }),
        (common) => new RchPrinter({ ...common, timeouts: { ...TIMEOUTS, gapMs: 1000 } }),
      ),
  },
  custom: {
    ...{ driver: 'rt-custom', place: TCP, restart: 'power-cut=1500@*' },
    faults: [
      ...(['silent@3011', 'lost-answer@3011', 'power-cut-before=80@3007', 'manual-sale=500@3301'] as const),
      ...(['paper-end-resume=80@7101A', ...LINE_FAULTS] as const),
    ],
    make: (directory, clock) =>
      cabled(
        new CustomSimulator({ directory, clock }),
        (common) => new CustomPrinter({ ...common, timeouts: TIMEOUTS }),
      ),
  },
  fpmate: {
    ...{ driver: 'rt-epson', place: { http: { host: 'nowhere', port: 1 } }, restart: 'unplugged=1500@*' },
    // A sale at its keys hides an unanswered document: there a person must look.
    faults: [
      ...(['lost-answer@*', 'lost-answer@*#3', 'lost-answer@printerFiscalReceipt', 'lost-request@*'] as const),
      ...(['unplugged=80@*', 'unplugged=3000@*', 'paper-out=2000@*', 'busy@*', 'busy@*#1-4'] as const),
      ...(['error@*', 'error@*#1-4', 'error-done@*', 'error-done@printerFiscalReceipt'] as const),
    ],
    make: (directory, clock) => {
      const simulator = new EpsonSimulator({ directory, clock })
      const connect = (life: Clock, departments: Departments): Driver => {
        const common = { host: 'nowhere', port: 1, clock: life, departments, timeouts: TIMEOUTS }
        return new EpsonPrinter({ ...common, post: postTo(simulator) })
      }
      return { simulator, connect }
    },
  },
}

type LineEnd = { serve(line: ServedLine): void }
type Common = { link: Cable; clock: Clock; departments: Departments }

/** A simulator at the other end of a serial line. */
function cabled(simulator: SimulatedPrinter & LineEnd, make: (common: Common) => Driver): PrinterBeside {
  return {
    simulator,
    connect: (clock, departments) => {
      const link = new Cable(clock, LINE, (line) => simulator.serve(line))
      return make({ link, clock, departments })
    },
  }
}

/** The network of the shop in virtual time. A request that breaks off may have been executed. */
function postTo(simulator: EpsonSimulator): Post {
  return ({ body }, _timeoutMs, clock, signal) =>
    new Promise((resolve, reject) => {
      const fail = (code: 'aborted' | 'unavailable', words: string): void =>
        reject(new DeviceError(code, 'unknown', words))
      signal.addEventListener('abort', () => fail('aborted', 'given up while the device was answering'), { once: true })
      clock.after(NETWORK_MS, () => {
        const answer = simulator.answer(body)
        clock.after(NETWORK_MS, () =>
          answer === undefined ? fail('unavailable', 'the connection broke') : resolve(answer),
        )
      })
    })
}
