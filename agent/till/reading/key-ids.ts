import type { KeyedKind } from '../../contract/key-ids.ts'
import { IDEMPOTENCY_KEY } from '../../contract/scalars.ts'
import { isRecorded, registerIdIn } from '../../journal/documents/document.ts'
import { isOperationKind } from '../../journal/documents/kind.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { soleRegister } from '../guards.ts'
import type { Access, Caller } from '../requests.ts'
import { claimId, holderOf, scopeOf } from '../requests.ts'

/** The routes whose requests make a resource: with them the scope of a key is known. */
const MADE_AT: Readonly<Record<KeyedKind, readonly string[]>> = {
  merchant: ['/v1/merchants'],
  location: ['/v1/locations'],
  register: ['/v1/registers'],
  payment_terminal: ['/v1/payment-terminals'],
  operation: ['/v1/operations'],
  session: ['/v1/operations'],
  drawer_opening: ['/v1/cash-drawer-openings', '/v1/registers/{id}/cash-drawer-openings'],
  closing: ['/v1/registers/{id}/closings'],
  export: ['/v1/exports'],
}

/**
 * The id of the resource of that kind that the request with this Idempotency-Key made, also while that request runs.
 * Undefined if the caller may see no such resource: a register key sees what is its own register's, and whether
 * anything else exists is not reported.
 */
export function idOfKey(view: View, access: Access, kind: KeyedKind, key: string): string | undefined {
  const { caller, merchantId } = access
  if ((merchantId === undefined && kind !== 'merchant') || !IDEMPOTENCY_KEY.test(key)) return undefined
  for (const { owner, scope } of scopesFor(view, access, kind)) {
    const claim = view.claim(claimId(scope, key))
    const id = claim && madeBy(view, claim.seq, kind, owner === merchantId ? undefined : merchantId)
    if (id !== undefined && isSeen(view, caller, kind, id)) return id
  }
  return undefined
}

/** The oldest merchant owns the keys of requests that named none because one alone was active. */
function* scopesFor(view: View, { caller, merchantId }: Access, kind: KeyedKind) {
  const owners = new Set([merchantId, view.eldestMerchant()])
  for (const holder of holdersFor(view, caller))
    for (const owner of owners)
      for (const template of MADE_AT[kind]) yield { owner, scope: scopeOf(template, owner, holder) }
}

/** The caller first, then the platform keys, the oldest first and also those that were revoked: a name outlives its key. */
function holdersFor(view: View, caller: Caller): ReadonlySet<string> {
  const platformKeys = view.keys().filter(({ kind }) => kind === 'platform')
  return new Set([holderOf(caller), ...platformKeys.map(({ id }) => id)])
}

/** `merchant`: of that one only. */
function madeBy(view: View, seq: number, kind: KeyedKind, merchant: string | undefined): string | undefined {
  const event = view.event(seq)
  if (event === undefined) return undefined
  if (merchant !== undefined && bodyOf(event).index?.merchant !== merchant) return undefined
  if (kind === 'session') return event.kind === 'session.opened' ? bodyOf(event).session?.id : undefined
  const made = view.kindOf(event.op)
  if (made === undefined) return undefined
  return made === kind || (kind === 'operation' && isOperationKind(made)) ? event.op : undefined
}

function isSeen(view: View, caller: Caller, kind: KeyedKind, id: string): boolean {
  if (caller.kind === 'platform') return true
  if (kind === 'merchant') return view.resource(caller.registerId)?.merchant === id
  if (kind === 'session') return view.session(id)?.register === caller.registerId
  const document = view.document(id)
  if (document?.kind === 'export') return soleRegister(document) === caller.registerId
  return document !== undefined && (!isRecorded(document) || registerIdIn(document) === caller.registerId)
}
