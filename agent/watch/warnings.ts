import type { Severity, WarningText } from '../texts/text.ts'
import type { WarningCode } from '../texts/warnings.ts'
import { WARNING_TEXTS } from '../texts/warnings.ts'

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

type Case = { device?: string; target?: string; due?: string | undefined; detail?: string | undefined }

/** The words for a code that only the driver of a device knows. */
const OTHER: Pick<WarningText, 'severity' | 'en'> = {
  severity: 'warning',
  en: ['The fiscal device refuses an act.', 'Run fiskal-edge doctor for details.'],
}

/** A warning of that code, with the facts of this case. */
export function warningOf(code: WarningCode, of: Case = {}): Warning {
  return warning(code, WARNING_TEXTS[code], of)
}

/** A warning of a reported code; one that only the driver of a device knows has no text. */
export function reportedWarningOf(code: string, of: Case): Warning {
  return warning(code, hasText(code) ? WARNING_TEXTS[code] : OTHER, of)
}

export function hasText(code: string): code is WarningCode {
  return Object.hasOwn(WARNING_TEXTS, code)
}

function warning(code: string, text: Pick<WarningText, 'severity' | 'en'>, of: Case): Warning {
  const { due, detail, ...about } = of
  const more = { ...(due !== undefined && { due }), ...(detail !== undefined && { detail }) }
  const [message, remedy] = text.en
  return { code, severity: text.severity, message, remedy: completed(remedy, of), ...about, ...more }
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
