/** The laws that are served: the country of each (ISO 3166-1 alpha-3), and the zone of its times. */
export const LAWS = {
  KassenSichV: { country: 'DEU', timeZone: 'Europe/Berlin' },
  RKSV: { country: 'AUT', timeZone: 'Europe/Vienna' },
  RT: { country: 'ITA', timeZone: 'Europe/Rome' },
} as const satisfies Readonly<Record<string, { country: string; timeZone: string }>>

export type Law = keyof typeof LAWS
/** Something that is asked of every law, so that the compiler misses what a new one lacks. */
export type OfEachLaw<Of> = Readonly<Record<Law, Of>>
