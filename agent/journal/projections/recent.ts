/** What was asked for last, up to a limit; the least recently used goes first. */
export class Recent<Value> {
  private readonly limit: number
  private readonly kept = new Map<string, Value>()

  constructor(limit: number) {
    this.limit = limit
  }

  get(id: string): Value | undefined {
    const value = this.kept.get(id)
    if (value !== undefined) this.keep(id, value)
    return value
  }

  keep(id: string, value: Value): void {
    this.kept.delete(id)
    this.kept.set(id, value)
    if (this.kept.size <= this.limit) return
    for (const oldest of this.kept.keys()) {
      this.kept.delete(oldest)
      return
    }
  }

  delete(id: string): void {
    this.kept.delete(id)
  }

  clear(): void {
    this.kept.clear()
  }
}

/** The value of an id, kept or read; what is not there is asked for again. */
export function recall<Value>(
  recent: Recent<Value>,
  id: string,
  read: (id: string) => Value | undefined,
): Value | undefined {
  const kept = recent.get(id)
  if (kept !== undefined) return kept
  const value = read(id)
  if (value !== undefined) recent.keep(id, value)
  return value
}
