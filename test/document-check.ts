import * as z from 'zod'
import { closing } from '../agent/contract/closing.ts'
import type { Contract } from '../agent/contract/contract-of.ts'
import { drawerOpening } from '../agent/contract/drawer-opening.ts'
import { DUTY_GROUNDS } from '../agent/contract/duty-ground.ts'
import { exportJob } from '../agent/contract/export.ts'
import { location } from '../agent/contract/location.ts'
import { merchant } from '../agent/contract/merchant.ts'
import {
  depositCaptureOperation,
  depositOperation,
  employeeBenefitOperation,
  exchangeOperation,
  orderMoveOperation,
  orderOperation,
  returnOperation,
  reversalOperation,
  saleOperation,
  sessionCashAdjustmentOperation,
  sessionCashCountOperation,
  sessionCloseOperation,
  sessionOpenOperation,
  transferOperation,
} from '../agent/contract/operation.ts'
import { paymentTerminal } from '../agent/contract/payment-terminals.ts'
import { register } from '../agent/contract/register.ts'
import { session } from '../agent/contract/session.ts'
import type { StoredParts } from '../agent/journal/documents/document.ts'
import { kindOf, NO_PARTS, partsAfter } from '../agent/journal/documents/document.ts'
import type { Kind } from '../agent/journal/documents/kind.ts'
import type { EventBody, Members } from '../agent/journal/events.ts'
import { CONTRACT } from './contract.ts'

type Seen = { readonly seq: number; readonly op: string; readonly body: string }

const text = z.string()
const uncertified = z.literal(true).optional()
const unit = z.strictObject({
  ...{ device: text, serial: text, enrolled_at: text, uncertified },
  ...{ vda: text.optional(), certificates: z.array(text).optional() },
  token: z.strictObject({ manufacturer: text, model: text }).optional(),
  // Its law knows the members.
  open_period: z.looseObject({ serial: text, z: z.number(), left_at: text }).nullish(),
  last_z: z.looseObject({ z: z.number(), at: text }).optional(),
  emergencies: z.array(z.looseObject({ id: text, opened_at: text, days: z.array(text) })).optional(),
})
/** Its law knows more members. */
const tse = z.looseObject({
  ...{ device: text, serial: text, algorithm: text, time_format: text, public_key: text, certificate: text },
  ...{ uncertified, retired_at: text, retirement: text },
})
const by = z.enum(['authority', 'found']).optional()
const confirmation = z.strictObject({
  ...{
    duty: text,
    title: text,
    due: text,
    register_id: text.optional(),
    reason: text.optional(),
    by,
    relay: text.optional(),
  },
})
const progress = z.strictObject({
  ...{ state: z.enum(['queued', 'sent', 'confirmed', 'refused', 'unclear']), attempts: z.int() },
  ...{ reason: text.optional(), message: text.optional(), sent_at: text.optional(), next_try_at: text.optional() },
  ...{ confirmed_at: text.optional(), confirmed_by: by, about: text.optional(), account: text.optional() },
  relay: text.optional(),
  ground: z.enum(DUTY_GROUNDS).optional(),
})
const dutyTask = z.strictObject({
  ...{ kind: text, regime: text.nullable(), authority: text.nullable(), title: text, why: text, due: text },
  ...{ register_id: text.optional(), device_id: text.optional() },
})
const duty = z.strictObject({
  ...{ id: text, duty: dutyTask.optional(), T: progress.optional(), P: progress.optional() },
})
const paperCheck = z.strictObject({
  ...{ id: text, code: text, operation_id: text, device_id: text, created_at: text },
  ...{
    document_number: text.optional(),
    annulled: z.array(text).optional(),
    serial: text.optional(),
    message: text.optional(),
  },
})

/** The members of a document of each kind. */
const SHOWN: Readonly<Record<Kind, z.ZodType>> = {
  merchant,
  location,
  register,
  payment_terminal: paymentTerminal,
  sale: saleOperation,
  return: returnOperation,
  exchange: exchangeOperation,
  deposit: depositOperation,
  deposit_capture: depositCaptureOperation,
  void: reversalOperation,
  order: orderOperation,
  transfer: transferOperation,
  employee_benefit: employeeBenefitOperation,
  order_move: orderMoveOperation,
  session_open: sessionOpenOperation,
  session_cash_adjustment: sessionCashAdjustmentOperation,
  session_cash_count: sessionCashCountOperation,
  session_close: sessionCloseOperation,
  drawer_opening: drawerOpening,
  closing,
  session: session.partial({ expected_closing_amount: true }),
  export: exportJob,
  unit,
  tse: tse.partial(),
  confirmation,
  duty,
  paper_check: paperCheck,
}

/** A day of sales has a few hundred; a year of them is made by the same code. */
const DOCUMENTS_MAX = 300

/**
 * After each event of a journal its document fits the contract of its kind: the types of the view of documents are true
 * of the stored ones. Returns the differences, in words.
 */
export function misshapen(events: Iterable<Seen>, contract: Contract = CONTRACT): string[] {
  const documents = new Map<string, { kind: Kind | undefined; parts: StoredParts }>()
  const violations: string[] = []
  const take = (seq: number, id: string, kind: Kind | undefined, set: Members | undefined): void => {
    const before = documents.get(id)
    if (before === undefined && documents.size >= DOCUMENTS_MAX) return
    const after = {
      kind: before?.kind ?? kind,
      parts: partsAfter(before?.parts ?? NO_PARTS, set === undefined ? {} : { set }),
    }
    documents.set(id, after)
    if (set === undefined || after.kind === undefined) return
    const { error } = contract.of(SHOWN[after.kind]).safeParse(after.parts.shown)
    const issues = error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
    if (issues.length > 0) violations.push(`${after.kind} ${id} behind event ${seq}: ${issues.join(', ')}`)
  }
  for (const { seq, op, body: text } of events) {
    const body = JSON.parse(text) as EventBody
    violations.push(...oddNames(body).map((name) => `event ${seq}: the member ${name} is not in snake_case`))
    const { index, set, session: change } = body
    if (change?.set !== undefined) take(seq, change.id, 'session', change.set)
    if (op !== '') take(seq, op, index && kindOf(index), set)
  }
  return violations
}

/** Members of callers, and those whose names are keys of their own: ids, currencies, rates. */
const FREE: ReadonlySet<string> = new Set([
  'metadata',
  'last_receipts',
  'last_closings',
  'foreign',
  'cash_per_currency',
])
/** Words of the API's first pages, and of the office: a trial and production. */
const KEPT: ReadonlySet<string> = new Set(['fiscalizedAt', 'decommissionedAt', 'T', 'P'])

/** Names of members that are not in snake_case, at any depth. */
function oddNames(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(oddNames)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, of]) => {
    const own = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name) || KEPT.has(name) ? [] : [name]
    return FREE.has(name) ? own : [...own, ...oddNames(of)]
  })
}
