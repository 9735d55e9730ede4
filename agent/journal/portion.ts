/** Characters of bodies that are held at once: an event may have a MiB of them, a hundred of those more than the process may. */
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
