import type { EnrolledUnit } from '../../devices/enrolment.ts'
import { merchantIds } from '../../journal/documents/merchants.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../duty.ts'
import { instruction } from '../instruction.ts'
import { certificateHolder } from './certificate.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { holderTask } from './unit-tasks.ts'

/** Maker and model in CK_TOKEN_INFO. */
type Token = { readonly manufacturer: string; readonly model: string }

const MUST = [instruction('It must be out of use by the due date (ministry of finance).')]

/**
 * Card types that lose their confirmation (§ 15 RKSV). ACOS-ID 2.x and 3.x must be out of use by May 2027; ACOS-ID 4.1
 * replaces them. CardOS 5.3, which A-Trust issued until June 2022 and GLOBALTRUST always, is expected to follow. Doctor shows
 * other types.
 */
const LEAVING = [
  {
    name: 'ACOS-ID 2.0',
    matches: /acos[- ]?id ?2\.0(?!\d)/i,
    // An old module shows the card that replaces it under its name.
    why: [...MUST, instruction('If it was bought as ACOS-ID 4.1, confirm this duty.')],
  },
  { name: 'ACOS-ID 2.1', matches: /acos[- ]?id ?2\.1(?!\d)/i, why: MUST },
  { name: 'ACOS-ID 3.x', matches: /acos[- ]?id ?3\.\d/i, why: MUST },
  {
    name: 'CardOS 5.3',
    matches: /^(?=.*(?:cardos|\batos\b)).*(?<![\d.])5\.3(?!\d)/i,
    why: [instruction('It is expected to have to go by the due date: ask its provider.')],
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
        instruction('The card {} ({}) is a {}.', serial, `${token.manufacturer} ${token.model}`, card.name),
        ...card.why,
        instruction('Order a new card now: providers take weeks.'),
        instruction(
          'Put the new card into the reader, then: fiskal-edge device init {}. Each step: docs/technician.md, "A new signature card".',
          device,
        ),
      ],
    },
  ]
}

/** A certificate names its owner, e.g. `UID ATU12345678`; one without a name gives no task. */
export function holderTasks(view: View, device: string, unit: EnrolledUnit, enrolledOn: string): Task[] {
  const [certificate] = unit.certificates
  const holder = certificate && certificateHolder(certificate)
  if (holder === undefined) return []
  const numbers = merchantIds(view).flatMap((id) => {
    const identities = view.merchant(id)?.shown.fiscal_identities ?? []
    return identities.flatMap((one) => [one['vat_id'], one['tax_number']])
  })
  const isOurs = numbers.some((number) => typeof number === 'string' && plain(holder).includes(plain(number)))
  return isOurs || numbers.length === 0 ? [] : [holderTask(device, unit.serial, holder, enrolledOn)]
}

function plain(text: string): string {
  return text.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
}
