import type { Log } from '../../base/log.ts'
import type { AuthorityMode } from '../../drivers/ports/authority.ts'
import type { ClockKeeper } from '../devices/clock-keeper.ts'
import type { FiskalError } from '../errors.ts'
import type { LogWatch } from '../journal/log-watch.ts'
import type { RegisterTrouble } from '../laws/law.ts'
import type { AccountState } from '../till/account-work.ts'
import type { Application } from '../till/application.ts'
import type { DutyList } from '../till/reading/duty-list.ts'
import type { DutyListing, OpenTask } from '../till/reading/listed-duties.ts'
import type { OverviewOptions } from '../till/reading/overview.ts'
import type { UnresolvedOutcomes } from '../till/recording/unresolved-outcomes.ts'
import type { MetricsOptions } from '../watch/metrics.ts'
import type { UnsignedReceipts } from '../watch/unsigned-receipts.ts'
import type { Warning } from '../watch/warnings.ts'
import type { MachineChange } from './machine.ts'

export type Phase = 'starting' | 'serving' | 'stopping'

export type WatchOptions = {
  log: Log
  phase: () => Phase
  sync: Application['sync']
  /** True if that target has refused our token for long. */
  isTokenRefused: (target: string) => boolean
  /** Why no new sales are accepted, other than a full disk. */
  damage: () => FiskalError | undefined
  /** Open tasks for a person by due date, as their list was last read: none before its first reading. */
  tasks: () => readonly OpenTask[]
  /** Causes, other than devices, that prevent registers from recording. */
  registerTroubles: () => readonly RegisterTrouble[]
  clockKeeper: Pick<ClockKeeper, 'timeToCome' | 'passedEnd' | 'steppedBySeconds'>
  /** The machine of the journal is another one. */
  machineChange: MachineChange | undefined
  unresolved: Pick<UnresolvedOutcomes, 'all' | 'of'>
  unsigned: UnsignedReceipts
  logWatch: Pick<LogWatch, 'longReader'>
  /** Why there is no backup of today or yesterday. */
  backupTrouble: () => string | undefined
  /** The channels for alerts that took nothing for a day. */
  undelivered: () => readonly string[]
  /** Warnings about the disks of the state and its copies. */
  placeWarnings: () => readonly Warning[]
  /** The accounts of an authority; none without one. */
  accounts: () => readonly AccountState[]
  authorityMode: AuthorityMode | undefined
  dutyList: DutyList
} & Pick<DutyListing, 'unitsOf'> &
  Pick<OverviewOptions, 'laws' | 'receiptLaws' | 'alerts' | 'startedAtMs'> &
  Pick<MetricsOptions, 'journal' | 'devices' | 'space' | 'meters' | 'clock' | 'certificates'> &
  Pick<MetricsOptions, 'stateDirectory' | 'version' | 'failingSince' | 'processFigures'>
