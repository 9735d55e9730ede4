import { parseRfc3339 } from '../../base/clock.ts'
import type { LeftOutSession } from '../contract/export.ts'
import type { Register } from '../contract/register.ts'
import { FiskalError } from '../errors.ts'
import type { BoundRegister } from '../journal/documents.ts'
import { allRegisters, registerIds } from '../journal/documents.ts'
import type { Members } from '../journal/events.ts'
import { notFound } from '../journal/not-found.ts'
import type { View } from '../journal/projections/view.ts'

/** Of a merchant, or of all, and of one register where it is named. */
export type ExportRange = {
  merchantId?: string | undefined
  registerId?: string | undefined
  /** Of one TSE with all that it signed, by the id of the device. */
  deviceId?: string | undefined
  /** Archives of deleted logs that are gone are left out and named. */
  withoutMissing?: true | undefined
  from: string
  to: string
}

/** The end of a range in milliseconds since 1970. */
export type ExportSpan = {
  merchantId?: string | undefined
  registerId?: string | undefined
  fromMs: number
  toMs: number
}

/** `resumes`: what a crash left of it is gone on with, where that can be. `signal`: the agent stops. */
export type ExportOptions = { resumes: boolean; signal: AbortSignal }

/** Of a register whose bons outside of any session no closing has yet. */
export type WaitingBons = { register_id: string; bons: number }

/** A kind of file that a law makes of what it recorded. */
export type ExportType = {
  readonly extension: string
  readonly mediaType: string
  /** True where only the technician may have it. */
  readonly isSecret?: true
  /** True where the end is no part of a range; of all others it is. */
  readonly endIsExclusive?: true
  /** Throws what is wrong with a request before it begins. */
  plan(view: View, range: ExportRange): void
  /** Writes the file; the answer is what is told of it. Throws what {@link ExportType.plan} throws. */
  write(range: ExportRange, path: string, options: ExportOptions): Promise<Members>
  /** What is wrong in one that was written; empty where nothing is. Of a type that is not checked where it is written. */
  check?(path: string, written: Members, signal: AbortSignal): Promise<readonly string[]>
  /** Sessions that are not closed, and so in no file of this type. */
  leftOut?(span: ExportSpan): Promise<readonly LeftOutSession[]>
  waitingBons?(span: ExportSpan): readonly WaitingBons[]
  /** Ends what is under way. */
  stop?(): Promise<void>
}

export function spanOf({ merchantId, registerId, from, to }: ExportRange): ExportSpan {
  return { merchantId, registerId, fromMs: parseRfc3339(from) ?? 0, toMs: parseRfc3339(to) ?? 0 }
}

/** Of a register that is there, what it lacks. */
export function withoutArchive(view: View, merchantId: string | undefined, id: string, lack: string): FiskalError {
  const isKnown = registerIds(view, merchantId).includes(id)
  if (!isKnown) return notFound('register', id)
  return new FiskalError('unprocessable_entity', `Register ${id} ${lack}.`, { pointer: '/register_id' })
}

export function registersUnder(view: View, merchantId: string | undefined, law: string): BoundRegister[] {
  const isUnder = (register: Register): register is BoundRegister => register.fiscalization?.regime === law
  return allRegisters(view, merchantId).filter(isUnder)
}
