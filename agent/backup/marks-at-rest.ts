import type { MachineMarks } from '../journal/machine-marks.ts'
import { marksOf } from '../journal/machine-marks.ts'
import type { MachineNumbers } from '../state/machine-numbers.ts'
import { presentMachineKey } from '../state/state-directory.ts'

/** Without the numbers, no epoch that begins has marks of its machine. */
export type MachineReading = { machineNumbers?: (folder: string) => Promise<MachineNumbers> }

/**
 * The marks of this machine for a journal that no agent has open. `prepared`: a folder that is about to replace the
 * state; its key is used if it has one. Undefined without a key: the next start of the agent records the marks then.
 */
export async function marksAtRest(
  { machineNumbers }: MachineReading,
  stateDirectory: string,
  prepared = stateDirectory,
): Promise<MachineMarks | undefined> {
  const key = presentMachineKey(prepared) ?? presentMachineKey(stateDirectory)
  if (machineNumbers === undefined || key === undefined) return undefined
  return marksOf(await machineNumbers(stateDirectory), key)
}
