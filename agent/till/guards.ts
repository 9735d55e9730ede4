import type { Register } from '../contract/register.ts'
import type { SessionState } from '../contract/session.ts'
import type { FiscalEffect } from '../errors.ts'
import { FiskalError } from '../errors.ts'
import type { Document, DocumentOf, OperationDocument } from '../journal/documents/document.ts'
import { ofKind } from '../journal/documents/document.ts'
import type { Kind } from '../journal/documents/kind.ts'
import type { BoundRegister } from '../journal/documents/registers.ts'
import { isFiscalized } from '../journal/documents/registers.ts'
import type { ResourceName } from '../journal/not-found.ts'
import { notFound } from '../journal/not-found.ts'
import type { View } from '../journal/projections/view.ts'
import { tooOldFor } from '../journal/too-old.ts'
import type { LawRules } from '../laws/law.ts'
import { lawOfRegister } from './laws.ts'
import type { Access, Caller, Mutation } from './requests.ts'

/** The merchant of a request. Throws `invalid_request` if there are several active ones and none is named. */
export function requireMerchant(merchantId: string | undefined): string {
  if (merchantId !== undefined) return merchantId
  throw new FiskalError(
    'invalid_request',
    'Name the merchant in X-OpenFiskal-Merchant: the agent holds no active one, or several.',
    {
      reason: 'header',
      header: 'X-OpenFiskal-Merchant',
    },
  )
}

/**
 * An inactive merchant makes nothing new. A register that sells needs no look: its merchant stays active. Throws
 * `unprocessable_entity`.
 */
export function refuseInactive(view: View, merchantId: string): void {
  if (view.merchant(merchantId)?.shown.status !== 'inactive') return
  throw new FiskalError(
    'unprocessable_entity',
    `Merchant ${merchantId} is inactive and makes nothing new. Send PATCH /v1/merchants/${merchantId} with the status "active" first.`,
    { reason: 'merchant_inactive', merchant_id: merchantId, pointer: '' },
  )
}

/**
 * A register key sees only its own register: whether another one's resource exists is not reported. Throws `not_found`.
 */
export function refuseForeignRegister(
  caller: Caller,
  registerId: string | null | undefined,
  resource: ResourceName,
  id: string,
): void {
  if (caller.kind === 'register' && caller.registerId !== registerId) throw notFound(resource, id)
}

/** The register's document. Throws `not_found`. */
export function registerOf(view: View, { caller, merchantId }: Access, id: string): DocumentOf<'register'> {
  const merchant = requireMerchant(merchantId)
  const register = view.register(id)
  if (register?.shown.merchant_id !== merchant) throw notFound('register', id)
  refuseForeignRegister(caller, id, 'register', id)
  return register
}

/** By the name of the resource. */
const OWNED = {
  merchant: 'merchant',
  location: 'location',
  register: 'register',
  payment_terminal: 'payment_terminal',
  cash_drawer_opening: 'drawer_opening',
  closing: 'closing',
  export: 'export',
} as const satisfies Partial<Record<ResourceName, Kind>>

/** A resource of that type that the merchant owns. Throws `not_found`. */
export function ownedDocument<Type extends keyof typeof OWNED>(
  view: View,
  type: Type,
  { merchantId }: Pick<Access, 'merchantId'>,
  id: string,
): DocumentOf<(typeof OWNED)[Type]> {
  const owner = type === 'merchant' ? id : requireMerchant(merchantId)
  const anyDocument = view.document(id)
  const document = ofKind(anyDocument, OWNED[type])
  if (anyDocument === undefined || document === undefined || merchantIn(anyDocument) !== owner) throw notFound(type, id)
  return document
}

function merchantIn(document: Document): string | undefined {
  switch (document.kind) {
    case 'merchant':
      return document.id
    case 'export':
      return document.own.merchant_id
    case 'unit':
    case 'tse':
    case 'confirmation':
    case 'duty':
    case 'paper_check':
      return undefined
    default:
      return document.shown.merchant_id
  }
}

/**
 * The register whose records alone are in the file of an export: its key may have it. A file of the journal has the
 * events of all registers and merchants, whichever register the export names: the chain of hashes has no parts.
 */
export function soleRegister({ shown: { type, register_id: register } }: DocumentOf<'export'>): string | undefined {
  return type === 'journal' ? undefined : register
}

