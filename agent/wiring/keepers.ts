import { packageVersion } from '../../base/version.ts'
import { DailyBackup } from '../backup/daily.ts'
import type { Config } from '../config/config.ts'
import { secretReader } from '../config/credentials.ts'
import type { Journal } from '../journal/journal.ts'
import { LogWatch } from '../journal/log-watch.ts'
import { EpochKeeper } from '../sync/epoch-keeper.ts'
import type { Surroundings } from './environment.ts'
import type { Closers } from './stop-order.ts'

export type Keepers = { dailyBackup: DailyBackup; epochKeeper: EpochKeeper; logWatch: LogWatch }

/** Background tasks that protect the journal from loss and forks. */
export function keepersOf(
  { backup, state }: Config,
  { clock, log, credentials }: Surroundings,
  journal: Journal,
  onEpoch: () => Promise<void>,
  closers: Closers,
): Keepers {
  const { folder, passphraseFile, keep } = backup
  const readSecret = secretReader(credentials)
  const parts = { stateDirectory: state, program: packageVersion(), readSecret, clock, log }
  const dailyBackup = new DailyBackup({ ...parts, folder, passphraseFile, keep })
  const epochKeeper = new EpochKeeper({ journal, stateDirectory: state, clock, log, onEpoch })
  closers.add('keepers', () => dailyBackup.stop())
  closers.add('keepers', () => epochKeeper.stop())
  const logWatch = new LogWatch({ directory: state, journal, clock, log })
  closers.add('keepers', () => logWatch.stop())
  logWatch.start()
  return { dailyBackup, epochKeeper, logWatch }
}
