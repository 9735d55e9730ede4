import type { Task } from '../law.ts'
import { reportUntil } from './outage.ts'
import { yearlyCheckUntil } from './special-receipts.ts'
import { daysAfter } from './stamp.ts'

export type RegisterFacts = {
  id: string
  cashBoxId: string
  /** Calendar date of the Startbeleg in Austria, and its machine-readable code. */
  startedOn: string
  startCode: string
  /** Undefined where the AES key is lost. */
  keyCheckValue: string | undefined
  /** The Jahresbelege in their order, with Belegnummer and code: a year may have several, where sales came after one. */
  years: readonly { year: string; number: string; code: string }[]
  /** Years with receipts and no Jahresbeleg after the last of them. */
  openYears: readonly string[]
  /** Where the register has ended: the calendar date, and the code of its Schlussbeleg where it came to one. */
  end: { on: string; code: string | undefined } | undefined
}

export type UnitFacts = { device: string; serial: string; vda: string; enrolledOn: string }

/** The key is secret: it stands in a file that only the technician can write. */
const keyFile = (register: string): string =>
  `fiskal-edge export rksv_crypto --register ${register} --out FILE writes the key (base64AESKey); delete the file afterwards.`
/** Twenty years, three times as long as a copy is kept. */
const quartersMax = 80
const weekDays = 7

export function unitTask({ device, serial, vda, enrolledOn }: UnitFacts): Task {
  return {
    // A registration under another provider is that of another unit: a corrected one is to be registered again.
    id: `finanzonline-unit-${vda}-${serial}`,
    title: `Register signature unit ${device} in FinanzOnline`,
    due: enrolledOn,
    device_id: device,
    instructions: [
      'FinanzOnline, Eingaben, Registrierkassen, Registrierung einer Signaturerstellungseinheit.',
      `Vertrauensdiensteanbieter: ${vda}. Seriennummer des Signaturzertifikats (hexadezimal): ${serial}.`,
    ],
  }
}

/** A unit that signs again though its end was reported, `endedOn`; `since`: the local time at which it came back. */
export function unitAgainTask({ device, serial, vda }: UnitFacts, endedOn: string, since: string): Task {
  return {
    id: `finanzonline-unit-${vda}-${serial}-again-${endedOn}`,
    title: `Signature unit ${device} signs again: register it in FinanzOnline`,
    due: dateOf(since),
    device_id: device,
    instructions: [
      `Its end of ${endedOn} was reported in FinanzOnline, and it signs again since ${since}.`,
      `Vertrauensdiensteanbieter: ${vda}. Seriennummer des Signaturzertifikats (hexadezimal): ${serial}.`,
      `Where FinanzOnline does not take it any more, put another unit in its place: fiskal-edge device init ${device}.`,
    ],
  }
}

/** Registration and the checks of Start- and Jahresbeleg, and the copy of each quarter (§ 7 Abs. 3 RKSV). */
export function registerTasks(register: RegisterFacts, today: string): Task[] {
  const { id, cashBoxId, startedOn, startCode, keyCheckValue, end } = register
  const within = daysAfter(startedOn, weekDays)
  const task = (name: string, title: string, due: string, instructions: readonly string[]): Task => ({
    id: `${name}-${id}`,
    title,
    due,
    instructions,
    register_id: id,
  })
  return [
    task('finanzonline-register', `Register ${cashBoxId} in FinanzOnline`, within, [
      'FinanzOnline, Eingaben, Registrierkassen, Registrierung einer Registrierkasse; after the signature unit.',
      `Kassenidentifikationsnummer: ${cashBoxId}. Benutzerschlüssel with check value ${keyCheckValue ?? 'unknown: it is lost'}.`,
      keyFile(id),
    ]),
    ...(keyCheckValue === undefined && end === undefined
      ? [
          task('aes-key', `Bring back the AES key of ${cashBoxId}`, today, [
            'Stop the agent, then: fiskal-edge restore FILE --keys-only, with a backup that holds the keys.',
            'Without it the register can record nothing more: decommission it, which is then reported as its end in FinanzOnline, and make a new one.',
          ]),
        ]
      : []),
    task('startbeleg-check', `Check the Startbeleg of ${cashBoxId}`, within, [
      'BMF Belegcheck app, or FinanzOnline: scan or type in the code of the Startbeleg, and keep the result 7 years.',
      startCode,
    ]),
    ...yearTasks(register, today),
    ...(end === undefined ? [] : [endTask(register, end)]),
    ...quarters(startedOn, end?.on ?? today).map(({ name, end }) =>
      task(`dep-backup-${name}`, `Copy the DEP of ${cashBoxId}, ${name}`, end, [
        `fiskal-edge export dep7 --register ${id} --out FILE on an external medium, and keep it 7 years.`,
      ]),
    ),
  ]
}

