import type { DeviceKind } from '../../drivers/ports/device.ts'
import type { WarningCode } from '../texts/warnings.ts'
import { WARNING_TEXTS } from '../texts/warnings.ts'

/** A problem that a person should fix before it stops the shop; `due` is a calendar date. */
export type Warning = { readonly code: WarningCode; readonly message: string; readonly due?: string }

const PREFIXES = { tse: 'tse', signature_card: 'card', fiscal_printer: 'printer' } as const satisfies Record<
  DeviceKind,
  string
>
/** Its name says more than that of the driver. */
const CLOSING_DUE = { closure_due: 'daily_closing_due' } as const satisfies Record<string, WarningCode>

/** The code of the warning about an error of a device: that of the driver does not say what it is about. */
export function warningCodeOf(kind: DeviceKind, code: string): string {
  if (Object.hasOwn(CLOSING_DUE, code)) return CLOSING_DUE.closure_due
  const names = [code, `${PREFIXES[kind]}_${code}`]
  return names.find((name) => Object.hasOwn(WARNING_TEXTS, name)) ?? `device_${code}`
}
