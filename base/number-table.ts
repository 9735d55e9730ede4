const KINDS = { float64: Float64Array, uint32: Uint32Array, uint8: Uint8Array } as const

type Kind = keyof typeof KINDS
type Row<Column extends string> = { readonly [name in Column]: number }
type Chunk<Column extends string> = { readonly [name in Column]: Float64Array | Uint32Array | Uint8Array }

/** `columns`: wider ones first. `rows`: of a chunk. `chunksMax`: more than the numbers can need. */
export type NumberTableShape<Column extends string> = {
  readonly columns: Readonly<Record<Column, Kind>>
  readonly rows: number
  readonly chunksMax: number
  /** The text of the error for a number that no chunk can hold. */
  readonly refusal: (number: number) => string
}

/** Rows of numbers, found by a number, in typed chunks outside the heap: a million sales need no object each. */
export class NumberTable<Column extends string> {
  readonly #shape: NumberTableShape<Column>
  readonly #names: readonly Column[]
  readonly #chunks = new Map<number, Chunk<Column>>()

  constructor(shape: NumberTableShape<Column>) {
    this.#shape = shape
    this.#names = Object.keys(shape.columns) as Column[]
  }

  /** All zero for a row that was never set. */
  get(number: number): Row<Column> {
    const { rows } = this.#shape
    return this.#rowOf(this.#chunks.get(Math.floor(number / rows)), number % rows)
  }

  /** Throws RangeError. */
  set(number: number, changed: Partial<Row<Column>>): void {
    const chunk = this.#chunkOf(number)
    const at = number % this.#shape.rows
    for (const name of this.#names) {
      const value = changed[name]
      if (value !== undefined) chunk[name][at] = value
    }
  }

  /** The numbers of the rows with a value in this column, in their order. Most of a chunk may be empty: no row is made. */
  *numbersWith(column: Column): Generator<number> {
    const { rows } = this.#shape
    for (const place of [...this.#chunks.keys()].sort((one, other) => one - other)) {
      const values = this.#chunks.get(place)?.[column] ?? []
      for (let at = 0; at < values.length; at++) if (values[at] !== 0) yield place * rows + at
    }
  }

  #rowOf(chunk: Chunk<Column> | undefined, at: number): Row<Column> {
    const row = {} as { [name in Column]: number }
    for (const name of this.#names) row[name] = chunk?.[name][at] ?? 0
    return row
  }

  #chunkOf(number: number): Chunk<Column> {
    const { columns, rows, chunksMax, refusal } = this.#shape
    const place = Math.floor(number / rows)
    const chunk = this.#chunks.get(place)
    if (chunk !== undefined) return chunk
    if (!Number.isSafeInteger(number) || number < 0 || this.#chunks.size >= chunksMax)
      throw new RangeError(refusal(number))
    const newChunk = Object.fromEntries(
      this.#names.map((name) => [name, new KINDS[columns[name]](rows)]),
    ) as unknown as Chunk<Column>
    this.#chunks.set(place, newChunk)
    return newChunk
  }
}
