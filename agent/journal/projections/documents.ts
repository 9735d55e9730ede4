import type { EventBody, Members } from '../events.ts'

const LIMIT = 256

/**
 * The documents in use, merged: shop, registers and running operations are asked for several times a sale. A copy of
 * what the events say and nothing else: whoever rolls events back clears it.
 */
export class Documents {
  /** Least recently used first. */
  private readonly kept = new Map<string, Members>()

  get(op: string): Members | undefined {
    const document = this.kept.get(op)
    if (document !== undefined) this.keep(op, document)
    return document
  }

  keep(op: string, document: Members): void {
    this.kept.delete(op)
    this.kept.set(op, document)
    if (this.kept.size <= LIMIT) return
    for (const oldest of this.kept.keys()) {
      this.kept.delete(oldest)
      return
    }
  }

  /** An event was appended. */
  note(op: string, { index, set }: EventBody): void {
    const before = this.kept.get(op)
    if (before === undefined && index === undefined) return
    const after = { ...before }
    assign(after, set)
    this.keep(op, after)
  }

  clear(): void {
    this.kept.clear()
  }
}

/** Members that are undefined were not written into the event and change nothing. */
export function assign(document: Record<string, Members[string]>, set: Members | undefined): void {
  for (const name in set) {
    const value = set[name]
    if (value !== undefined) document[name] = value
  }
}
