import { formatCents } from '../../../base/money.ts'
import { FiskalError } from '../../errors.ts'
import type { Document, DocumentOf } from '../../journal/documents/document.ts'
import { isRecorded, registerIdIn } from '../../journal/documents/document.ts'
import type { Members } from '../../journal/events.ts'
import { notFound } from '../../journal/not-found.ts'
import { isRefused } from '../../journal/progress.ts'
import type { OperationFilter } from '../../journal/projections/operation-reads.ts'
import type { SessionRow } from '../../journal/projections/sessions.ts'
import type { View } from '../../journal/projections/view.ts'
import { operationOf, ownedDocument, refuseForeignRegister, registerOf, requireMerchant } from '../guards.ts'
import { publicDocument } from '../recording/answers.ts'
import type { Access, Caller, Page, PageQuery, Resource } from '../requests.ts'

/** Throws FiskalError `not_found` or `forbidden`. */
export type Read = (access: Access, id: string) => Resource
type RegisterQuery = PageQuery & { registerId?: string | undefined }

export type Reads = ReturnType<typeof reads>

/** `length` of documents that may be large: the characters of their events. */
type Row = { seq: number; length?: () => number; document: () => Resource }
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
    (type: 'merchant' | 'location' | 'cash_drawer_opening' | 'closing'): Read =>
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

/** With a register key a list contains its own register's rows. Throws `not_found` for another register. */
function ownRegister(caller: Caller, wanted: string | undefined): string | undefined {
  if (caller.kind === 'platform') return wanted
  if (wanted !== undefined) refuseForeignRegister(caller, wanted, 'register', wanted)
  return caller.registerId
}

function operationReads(view: View, syncedAt: SyncedAt) {
  return {
    get: ((access, id) => withSync(publicDocument(operationOf(view, access, id)), syncedAt(id))) satisfies Read,
    list: (
      { caller, merchantId }: Access,
      query: RegisterQuery & { sessionId?: string | undefined } & Pick<
          OperationFilter,
          'type' | 'status' | 'from' | 'to'
        >,
    ) =>
      operationPage(
        view,
        syncedAt,
        {
          ...query,
          merchant: requireMerchant(merchantId),
          register: ownRegister(caller, query.registerId),
          session: query.sessionId,
        },
        query,
      ),
  }
}

/** Only reads show the sync state: a stored answer never changes. */
function withSync(document: Resource, syncedAt: string | undefined): Resource {
  return syncedAt === undefined ? document : { ...document, sync_status: 'acknowledged', synced_at: syncedAt }
}

function operationPage(view: View, syncedAt: SyncedAt, filter: OperationFilter, query: PageQuery): Page<Resource> {
  return pageOf(query, (after, limit) => {
    const upTo = view.operationsUpTo(filter, after)
    const rows = view.operations(filter, after, limit, upTo).map(({ seq, id }) => ({
      seq,
      length: () => view.lengthOf(id),
      document: () => withSync(shownOf(view.document(id)), syncedAt(id)),
    }))
    return { rows, upTo }
  })
}

function ownSession(view: View, { caller, merchantId }: Access, id: string): SessionRow {
  const row = view.session(id)
  if (row === undefined || row.document.shown.merchant_id !== requireMerchant(merchantId)) throw notFound('session', id)
  refuseForeignRegister(caller, row.register, 'session', id)
  return row
}

/** The expected amount of the drawer is updated until the count freezes it. */
export function sessionNow({ document, state, cash }: SessionRow): DocumentOf<'session'> {
  return state === 'open' ? document.with({ set: { expected_closing_amount: formatCents(BigInt(cash)) } }) : document
}

function sessionDocument(row: SessionRow): Members {
  return publicDocument(sessionNow(row))
}

function shownOf(document: Document | undefined): Members {
  return document === undefined ? {} : publicDocument(document)
}

/**
 * Keyset pages in the order of creation; the cursor is the last row's seq, opaque to the client. Documents are read one
 * by one until the page is full or large enough, or the maximum number of rows was examined (`upTo`): then it may be
 * empty, and the next page continues there.
 */
function pageOf(
  query: PageQuery,
  read: (after: number, limit: number) => { rows: readonly Row[]; upTo?: number | undefined },
): Page<Resource> {
  const { rows, upTo } = read(seqOf(query.cursor), query.limit + 1)
  const data: Resource[] = []
  let length = 0
  for (const row of rows.slice(0, query.limit)) {
    length += row.length?.() ?? 0
    if (length > PAGE_LENGTH && data.length > 0) break
    data.push(row.document())
  }
  const last = rows[data.length - 1]
  const next = rows.length > data.length && last !== undefined ? last.seq : upTo
  return { data, next_cursor: next === undefined ? null : Buffer.from(String(next)).toString('base64url') }
}

function seqOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const text = Buffer.from(cursor, 'base64url').toString()
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new FiskalError('invalid_request', 'The cursor does not belong to this list.', {
    reason: 'schema',
    errors: [{ pointer: '/cursor', message: 'is not a cursor' }],
  })
}
