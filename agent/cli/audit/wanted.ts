import type { AuditFile } from '../../laws/audit-rules.ts'
import { COMMAND_LAWS } from '../../laws/laws-for-commands.ts'
import type { Installation } from './procedure.ts'

export type Wanted = AuditFile
export type IsRetired = (serial: string) => boolean

export const JOURNAL = 'journal.ndjson'

/** The laws' comparisons with the journal. */
export const COMPARISONS = COMMAND_LAWS.flatMap(({ audit }) => audit?.comparisons ?? [])

/** The files that the laws require for their registers. */
export function wantedFiles(
  { registers }: Installation,
  devices: Installation['devices'],
  isRetired: IsRetired,
): readonly Wanted[] {
  return COMMAND_LAWS.flatMap((law) => {
    const own = registers.filter(({ fiscalization }) => fiscalization?.regime === law.name)
    return law.audit?.files?.(own, devices, isRetired) ?? []
  })
}

/** The ids of the fiscal printers that registers use. */
export function printersOf({ registers }: Pick<Installation, 'registers'>): string[] {
  const laws = COMMAND_LAWS.filter(({ deviceKinds }) => deviceKinds.some((kind) => kind === 'fiscal-printer'))
  const printed = registers.filter(({ fiscalization }) => laws.some(({ name }) => name === fiscalization?.regime))
  return [...new Set(printed.flatMap(({ fiscal_device: device }) => device ?? []))]
}