/** A register that rests makes no Jahresbeleg: somebody has to, for what is checked with FinanzOnline until 15 February. */
function yearTasks({ id, cashBoxId, years, openYears, end }: RegisterFacts, today: string): Task[] {
  const owed = end === undefined ? openYears.filter((year) => year < today.slice(0, 4)) : []
  return [
    ...lastOfYears(years).map(({ name, year, code }) => ({
      id: `${name}-${id}`,
      title: `Check the Jahresbeleg ${year} of ${cashBoxId}`,
      due: yearlyCheckUntil(year),
      register_id: id,
      instructions: [
        'BMF Belegcheck app, or FinanzOnline: scan or type in the code of the Jahresbeleg, and keep it 7 years.',
        code,
      ],
    })),
    ...owed.map((year) => ({
      id: `yearly-receipt-${year}-${id}`,
      title: `Make the Jahresbeleg ${year} of ${cashBoxId}, to be checked then`,
      due: yearlyCheckUntil(year),
      register_id: id,
      instructions: [
        'The next receipt of the register brings it along. Where none comes before: restart the agent while the signature unit is there,',
        'or ask for an annual closing at the till (POST /v1/registers/{id}/closings).',
      ],
    })),
  ]
}

/** The Jahresbeleg that closes a year is the last one: that an earlier one was checked says nothing of it. */
function lastOfYears(years: RegisterFacts['years']): { name: string; year: string; code: string }[] {
  const last = new Map<string, { name: string; year: string; code: string }>()
  for (const { year, number, code } of years) {
    const name = last.has(year) ? `yearly-check-${year}-${number}` : `yearly-check-${year}`
    last.set(year, { name, year, code })
  }
  return [...last.values()]
}

/** The end of a register (§ 17 RKSV): planned, or one whose last receipts or key are lost. */
function endTask({ id, cashBoxId }: RegisterFacts, { on, code }: NonNullable<RegisterFacts['end']>): Task {
  const where = 'FinanzOnline, Eingaben, Registrierkassen, Außerbetriebnahme einer Registrierkasse:'
  const name = `Kassenidentifikationsnummer: ${cashBoxId}.`
  return {
    id: `finanzonline-register-end-${id}`,
    title: `Report the end of ${cashBoxId} in FinanzOnline`,
    due: daysAfter(on, weekDays),
    register_id: id,
    instructions:
      code === undefined
        ? [
            `${where} nicht behebbarer Ausfall.`,
            `${name} Its last receipts or its AES key are lost: there is no Schlussbeleg.`,
          ]
        : [`${where} planmäßige Außerbetriebnahme.`, `${name} Print the Schlussbeleg and keep it 7 years:`, code],
  }
}

/** A certificate that names another owner than the shop: its registration would be another company's. */
export function holderTask(device: string, serial: string, holder: string, enrolledOn: string): Task {
  return {
    id: `unit-holder-${serial}`,
    title: `Check whose signature unit ${device} is`,
    due: enrolledOn,
    device_id: device,
    instructions: [
      `Its certificate ${serial} was issued to "${holder}": no merchant of this agent has that number.`,
      'Correct the VAT id or tax number of the merchant, or use the unit of this company.',
    ],
  }
}

