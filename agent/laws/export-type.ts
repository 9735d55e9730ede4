import { parseRfc3339 } from '../../base/clock.ts'
import type { LeftOutSession } from '../contract/export.ts'
import type { Register } from '../contract/register.ts'
import { FiskalError } from '../errors.ts'
import type { BoundRegister } from '../journal/documents/registers.ts'
import { allRegisters, registerIds } from '../journal/documents/registers.ts'
import type { Members } from '../journal/events.ts'
import { notFound } from '../journal/not-found.ts'
import type { View } from '../journal/projections/view.ts'

/** An export is of one merchant or of all, and of one register if it is named. */
export type ExportRange = {
  merchantId?: string | undefined
  registerId?: string | undefined
  /** The id of a device: an export of its TSE with all signatures. */
  deviceId?: string | undefined
  /** Archives of deleted logs whose files are missing are skipped and listed. */
  withoutMissing?: true | undefined
  /** The caller checks the file: one that is checked while it is written is not, and its answer has `unchecked`. */
  unchecked?: true | undefined
  /** Sessions that end with a later event of the journal are left out. */
  untilSeq?: number | undefined
  from: string
  to: string
}

/** The end of a range in milliseconds since 1970. */
export type ExportSpan = {
  merchantId?: string | undefined
  registerId?: string | undefined
  untilSeq?: number | undefined
  fromMs: number
  toMs: number
}

/** `resumes`: continues what a crash left of the file, if possible. `signal`: aborted when the agent stops. */
export type ExportOptions = { resumes: boolean; signal: AbortSignal }

/** A register with bons outside any session that no closing contains yet. */
export type WaitingBons = { register_id: string; bons: number }

/** A kind of file that a law makes of its records. */
export type ExportType = {
  readonly extension: string
  readonly mediaType: string
  /** True if only the technician may have it. */
  readonly isSecret?: true
  /** True if the end of a range is exclusive; by default it is inclusive. */
  readonly endIsExclusive?: true
  /** Throws for an invalid request before the export begins. */
  plan(view: View, range: ExportRange): void
  /** Writes the file and returns its members for the answer. Throws like {@link ExportType.plan}. */
  write(range: ExportRange, path: string, options: ExportOptions): Promise<Members>
  /** The findings in a written file; empty if it is valid. Only for a type that is not checked while it is written. */
  check?(path: string, written: Members, signal: AbortSignal): Promise<readonly string[]>
  /** Sessions of the span that are in no file of this type over it: not closed, or posted elsewhere. */
  leftOut?(span: ExportSpan): Promise<readonly LeftOutSession[]>
  /** A refusal of {@link ExportType.plan}, with what is known only after longer reads. */
  explainRefusal?(refusal: FiskalError, range: ExportRange): Promise<FiskalError>
  waitingBons?(span: ExportSpan): readonly WaitingBons[]
  /** Ends running exports. */
  stop?(): Promise<void>
}

export function spanOf({ merchantId, registerId, untilSeq, from, to }: ExportRange): ExportSpan {
  return { merchantId, registerId, untilSeq, fromMs: parseRfc3339(from) ?? 0, toMs: parseRfc3339(to) ?? 0 }
}

/** The error for an existing register that does not have such a file. */
export function withoutArchive(view: View, merchantId: string | undefined, id: string, lack: string): FiskalError {
  const isKnown = registerIds(view, merchantId).includes(id)
  if (!isKnown) return notFound('register', id)
  return new FiskalError('unprocessable_entity', `Register ${id} ${lack}.`, { pointer: '/register_id' })
}

export function registersUnder(view: View, merchantId: string | undefined, law: string): BoundRegister[] {
  const isUnder = (register: Register): register is BoundRegister => register.fiscalization?.regime === law
  return allRegisters(view, merchantId).filter(isUnder)
}
