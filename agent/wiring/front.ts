import { packageVersion } from '../../base/version.ts'
import type { Config } from '../config/config.ts'
import { handedFile } from '../config/credentials.ts'
import { locationOf } from '../config/targets.ts'
import type { CheckpointSigner } from '../journal/checkpoint.ts'
import { syncedAt } from '../journal/cursors.ts'
import { isDecommissioned } from '../journal/documents/registers.ts'
import type { Integrity } from '../proof/integrity.ts'
import type { PlaceWatch } from '../state/place-watch.ts'
import type { StateDirectory } from '../state/state-directory.ts'
import type { Application } from '../till/application.ts'
import { applicationOf } from '../till/application.ts'
import type { Exports } from '../till/exports/exports.ts'
import type { TillParts } from '../till/parts.ts'
import type { Changes } from '../till/reading/changes.ts'
import type { HeldCertificate } from '../tls/expiry.ts'
import { heldCertificates, targetCertificates } from '../tls/expiry.ts'
import type { StandingWarnings } from '../watch/standing-warnings.ts'
import type { Alerting } from './alerts.ts'
import { makeAlerts } from './alerts.ts'
import type { Surroundings } from './environment.ts'
import type { Keepers } from './keepers.ts'
import { placeWarnings } from './places.ts'
import type { Sync } from './sync.ts'
import { makeSync } from './sync.ts'
import { watchOf } from './watch.ts'
import type { WatchOptions } from './watch-options.ts'

type FrontParts = Pick<
  WatchOptions,
  | 'space'
  | 'meters'
  | 'tasks'
  | 'dutyList'
  | 'authorityMode'
  | 'accounts'
  | 'phase'
  | 'registerTroubles'
  | 'clockKeeper'
  | 'machineChange'
  | 'unitsOf'
  | 'unresolved'
  | 'unsigned'
> &
  Keepers & {
    parts: TillParts
    state: StateDirectory
    integrity: Integrity
    signer: CheckpointSigner
    exports: Exports
    placeWatch: PlaceWatch
    changes: Changes
    display: Application['display']
    /** The address of the status page. */
    pageUrl: () => string
  }

type Front = {
  application: Application
  readiness: Application['readiness']
  warnings: StandingWarnings
  sync: Sync
  alerts: Alerting
}

/** The outside of the agent: its API, its readiness, and the sync to its targets. */
export function frontOf(config: Config, surroundings: Surroundings, front: FrontParts): Front {
  const { clock, random, log, credentials, processFigures } = surroundings
  const { parts, state, signer, exports, integrity, epochKeeper, dailyBackup, changes, placeWatch } = front
  const { journal } = parts
  const sync: Sync = makeSync(config, {
    stateDirectory: state.path,
    credentials,
    journal,
    signer,
    clock,
    random,
    places: placeWatch.places,
    log,
    onState: (target, targetState, code) => changes.tellSync(target, targetState, code),
    onHalt: (target, halt) => epochKeeper.onHalt(target, halt),
  })
  const backupTrouble = (): string | undefined => dailyBackup.trouble()
  const alerts: Alerting = makeAlerts(config, surroundings, {
    ...front,
    ...parts,
    standing: () => warnings.list(),
    backupTrouble,
    makesBackups: config.backup.keep.daily > 0,
    sync: sync.status,
  })
  const { readiness, metrics, overview, warnings } = watchOf({
    ...front,
    ...parts,
    log,
    sync: sync.status,
    processFigures,
    stateDirectory: state.path,
    version: packageVersion(),
    damage: () => integrity.refusal(),
    backupTrouble,
    undelivered: alerts.undelivered,
    alerts: alerts.view,
    placeWarnings: () => placeWarnings(placeWatch),
    startedAtMs: clock.now(),
    certificates: () => certificatesOf(config, surroundings, front),
    isTokenRefused: (target) => sync.targetSync.isTokenRefused(target),
    failingSince: (target) => sync.targetSync.failingSince(target),
  })
  const application = applicationOf({
    parts,
    exports,
    dutyList: front.dutyList,
    clock,
    random,
    readiness,
    sync: sync.status,
    vault: state,
    changes: changes.asStream(),
    metrics,
    overview,
    display: front.display,
    syncedAt: syncedAt(journal, remoteTargetsOf(config)),
  })
  return { application, readiness, warnings, sync, alerts }
}

/** The certificates of the network and of sync targets; a decommissioned register no longer needs its own. */
function certificatesOf(
  { tls, sync }: Config,
  { credentials }: Surroundings,
  { parts, state }: FrontParts,
): readonly HeldCertificate[] {
  const { view } = parts.journal
  const held = heldCertificates(state.path, tls, handedFile(credentials))
  return [
    ...held.filter(({ use, holder }) => use !== 'terminal' || !isDecommissioned(view, holder)),
    ...targetCertificates(sync.targets, handedFile(credentials)),
  ]
}

/** The targets that make an operation synced: a disk in the shop does not count. */
function remoteTargetsOf(config: Config): string[] {
  return config.sync.targets.filter((target) => !('folder' in locationOf(target))).map(({ id }) => id)
}
