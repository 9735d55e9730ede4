import { formatCents } from '../../../base/money.ts'
import type { IssuedAs } from '../../contract/issued.ts'
import { FiskalError } from '../../errors.ts'
import type { Document, DocumentOf } from '../../journal/documents/document.ts'
import { isRecorded, registerIdIn } from '../../journal/documents/document.ts'
import type { OperationKind } from '../../journal/documents/kind.ts'
import { isLastByDefault } from '../../journal/documents/kind.ts'
import type { Members } from '../../journal/events.ts'
import { notFound } from '../../journal/not-found.ts'
import { isRefused } from '../../journal/progress.ts'
import type { OperationFilter, Order } from '../../journal/projections/operation-walk.ts'
import { BEFORE_FIRST } from '../../journal/projections/operation-walk.ts'
import type { SessionRow } from '../../journal/projections/sessions.ts'
import type { View } from '../../journal/projections/view.ts'
import { expectedForeign } from '../../register/foreign-cash.ts'
import { ownedDocument, refuseForeignRegister, registerOf, requireMerchant, shownOperation } from '../guards.ts'
import { publicDocument } from '../recording/answers.ts'
import type { Access, Caller, Page, PageQuery, Resource } from '../requests.ts'
import { onAccountOf } from '../selling/settlements.ts'
import { allocationGroups } from './allocation-groups.ts'
import { withDepositHint } from './open-deposits.ts'

/** Throws FiskalError `not_found` or `forbidden`. */
export type Read = (access: Access, id: string) => Resource
type RegisterQuery = PageQuery & { registerId?: string | undefined }

export type Reads = ReturnType<typeof reads>

/** `length` of documents that may be large: the characters of their events. Without a document it does not match after all. */
type Row = { seq: number; length?: () => number; document: () => Resource | undefined }
/** Without an index: they are compared with the documents of a page. */
type ListFilter = OperationFilter & { operator_id?: string | undefined; issued_as?: IssuedAs | undefined }
type OperationQuery = RegisterQuery & Omit<ListFilter, 'merchant' | 'register'> & { order: Order }
/** Limit of the events read per page, in characters: each operation may have 1 MiB. */
const PAGE_LENGTH = 1 << 20

/** RFC 3339; undefined until the remote sync targets have every event of the operation. */
export type SyncedAt = (operationId: string) => string | undefined

/** All reads, by resource: bounded pages from the projections, documents from their events. HTTP serves them as they are. */
export function reads(view: View, syncedAt: SyncedAt) {
  const list = (
    type: string,
    filter: { merchant?: string | undefined; register?: string | undefined },
    query: PageQuery,
  ): Page<Resource> =>
    pageOf(query, (after, limit) => {
      const upTo = view.resourcesUpTo(type, after)
      const rows = view.resources(type, filter, after, limit, upTo)
      const documentOf = (id: string) => () => shownOf(view.document(id))
      return { rows: rows.map(({ seq, id }) => ({ seq, document: documentOf(id) })), upTo }
    })
  const owned =
    (type: 'merchant' | 'location' | 'payment_terminal' | 'cash_drawer_opening' | 'closing'): Read =>
    (access, id) => {
      const document = ownedDocument(view, type, access, id)
      if (isRefused(view.progress(id))) throw notFound(type, id)
      if (isRecorded(document)) refuseForeignRegister(access.caller, registerIdIn(document), type, id)
      return publicDocument(document)
    }
  return {
    merchants: {
      get: owned('merchant'),
      list: (_access: Access, query: PageQuery) => list('merchant', {}, query),
    },
    locations: {
      get: owned('location'),
      list: ({ merchantId }: Access, query: PageQuery) =>
        list('location', { merchant: requireMerchant(merchantId) }, query),
    },
    paymentTerminals: {
      get: owned('payment_terminal'),
      list: ({ merchantId }: Access, query: PageQuery) =>
        list('payment_terminal', { merchant: requireMerchant(merchantId) }, query),
    },
    registers: {
      get: ((access, id) => publicDocument(registerOf(view, access, id))) satisfies Read,
      list: ({ caller, merchantId }: Access, query: PageQuery) =>
        list('register', { merchant: requireMerchant(merchantId), register: ownRegister(caller, undefined) }, query),
      /** The session that is not closed; throws `not_found` (session) without one. */
      session: ((access, id) => sessionDocument(openSession(view, access, id))) satisfies Read,
    },
    drawerOpenings: {
      get: owned('cash_drawer_opening'),
      list: ({ caller, merchantId }: Access, query: RegisterQuery) =>
        list(
          'drawer_opening',
          { merchant: requireMerchant(merchantId), register: ownRegister(caller, query.registerId) },
          query,
        ),
    },
    closings: {
      get: owned('closing'),
      list: (access: Access, query: PageQuery, register: string) => {
        const { merchant_id: merchant } = registerOf(view, access, register).shown
        return madeOnly(view, list('closing', { merchant, register }, query))
      },
    },
    operations: operationReads(view, syncedAt),
    sessions: sessionReads(view),
  }
}

