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

const CLOCK_REMEDY =
  'Set the time where it is wrong (timedatectl), check the battery of the mainboard; where it is right, and ran ahead before, fiskal-edge task list has a task that says so: fiskal-edge task confirm ID.'

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
    remedy: 'Install the newer version again when it is mended: fiskal-edge update FILE.',
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
    remedy: 'Check the network and the address; it is tried again by itself.',
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
      'fiskal-edge doctor names the event; ask whoever runs the target. It is tried again by itself, at once by fiskal-edge sync resume TARGET.',
  },
  sync_claim_unproven: {
    severity: 'alarm',
    message:
      'This target claims to have another history of the journal, or more of it, and shows nothing that the key of this journal has signed: it is not believed.',
    remedy:
      'Ask whoever runs the target. Selling continues; the target is tried again by itself, at once by fiskal-edge sync resume TARGET.',
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
      'Find the other copy and stop one of the two; keep both disks. Once it is clear: fiskal-edge sync set-aside TARGET --reason TEXT.',
  },
  // A fiscal device.
  unavailable: {
    severity: 'alarm',
    message: 'The fiscal device does not answer.',
    remedy:
      'Check cable and power; end the program that is named as using its port, if one is. It is tried again by itself.',
  },
  timeout: {
    severity: 'alarm',
    message: 'The fiscal device does not answer in time.',
    remedy: 'Switch it off and on. It is tried again by itself.',
  },
  garbled: {
    severity: 'alarm',
    message: 'The fiscal device answers something that is no answer.',
    remedy: 'Check cable, baud rate and whether another program uses it.',
  },
  device_missing: {
    severity: 'alarm',
    message:
      'The configuration has no device of that id, or one of another kind, and registers rely on it: nothing of theirs is signed or printed.',
    remedy:
      'Give it back that id in "devices" and restart the agent; a TSE that another one replaces has to stand there until fiskal-edge device retire ID --reason TEXT.',
  },
  foreign: {
    severity: 'alarm',
    message: 'Another fiscal device is plugged in than the one that belongs to this shop.',
    remedy:
      'Plug the right one in. A card or printer that takes its place for good: fiskal-edge device init ID; where a TSE is gone: fiskal-edge device retire ID --reason TEXT.',
  },
  retired: {
    severity: 'alarm',
    message: 'The TSE that is plugged in was retired: nothing is signed with it.',
    remedy:
      'Plug in the one that takes its place; where that has another id: fiskal-edge device retire ID --reason TEXT --successor OTHER. If its registers go on with another device already, take its entry out of "devices" and restart the agent.',
  },
  tse_ahead: {
    severity: 'alarm',
    message: 'The TSE has signed what the journal does not know: an old backup was restored, or another copy sells.',
    remedy: 'Make sure that no other machine sells with it; then fiskal-edge device adopt ID.',
  },
  tse_rolled_back: {
    severity: 'alarm',
    message:
      'The memory of the TSE is older than the journal: it was set back with its disk, or is a copy, and would give numbers twice.',
    remedy: 'Make sure that no other machine sells with it; then fiskal-edge device adopt ID.',
  },
  not_initialised: {
    severity: 'alarm',
    message: 'The fiscal device was never set up.',
    remedy: 'fiskal-edge device init ID.',
  },
  device_unsteady: {
    severity: 'warning',
    message: 'The fiscal device goes away for a moment again and again.',
    remedy: 'Check its cable, plug, hub and power supply. The receipts are signed; a longer absence is an outage.',
  },
  disabled: {
    severity: 'alarm',
    message: 'The fiscal device was put out of service for good.',
    remedy:
      'fiskal-edge device archive ID takes its logs out. Order a new one; then fiskal-edge device retire ID --reason TEXT gives it the registers.',
  },
  outcome_unresolved: {
    severity: 'alarm',
    message:
      'The fiscal device does not tell what became of an act. The agent asks on; nothing is signed or printed twice.',
    remedy: 'fiskal-edge device status ID has its own words: ask its maker. Switch it off and on only after that.',
  },
  pin_wrong: {
    severity: 'alarm',
    message: 'The PIN of the fiscal device is wrong. It is not tried again, so that the device is not locked.',
    remedy: 'Correct the PIN file; then fiskal-edge device status ID.',
  },
  pin_locked: {
    severity: 'alarm',
    message: 'The PIN of the fiscal device is locked.',
    remedy: 'Unlock it with its PUK, by the tool of its maker.',
  },
  self_test_due: {
    severity: 'alarm',
    message: 'The fiscal device wants a self-test.',
    remedy: 'fiskal-edge device self-test ID.',
  },
  time_not_set: {
    severity: 'alarm',
    message: 'The fiscal device has no time.',
    remedy: 'Check the time of this machine; then fiskal-edge device set-time ID.',
  },
  clock_suspect: {
    severity: 'alarm',
    message: 'The clock of this machine is not secured: nothing is signed, and each receipt says so.',
    remedy: CLOCK_REMEDY,
  },
  memory_full: {
    severity: 'alarm',
    message: 'The memory of the fiscal device is full: it records nothing more.',
    remedy: 'TSE: fiskal-edge device archive ID --delete empties it. Printer: its technician changes the memory.',
  },
  memory_low: {
    severity: 'warning',
    message: 'The memory of the fiscal device is filling up.',
    remedy: 'TSE: fiskal-edge device archive ID --delete empties it. Printer: order the change of its memory.',
  },
  unreadable: {
    severity: 'alarm',
    message: 'The TSE signs, and what it signed cannot be read from it.',
    remedy:
      'Order a new one now. Try fiskal-edge device archive ID, and the unit at another port or computer. The agent reads it again each hour; a good reading ends this alarm. Replace it: fiskal-edge device retire ID --reason TEXT.',
  },
  foreign_transactions: {
    severity: 'warning',
    message: 'Somebody else has transactions open on this TSE.',
    remedy: 'Finish them at the till that began them; where that is gone: fiskal-edge device end-foreign ID.',
  },
  signatures_low: {
    severity: 'warning',
    message: 'The fiscal device has few signatures left.',
    remedy: 'Order a new one.',
  },
  signatures_exhausted: {
    severity: 'alarm',
    message: 'The fiscal device has no signature left.',
    remedy:
      'Plug a new one in, then fiskal-edge device init ID; a TSE is given the registers by fiskal-edge device retire ID --reason TEXT.',
  },
  replacement_needed: {
    severity: 'warning',
    message: 'The fiscal device says that its memory is worn out and that it has to be replaced. It still signs.',
    remedy:
      'Order a new one now. Once it is there: fiskal-edge device archive ID takes the logs out, fiskal-edge device retire ID --reason TEXT gives its registers to the new one.',
  },
  open_transactions_high: {
    severity: 'warning',
    message: 'Nearly as many sales are open as the TSE takes at a time.',
    remedy: 'Complete or void those that nobody needs any more (GET /v1/operations?status=open).',
  },
  open_transactions_full: {
    severity: 'alarm',
    message: 'As many sales are open as the TSE takes: it signs none that begins now.',
    remedy:
      'Complete or void the open ones (GET /v1/operations?status=open); those of other programs: fiskal-edge device end-foreign ID.',
  },
  certificate_expiring: {
    severity: 'warning',
    message: 'The certificate of the fiscal device runs out.',
    remedy: 'Order a new device before that day.',
  },
  certificate_expired: {
    severity: 'alarm',
    message: 'The certificate of the fiscal device has run out.',
    remedy:
      'Plug a new one in, then fiskal-edge device init ID; a TSE is given the registers by fiskal-edge device retire ID --reason TEXT.',
  },
  clock_skew: {
    severity: 'warning',
    message: 'The clocks of device and machine differ.',
    remedy: 'Check the time of this machine, then set that of the device (a TSE: fiskal-edge device set-time ID).',
  },
  clock_wrong: {
    severity: 'alarm',
    message: 'The clock of the printer is not set, or before its last document: it prints none.',
    remedy: 'Compare it with the right time; if it is wrong, call its technician. It prints again by itself.',
  },
  paper_low: {
    severity: 'warning',
    message: 'The paper of the printer is nearly at its end.',
    remedy: 'Have a roll at hand.',
  },
  paper_out: { severity: 'alarm', message: 'The printer has no paper.', remedy: 'Put a roll in.' },
  cover_open: { severity: 'alarm', message: 'The cover of the printer is open.', remedy: 'Close it.' },
  closure_due: {
    severity: 'alarm',
    message: "The printer's day is open for more than 24 hours.",
    remedy: 'Make the daily closing.',
  },
  transmission_pending: {
    severity: 'warning',
    message: 'Many files of the printer wait for the tax office.',
    remedy: 'Check the network connection of the printer: at its limit it sells no more.',
  },
  transmission_due: {
    severity: 'alarm',
    message: 'A file of the printer has waited long for the tax office.',
    remedy: 'Check the network connection of the printer: the law gives it 12 days.',
  },
  periodic_check_due: {
    severity: 'warning',
    message: 'The periodic check of the printer is due.',
    remedy: 'Call its technician.',
  },
  print_unresolved: {
    severity: 'alarm',
    message:
      'The printer cannot tell whether it printed a document: others were printed since. Nothing is sold on it until somebody says.',
    remedy: 'Look at its paper; then fiskal-edge device settle ID, with --printed NUMBER or --not-printed.',
  },
  print_uncertain: {
    severity: 'warning',
    message: 'An answer of the printer was lost, and an equal document may be of somebody else: look at its paper.',
    remedy: 'fiskal-edge task list names the document and tells what to do; then fiskal-edge task confirm ID.',
  },
  printer_replaced: {
    severity: 'warning',
    message: 'A printer was exchanged before it told whether it had printed a document: look at its paper.',
    remedy: 'fiskal-edge task list names the document and tells what to do; then fiskal-edge task confirm ID.',
  },
  annulment_due: {
    severity: 'alarm',
    message: 'A power loss made a sale of a return, and the printer would not annul it.',
    remedy:
      'fiskal-edge task list names the sale: annul it at the keys of the printer; then fiskal-edge task confirm ID.',
  },
  misprint_annulled: {
    severity: 'warning',
    message: 'A power loss made a sale of a return; the printer annulled it at once.',
    remedy: 'fiskal-edge task list names the papers to keep; then fiskal-edge task confirm ID.',
  },
  out_of_service: {
    severity: 'alarm',
    message: 'The printer is not in service.',
    remedy: 'Call its technician.',
  },
  outage: {
    severity: 'alarm',
    message: 'The signature unit is out; where no other one signs in its place, receipts say so.',
    remedy: 'Check card and reader. It is tried again by itself.',
  },
  outage_report_due: {
    severity: 'alarm',
    message: 'The signature unit has been out for 48 hours.',
    remedy: 'Report the outage in FinanzOnline (§ 17 RKSV).',
  },
  outage_report_urgent: {
    severity: 'alarm',
    message: 'The signature unit has been out for six days.',
    remedy: 'Report the outage in FinanzOnline today (§ 17 RKSV).',
  },
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
