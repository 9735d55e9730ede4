import type { Kind } from './disk-warnings.ts'

export const CLOCK_REMEDY =
  'If the time is wrong, set it (timedatectl) and check the battery of the mainboard. If it is right and ran ahead before, confirm the task of fiskal-edge task list: fiskal-edge task confirm ID.'

/** Warnings about fiscal devices, and the acts that a law requires for them. */
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
      'Restore that id in "devices" and restart the agent; keep a replaced TSE there until fiskal-edge device retire ID --reason TEXT.',
  },
  foreign: {
    severity: 'alarm',
    message: 'The connected device is not the one enrolled for this shop.',
    remedy:
      'Connect the right one. If a card or printer replaces it for good: fiskal-edge device init ID. If a TSE is lost: fiskal-edge device retire ID --reason TEXT.',
  },
  retired: {
    severity: 'alarm',
    message: 'The connected TSE was retired: nothing is signed with it.',
    remedy:
      'Connect its replacement. If that has another id: fiskal-edge device retire ID --reason TEXT --successor OTHER. If its registers use another device already, remove its entry from "devices" and restart the agent.',
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
      'The memory of the TSE is older than the journal: it was rolled back with its disk, or is a copy, and would assign numbers twice.',
    remedy: 'Make sure that no other machine sells with it; then fiskal-edge device adopt ID.',
  },
  not_initialised: {
    severity: 'alarm',
    message: 'The fiscal device was never set up.',
    remedy: 'fiskal-edge device init ID.',
  },
  device_unsteady: {
    severity: 'warning',
    message: 'The fiscal device disconnects again and again for a moment.',
    remedy: 'Check its cable, plug, hub and power supply. The receipts are signed; a longer absence is an outage.',
  },
  disabled: {
    severity: 'alarm',
    message: 'The fiscal device was permanently put out of service.',
    remedy:
      'Save its logs: fiskal-edge device archive ID. Order a new one, then move the registers to it: fiskal-edge device retire ID --reason TEXT.',
  },
  outcome_unresolved: {
    severity: 'alarm',
    message:
      'The fiscal device does not report the outcome of an act. The agent keeps asking; nothing is signed or printed twice.',
    remedy:
      'Ask its maker, with the reply that fiskal-edge device status ID shows. Switch it off and on only after that.',
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
    message: 'The fiscal device requires a self-test.',
    remedy: 'fiskal-edge device self-test ID.',
  },
  time_not_set: {
    severity: 'alarm',
    message: 'The fiscal device has no time.',
    remedy: 'Check the time of this machine; then fiskal-edge device set-time ID.',
  },
  clock_suspect: {
    severity: 'alarm',
    message: 'The clock of this machine is not secured: nothing is signed, and each receipt carries the outage notice.',
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
    message: 'The TSE signs, but its signed transactions cannot be read from it.',
    remedy:
      'Order a new one now. Try fiskal-edge device archive ID, and the unit at another port or computer. The agent reads it again each hour; a good reading ends this alarm. Replace it: fiskal-edge device retire ID --reason TEXT.',
  },
  foreign_transactions: {
    severity: 'warning',
    message: 'Another system has open transactions on this TSE.',
    remedy: 'Finish them at the till that began them. If it no longer exists: fiskal-edge device abort-foreign ID.',
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
    message: 'The fiscal device reports that its memory is worn out and that it has to be replaced. It still signs.',
    remedy:
      'Order a new one now. When it has arrived, save the logs (fiskal-edge device archive ID) and move the registers to it (fiskal-edge device retire ID --reason TEXT).',
  },
  open_transactions_high: {
    severity: 'warning',
    message: 'The number of open sales is near the limit of the TSE.',
    remedy: 'Complete or void sales that are no longer needed (GET /v1/operations?status=open).',
  },
  open_transactions_full: {
    severity: 'alarm',
    message: 'The number of open sales has reached the limit of the TSE: it cannot sign a new one.',
    remedy:
      'Complete or void the open ones (GET /v1/operations?status=open); those of other programs: fiskal-edge device abort-foreign ID.',
  },
  certificate_expiring: {
    severity: 'warning',
    message: 'The certificate of the fiscal device expires.',
    remedy: 'Order a new device before that day.',
  },
  certificate_expired: {
    severity: 'alarm',
    message: 'The certificate of the fiscal device has expired.',
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
    message: 'The clock of the printer is not set, or is earlier than its last document: it prints no documents.',
    remedy: 'Compare it with the right time; if it is wrong, call its technician. The printer continues automatically.',
  },
  paper_low: {
    severity: 'warning',
    message: 'The paper of the printer is running low.',
    remedy: 'Keep a roll ready.',
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
    remedy: 'Check the network connection of the printer: at its limit it stops selling.',
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
      'The printer cannot report whether it printed a document: others were printed since. It sells nothing until a person resolves this.',
    remedy: 'Look at its paper; then fiskal-edge device resolve ID, with --printed NUMBER or --not-printed.',
  },
  print_uncertain: {
    severity: 'warning',
    message: 'A reply of the printer was lost, and an equal document may be of another system: look at its paper.',
    remedy: 'Follow the task that fiskal-edge task list shows for the document; then fiskal-edge task confirm ID.',
  },
  printer_replaced: {
    severity: 'warning',
    message: 'A printer was replaced before it reported whether it had printed a document: look at its paper.',
    remedy: 'Follow the task that fiskal-edge task list shows for the document; then fiskal-edge task confirm ID.',
  },
  annulment_due: {
    severity: 'alarm',
    message: 'A power loss turned a return into a sale, and the printer did not annul it.',
    remedy:
      'Annul the sale that fiskal-edge task list names, at the keys of the printer; then fiskal-edge task confirm ID.',
  },
  misprint_annulled: {
    severity: 'warning',
    message: 'A power loss turned a return into a sale; the printer annulled it at once.',
    remedy: 'Keep the papers that fiskal-edge task list names; then fiskal-edge task confirm ID.',
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
    message: 'The signature unit has been down for 48 hours.',
    remedy: 'Report the outage in FinanzOnline (§ 17 RKSV).',
  },
  outage_report_urgent: {
    severity: 'alarm',
    message: 'The signature unit has been down for six days.',
    remedy: 'Report the outage in FinanzOnline today (§ 17 RKSV).',
  },
}
