import type { MemoryRecord } from '../../../drivers/rt/simulated-memory.ts'
import { EpsonPrinter } from '../../../drivers/rt-epson/driver.ts'
import type { EpsonProfile } from '../../../drivers/rt-epson/profile.ts'
import type { EpsonSimulatorOptions } from '../../../drivers/rt-epson/simulator.ts'
import { EpsonSimulator } from '../../../drivers/rt-epson/simulator.ts'
import { departments } from '../../contracts/printer-bench.ts'
import type { FaultBench, Matrix } from '../../contracts/printer-faults.ts'
import { patientClock } from '../../patient-clock.ts'
import { benchFolder, openedBench } from '../rt/opened-bench.ts'

/** The faults of one request of an Epson printer, and the number of requests in its dialogues. */
export const epsonMatrix: Matrix = {
  faults: [
    ...['lost-request', 'lost-answer', 'busy', 'paper-out=60', 'unplugged=60', 'power-cut=60', 'left-open'],
    ...['error', 'error-done', 'error=17', 'error-done=17', 'error-done=2'],
  ],
  // Its slips are not counted: after a lost answer one may be printed twice, which is not fiscal.
  frames: { sale: 9, return: 9, void: 9, closure: 18, cash: 0, slip: 0 },
}

const timeouts = { replyMs: 400, printMs: 600, longMs: 800 }

export type EpsonBenchOptions = {
  quirks?: EpsonSimulatorOptions['quirks']
  profile?: Partial<EpsonProfile>
  duplicatePassword?: string
}
export type EpsonBench = FaultBench & { simulator: EpsonSimulator }

export async function openEpsonBench(
  deadlineMs = 8000,
  history: readonly MemoryRecord[] = [],
  { quirks = {}, profile = {}, duplicatePassword: password }: EpsonBenchOptions = {},
): Promise<EpsonBench> {
  const directory = await benchFolder(history)
  const simulator = new EpsonSimulator({ directory, clock: patientClock, quirks })
  simulator.open()
  const port = await simulator.serve(0)
  const duplicatePassword = password === undefined ? undefined : async () => password
  const common = { clock: patientClock, departments, timeouts, profile, deadlineMs, pollMs: 20, duplicatePassword }
  const bench = openedBench(directory, simulator, () => new EpsonPrinter({ host: '127.0.0.1', port, ...common }))
  return { ...bench, simulator }
}
