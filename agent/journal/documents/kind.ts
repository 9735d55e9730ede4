import type { Operation } from '../../contract/operation.ts'

export type OperationKind = Operation['type']
export type SoldKind = 'sale' | 'return' | 'exchange' | 'deposit' | 'deposit_capture'
/** Goods movements without payments, which count in no turnover. */
export type UnpaidKind = 'order' | 'transfer' | 'employee_benefit'
export type SessionEventKind = Exclude<OperationKind, SoldKind | UnpaidKind | 'void' | 'order_move'>

/** The kind of a document: the API's `type` of an operation, or the name of the resource. */
export type Kind = OperationKind | ListedKind | 'session' | 'unit' | 'tse' | 'confirmation' | 'duty'

export const SOLD = {
  sale: true,
  return: true,
  exchange: true,
  deposit: true,
  deposit_capture: true,
} as const satisfies Record<SoldKind, true>

export const UNPAID = {
  order: true,
  transfer: true,
  employee_benefit: true,
} as const satisfies Record<UnpaidKind, true>

const SESSION_EVENTS = {
  session_open: true,
  session_cash_adjustment: true,
  session_cash_count: true,
  session_close: true,
} as const satisfies Record<SessionEventKind, true>

const OPERATIONS = { ...SOLD, ...UNPAID, void: true, order_move: true, ...SESSION_EVENTS } as const satisfies Record<
  OperationKind,
  true
>

/** True for what a till prints a receipt of: the last one of a register is sought among these unless a type is named. */
const LAST_BY_DEFAULT = {
  ...SOLD,
  void: true,
  order: false,
  transfer: true,
  employee_benefit: true,
  order_move: false,
  session_open: false,
  session_cash_adjustment: false,
  session_cash_count: false,
  session_close: false,
} as const satisfies Record<OperationKind, boolean>

/** The resources that are listed; operations have their own lists. */
const LISTED = {
  merchant: true,
  location: true,
  register: true,
  payment_terminal: true,
  drawer_opening: true,
  closing: true,
  export: true,
  paper_check: true,
} as const
export type ListedKind = keyof typeof LISTED

const KINDS = {
  ...OPERATIONS,
  ...LISTED,
  session: true,
  unit: true,
  tse: true,
  confirmation: true,
  duty: true,
} as const satisfies Record<Kind, true>

/** As a list of SQL: a table may have rows of a newer program's kinds. */
export const KNOWN_KINDS = Object.keys(KINDS)
  .map((kind) => `'${kind}'`)
  .join(', ')

/** False for a kind of a newer program. */
export function isKind(kind: string): kind is Kind {
  return Object.hasOwn(KINDS, kind)
}

export function isOperationKind(kind: string): kind is OperationKind {
  return Object.hasOwn(OPERATIONS, kind)
}

export function isLastByDefault(kind: OperationKind): boolean {
  return LAST_BY_DEFAULT[kind]
}

/** True for a goods movement without payments. */
export function isUnpaidKind(kind: string): kind is UnpaidKind {
  return Object.hasOwn(UNPAID, kind)
}

/** True for what a customer gets a receipt of. */
export function isGoodsKind(kind: string): boolean {
  return kind === 'void' || Object.hasOwn(SOLD, kind)
}

/** True for a movement of the drawer. */
export function isSessionEventKind(kind: string): kind is SessionEventKind {
  return Object.hasOwn(SESSION_EVENTS, kind)
}

/** True for a kind with a row in the table of resources. Operations have their own table; hardware and confirmed tasks are in no list. */
export function isListedKind(kind: string): kind is ListedKind {
  return Object.hasOwn(LISTED, kind)
}
