/** The laws that are built in, as documents name them. */
export const LAW_NAMES = ['KassenSichV', 'RKSV', 'RT'] as const

export type Law = (typeof LAW_NAMES)[number]
/** Something that is asked of every law, so that the compiler misses what a new one lacks. */
export type OfEachLaw<Of> = Readonly<Record<Law, Of>>
