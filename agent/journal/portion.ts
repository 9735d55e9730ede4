/**
 * Limit of the characters of bodies in memory at once: an event may have 1 MiB of them, and a hundred such events are
 * too large for the process.
 */
const PORTION_LENGTH = 1 << 20

/** The first of the rows, however large it is, and the next ones as long as all are at most a portion. */
export function portionOf<Row extends { readonly body: string }>(rows: Iterable<Row>, most = PORTION_LENGTH): Row[] {
  const portion: Row[] = []
  let length = 0
  for (const row of rows) {
    portion.push(row)
    length += row.body.length
    if (length >= most) break
  }
  return portion
}
