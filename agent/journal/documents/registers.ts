import type { Register } from '../../contract/register.ts'
import type { Document, DocumentOf } from './document.ts'
import { isRecorded, registerIdIn } from './document.ts'

/** One that was bound to its device under a law: it may sell, or could once. */
export type BoundRegister = Register & {
  fiscalization: NonNullable<Register['fiscalization']>
}

export function isFiscalized(register: Register): register is BoundRegister {
  return register.fiscalization_status === 'fiscalized'
}

/** A fiscalized register, or one whose fiscalization has begun: it needs its device. */
export function isUnderLaw({ fiscalization_status: status }: Pick<Register, 'fiscalization_status'>): boolean {
  return status === 'fiscalized' || status === 'pending'
}

/** Reads documents: the view of a commit, or that of the journal. */
type RegisterReader = { register(id: string): DocumentOf<'register'> | undefined }

/** True for a register that was taken out of service. */
export function isDecommissioned(view: RegisterReader, id: string): boolean {
  return view.register(id)?.shown.fiscalization_status === 'decommissioned'
}

/** More than any shop has. */
const REGISTERS_MAX = 10_000
export type Lister = RegisterReader & {
  resources(type: 'register', filter: { merchant?: string | undefined }, after: number, limit: number): { id: string }[]
}

/** The registers of a merchant, or of all, in the order in which they were made. */
export function allRegisters(view: Lister, merchant?: string): Register[] {
  return registerIds(view, merchant).flatMap((id) => view.register(id)?.shown ?? [])
}

/** For callers that need few of the documents: with some hundreds, each has to be read. */
export function registerIds(view: Pick<Lister, 'resources'>, merchant?: string): string[] {
  return view.resources('register', { merchant }, 0, REGISTERS_MAX).map(({ id }) => id)
}

/** The register of a document, which may be itself one. */
export function registerIdOf(view: { document(id: string): Document | undefined }, id: string): string {
  const document = view.document(id)
  return document !== undefined && isRecorded(document) ? registerIdIn(document) : id
}
