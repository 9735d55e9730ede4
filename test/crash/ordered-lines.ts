/** A part of an order line that is open in a group; `since` is its age. */
type OpenPart<Dish> = {
  readonly line: string
  readonly dish: Dish
  readonly since: number
  group: string
  pieces: number
}
/** Pieces of a line. */
export type Taken = { readonly line: string; readonly pieces: number }

/** The order lines that a till itself holds as open: which of them a bill settles, a cancellation takes and a move moves. */
export class OrderedLines<Dish> {
  #parts: OpenPart<Dish>[] = []
  /** Each line that was ever ordered. */
  readonly #known = new Map<string, { readonly dish: Dish; readonly since: number }>()

  order(group: string, dish: Dish, line: string, pieces: number): void {
    this.#known.set(line, { dish, since: this.#known.size })
    this.#add(group, line, pieces)
  }

  /** An article of which something is open, and how much. */
  any(group: string): { dish: Dish; pieces: number } | undefined {
    const [first] = this.#in(group)
    return (
      first && { dish: first.dish, pieces: this.#in(group, first.dish).reduce((sum, { pieces }) => sum + pieces, 0) }
    )
  }

  /** The open parts of a group, the oldest first. */
  in(group: string): readonly Taken[] {
    return this.#in(group).map(({ line, pieces }) => ({ line, pieces }))
  }

  /** The line of an article that was ordered last. */
  newest(group: string, dish: Dish): Taken | undefined {
    const last = this.#in(group, dish).at(-1)
    return last && { line: last.line, pieces: last.pieces }
  }

  /** A bill settles the oldest lines of an article as far as there are any, or the line that it names. */
  settle(group: string, dish: Dish, pieces: number, named?: string): readonly Taken[] {
    const parts = this.#in(group, dish)
    return this.#take(named === undefined ? parts : parts.filter(({ line }) => line === named), pieces)
  }

  /** A cancellation takes the youngest. */
  cancel(group: string, dish: Dish, pieces: number): void {
    this.#take(this.#in(group, dish).reverse(), pieces)
  }

  /** Returns what moves. */
  move(from: string, to: string): readonly Taken[] {
    const moved = this.in(from)
    this.#parts = this.#parts.filter(({ group }) => group !== from)
    for (const { line, pieces } of moved) this.#add(to, line, pieces)
    return moved
  }

  /** The bill that took them was reversed. */
  reopen(group: string, taken: readonly Taken[]): void {
    for (const { line, pieces } of taken) this.#add(group, line, pieces)
  }

  #in(group: string, dish?: Dish): OpenPart<Dish>[] {
    const parts = this.#parts.filter((part) => part.group === group && (dish === undefined || part.dish === dish))
    return parts.sort((one, other) => one.since - other.since)
  }

  #add(group: string, line: string, pieces: number): void {
    const known = this.#known.get(line)
    const part = this.#parts.find((one) => one.line === line && one.group === group)
    if (part !== undefined) part.pieces += pieces
    else if (known !== undefined) this.#parts.push({ ...known, line, group, pieces })
  }

  #take(parts: readonly OpenPart<Dish>[], pieces: number): Taken[] {
    const taken: Taken[] = []
    let rest = pieces
    for (const part of parts) {
      const some = Math.min(part.pieces, rest)
      if (some === 0) continue
      part.pieces -= some
      rest -= some
      taken.push({ line: part.line, pieces: some })
    }
    this.#parts = this.#parts.filter((part) => part.pieces > 0)
    return taken
  }
}
