import { parseRfc3339, rfc3339 } from '../../clock.ts'
import type { Duty } from '../regime.ts'
import { yearlyCheckUntil } from './special-receipts.ts'

export type RegisterFacts = {
  id: string
  cashBoxId: string
  /** Calendar date of the Startbeleg in Austria, and its machine-readable code. */
  startedOn: string
  startCode: string
  keyCheckValue: string
  /** Years with a Jahresbeleg, and its code. */
  years: readonly { year: string; code: string }[]
}

export type UnitFacts = { device: string; serial: string; vda: string; enrolledOn: string }

/** The key is secret: it stands in a file that only the technician can write. */
const keyFile = 'fiskal-edge export rksv_crypto --out FILE writes the key (base64AESKey); delete the file afterwards.'
const quartersMax = 80
const dayMs = 86_400_000

export function unitDuty({ device, serial, vda, enrolledOn }: UnitFacts): Duty {
  return {
    id: `finanzonline-unit-${serial}`,
    title: `Register signature unit ${device} in FinanzOnline`,
    due: enrolledOn,
    device_id: device,
    instructions: [
      'FinanzOnline, Eingaben, Registrierkassen, Registrierung einer Signaturerstellungseinheit.',
      `Vertrauensdiensteanbieter: ${vda}. Seriennummer des Signaturzertifikats (hexadezimal): ${serial}.`,
    ],
  }
}

/** Registration and the checks of Start- and Jahresbeleg, and the copy of each quarter (§ 7 Abs. 3 RKSV). */
export function registerDuties(register: RegisterFacts, today: string): Duty[] {
  const { id, cashBoxId, startedOn, startCode, keyCheckValue, years } = register
  const within = plusDays(startedOn, 7)
  const duty = (name: string, title: string, due: string, instructions: readonly string[]): Duty => ({
    id: `${name}-${id}`,
    title,
    due,
    instructions,
    register_id: id,
  })
  return [
    duty('finanzonline-register', `Register ${cashBoxId} in FinanzOnline`, within, [
      'FinanzOnline, Eingaben, Registrierkassen, Registrierung einer Registrierkasse; after the signature unit.',
      `Kassenidentifikationsnummer: ${cashBoxId}. Benutzerschlüssel with check value ${keyCheckValue}.`,
      keyFile,
    ]),
    duty('startbeleg-check', `Check the Startbeleg of ${cashBoxId}`, within, [
      'BMF Belegcheck app, or FinanzOnline: scan or type in the code of the Startbeleg, and keep the result 7 years.',
      startCode,
    ]),
    ...years.map(({ year, code }) =>
      duty(`yearly-check-${year}`, `Check the Jahresbeleg ${year} of ${cashBoxId}`, yearlyCheckUntil(year), [
        'BMF Belegcheck app, or FinanzOnline: scan or type in the code of the Jahresbeleg, and keep it 7 years.',
        code,
      ]),
    ),
    ...quarters(startedOn, today).map(({ name, end }) =>
      duty(`dep-backup-${name}`, `Copy the DEP of ${cashBoxId}, ${name}`, end, [
        `fiskal-edge export dep7 --register ${id} --out FILE on an external medium, and keep it 7 years.`,
      ]),
    ),
  ]
}

/** Report of an outage that has lasted 48 hours (§ 17 RKSV). */
export function outageDuty(device: string, serial: string, sinceDate: string): Duty {
  return {
    id: `outage-${device}-${sinceDate}`,
    title: `Report the outage of signature unit ${device} in FinanzOnline`,
    due: plusDays(sinceDate, 7),
    device_id: device,
    instructions: [
      'FinanzOnline, Eingaben, Registrierkassen, Ausfall einer Signaturerstellungseinheit; report its end there too.',
      `Seriennummer des Signaturzertifikats: ${serial}. Beginn: ${sinceDate}.`,
    ],
  }
}

/** A certificate that ran out may sign on (§ 15 Abs. 3 RKSV), but a new unit cannot wait for that day. */
export function certificateDuty(device: string, endsOn: string): Duty {
  return {
    id: `certificate-${device}-${endsOn}`,
    title: `Order a new signature unit for ${device}`,
    due: endsOn,
    device_id: device,
    instructions: [`The certificate ends on ${endsOn}: an expired one can no longer be registered in FinanzOnline.`],
  }
}

function quarters(from: string, to: string): { name: string; end: string }[] {
  const found: { name: string; end: string }[] = []
  let [year, quarter] = quarterOf(from)
  const [lastYear, lastQuarter] = quarterOf(to)
  while (found.length < quartersMax && (year < lastYear || (year === lastYear && quarter <= lastQuarter))) {
    const month = String(quarter * 3).padStart(2, '0')
    found.push({ name: `${year}-Q${quarter}`, end: `${year}-${month}-${quarter === 1 || quarter === 4 ? 31 : 30}` })
    if (quarter === 4) year += 1
    quarter = (quarter % 4) + 1
  }
  return found
}

function quarterOf(date: string): [year: number, quarter: number] {
  return [Number(date.slice(0, 4)), Math.ceil(Number(date.slice(5, 7)) / 3)]
}

function plusDays(date: string, days: number): string {
  return rfc3339((parseRfc3339(`${date}T00:00:00Z`) ?? 0) + days * dayMs).slice(0, 10)
}
