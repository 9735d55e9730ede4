import type { FiscalEffect } from '../errors.ts'
import { FiskalError } from '../errors.ts'
import type { BoundRegister, OperationDocument, RegisterDocument } from '../journal/documents.ts'
import { isFiscalized, operationDocument, registerDocument } from '../journal/documents.ts'
import type { Members } from '../journal/events.ts'
import type { ResourceName } from '../journal/not-found.ts'
import { notFound } from '../journal/not-found.ts'
import type { View } from '../journal/projections/view.ts'
import type { Access, Caller, Mutation } from './requests.ts'

/** The merchant a request is about. Throws `invalid_request` where several are held and none is named. */
export function requireMerchant(merchantId: string | undefined): string {
  if (merchantId !== undefined) return merchantId
  throw new FiskalError(
    'invalid_request',
    'Name the merchant in X-OpenFiskal-Merchant: the agent holds none or several.',
    {
      reason: 'header',
      header: 'X-OpenFiskal-Merchant',
    },
  )
}

/** For a register key there is nothing but its own register: whether another's resource exists is not said. Throws `not_found`. */
export function refuseForeignRegister(
  caller: Caller,
  registerId: string | null | undefined,
  resource: ResourceName,
  id: string,
): void {
  if (caller.kind === 'register' && caller.registerId !== registerId) throw notFound(resource, id)
}

/** The register's document. Throws `not_found`. */
export function registerOf(view: View, { caller, merchantId }: Access, id: string): RegisterDocument {
  const row = view.resource(id)
  const merchant = requireMerchant(merchantId)
  const register = row?.type === 'register' && row.merchant === merchant ? registerDocument(view, id) : undefined
  if (register === undefined) throw notFound('register', id)
  refuseForeignRegister(caller, id, 'register', id)
  return register
}

/** A resource of that type which the merchant owns. Throws `not_found`. */
export function ownedDocument(
  view: View,
  type: ResourceName,
  { merchantId }: Pick<Access, 'merchantId'>,
  id: string,
): Members {
  const row = view.resource(id)
  const owner = type === 'merchant' ? id : requireMerchant(merchantId)
  const document =
    row?.type === (type === 'cash_drawer_opening' ? 'drawer_opening' : type) ? view.members(id) : undefined
  if (document === undefined || (row?.merchant ?? id) !== owner) throw notFound(type, id)
  return document
}

/** The operation's document. Throws `not_found`. */
export function operationOf(view: View, { caller, merchantId }: Access, id: string): OperationDocument {
  const document = id.startsWith('op_') ? operationDocument(view, id) : undefined
  if (document?.merchant_id !== requireMerchant(merchantId)) throw notFound('operation', id)
  refuseForeignRegister(caller, document.register_id, 'operation', id)
  return document
}

/** Throws `precondition_required`, `precondition_failed`. */
export function checkVersion(document: OperationDocument, { ifMatch }: Mutation): void {
  const current = document.resource_version
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
export function refuseUnfiscalized(register: RegisterDocument): asserts register is BoundRegister {
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

/** While the device is told to forget the register nothing may begin at it. Throws `reconciling`. */
export function refuseWhileDecommissioning(view: View, registerId: string, fiscalEffect: FiscalEffect): void {
  if (view.openIntentsOf(registerId).length === 0) return
  throw new FiskalError(
    'reconciling',
    `Register ${registerId} is being decommissioned.`,
    { register_id: registerId },
    { fiscalEffect, retryAfterSeconds: 5 },
  )
}
