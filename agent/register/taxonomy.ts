/** Versions of the DSFinV-K with the columns that are written: the first one, and the last one published (§ 11). */
export const TAXONOMIES = { first: '2.2', last: '2.4' } as const

/** True for these versions and later ones, which are expected to keep the structure. */
export function hasOurColumns(version: string): boolean {
  return version >= TAXONOMIES.first
}
