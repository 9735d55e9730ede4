import type { Clock } from '../../../base/clock.ts'
import { systemClock } from '../../../base/clock.ts'
import type { MemoryRecord, PrintedRecord } from '../../../drivers/rt/simulated-memory.ts'
import { CustomSimulator } from '../../../drivers/rt-custom/simulator.ts'
import type { CustomSwitches } from '../../../drivers/rt-custom/simulator-generation.ts'
import { EpsonSimulator } from '../../../drivers/rt-epson/simulator.ts'
import { RchSimulator } from '../../../drivers/rt-rch/simulator.ts'
import type { Members } from '../client.ts'
import { FAST_LINE } from './shop.ts'

/** The parts of a simulated printer of any family that a test uses. */
export type SimulatedPrinter = {
  open(): void
  inject(fault: string): void
  clearFaults(): void
  keyInSale(cents: number): void
  closeByItself(): void
  documents(): readonly PrintedRecord[]
  records(): readonly MemoryRecord[]
  close(): Promise<void>
}

type Served<S> = { simulator: S; serve: (port: number) => Promise<number> }

/** A family as a printer outside of an agent. `serial` is that of another one than the shop's. */
export type PrinterFamily<S extends SimulatedPrinter> = {
  make: (directory: string, serial: string | undefined) => Served<S>
  device: (port: number) => Members
}

const LINE_PROFILE = { busyPauseMs: 20, pollMs: 20 }
const { gapMs: _gap, ...CUSTOM_LINE } = FAST_LINE
const { ackMs: _ack, ...EPSON_LINE } = CUSTOM_LINE

export const RCH: PrinterFamily<RchSimulator> = {
  make: (directory, serial) => {
    const simulator = new RchSimulator({ ...optionsOf(directory), ...(serial !== undefined && { serial }) })
    return { simulator, serve: (port) => simulator.serveTcp(port) }
  },
  device: (port) => ({
    ...{ driver: 'rt-rch', tcp: { host: '127.0.0.1', port }, timeouts: FAST_LINE },
    profile: { ...LINE_PROFILE, nakQuietMs: 20, paperWaitMs: 200 },
  }),
}

export const CUSTOM = customWith({})

/** It does not say what kind of document is open: a power blink makes a sale of a return. */
export const EARLY_CUSTOM = customWith({ generation: 2 })

export function customWith(switches: Partial<CustomSwitches>): PrinterFamily<CustomSimulator> {
  return {
    make: (directory, serial) => {
      const options = { ...optionsOf(directory), switches, ...(serial !== undefined && { serial }) }
      const simulator = new CustomSimulator(options)
      return { simulator, serve: (port) => simulator.serveTcp(port) }
    },
    device: (port) => ({
      ...{ driver: 'rt-custom', tcp: { host: '127.0.0.1', port }, timeouts: CUSTOM_LINE },
      profile: { ...LINE_PROFILE, nakQuietMs: 20 },
    }),
  }
}

/** Its matricola is drawn for its folder. */
export const EPSON: PrinterFamily<EpsonSimulator> = {
  make: (directory) => {
    const simulator = new EpsonSimulator(optionsOf(directory))
    return { simulator, serve: (port) => simulator.serve(port) }
  },
  device: (port) => ({ driver: 'rt-epson', http: { host: '127.0.0.1', port }, timeouts: EPSON_LINE }),
}

function optionsOf(directory: string): { directory: string; clock: Clock } {
  return { directory, clock: systemClock }
}
