/** The DSFinV-K whose columns are written: the same from the first of these versions to the last that was published (§ 11). */
export const TAXONOMIES = { first: '2.2', last: '2.4' } as const

/** Later ones keep the structure, by what is known. */
export function hasOurColumns(version: string): boolean {
  return version >= TAXONOMIES.first
}
