import type { Severity, WarningText } from '../texts/text.ts'
import type { WarningCode } from '../texts/warnings.ts'
import { WARNING_TEXTS } from '../texts/warnings.ts'

/** The thing that a warning is about, if it is neither a device nor a target. Several may have the same code. */
export type About = {
  readonly kind: 'duty' | 'register' | 'registers' | 'certificate' | 'folder' | 'channel' | 'account'
  readonly id: string
}

/** The facts of one case. */
type Case = {
  readonly device?: string | undefined
  readonly target?: string | undefined
  readonly about?: About | undefined
  /** Instead of that of its code. */
  readonly severity?: Severity | undefined
  /** Calendar date until which it has to be done. */
  readonly due?: string | undefined
  /** May name serial numbers and texts of devices: for holders of a key. */
  readonly detail?: string | undefined
  /** When it began, milliseconds since 1970, if that is on record: else the first look that sees it counts. */
  readonly sinceMs?: number | undefined
  /** The reason for which its device may not be used now. */
  readonly isTrouble?: boolean | undefined
  /** The change of the device has its line in the log. */
  readonly isLogged?: boolean | undefined
  /** Fields of the log line of its beginning. */
  readonly fields?: LogFields | undefined
}

/** Measured facts; the words of `detail` stay out of the log. */
type LogFields = {
  readonly [field in 'pid' | 'bytes' | 'unacked' | 'oldest_s' | 'cause' | 'act' | 'operation_id' | 'count']?:
    | string
    | number
    | undefined
}

/**
 * A problem that a person should fix, as one look finds it. `message` and `remedy` follow from the code, with the
 * device or target in their commands; `detail` describes this case.
 */
export type Warning = Omit<Case, 'severity'> & {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly remedy: string
}

/** The words for a code that only the driver of a device knows. */
const OTHER: WarningText = {
  severity: 'warning',
  alert: false,
  en: ['The fiscal device refuses an act.', 'Run fiskal-edge doctor for details.'],
  de: ['Das Fiskalgerät lehnt einen Vorgang ab.', 'fiskal-edge doctor zeigt die Einzelheiten.'],
  it: ['Il dispositivo fiscale rifiuta un’operazione.', 'fiskal-edge doctor mostra i dettagli.'],
}

/** A warning of that code, with the facts of this case. */
export function warningOf(code: WarningCode, of: Case = {}): Warning {
  return warning(code, WARNING_TEXTS[code], of)
}

/** A warning of a reported code; one that only the driver of a device knows has no text. */
export function reportedWarningOf(code: string, of: Case): Warning {
  return warning(code, textOf(code), of)
}

/** The row of a code: its words, its rule and its causes. */
export function textOf(code: string): WarningText {
  return hasText(code) ? WARNING_TEXTS[code] : OTHER
}

export function hasText(code: string): code is WarningCode {
  return Object.hasOwn(WARNING_TEXTS, code)
}

function warning(code: string, text: WarningText, { severity = text.severity, ...of }: Case): Warning {
  const [message, remedy] = text.en
  const facts = Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as typeof of
  return { code, severity, message, remedy: remedyFor(remedy, of), ...facts }
}

/** Puts the device, target or task of this case into the commands, so that they can be copied. */
export function remedyFor(
  remedy: string,
  { device, target, task }: Pick<Case, 'device' | 'target'> & { readonly task?: string | undefined },
): string {
  return remedy
    .replaceAll(/(?<=fiskal-edge device [a-z-]+ )ID\b/g, (id) => device ?? id)
    .replaceAll(/(?<=fiskal-edge sync [a-z-]+ )TARGET\b/g, (id) => target ?? id)
    .replaceAll(/(?<=fiskal-edge duty [a-z-]+ )ID\b/g, (id) => task ?? id)
}

/** Alarms first, otherwise in the given order. */
export function bySeverity<Of extends Pick<Warning, 'severity'>>(warnings: readonly Of[]): Of[] {
  return [
    ...warnings.filter(({ severity }) => severity === 'alarm'),
    ...warnings.filter(({ severity }) => severity === 'warning'),
  ]
}
