import type { Link } from '../../../drivers/links/link.ts'
import type { MemoryRecord } from '../../../drivers/rt/simulated-memory.ts'
import { RchPrinter } from '../../../drivers/rt-rch/driver.ts'
import type { RchProfile } from '../../../drivers/rt-rch/profile.ts'
import type { RchSimulatorOptions } from '../../../drivers/rt-rch/simulator.ts'
import { RchSimulator } from '../../../drivers/rt-rch/simulator.ts'
import { departments } from '../../contracts/printer-bench.ts'
import type { FaultBench, Matrix } from '../../contracts/printer-faults.ts'
import { lineFaults } from '../../contracts/printer-faults.ts'
import { patientClock } from '../../patient-clock.ts'
import { benchFolder, openedBench, servedLine } from '../rt/opened-bench.ts'

/** Short ones: a simulated printer replies at once. */
export const testTimeouts = { ackMs: 120, replyMs: 200, printMs: 400, longMs: 500, gapMs: 150 }
/** Bytes of a pseudo-terminal come through threads, which a busy machine delays. */
const ptyTimeouts = { ackMs: 400, replyMs: 400, printMs: 600, longMs: 800, gapMs: 400 }
const profile: Partial<RchProfile> = { busyPauseMs: 20, pollMs: 20, nakQuietMs: 20, paperWaitMs: 200 }

/** The faults of one frame of an RCH printer, and the number of frames in its dialogues. */
export const rchMatrix: Matrix = {
  faults: [
    ...lineFaults,
    ...['error=ES0001', 'error=EG0005', 'error-done=ES0001', 'error=ES9999', 'error-done=ES9999'],
    ...['paper-end-resume', 'paper-end-lose', 'paper-end-resume=w', 'paper-end-lose=w'],
  ],
  frames: { sale: 21, return: 22, void: 13, closure: 16, cash: 13, slip: 15 },
}

export type RchBenchOptions = {
  line: 'tcp' | 'pty' | 'usb'
  quirks?: RchSimulatorOptions['quirks']
  deadlineMs?: number
  serial?: string
  history?: readonly MemoryRecord[]
  own?: Partial<RchProfile>
}
export type RchBench = FaultBench & { printer: RchPrinter; simulator: RchSimulator; newLink: () => Link }

export async function openRchBench({
  line,
  quirks,
  serial,
  history,
  own = {},
  deadlineMs = 15_000,
}: RchBenchOptions): Promise<RchBench> {
  const directory = await benchFolder(history)
  const simulator = new RchSimulator({
    directory,
    clock: patientClock,
    ...(quirks && { quirks }),
    ...(serial && { serial }),
  })
  simulator.open()
  const newLink = await servedLine(simulator, line, directory, { baudRate: 9600 })
  const common = {
    clock: patientClock,
    departments,
    timeouts: line === 'pty' ? ptyTimeouts : testTimeouts,
    profile: { ...profile, ...own },
    deadlineMs,
  }
  const bench = openedBench(directory, simulator, () => new RchPrinter({ link: newLink(), ...common }))
  return { ...bench, simulator, newLink }
}
