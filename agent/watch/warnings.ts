import { CLOCK_REMEDY, DEVICE_KINDS } from './device-warnings.ts'
import type { Kind, Severity } from './disk-warnings.ts'
import { DISK_KINDS } from './disk-warnings.ts'

/**
 * A problem that a person should fix. `message` and `remedy` follow from the code, with the device or target in their
 * commands; `detail` describes this case.
 */
export type Warning = {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly remedy: string
  readonly device?: string
  readonly target?: string
  /** Calendar date until which it has to be done. */
  readonly due?: string
  /** May name serial numbers and texts of devices: for holders of a key. */
  readonly detail?: string
}

/**
 * Warnings by their stable code; the German and Italian texts are in http/page/status, warnings.js and
 * device-warnings.js.
 */
const KINDS: Readonly<Record<string, Kind>> = {
  ...DISK_KINDS,
  // The agent.
  journal_damaged: {
    severity: 'alarm',
    message: 'The journal is damaged: new sales are refused.',
    remedy: 'Stop the agent, keep the disk as it is, restore the last backup on another one: fiskal-edge restore FILE.',
  },
  projections_differ: {
    severity: 'alarm',
    message: 'A table of the database differs from the events that it was made from. The agent uses the events.',
    remedy:
      'Copy the state directory and find out who edited it, or whether its disk fails: fiskal-edge journal verify names the row. Then stop the agent and run fiskal-edge journal rebuild.',
  },
  journal_newer: {
    severity: 'warning',
    message:
      'A newer version of the agent has written to this journal. This one continues; it keeps unknown events, and does not show them.',
    remedy: 'Install the newer version again when it is fixed: fiskal-edge update FILE.',
  },
  merchant_missing: {
    severity: 'warning',
    message: 'No shop is set up in this journal.',
    remedy:
      'For a new shop, create its merchant (POST /v1/merchants). If the shop has sold before, stop the agent: its state directory is elsewhere, or its disk is not mounted.',
  },
  journal_held: {
    severity: 'alarm',
    message: 'Another program holds the journal: new sales are refused until it ends its transaction.',
    remedy: 'End that program: fiskal-edge doctor names it. Selling continues automatically.',
  },
  long_reader: {
    severity: 'warning',
    message: 'Another program has read the journal for more than a minute: its log grows until that program ends.',
    remedy: 'End that program: fiskal-edge doctor names it. The agent then checkpoints the log automatically.',
  },
  clock_implausible: {
    severity: 'alarm',
    message: 'The clock of this machine has lost its time, or was set back.',
    remedy: CLOCK_REMEDY,
  },
  register_key_lost: {
    severity: 'alarm',
    message: 'The AES key of a register in Austria is lost: it can no longer record.',
    remedy:
      'Stop the agent, then fiskal-edge restore FILE --keys-only with a backup that has the keys; without one decommission it (POST /v1/registers/{id}/decommission) and make a new register.',
  },
  tls_certificate_not_yet_valid: {
    severity: 'alarm',
    message:
      'A certificate is not valid yet: it was made while the clock ran ahead, and tills on the network are refused.',
    remedy: 'Set the clock if it is wrong; else run fiskal-edge doctor: it shows the command for a new certificate.',
  },
  tls_certificate_expiring: {
    severity: 'warning',
    message: 'A certificate expires soon: then tills on the network are refused.',
    remedy: 'Run fiskal-edge doctor: it shows the certificate and the command for a new one.',
  },
  tls_certificate_expired: {
    severity: 'alarm',
    message: 'A certificate has expired: tills on the network are refused.',
    remedy: 'Run fiskal-edge doctor: it shows the certificate and the command for a new one.',
  },
  backup_overdue: {
    severity: 'warning',
    message: 'There is no backup of the last two days: a broken disk would lose the sales since then.',
    remedy:
      'Run fiskal-edge backup FILE: it reports the cause. Check "backup" in the configuration, and whether the stick is plugged in.',
  },
  task_overdue: {
    severity: 'warning',
    message: 'A task for the authority is open and past its due date.',
    remedy: 'Follow fiskal-edge task list; then fiskal-edge task confirm ID.',
  },
  // The sync.
  sync_delayed_15_min: {
    severity: 'warning',
    message: 'This target has acknowledged nothing for 15 minutes. Selling is not affected.',
    remedy: 'Check the network and the address. The agent retries automatically.',
  },
  sync_delayed_24_h: {
    severity: 'alarm',
    message: 'This target has acknowledged nothing for a day: newer sales may exist only on this disk.',
    remedy: 'Check the network, the address and the token of the target: fiskal-edge doctor.',
  },
  target_certificate_expiring: {
    severity: 'warning',
    message: 'The client certificate for this target expires soon: then the target refuses all events.',
    remedy: 'Replace the certificate and its key ("tls" of the target); no restart is needed.',
  },
  target_certificate_invalid: {
    severity: 'alarm',
    message: 'The client certificate for this target has expired or is not valid yet: the target refuses all events.',
    remedy: 'Set the clock if it is wrong; else replace the certificate and its key ("tls" of the target).',
  },
  sync_stalled: {
    severity: 'alarm',
    message: 'This target refuses an event: later events are not sent to it.',
    remedy:
      'Ask the operator of the target about the event that fiskal-edge doctor names. The agent retries automatically, or now with fiskal-edge sync resume TARGET.',
  },
  sync_claim_unproven: {
    severity: 'alarm',
    message:
      'This target claims to have another history of the journal, or more of it, but shows no proof signed with the key of this journal: the agent does not accept the claim.',
    remedy:
      'Ask the operator of the target. Selling continues; the agent retries automatically, or now with fiskal-edge sync resume TARGET.',
  },
  sync_replaced: {
    severity: 'alarm',
    message:
      'This target claims that another copy of this journal continues there, in a newer epoch. If that is true, two machines have one identity: the detail says whether it is proven.',
    remedy:
      'Find the other machine and stop one of the two. If this one is to stay: fiskal-edge journal epoch --above N, with the epoch that doctor names.',
  },
  sync_forked: {
    severity: 'alarm',
    message:
      'The history at this target differs from the journal: two agents shared one identity, or an old copy sold.',
    remedy: 'Stop the other agent; keep both disks; ask the operator of the target.',
  },
  sync_stranded: {
    severity: 'alarm',
    message:
      'Events of an ended epoch cannot reach this target: another copy of this journal has sold, or has excluded them.',
    remedy:
      'Find the other copy and stop one of the two; keep both disks. When this is resolved: fiskal-edge sync dismiss TARGET --reason TEXT.',
  },
  ...DEVICE_KINDS,
}

