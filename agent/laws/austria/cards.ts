import type { Task } from '../law.ts'
import { DUTY_KINDS } from './duty-kinds.ts'

/** Maker and model in CK_TOKEN_INFO. */
type Token = { readonly manufacturer: string; readonly model: string }

/**
 * Card types that lose their confirmation (§ 15 RKSV). ACOS-ID 2.1 must be out of use by May 2027; CardOS 5.3, which
 * A-Trust issued until June 2022, is expected to follow. The texts of real tokens are not known: one word of them
 * decides.
 */
const LEAVING = [
  { name: 'ACOS-ID 2.1', matches: /acos(?![a-z])/i, why: 'must be out of use by then (ministry of finance)' },
  {
    name: 'CardOS 5.3',
    matches: /cardos.*\b5\.3|\b5\.3.*cardos/i,
    why: 'is expected to have to go by then: ask its provider',
  },
] as const

const EXCHANGED_BY = '2027-05-31'

/** `words`: manufacturer and model in any order. */
function leavingCard(words: string): (typeof LEAVING)[number] | undefined {
  return LEAVING.find(({ matches }) => matches.test(words))
}

/** The unit is exchanged when another one has taken its place; the receipts continue in the same chain. */
export function exchangeTasks(device: string, serial: string, token: Token | undefined): Task[] {
  const card = token && leavingCard(`${token.manufacturer} ${token.model}`)
  if (token === undefined || card === undefined) return []
  return [
    {
      id: `card-exchange-${serial}`,
      ...DUTY_KINDS.cardExchange,
      title: `Replace the signature card of ${device}`,
      due: EXCHANGED_BY,
      device_id: device,
      instructions: [
        `The card ${serial} (${token.manufacturer} ${token.model}) is a ${card.name}: it ${card.why}.`,
        'Order a new card now: providers take weeks.',
        `New card in the reader, then: fiskal-edge device init ${device}. Each step: docs/technician.md, "A new signature card".`,
      ],
    },
  ]
}
