/** Values of labels in the order of their names. */
type LabelValues = readonly string[]

/** One family of the Prometheus text format 0.0.4: its name, what it means, and its samples as lines. */
export type Family = { name: string; type: 'counter' | 'gauge' | 'histogram'; help: string; lines: readonly string[] }

/** Combinations of labels that one family keeps; more are counted under `other`. */
const SERIES_MAX = 1000

/** A value that only grows, by labels. */
export class Counter {
  readonly #labels: readonly string[]
  readonly #counts = new Map<string, number>()

  constructor(labels: readonly string[]) {
    this.#labels = labels
  }

  add(values: LabelValues, by = 1): void {
    const key = keyOf(this.#counts, values)
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by)
  }

  family(name: string, help: string): Family {
    const lines = [...this.#counts].map(([key, count]) => `${name}${braced(textOf(this.#labels, key))} ${count}`)
    return { name, type: 'counter', help, lines }
  }
}

/** A distribution of values, by labels; bounds are ascending, in the unit of the name. */
export class Histogram {
  readonly #labels: readonly string[]
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, { buckets: Float64Array; sum: number; count: number }>()

  constructor(labels: readonly string[], bounds: readonly number[]) {
    this.#labels = labels
    this.#bounds = bounds
  }

  observe(values: LabelValues, value: number): void {
    const key = keyOf(this.#series, values)
    let of = this.#series.get(key)
    if (of === undefined) {
      of = { buckets: new Float64Array(this.#bounds.length), sum: 0, count: 0 }
      this.#series.set(key, of)
    }
    of.sum += value
    of.count++
    for (let at = 0; at < this.#bounds.length; at++) {
      if (value > (this.#bounds[at] ?? 0)) continue
      of.buckets[at] = (of.buckets[at] ?? 0) + 1
      return
    }
  }

  family(name: string, help: string): Family {
    const lines = [...this.#series].flatMap(([key, { buckets, sum, count }]) => {
      const text = textOf(this.#labels, key)
      const more = text === '' ? '' : `${text},`
      let below = 0
      const inside = this.#bounds.map((bound, at) => {
        below += buckets[at] ?? 0
        return `${name}_bucket{${more}le="${bound}"} ${below}`
      })
      const all = `${name}_bucket{${more}le="+Inf"} ${count}`
      return [...inside, all, `${name}_sum${braced(text)} ${sum}`, `${name}_count${braced(text)} ${count}`]
    })
    return { name, type: 'histogram', help, lines }
  }
}

/** Current values; unknown ones are omitted. */
export function gauge(
  name: string,
  help: string,
  samples: readonly (readonly [labels: Readonly<Record<string, string>>, value: number | undefined])[],
): Family {
  const lines = samples.flatMap(([labels, value]) => {
    if (value === undefined || !Number.isFinite(value)) return []
    return [`${name}${braced(labelText(Object.keys(labels), Object.values(labels)))} ${value}`]
  })
  return { name, type: 'gauge', help, lines }
}

/** The whole text, one family after the other. */
export function exposition(families: readonly Family[]): string {
  return families
    .map(({ name, type, help, lines }) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n'))
    .join('\n')
    .concat('\n')
}

/** Between the values of labels: they become text at a scrape, not on the path of a sale. */
const SEPARATOR = '\u0000'

/** Labels come from tables of the program and from the configuration; the limit bounds the memory in any case. */
function keyOf(series: ReadonlyMap<string, unknown>, values: LabelValues): string {
  let key = values[0] ?? ''
  for (let at = 1; at < values.length; at++) key += SEPARATOR + values[at]
  if (series.has(key) || series.size < SERIES_MAX) return key
  return values.map(() => 'other').join(SEPARATOR)
}

function textOf(labels: readonly string[], key: string): string {
  return labels.length === 0 ? '' : labelText(labels, key.split(SEPARATOR))
}

function labelText(labels: readonly string[], values: LabelValues): string {
  return labels.map((label, at) => `${label}="${escaped(values[at] ?? '')}"`).join(',')
}

function escaped(value: string): string {
  return /["\\\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`
}
