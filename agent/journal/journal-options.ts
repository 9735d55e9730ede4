import type { Clock } from '../../base/clock.ts'
import type { FiskalError } from '../errors.ts'
import type { CheckpointSigner } from './checkpoint.ts'
import type { Renewal } from './event-facts.ts'
import type { NewEvent } from './events.ts'
import type { MachineMarks } from './machine-marks.ts'

/** The parameters of an open journal. */
export type JournalOptions = {
  directory: string
  clock: Clock
  /** A UUID made at each start of the process. */
  bootId: string
  signer: CheckpointSigner
  /** For a new journal; an existing one has its own. */
  agentId: string
  chainId: () => string
  /** The marks of this machine, for the notes of new epochs. */
  machine?: MachineMarks | undefined
  /** Begins a new epoch before anything else, under the present key: for a journal that was restored. */
  renewal?: Renewal
  /** Called once when the database can no longer be trusted; the process must end. */
  onFatal: (error: Error) => void
  /** Gets the error of a failed disk read; the request was refused. */
  onUnreadable?: (error: Error) => void
  /** Gets the reason why the state of the books was folded from the first event: the stored one could not be used. */
  onRecomputed?: (why: string) => void
  /** Called after each portion of events that a start reads: without a usable state record it reads all of them. */
  onReading?: () => void
  /** How long an intent waits while another program holds the journal. */
  heldLimitMs?: number
  /** Called at each failed try to begin a group. */
  onWaiting?: () => void
  /** Gets each table that differs from the events: the events count. */
  onDifference?: (what: string) => void
  fault: (point: string) => void
  /** Runs a drain after the present turn of the event loop. */
  defer: (drain: () => void) => void
  /** Why no new work may begin now (disk full, damage found): outcomes of running work are written anyway. */
  refusal: () => FiskalError | undefined
  /** False once another process writes to the directory too; asked before each group. */
  isSole?: () => boolean
  /** Called before events get their time. */
  onAppending?: () => void
  /**
   * Called after every group: how long its commit took, how many commands shared it, and the events that it appended.
   */
  onCommit?: (fsyncSeconds: number, commands: number, events: readonly NewEvent[]) => void
}
