import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { MachineReading } from '../backup/marks-at-rest.ts'
import type { Credentials } from '../config/credentials.ts'
import type { Boot } from '../process/clock-steps.ts'
import type { HeldMemory } from '../process/idle-memory.ts'
import type { ProcessFigures } from '../process/process-figures.ts'
import type { CommandEnvironment } from '../process/said.ts'
import type { DiskLook } from '../state/places.ts'
import type { Volatility } from '../state/volatility.ts'

/** The parts that the process of the agent, or its test, provides: clock, log and others. */
export type Surroundings = MachineReading & {
  clock: Clock
  random: (length: number) => Uint8Array
  log: Log
  /** Secrets that the unit passes on; they take precedence over the configured files. */
  credentials?: Credentials
  /** Called at each point; crash tests end the process there. */
  fault?: (point: string) => void
  /** The journal can no longer be trusted: the process must end and start again. */
  onFatal?: (error: Error) => void
  /** Called repeatedly while the journal is read, as progress of the start. */
  onReading?: () => void
  /** Called repeatedly while another program prevents writes to the journal. */
  onWaiting?: () => void
  /** Called repeatedly while a start after a restore takes over what the devices signed. */
  onTakingOver?: (status: string) => void
  /** Aborted when the process shall end, also during a start. */
  stopping?: AbortSignal
  /** Undefined if only the end of the process releases memory. */
  memory?: HeldMemory
  /** The boot of the operating system; without it a step of the clock between two starts is not detected. */
  boot?: Boot
  /** The environment of the commands that report whether the clock is synchronised; without it none runs. */
  commands?: CommandEnvironment
  /** Whether a folder is lost at power-off; undefined if the state is temporary, as in a demo. */
  volatilityOf?: (folder: string) => Promise<Volatility | undefined>
  /** True for the daemon alone: a command may run on an auditor's copy. */
  comparesMachine?: boolean
  /** The disks of folders; asks the kernel if omitted. */
  diskLook?: DiskLook
  /** The resources that the process uses; only `main` provides them. */
  processFigures?: () => ProcessFigures
}
