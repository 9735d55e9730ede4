import type { AuditFile } from '../../laws/audit-rules.ts'
import { LAWS } from '../../laws/laws.ts'
import type { Installation } from './procedure.ts'

export type Wanted = AuditFile
export type IsRetired = (serial: string) => boolean

export const JOURNAL = 'journal.ndjson'

/** The laws' comparisons with the journal. */
export const COMPARISONS = LAWS.flatMap(({ name: law, audit }) =>
  (audit?.comparisons ?? []).map((comparison) => ({ ...comparison, law })),
)

/** The checks of the laws in files that they have written. */
export const CHECKED = LAWS.flatMap(({ audit }) => audit?.checked ?? [])

/** The files that the laws require for their registers. */
export function wantedFiles(
  { registers, signing_tses: signing }: Installation,
  devices: Installation['devices'],
  isRetired: IsRetired,
): readonly Wanted[] {
  return LAWS.flatMap((law) => {
    const own = registers.filter(({ fiscalization }) => fiscalization?.regime === law.name)
    return law.audit?.files?.(own, devices, { isRetired, signing }) ?? []
  })
}

/** The ids of the fiscal printers that registers use. */
export function printersOf({ registers }: Pick<Installation, 'registers'>): string[] {
  const laws = LAWS.filter(({ deviceKinds }) => deviceKinds.some((kind) => kind === 'fiscal_printer'))
  const printed = registers.filter(({ fiscalization }) => laws.some(({ name }) => name === fiscalization?.regime))
  return [...new Set(printed.flatMap(({ fiscal_device: device }) => device ?? []))]
}
