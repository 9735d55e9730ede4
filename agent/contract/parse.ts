import type * as z from 'zod'
import { FiskalError } from '../errors.ts'
import { shownPointer } from './pointer.ts'

const PROBLEMS_MAX = 20

/** A problem and its place: JSON Pointer (RFC 6901) into the request and a message. Never contains a sent value. */
type Problem = { pointer: string; message: string }

/** Members of other versions of the contract, and their replacement. */
const SUCCESSORS_OF_MEMBERS = new Map([
  ['country', 'was renamed: send country_code'],
  ['tax_id', 'was removed: tax identifiers belong to fiscal_identities[]'],
  ['codice_fiscale', 'was renamed: send tax_number'],
  ['session_id', 'is never sent: the open session of the register is taken'],
  ['counted_closing_amount', 'belongs to session_cash_count, which goes before session_close'],
  ['discrepancy_note', 'belongs to session_cash_count, which goes before session_close'],
])

/** Operation types of other versions of the contract, and their replacement. */
const SUCCESSORS_OF_TYPES = new Map<unknown, string>([
  [
    'refund',
    'refund was renamed: send return. Money back without goods is a return of the lines it concerns, or a pay_out',
  ],
  [
    'cash_movement',
    'cash_movement was removed: send session_open, session_cash_adjustment, session_cash_count or session_close',
  ],
])

/**
 * The value as the schema gives it. Throws FiskalError `invalid_request` (reason `schema`) that names at most 20
 * problems; of a union only those of the branch that `type` names.
 */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw unfit(problemsOf(result.error.issues, value))
}

/** The refusal of a request that its schema does not fit; a rule of the contract may find it later than the schema. */
export function unfit(problems: readonly Problem[]): FiskalError {
  const shown = problems.slice(0, PROBLEMS_MAX)
  const [first] = shown
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return new FiskalError('invalid_request', `${first?.pointer || 'The request'}: ${first?.message}${more}.`, {
    reason: 'schema',
    errors: shown,
  })
}

/** When a check runs that shall report its problems next to those of the schema. */
export function hasMembers({ value }: { value: unknown }): boolean {
  return typeof value === 'object' && value !== null
}

function problemsOf(issues: readonly z.core.$ZodIssue[], value: unknown): Problem[] {
  const problems: Problem[] = []
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const name of issue.keys) {
        const message = SUCCESSORS_OF_MEMBERS.get(name) ?? 'is an unknown member'
        problems.push({ pointer: pointerOf([...issue.path, name]), message })
      }
    } else {
      problems.push({ pointer: pointerOf(issue.path), message: messageOf(issue, valueAt(value, issue.path)) })
    }
  }
  return problems
}

function messageOf(issue: z.core.$ZodIssue, sent: unknown): string {
  // A custom rule may find that neither of two members was sent.
  if (sent === undefined && issue.code !== 'custom') return 'is required'
  if (issue.code === 'invalid_value') return `must be ${oneOf(issue.values)}`
  if (issue.code === 'invalid_union' && issue.inclusive === undefined && issue.discriminator !== undefined) {
    return SUCCESSORS_OF_TYPES.get(sent) ?? `must be ${oneOf(issue.options ?? [])}`
  }
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    return `must be ${issue.expected === 'object' || issue.expected === 'record' ? 'a JSON object' : `of type ${issue.expected}`}`
  }
  return boundOf(issue) ?? issue.message
}

/** The message for a value that is too long, too large, too short or too small, if the schema has no message. */
function boundOf(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === 'too_big' && issue.message.startsWith('Too big'))
    return boundWords(issue.origin, `at most ${issue.maximum}`)
  if (issue.code === 'too_small' && issue.message.startsWith('Too small'))
    return boundWords(issue.origin, `at least ${issue.minimum}`)
  return undefined
}

function boundWords(origin: string, bound: string): string {
  if (origin === 'array') return `must hold ${bound} entries`
  return origin === 'string' ? `must have ${bound} characters` : `must be ${bound}`
}

function oneOf(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(' or ')
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined
    current = Reflect.get(current, step)
  }
  return current
}

function pointerOf(path: readonly PropertyKey[]): string {
  return shownPointer(path)
}
