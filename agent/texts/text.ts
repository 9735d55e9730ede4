import type { Language } from '../contract/receipt.ts'

/** One text in every language: a row without one of them does not compile. */
export type Text = Readonly<Record<Language, string>>

/** Texts by their English form. */
export type Translations = Readonly<Record<string, Omit<Text, 'en'>>>

/** `warning` needs attention, `alarm` needs it today: sales are stopped or will stop, or a legal deadline is near. */
export type Severity = 'warning' | 'alarm'

/** The alerts that leave the machine. An alert is one rule and one subject, whatever codes it has. */
export type AlertRule =
  | 'devices'
  | 'unsigned_receipts'
  | 'device_warnings'
  | 'device_memory'
  | 'certificates'
  | 'journal'
  | 'clock'
  | 'disk'
  | 'backups'
  | 'backup_disks'
  | 'sync_delays'
  | 'sync_stops'
  | 'duties'
  | 'authority'
  | 'alert_delivery'

/** Codes that explain others. */
export type Cause =
  | 'disk_full'
  | 'journal_damaged'
  | 'clock_implausible'
  | 'sync_stalled'
  | 'sync_forked'
  | 'sync_token_refused'
  | 'target_certificate_invalid'

/**
 * The words of a warning in each language, the rule of its alert (false: none), and the warnings that explain it while
 * they are active for the same device or target, or for the whole agent. `device_trouble`: the reason for which that
 * device may not be used, whatever its code. `isListedAlone`: left out of the list next to its cause, which has the same
 * remedy. Commands are the same in all languages.
 */
export type WarningText = {
  readonly severity: Severity
  readonly alert: AlertRule | false
  readonly because?: 'device_trouble' | readonly Cause[]
  readonly isListedAlone?: true
} & Readonly<Record<Language, readonly [message: string, remedy: string]>>
