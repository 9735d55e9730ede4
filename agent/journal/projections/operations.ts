import type { Database } from 'better-sqlite3'
import { isOperationKind } from '../documents/kind.ts'
import type { EventBody, ResourceIndex } from '../events.ts'
import { ProjectionConflict } from './conflict.ts'
import type { ResourceSeqs } from './resource-seqs.ts'

type Row = { seq: number; index: ResourceIndex; status: string }
type Span = { first: string; last: string }
type Values = [number, number | null, number | null, number | null, string, string]

/** Seqs that share a span of time. */
export const SPAN_SEQS = 1024

/** The rows for lists of operations. A sale that ends before the next write is written once. */
export class Operations {
  readonly #newRows = new Map<string, Row>()
  readonly #endStatuses = new Map<string, string>()
  readonly #spans = new Map<number, Span>()
  readonly #resources: ResourceSeqs
  readonly #sessions: ResourceSeqs
  readonly #insert
  readonly #update
  readonly #extend

  constructor(db: Database, resources: ResourceSeqs, sessions: ResourceSeqs) {
    this.#resources = resources
    this.#sessions = sessions
    this.#insert = db.prepare<Values>('INSERT INTO operation VALUES (?, ?, ?, ?, ?, ?)')
    this.#update = db.prepare<[string, string]>(
      `UPDATE operation SET status = ? WHERE seq = (SELECT min(seq) FROM event WHERE op = ? AND op <> '')`,
    )
    this.#extend = db.prepare<[number, string, string]>(
      `INSERT INTO operation_span VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET
       first = min(first, excluded.first), last = max(last, excluded.last)`,
    )
  }

  check({ index }: EventBody): void {
    if (index === undefined || !isOperationKind(index.kind)) return
    if (index.merchant === undefined || this.#resources.of(index.merchant) === undefined)
      throw new ProjectionConflict(`there is no merchant ${index.merchant}`)
  }

  note(seq: number, at: string, op: string, { index, status }: EventBody): void {
    if (index !== undefined && isOperationKind(index.kind)) {
      const block = Math.floor(seq / SPAN_SEQS)
      const { first, last } = this.#spans.get(block) ?? { first: at, last: at }
      this.#spans.set(block, { first: at < first ? at : first, last: at > last ? at : last })
      this.#newRows.set(op, { seq, index, status: status ?? 'open' })
    } else if (index === undefined && status !== undefined) {
      const row = this.#newRows.get(op)
      if (row === undefined) this.#endStatuses.set(op, status)
      else row.status = status
    }
  }

  write(): void {
    const seqOf = (seqs: ResourceSeqs, id: string | undefined): number | null =>
      id === undefined ? null : (seqs.of(id) ?? null)
    for (const { seq, index, status } of this.#newRows.values()) {
      const { merchant, register, session, kind } = index
      const places = [seqOf(this.#resources, merchant), seqOf(this.#resources, register)] as const
      this.#insert.run(seq, ...places, seqOf(this.#sessions, session), kind, status)
    }
    for (const [op, status] of this.#endStatuses) this.#update.run(status, op)
    for (const [block, { first, last }] of this.#spans) this.#extend.run(block, first, last)
    this.forget()
  }

  forget(): void {
    this.#newRows.clear()
    this.#endStatuses.clear()
    this.#spans.clear()
  }
}
