import type { Kind } from './disk-warnings.ts'

export const CLOCK_REMEDY =
  'Set the time where it is wrong (timedatectl), check the battery of the mainboard; where it is right, and ran ahead before, fiskal-edge task list has a task that says so: fiskal-edge task confirm ID.'

/** What can be wrong with a fiscal device, and what its law asks for then. */
export const DEVICE_KINDS: Readonly<Record<string, Kind>> = {
  unavailable: {
    severity: 'alarm',
    message: 'The fiscal device does not answer.',
    remedy: 'Check cable and power. Stop the program named in the message, if any. The agent retries automatically.',
  },
  timeout: {
    severity: 'alarm',
    message: 'The fiscal device does not answer in time.',
    remedy: 'Switch it off and on. The agent retries automatically.',
  },
  garbled: {
    severity: 'alarm',
    message: 'The fiscal device sent an invalid reply.',
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
    message: 'The connected device is not the one enrolled for this shop.',
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
    message:
      'The TSE signed transactions that the journal does not contain: an old backup was restored, or another machine uses this TSE.',
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
    remedy: 'Finish them at the till that began them; where that is gone: fiskal-edge device abort-foreign ID.',
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
      'Complete or void the open ones (GET /v1/operations?status=open); those of other programs: fiskal-edge device abort-foreign ID.',
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
    remedy: 'Look at its paper; then fiskal-edge device resolve ID, with --printed NUMBER or --not-printed.',
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
    message: 'The signature unit is down. Without a fallback unit, receipts carry the outage notice.',
    remedy: 'Check card and reader. The agent retries automatically.',
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
