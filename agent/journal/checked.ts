/** A member of stored JSON whose type nobody has proven; undefined if it has another type. */

export function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function numberIn(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
