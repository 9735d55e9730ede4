import type { AnswerClass, AnswerReason } from '../ports/authority.ts'

/** The meaning of a code; `session`: the session ended. */
export type Meaning = { readonly class: AnswerClass | 'session'; readonly reason?: AnswerReason }

const UNKNOWN: Meaning = { class: 'unclear', reason: 'unknown_code' }

function each(codes: string, meaning: Meaning): [string, Meaning][] {
  return codes.split(' ').map((code) => [code, meaning])
}

const LOGIN: ReadonlyMap<string, Meaning> = new Map([
  ...each('0', { class: 'done' }),
  ...each('-2', { class: 'pause', reason: 'maintenance' }),
  ...each('-3', { class: 'pause' }),
  ...each('-4 -5 -6', { class: 'credentials', reason: 'credentials_refused' }),
  ...each('-7 -8', { class: 'credentials', reason: 'not_entitled' }),
])

const RKDB: ReadonlyMap<string, Meaning> = new Map([
  ...each('0', { class: 'done' }),
  ...each('-1', { class: 'session' }),
  // The session was accepted, so the secrets are right: the user has no right for this service.
  ...each('-4', { class: 'credentials', reason: 'not_entitled' }),
  ...each('-2', { class: 'pause', reason: 'maintenance' }),
  ...each('-3', { class: 'pause' }),
  ...each('14 1336 1337 B4 C1', { class: 'later' }),
  ...each('V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 V15 V16', { class: 'later' }),
  ...each('B38', { class: 'later_day' }),
  // The certificate, the company, and values.
  ...each('4 5 6 7 8 9 31 41', { class: 'refused' }),
  ...each('3 13 B3 27 28 32', { class: 'refused' }),
  ...each('29 30 36 998 999 B14 B15 B20 B35 B28 B29 B30', { class: 'refused' }),
  ...each('B21', { class: 'refused', reason: 'time_in_future' }),
  ...each('B5', { class: 'refused', reason: 'before_last_change' }),
  ...each('43', { class: 'refused', reason: 'receipt_faulty' }),
  ...each('B1 B2 B6 B7 B8 B9 B10 B13 B18 B19 B22 B32 B33 B34', { class: 'state' }),
])

/** Codes of a question that say something about its subject: it is ended, or was never registered. */
export const NOT_THERE: ReadonlySet<string> = new Set(['B32', 'B33', 'B34'])

export function meaningOfLogin(code: string): Meaning {
  return LOGIN.get(code) ?? UNKNOWN
}

/** They concern the whole account, whatever other codes say. */
const OF_THE_ACCOUNT: readonly Meaning['class'][] = ['session', 'credentials', 'pause']

/**
 * The meaning of the codes of one entry. Codes that contradict each other are unclear, and so is an answer without a
 * code.
 */
export function meaningOf(codes: readonly string[]): Meaning {
  const meanings = codes.map((code) => RKDB.get(code) ?? UNKNOWN)
  const account = OF_THE_ACCOUNT.flatMap((of) => meanings.filter((meaning) => meaning.class === of))[0]
  const [first = UNKNOWN] = meanings
  if (account !== undefined) return account
  return meanings.every((meaning) => meaning.class === first.class) ? first : UNKNOWN
}
