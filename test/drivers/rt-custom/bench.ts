import type { MemoryRecord } from '../../../drivers/rt/simulated-memory.ts'
import { CustomPrinter } from '../../../drivers/rt-custom/driver.ts'
import type { CustomProfile } from '../../../drivers/rt-custom/profile.ts'
import { CustomSimulator } from '../../../drivers/rt-custom/simulator.ts'
import type { CustomSwitches } from '../../../drivers/rt-custom/simulator-generation.ts'
import { departments } from '../../contracts/printer-bench.ts'
import type { FaultBench, Matrix } from '../../contracts/printer-faults.ts'
import { lineFaults } from '../../contracts/printer-faults.ts'
import { patientClock } from '../../patient-clock.ts'
import { benchFolder, openedBench, servedLine } from '../rt/opened-bench.ts'

/** The faults of one frame of a Custom printer, and the number of frames in its dialogues. */
export const customMatrix: Matrix = {
  faults: [...lineFaults, 'error=ERR05', 'error=ERR40', 'error-done=ERR40', 'error-done=ERR76', 'paper-end-resume=60'],
  frames: { sale: 25, return: 27, void: 21, closure: 17, cash: 17, slip: 19 },
}

/** Generation 2 has no counter of slips: after a lost answer one may be printed twice, which is not fiscal. */
export const earlyMatrix: Matrix = { ...customMatrix, frames: { ...customMatrix.frames, cash: 0, slip: 0 } }
export const EARLY = { generation: 2, numbersAborted: true, endsVoids: true } as const

const testTimeouts = { ackMs: 150, replyMs: 300, printMs: 400, longMs: 500 }
/** Bytes of a pseudo-terminal come through threads and another process, which a busy machine delays. */
const ptyTimeouts = { ackMs: 1000, replyMs: 1000, printMs: 1500, longMs: 2000 }
const profile = { busyPauseMs: 20, pollMs: 20, nakQuietMs: 20 }

export async function openCustomBench(
  line: 'tcp' | 'pty' | 'usb',
  history: readonly MemoryRecord[] = [],
  switches: Partial<CustomSwitches> = {},
  ownProfile: Partial<CustomProfile> = {},
): Promise<FaultBench & { printer: CustomPrinter }> {
  const directory = await benchFolder(history)
  const simulator = new CustomSimulator({ directory, clock: patientClock, switches })
  simulator.open()
  const newLink = await servedLine(simulator, line, directory, { baudRate: 19_200, dataBits: 7, parity: 'odd' })
  const common = {
    clock: patientClock,
    departments,
    timeouts: line === 'pty' ? ptyTimeouts : testTimeouts,
    profile: { ...profile, ...ownProfile },
    deadlineMs: 15_000,
  }
  return openedBench(directory, simulator, () => new CustomPrinter({ link: newLink(), ...common }))
}