const OTHER: Kind = {
  severity: 'warning',
  message: 'The fiscal device refuses an act.',
  remedy: 'Run fiskal-edge doctor for details.',
}

/** A warning of that code, with the facts of this case. An unknown code is one of a device. */
export function warningOf(
  code: string,
  of: { device?: string; target?: string; due?: string | undefined; detail?: string | undefined } = {},
): Warning {
  const { due, detail, ...about } = of
  const more = { ...(due !== undefined && { due }), ...(detail !== undefined && { detail }) }
  const { remedy, ...kind } = KINDS[code] ?? OTHER
  return { code, ...kind, remedy: completed(remedy, of), ...about, ...more }
}

/** Puts the device or target of this case into the commands, so that they can be copied. */
function completed(remedy: string, { device, target }: { device?: string; target?: string }): string {
  return remedy
    .replaceAll(/(?<=fiskal-edge device [a-z-]+ )ID\b/g, (id) => device ?? id)
    .replaceAll(/(?<=fiskal-edge sync [a-z-]+ )TARGET\b/g, (id) => target ?? id)
}

/** Alarms first, otherwise in the given order. */
export function bySeverity(warnings: readonly Warning[]): Warning[] {
  return [
    ...warnings.filter(({ severity }) => severity === 'alarm'),
    ...warnings.filter(({ severity }) => severity === 'warning'),
  ]
}

/** The known codes; a device may report others. */
export const warningCodes: readonly string[] = Object.keys(KINDS)