function sessionReads(view: View) {
  return {
    get: ((access, id) => sessionDocument(ownSession(view, access, id))) satisfies Read,
    list: ({ caller, merchantId }: Access, query: RegisterQuery & { state?: string | undefined }) => {
      const filter = {
        merchant: requireMerchant(merchantId),
        register: ownRegister(caller, query.registerId),
        state: query.state,
      }
      return pageOf(query, (after, limit) => {
        const upTo = view.sessionsUpTo(filter, after)
        const rows = view.sessions(filter, after, limit, upTo)
        return { rows: rows.map((row) => ({ seq: row.seq, document: () => sessionDocument(row) })), upTo }
      })
    },
  }
}

/** The session of a register that is not closed. */
function openSession(view: View, access: Access, register: string): SessionRow {
  registerOf(view, access, register)
  const row = view.lastSession(register)
  if (row === undefined || row.state === 'closed')
    throw new FiskalError('not_found', `Register ${register} has no session that is not closed.`, {
      resource: 'session',
      register_id: register,
    })
  return row
}

/** A closing that no device signed was refused: it does not exist. */
function madeOnly(view: View, page: Page<Resource>): Page<Resource> {
  return { ...page, data: page.data.filter(({ id }) => !isRefused(view.progress(String(id)))) }
}

/** The register of a list: that of a register key, else the wanted one. Throws `not_found` if a key wants another. */
export function ownRegister(caller: Caller, wanted: string | undefined): string | undefined {
  if (caller.kind === 'platform') return wanted
  if (wanted !== undefined) refuseForeignRegister(caller, wanted, 'register', wanted)
  return caller.registerId
}

function operationReads(view: View, syncedAt: SyncedAt) {
  return {
    get: ((access, id) => {
      const document = shownOperation(view, access, id)
      return withDepositHint(view, document, readOf(view, document, syncedAt))
    }) satisfies Read,
    allocationGroups: allocationGroups(view),
    list: ({ caller, merchantId }: Access, { registerId, cursor, limit, order, ...filter }: OperationQuery) => {
      const owned = { merchant: requireMerchant(merchantId), register: ownRegister(caller, registerId) }
      return operationPage(view, syncedAt, { ...filter, ...owned }, { cursor, limit }, order)
    },
    /** The one that the register completed last; throws `not_found` (operation) without one. */
    last: (access: Access, { type }: { type?: OperationKind | undefined }, id: string): Resource => {
      registerOf(view, access, id)
      const isWanted = (kind: OperationKind) => (type === undefined ? isLastByDefault(kind) : kind === type)
      const last = view.lastCompleted(id).find((each) => isWanted(each.type))
      const document = view.operation(last?.id ?? '')
      if (document !== undefined) return withDepositHint(view, document, readOf(view, document, syncedAt))
      throw new FiskalError('not_found', `Register ${id} has completed no ${type ?? 'operation'} yet.`, {
        resource: 'operation',
        register_id: id,
      })
    },
  }
}

