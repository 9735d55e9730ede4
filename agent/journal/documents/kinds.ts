import type { ResourceIndex } from '../events.ts'
import type {
  Document,
  DocumentOf,
  GoodsDocument,
  Kind,
  OperationDocument,
  OperationKind,
  SoldDocument,
  SoldKind,
} from './document.ts'

const SOLD = { sale: true, return: true, exchange: true, deposit: true, deposit_capture: true } satisfies Record<
  SoldKind,
  true
>
const OPERATIONS = {
  ...SOLD,
  void: true,
  session_open: true,
  session_cash_adjustment: true,
  session_cash_count: true,
  session_close: true,
} satisfies Record<OperationKind, true>

const RESOURCES = {
  merchant: 'merchant',
  location: 'location',
  register: 'register',
  drawer_opening: 'drawer_opening',
  closing: 'closing',
  export: 'export',
  doubt: 'paper_check',
} satisfies Record<Exclude<ResourceIndex['type'], 'operation'>, Kind>

/** The kind of the document that an event makes; undefined for one of a newer program. */
export function kindOf({ type, operation }: ResourceIndex): Kind | undefined {
  if (type === 'operation') return operation !== undefined && isOperationKind(operation) ? operation : undefined
  return RESOURCES[type]
}

function isOperationKind(kind: string): kind is OperationKind {
  return Object.hasOwn(OPERATIONS, kind)
}

export function isOperation(document: Document): document is OperationDocument {
  return document.kind in OPERATIONS
}

/** A goods movement that was asked for as such. */
export function isSold(document: Document): document is SoldDocument {
  return document.kind in SOLD
}

/** A goods movement, or the reversal of one. */
export function isGoods(document: Document): document is GoodsDocument {
  return document.kind === 'void' || isSold(document)
}

/** Narrows a document to its kind. */
export function ofKind<Each extends Kind>(document: Document | undefined, kind: Each): DocumentOf<Each> | undefined {
  return document?.kind === kind ? (document as DocumentOf<Each>) : undefined
}
