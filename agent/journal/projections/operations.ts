import { createHash } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { isOperationKind } from '../documents/kind.ts'
import type { EventBody, Members, ResourceIndex } from '../events.ts'
import { ProjectionConflict } from './conflict.ts'
import type { ResourceSeqs } from './resource-seqs.ts'

/** `ended`: the event that gave it its status. */
type Row = { seq: number; index: ResourceIndex; status: string; ended: number }
type Span = { first: string; last: string }
type Values = [number, number | null, number | null, number | null, string, string]
type Completed = { seq: number; register: number | null; type: string; ended: number }

/** Seqs that share a span of time. */
export const SPAN_SEQS = 1024

/** The texts of a till that its operations are found by. */
export type OperationText = 'external_id' | 'allocation_group'

/** Enough that hardly two texts of a shop are the same; the documents have the whole texts. */
const TEXT_HASH_BYTES = 8

export function textHash(member: OperationText, text: string): Buffer {
  return createHash('sha256').update(`${member}:${text}`).digest().subarray(0, TEXT_HASH_BYTES)
}

/** The rows for lists of operations. A sale that ends before the next write is written once. */
export class Operations {
  readonly #newRows = new Map<string, Row>()
  readonly #ends = new Map<string, { status: string; ended: number }>()
  readonly #spans = new Map<number, Span>()
  readonly #texts: { op: string; member: OperationText; text: string }[] = []
  readonly #resources: ResourceSeqs
  readonly #sessions: ResourceSeqs
  readonly #statements

  constructor(db: Database, resources: ResourceSeqs, sessions: ResourceSeqs) {
    this.#resources = resources
    this.#sessions = sessions
    this.#statements = statementsOf(db)
  }

  check({ index }: EventBody): void {
    if (index === undefined || !isOperationKind(index.kind)) return
    if (index.merchant === undefined || this.#resources.of(index.merchant) === undefined)
      throw new ProjectionConflict(`there is no merchant ${index.merchant}`)
  }

  note(seq: number, at: string, op: string, { index, status, set }: EventBody): void {
    if (set !== undefined) this.#noteTexts(op, set)
    if (index !== undefined && isOperationKind(index.kind)) {
      const block = Math.floor(seq / SPAN_SEQS)
      const { first, last } = this.#spans.get(block) ?? { first: at, last: at }
      this.#spans.set(block, { first: at < first ? at : first, last: at > last ? at : last })
      this.#newRows.set(op, { seq, index, status: status ?? 'open', ended: seq })
    } else if (index === undefined && status !== undefined) {
      const row = this.#newRows.get(op)
      if (row === undefined) this.#ends.set(op, { status, ended: seq })
      else {
        row.status = status
        row.ended = seq
      }
    }
  }

  write(): void {
    const completed = [...this.#writeNew(), ...this.#writeEnds()]
    for (const { register, type, seq, ended } of newestOf(completed))
      this.#statements.complete.run(register, type, seq, ended)
    for (const { op, member, text } of this.#texts) this.#statements.insertText.run(textHash(member, text), op)
    for (const [block, { first, last }] of this.#spans) this.#statements.extend.run(block, first, last)
    this.forget()
  }

  forget(): void {
    this.#newRows.clear()
    this.#ends.clear()
    this.#spans.clear()
    this.#texts.length = 0
  }

  /** Other resources have an external_id, too: they have no row of an operation, so nothing is written for them. */
  #noteTexts(op: string, { external_id: external, allocation_group: group }: Members): void {
    if (typeof external === 'string') this.#texts.push({ op, member: 'external_id', text: external })
    if (typeof group === 'string') this.#texts.push({ op, member: 'allocation_group', text: group })
  }

  /** Returns those that are completed. */
  #writeNew(): Completed[] {
    const seqOf = (seqs: ResourceSeqs, id: string | undefined): number | null =>
      id === undefined ? null : (seqs.of(id) ?? null)
    const completed: Completed[] = []
    for (const { seq, index, status, ended } of this.#newRows.values()) {
      const register = seqOf(this.#resources, index.register)
      const places = [seqOf(this.#resources, index.merchant), register, seqOf(this.#sessions, index.session)] as const
      this.#statements.insert.run(seq, ...places, index.kind, status)
      if (status === 'completed') completed.push({ seq, register, type: index.kind, ended })
    }
    return completed
  }

  #writeEnds(): Completed[] {
    const completed: Completed[] = []
    for (const [op, { status, ended }] of this.#ends) {
      const row = this.#statements.end.get(status, op)
      if (row !== undefined && status === 'completed') completed.push({ ...row, ended })
    }
    return completed
  }
}

/** The last completed one of each register and type. */
function newestOf(completed: readonly Completed[]): Iterable<Completed> {
  const newest = new Map<string, Completed>()
  for (const each of completed) {
    if (each.register === null) continue
    const key = `${each.register} ${each.type}`
    if ((newest.get(key)?.ended ?? 0) < each.ended) newest.set(key, each)
  }
  return newest.values()
}

function statementsOf(db: Database) {
  const firstOf = "(SELECT min(seq) FROM event WHERE op = ? AND op <> '')"
  return {
    insert: db.prepare<Values>('INSERT INTO operation VALUES (?, ?, ?, ?, ?, ?)'),
    end: db.prepare<[string, string], Omit<Completed, 'ended'>>(
      `UPDATE operation SET status = ? WHERE seq = ${firstOf} RETURNING seq, register, type`,
    ),
    complete: db.prepare<[number | null, string, number, number]>(
      `INSERT INTO last_completed VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, ended = excluded.ended
       WHERE excluded.ended > ended`,
    ),
    insertText: db.prepare<[Buffer, string]>(
      `INSERT OR IGNORE INTO operation_text SELECT ?, seq FROM operation WHERE seq = ${firstOf}`,
    ),
    extend: db.prepare<[number, string, string]>(
      `INSERT INTO operation_span VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET
       first = min(first, excluded.first), last = max(last, excluded.last)`,
    ),
  }
}