/** A terminal of the register, by the id in a request. Throws `not_supported_by_law`, `unprocessable_entity`. */
export function terminalOf(laws: readonly LawRules[], register: Register | undefined, id: string): string {
  if (register !== undefined) lawOfRegister(laws, register)?.members.require('terminal', '/terminal_id')
  if (register?.terminals?.some((terminal) => terminal.id === id) === true) return id
  throw new FiskalError(
    'unprocessable_entity',
    `Register ${register?.id} has no terminal ${id}. Add it to its terminals first (PATCH /v1/registers/${register?.id}).`,
    { pointer: '/terminal_id', terminal_id: id },
  )
}

/**
 * Throws `unprocessable_entity` for an agency that the merchant does not have in the books of the session: those have the
 * merchant of its begin, since a change may wait for the session of another register only.
 */
export function requireAgency(view: View, merchant: string, register: string, id: number, index: number): void {
  const session = view.lastSessionState(register)
  const seq = session === undefined || session.state === 'closed' ? undefined : view.session(session.id)?.seq
  const isChanged = seq !== undefined && view.isChangedAfter(merchant, seq)
  const { agencies = [] } = view.merchant(merchant, isChanged ? seq : undefined)?.shown ?? {}
  if (agencies.some((agency) => agency.id === id)) return
  throw new FiskalError(
    'unprocessable_entity',
    `Merchant ${merchant} has no agency ${id} in this session. Add it to its agencies (PATCH /v1/merchants/${merchant}), and sell after the next opening.`,
    { pointer: `/line_items/${index}/agency_id`, line_index: index, agency_id: id },
  )
}

/** The newest session of a register, in the form of the shop's rules. */
export function newestSession(view: View, registerId: string): { id: string; state: SessionState } | undefined {
  const row = view.lastSessionState(registerId)
  return row && { id: row.id, state: row.state as SessionState }
}

/** The operation's document. Throws `not_found`, `version_too_old`. */
export function operationOf(view: View, access: Access, id: string): OperationDocument {
  const document = shownOperation(view, access, id)
  refuseLater(view, id)
  return document
}

/** The same to be shown as it is: it may have members of a later program. Throws `not_found`, `version_too_old`. */
export function shownOperation(view: View, { caller, merchantId }: Access, id: string): OperationDocument {
  const document = view.operation(id)
  const { merchant_id: merchant, register_id: register } = document?.shown ?? ownersOfLater(view, id)
  if (merchant !== requireMerchant(merchantId)) throw notFound('operation', id)
  refuseForeignRegister(caller, register, 'operation', id)
  if (document === undefined) refuseLater(view, id)
  if (document === undefined) throw notFound('operation', id)
  return document
}

function ownersOfLater(view: View, id: string) {
  const { merchant, register } = view.laterOf(id)?.index ?? {}
  return { merchant_id: merchant, register_id: register }
}

/** Throws `version_too_old` for a document that a later program made or changed, and that this one does not know whole. */
export function refuseLater(view: View, id: string): void {
  const later = view.laterOf(id)
  if (later !== undefined) throw tooOldFor(later, 'none')
}

/** Throws `precondition_required`, `precondition_failed`. */
export function checkVersion({ shown }: OperationDocument, { ifMatch }: Mutation): void {
  const current = shown.resource_version
  if (ifMatch === undefined) {
    throw new FiskalError('precondition_required', 'Send If-Match with the ETag of the operation.', {
      current_resource_version: current,
    })
  }
  if (ifMatch === current) return
  throw new FiskalError('precondition_failed', 'Resource version mismatch.', {
    current_resource_version: current,
    expected_resource_version: ifMatch,
  })
}

/** Throws `register_decommissioned`, `register_not_fiscalized` for a register that may not sell. */
export function refuseUnfiscalized(register: Register): asserts register is BoundRegister {
  const { id, fiscalization_status: status } = register
  if (isFiscalized(register)) return
  if (status === 'decommissioned')
    throw new FiskalError('register_decommissioned', `Register ${id} is decommissioned.`, { register_id: id })
  throw new FiskalError(
    'register_not_fiscalized',
    `Register ${id} is not fiscalized. Call POST /v1/registers/${id}/fiscalize.`,
    {
      register_id: id,
      fiscalization_status: status,
    },
  )
}

/** While the device is deregistering the register, nothing may begin at it. Throws `reconciling`. */
export function refuseWhileDecommissioning(view: View, registerId: string, fiscalEffect: FiscalEffect): void {
  if (view.openIntentsOf(registerId).length === 0) return
  throw new FiskalError(
    'reconciling',
    `Register ${registerId} is being decommissioned.`,
    { register_id: registerId },
    { fiscalEffect, retryAfterSeconds: 5 },
  )
}