/** Only reads show the sync state and what is left of a claim: a stored answer never changes. */
function readOf(view: View, document: Document | undefined, syncedAt: SyncedAt): Resource {
  if (document === undefined) return {}
  const onAccount = onAccountOf(view, document)
  const now = {
    // An operation of an earlier version has no such member.
    issued_as: null,
    ...publicDocument(document),
    ...(onAccount !== undefined && { on_account: onAccount }),
  }
  const at = syncedAt(document.id)
  return at === undefined ? now : { ...now, sync_status: 'acknowledged', synced_at: at }
}

function operationPage(
  view: View,
  syncedAt: SyncedAt,
  filter: ListFilter,
  query: PageQuery,
  order: Order,
): Page<Resource> {
  const read = (beyond: number, limit: number) => {
    const upTo = view.operationsUpTo(filter, beyond, order)
    const rows = view.operations(filter, beyond, limit, upTo, order).map(({ seq, id }) => ({
      seq,
      length: () => view.lengthOf(id),
      document: () => {
        const document = view.document(id)
        return document !== undefined && fits(shownOf(document), filter) ? readOf(view, document, syncedAt) : undefined
      },
    }))
    return { rows, upTo }
  }
  return pageOf(query, read, order)
}

/** The rows of a text are those of its hash, also of operations that were amended since. */
function fits(shown: Resource, filter: ListFilter): boolean {
  const { external_id, allocation_group, operator_id, issued_as } = filter
  const members = { external_id, allocation_group, operator_id, issued_as }
  return Object.entries(members).every(([name, value]) => value === undefined || shown[name] === value)
}

function ownSession(view: View, { caller, merchantId }: Access, id: string): SessionRow {
  const row = view.session(id)
  if (row === undefined || row.document.shown.merchant_id !== requireMerchant(merchantId)) throw notFound('session', id)
  refuseForeignRegister(caller, row.register, 'session', id)
  return row
}

/** The expected amount of the drawer is updated until the count freezes it. */
export function sessionNow({ document, state, cash, foreign }: SessionRow): DocumentOf<'session'> {
  if (state !== 'open') return document
  const held = expectedForeign(foreign)
  const amounts = { expected_closing_amount: formatCents(BigInt(cash)), ...(held && { foreign_cash: held }) }
  return document.with({ set: amounts })
}

function sessionDocument(row: SessionRow): Members {
  return publicDocument(sessionNow(row))
}

function shownOf(document: Document | undefined): Members {
  return document === undefined ? {} : publicDocument(document)
}

/**
 * Keyset pages in the order of creation or backwards; the cursor is the last row's seq, opaque to the client. Documents are
 * read one by one until the page is full or large enough, or the maximum number of rows was examined (`upTo`): then it may
 * be empty, and the next page continues there.
 */
function pageOf(
  query: PageQuery,
  read: (beyond: number, limit: number) => { rows: readonly Row[]; upTo?: number | undefined },
  order: Order = 'asc',
): Page<Resource> {
  const { rows, upTo } = read(seqOf(query.cursor, order), query.limit + 1)
  const data: Resource[] = []
  let [length, examined] = [0, 0]
  for (const row of rows.slice(0, query.limit)) {
    length += row.length?.() ?? 0
    if (length > PAGE_LENGTH && data.length > 0) break
    const document = row.document()
    if (document !== undefined) data.push(document)
    examined++
  }
  const last = rows[examined - 1]
  const next = rows.length > examined && last !== undefined ? last.seq : upTo
  return { data, next_cursor: next === undefined ? null : cursorOf(next, order) }
}

/** A cursor belongs to its order. */
const SIGNS = { asc: '', desc: '-' } as const satisfies Record<Order, string>

function cursorOf(seq: number, order: Order): string {
  return Buffer.from(`${SIGNS[order]}${seq}`).toString('base64url')
}

function seqOf(cursor: string | undefined, order: Order): number {
  if (cursor === undefined) return BEFORE_FIRST[order]
  const [, sign, digits] = /^(-?)(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (sign === SIGNS[order]) return Number(digits)
  throw new FiskalError('invalid_request', 'The cursor does not belong to this list.', {
    reason: 'schema',
    errors: [
      {
        pointer: '/cursor',
        message: sign === undefined ? 'is not a cursor' : `belongs to another order than ${order}`,
      },
    ],
  })
}
