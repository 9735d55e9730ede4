import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { AuthorityMode } from '../../drivers/ports/authority.ts'
import type { ClockKeeper } from '../devices/clock-keeper.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import type { FiskalError } from '../errors.ts'
import type { Space } from '../journal/disk/space.ts'
import type { Journal } from '../journal/journal.ts'
import type { LogWatch } from '../journal/log-watch.ts'
import type { LawRules, RegisterTrouble } from '../laws/law.ts'
import type { ReceiptLaw } from '../receipts/receipt-law.ts'
import type { AccountState } from '../till/account-work.ts'
import type { Application } from '../till/application.ts'
import type { DutyListing, OpenTask } from '../till/reading/duties.ts'
import type { DutyList } from '../till/reading/duty-list.ts'
import type { OverviewOptions } from '../till/reading/overview.ts'
import type { UnresolvedOutcomes } from '../till/recording/unresolved-outcomes.ts'
import type { HeldCertificate } from '../tls/expiry.ts'
import type { Meters } from '../watch/meters.ts'
import type { MetricsOptions } from '../watch/metrics.ts'
import type { UnsignedReceipts } from '../watch/unsigned-receipts.ts'
import type { Warning } from '../watch/warnings.ts'
import type { MachineChange } from './machine.ts'

export type Phase = 'starting' | 'serving' | 'stopping'

export type WatchOptions = {
  journal: Journal
  devices: ReadonlyMap<string, DeviceSupervisor>
  laws: readonly LawRules[]
  receiptLaws: readonly ReceiptLaw[]
  space: Space
  meters: Meters
  clock: Clock
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
  alerts: OverviewOptions['alerts']
  /** Warnings about the disks of the state and its copies. */
  placeWarnings: () => readonly Warning[]
  /** The certificates that tills on the network and targets need; read from their files. */
  certificates: () => readonly HeldCertificate[]
  startedAtMs: number
  /** The accounts of an authority; none without one. */
  accounts: () => readonly AccountState[]
  authorityMode: AuthorityMode | undefined
  dutyList: DutyList
} & Pick<DutyListing, 'unitsOf'> &
  Pick<MetricsOptions, 'stateDirectory' | 'version' | 'failingSince' | 'processFigures'>
