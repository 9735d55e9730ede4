import { createHash } from 'node:crypto'
import type { Members, NewEvent, Plan } from '../../agent/journal/events.ts'
import { markEvent, textEvent } from './some-event.ts'

export const STEPS = ['register', 'operation', 'act', 'settle', 'finish', 'session', 'key', 'enrol', 'note'] as const

export type Step = readonly [(typeof STEPS)[number], number]

/**
 * Events of each projected kind, each valid after those before it; the first of them gets seq `first`. The number of a
 * step chooses among the existing documents.
 */
export function shopHistory(first: number, steps: readonly Step[]): NewEvent[] {
  const registers: string[] = []
  const open: { operation: string; register: string }[] = []
  const intents: { seq: number; op: string }[] = []
  const sessions: string[] = []
  const receipts = new Map<string, number>()
  const merchant = `m_${first}`
  const events: NewEvent[] = [markEvent(merchant, { index: { kind: 'merchant' }, set: { name: 'Bäckerei' } })]
  const writers: Record<Step[0], (seq: number, pick: number) => NewEvent> = {
    register: (seq) => {
      registers.push(`reg_${seq}`)
      return markEvent(`reg_${seq}`, { index: { kind: 'register', merchant } })
    },
    operation: (seq, pick) => {
      const register = chosen(registers, pick)
      if (register === undefined) return NOTE
      open.push({ operation: `op_${seq}`, register })
      const session = chosen(sessions, pick)
      const index = { kind: 'sale', merchant, register } as const
      return markEvent(`op_${seq}`, {
        index: session === undefined ? index : { ...index, session },
        set: { number: pick, external_id: `order-${pick % 7}`, ...named(pick) },
        claim: claim(seq),
        answer: { status: 201 },
      })
    },
    act: (seq) => {
      intents.push({ seq, op: `op_${seq}` })
      return markEvent(`op_${seq}`, { plan: PLAN, act: { device: 'tse-1', name: 'start' }, claim: claim(seq) })
    },
    settle: (_seq, pick) => {
      const intent = intents.splice(pick % Math.max(1, intents.length), 1)[0]
      if (intent === undefined) return NOTE
      const transaction = { device: 'tse-1', number: pick % 7, state: pick % 2 === 0 ? 'open' : 'closed' } as const
      const answer = { status: 200, to: intent.seq }
      return markEvent(intent.op, { root: intent.seq, ref: intent.seq, transaction, answer })
    },
    finish: (seq, pick) => {
      const found = open.splice(pick % Math.max(1, open.length), 1)[0]
      if (found === undefined) return NOTE
      const number = (receipts.get(found.register) ?? 0) + 1
      receipts.set(found.register, number)
      return markEvent(found.operation, {
        status: 'completed',
        receipt: { register: found.register, number },
        chain: { register: found.register, state: { number: seq } },
      })
    },
    session: (seq, pick) => {
      const register = chosen(registers, pick)
      const session = chosen(sessions, pick)
      if (register === undefined) return NOTE
      if (session !== undefined && pick % 3 > 0)
        return markEvent('', {
          session: { id: session, register, set: { state: 'counted', counted: pick }, cash: -pick },
        })
      sessions.push(`ses_${seq}`)
      return markEvent('', { session: { id: `ses_${seq}`, register, set: { state: 'open' }, cash: 5000 } })
    },
    key: (seq, pick) =>
      pick % 3 === 0
        ? markEvent('', { revoked: `k_${seq - 1}` })
        : markEvent('', { key: { id: `k_${seq}`, kind: 'platform', hash: digest(seq) } }),
    enrol: (_seq, pick) => markEvent('', { enrolled: { device: `tse-${pick % 3}`, serial: `S${pick}` } }),
    note: () => NOTE,
  }
  for (const [step, pick] of steps) events.push(writers[step](first + events.length, pick))
  return events
}

/** The lines or the payments of an operation that names a voucher. */
function named(pick: number): Members {
  if (pick % 3 === 0) return { line_items: [{ type: 'gift_card', gift_card_id: `card-${pick % 5}`, taxes: [] }] }
  return pick % 3 === 1 ? { payments: [{ method: 'gift_card', gift_card_id: `card-${pick % 5}` }] } : {}
}

/** The plan of a request with one act. */
export const PLAN: Plan = { goal: 'completed', status: 200 }

const NOTE: NewEvent = textEvent('nothing for projections')

function chosen<T>(items: readonly T[], pick: number): T | undefined {
  return items[pick % Math.max(1, items.length)]
}

function claim(seq: number): { id: string; print: string } {
  return { id: digest(seq), print: digest(-seq) }
}

function digest(value: number): string {
  return createHash('sha256').update(String(value)).digest('base64url')
}
