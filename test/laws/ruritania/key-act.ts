import type { Act } from '../../../agent/journal/events.ts'
import type { Outcome } from '../../../agent/laws/law.ts'
import type { ActWords } from '../../../agent/laws/law-words.ts'

/** An act of this law on the key of the shop, as an intent stores it: its members are frozen. */
export type KeyAct = RegisterAct | SignAct
/** `device` is the name of the key, `client` the serial number of the till. */
type Common = { device: string; client: string }
export type RegisterAct = Common & { name: 'begin' | 'end' }
export type SignAct = Common & { name: 'sign'; payload: string }

/** Result of a begin: the public key, BASE64. */
export type Begun = { key: string }
/** Result of a signature, BASE64. */
export type Signed = { signature: string }

/** The outcomes of its acts, with the result of each. */
export type KeyOutcome = Outcome<{ begin: Begun; sign: Signed; end: Record<string, never> }>

/** An act of this law. */
export function keyActOf(act: Act): KeyAct {
  return act as KeyAct
}

const COMMON = { device: true, client: true, name: true } as const

export const ACTS: ActWords<KeyAct> = { begin: COMMON, end: COMMON, sign: { ...COMMON, payload: true } }
