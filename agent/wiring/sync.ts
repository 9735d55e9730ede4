import { BackupUpload } from '../backup/upload.ts'
import type { Config } from '../config/config.ts'
import type { Credentials } from '../config/credentials.ts'
import { renewalOf, secretReader } from '../config/credentials.ts'
import { addressOf } from '../config/targets.ts'
import { KnownTargets } from '../sync/known-targets.ts'
import type { TargetSyncOptions } from '../sync/target-sync.ts'
import { TargetSync } from '../sync/target-sync.ts'
import type { Application } from '../till/application.ts'

/** Sends the journal to the targets, and after it the newest backup. */
export type Sync = {
  readonly targetSync: TargetSync
  /** The data of GET /v1/sync. */
  readonly status: Application['sync']
  open(): Promise<void>
  close(): Promise<void>
}

type Parts = Omit<TargetSyncOptions, 'targets' | 'readSecret' | 'renewSecrets' | 'onAcknowledged'> & {
  stateDirectory: string
  credentials: Credentials
}

/** A part of compose. */
export function makeSync(config: Config, { stateDirectory, credentials, ...parts }: Parts): Sync {
  const { journal, clock, log } = parts
  const configured = config.sync.targets.map((target) => ({
    target: target.id,
    kind: target.kind,
    address: addressOf(target),
  }))
  const knownTargets = new KnownTargets({ journal, configured, log })
  const targetSync = new TargetSync({
    ...parts,
    targets: config.sync.targets,
    readSecret: secretReader(credentials),
    renewSecrets: renewalOf(credentials),
    onAcknowledged: (target) => knownTargets.acknowledged(target),
  })
  const targets = () => targetSync.uploadTargets()
  const upload = new BackupUpload({ stateDirectory, journal, clock, log, targets })
  return {
    targetSync,
    status: () => targetSync.status().map((status) => ({ ...status, backup: upload.status(status.target) })),
    open: async () => {
      await knownTargets.open()
      await targetSync.open()
      if (config.backup.upload) upload.start()
    },
    close: async () => {
      await upload.stop()
      await targetSync.close()
      await knownTargets.close()
    },
  }
}
