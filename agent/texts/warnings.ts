import { AGENT_WARNINGS } from './agent-warnings.ts'
import { AUTHORITY_WARNINGS } from './authority-warnings.ts'
import { CARD_WARNINGS } from './card-warnings.ts'
import { DEVICE_WARNINGS } from './device-warnings.ts'
import { PRINTER_WARNINGS } from './printer-warnings.ts'
import { SYNC_WARNINGS } from './sync-warnings.ts'
import type { Cause, WarningText } from './text.ts'
import { TSE_WARNINGS } from './tse-warnings.ts'

/** Every warning of the agent by its stable code: for `/readyz`, commands and the page. */
export const WARNING_TEXTS = {
  ...AGENT_WARNINGS,
  ...SYNC_WARNINGS,
  ...DEVICE_WARNINGS,
  ...TSE_WARNINGS,
  ...PRINTER_WARNINGS,
  ...CARD_WARNINGS,
  ...AUTHORITY_WARNINGS,
} satisfies Readonly<Record<Cause, WarningText>>

export type WarningCode = keyof typeof WARNING_TEXTS
