import { CLOCK_REMEDY, DEVICE_KINDS } from './device-warnings.ts'
import type { Kind, Severity } from './disk-warnings.ts'
import { DISK_KINDS } from './disk-warnings.ts'

/** Something that a person should fix. `message` and `remedy` follow from the code, with the device or target in their commands; `detail` is of this case. */
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

/** What can be wrong, by a code that stays the same; in German and Italian in http/page/status, warnings.js and device-warnings.js. */
const KINDS: Readonly<Record<string, Kind>> = {
  ...DISK_KINDS,
  // The agent.
  journal_damaged: {
    severity: 'alarm',
    message: 'The journal is damaged: nothing new is sold.',
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
      'A newer version of the agent has written to this journal. This one sells on; it keeps the events that it does not know, and does not show them.',
    remedy: 'Install the newer version again when it is fixed: fiskal-edge update FILE.',
  },
  merchant_missing: {
    severity: 'warning',
    message: 'No shop is set up in this journal.',
    remedy:
      'A new shop: make its merchant (POST /v1/merchants). One that has sold: stop the agent; its state directory is elsewhere, or its disk is not mounted.',
  },
  journal_held: {
    severity: 'alarm',
    message: 'Another program holds the journal: nothing new is sold until it ends its transaction.',
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
    message: 'The AES key of a register in Austria is lost: it records nothing more.',
    remedy:
      'Stop the agent, then fiskal-edge restore FILE --keys-only with a backup that has the keys; without one decommission it (POST /v1/registers/{id}/decommission) and make a new register.',
  },
  tls_certificate_not_yet_valid: {
    severity: 'alarm',
    message:
      'A certificate is not valid yet: it was made while the clock ran ahead, and tills on the network are refused.',
    remedy: 'Set the clock if it is wrong; else fiskal-edge doctor names it and the command that makes another.',
  },
  tls_certificate_expiring: {
    severity: 'warning',
    message: 'A certificate ends soon: afterwards tills on the network are refused.',
    remedy: 'fiskal-edge doctor names it and the command that makes another.',
  },
  tls_certificate_expired: {
    severity: 'alarm',
    message: 'A certificate has ended: tills on the network are refused.',
    remedy: 'fiskal-edge doctor names it and the command that makes another.',
  },
  backup_overdue: {
    severity: 'warning',
    message: 'There is no backup of the last two days: a broken disk would take what was sold with it.',
    remedy:
      'fiskal-edge backup FILE says what is wrong; look at "backup" in the configuration, and whether the stick is in.',
  },
  task_overdue: {
    severity: 'warning',
    message: 'A duty towards the authority is open and past its day.',
    remedy: 'fiskal-edge task list tells how; fiskal-edge task confirm ID when it is done.',
  },
  // The replay.
  sync_delayed_15_min: {
    severity: 'warning',
    message: 'Nothing has reached this target for 15 minutes. Selling is not touched.',
    remedy: 'Check the network and the address. The agent retries automatically.',
  },
  sync_delayed_24_h: {
    severity: 'alarm',
    message: 'Nothing has reached this target for a day: what was sold exists on this disk alone.',
    remedy: 'Check the network, the address and the token of the target: fiskal-edge doctor.',
  },
  target_certificate_expiring: {
    severity: 'warning',
    message: 'The certificate that is shown to this target ends soon: afterwards it takes nothing from here.',
    remedy: 'Put another one and its key in their place ("tls" of the target); no restart is needed.',
  },
  target_certificate_invalid: {
    severity: 'alarm',
    message: 'The certificate that is shown to this target has ended or has not begun: it takes nothing from here.',
    remedy: 'Set the clock if it is wrong; else put another one and its key in their place ("tls" of the target).',
  },
  sync_stalled: {
    severity: 'alarm',
    message: 'This target refuses an event: nothing more is sent to it.',
    remedy:
      'fiskal-edge doctor names the event; ask whoever runs the target. The agent retries automatically, or now with fiskal-edge sync resume TARGET.',
  },
  sync_claim_unproven: {
    severity: 'alarm',
    message:
      'This target claims to have another history of the journal, or more of it, and shows nothing that the key of this journal has signed: it is not believed.',
    remedy:
      'Ask whoever runs the target. Selling continues; the agent retries automatically, or now with fiskal-edge sync resume TARGET.',
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
    message: 'This target has another history than the journal: two agents shared one identity, or an old copy sold.',
    remedy: 'Stop the other agent; keep both disks; ask whoever runs the target.',
  },
  sync_stranded: {
    severity: 'alarm',
    message:
      'Events of an ended epoch never get to this target: another copy of this journal has sold, or has shut them out.',
    remedy:
      'Find the other copy and stop one of the two; keep both disks. Once it is clear: fiskal-edge sync dismiss TARGET --reason TEXT.',
  },
  ...DEVICE_KINDS,
}

const OTHER: Kind = {
  severity: 'warning',
  message: 'The fiscal device refuses something.',
  remedy: 'fiskal-edge doctor says more.',
}

/** A warning of that code, with what is of this case. Unknown codes are of devices. */
export function warningOf(
  code: string,
  of: { device?: string; target?: string; due?: string | undefined; detail?: string | undefined } = {},
): Warning {
  const { due, detail, ...about } = of
  const more = { ...(due !== undefined && { due }), ...(detail !== undefined && { detail }) }
  const { remedy, ...kind } = KINDS[code] ?? OTHER
  return { code, ...kind, remedy: completed(remedy, of), ...about, ...more }
}

/** With the device or target of this case in the commands, so that they can be typed as they stand. */
function completed(remedy: string, { device, target }: { device?: string; target?: string }): string {
  return remedy
    .replaceAll(/(?<=fiskal-edge device [a-z-]+ )ID\b/g, (id) => device ?? id)
    .replaceAll(/(?<=fiskal-edge sync [a-z-]+ )TARGET\b/g, (id) => target ?? id)
}

/** Alarms first, else in the order found. */
export function bySeverity(warnings: readonly Warning[]): Warning[] {
  return [
    ...warnings.filter(({ severity }) => severity === 'alarm'),
    ...warnings.filter(({ severity }) => severity === 'warning'),
  ]
}

/** Every code that a warning can have; a device may say others. */
export const warningCodes: readonly string[] = Object.keys(KINDS)
