/**
 * The built-in laws, by their folders, in the order in which commands and documents name them. Every list of laws has
 * an entry for each name: the compiler names a missing one.
 */
export const LAW_NAMES = ['germany', 'austria', 'italy'] as const

export type LawName = (typeof LAW_NAMES)[number]