/** Report that a unit works again after an outage that had to be reported (§ 17 RKSV). Local times, as FinanzOnline asks for them. */
export function outageEndTask(device: string, serial: string, since: string, end: string): Task {
  return {
    id: `outage-end-${device}-${dateOf(since)}`,
    title: `Report the end of the outage of signature unit ${device} in FinanzOnline`,
    due: daysAfter(end, weekDays),
    device_id: device,
    instructions: [
      'FinanzOnline, Eingaben, Registrierkassen, Wiederinbetriebnahme einer Signaturerstellungseinheit.',
      `Seriennummer des Signaturzertifikats: ${serial}. Beginn: ${since}. Ende: ${end}.`,
    ],
  }
}

/** A unit that another one took the place of for good: final failure, theft, loss, or its planned end (§ 17 RKSV). */
export function unitEndTask(device: string, serial: string, since: string, successor: string): Task {
  return endOfUnit(device, serial, since, [`Beginn: ${since}. In its place signs ${successor}.`])
}

/** A unit that was taken out of the configuration; when is not known, only when it last came or went. */
export function unitGoneTask(device: string, serial: string, lastSeen: string): Task {
  return endOfUnit(device, serial, lastSeen, [
    `The configuration no longer has ${device}, which last came or went at ${lastSeen}.`,
    'Where the unit is to sign again, put it back there: this task goes away by itself.',
  ])
}

/** How the tasks begin that ask for the report of a unit's end; the day of it follows. */
export const unitEndPrefix = (serial: string): string => `finanzonline-unit-end-${serial}-`

function endOfUnit(device: string, serial: string, on: string, [first = '', ...more]: readonly string[]): Task {
  return {
    id: `${unitEndPrefix(serial)}${dateOf(on)}`,
    title: `Report the end of the former signature unit of ${device} in FinanzOnline`,
    due: daysAfter(on, weekDays),
    device_id: device,
    instructions: [
      'FinanzOnline, Eingaben, Registrierkassen, Außerbetriebnahme einer Signaturerstellungseinheit, with the reason.',
      `Seriennummer des Signaturzertifikats: ${serial}. ${first}`,
      ...more,
    ],
  }
}

/** Report of an outage that has lasted 48 hours (§ 17 RKSV); `since` is the local time of its begin. */
export function outageTask(device: string, serial: string, since: string): Task {
  return {
    id: `outage-${device}-${dateOf(since)}`,
    title: `Report the outage of signature unit ${device} in FinanzOnline`,
    due: reportUntil(since),
    device_id: device,
    instructions: [
      'FinanzOnline, Eingaben, Registrierkassen, Ausfall einer Signaturerstellungseinheit; report its end there too.',
      `Seriennummer des Signaturzertifikats: ${serial}. Beginn: ${since}.`,
    ],
  }
}

/** A certificate that ran out may sign on (§ 15 Abs. 3 RKSV), but a new unit cannot wait for that day. */
export function certificateTask(device: string, endsOn: string): Task {
  return {
    id: `certificate-${device}-${endsOn}`,
    title: `Order a new signature unit for ${device}`,
    due: endsOn,
    device_id: device,
    instructions: [`The certificate ends on ${endsOn}: an expired one can no longer be registered in FinanzOnline.`],
  }
}

function dateOf(stamp: string): string {
  return stamp.slice(0, 10)
}

/** Each that has begun, the last of them where there are many. */
function quarters(from: string, to: string): { name: string; end: string }[] {
  const [first, last] = [quartersBefore(from), quartersBefore(to)]
  const begin = Math.max(first, last - quartersMax + 1)
  return Array.from({ length: Math.max(0, last - begin + 1) }, (_, index) => {
    const [year, quarter] = [Math.floor((begin + index) / 4), ((begin + index) % 4) + 1]
    const month = String(quarter * 3).padStart(2, '0')
    return { name: `${year}-Q${quarter}`, end: `${year}-${month}-${quarter === 1 || quarter === 4 ? 31 : 30}` }
  })
}

/** How many there were before that of a date, since the year 0. */
function quartersBefore(date: string): number {
  return Number(date.slice(0, 4)) * 4 + Math.ceil(Number(date.slice(5, 7)) / 3) - 1
}
