import { isCalendarDate, localDate, parseRfc3339 } from '../../../base/clock.ts'
import type { Register } from '../../contract/register.ts'
import { CERTIFICATE_NOTICE_MS } from '../../devices/certificate.ts'
import { isUncertifiedSerial } from '../../devices/uncertified.ts'
import { allRegisters } from '../../journal/documents/registers.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../law.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { FACTS } from './facts.ts'
import { isOwnIdentity } from './identity.ts'

/** A till with its TSEs, in order of use. Dates are in Europe/Berlin. */
export type TillFacts = {
  id: string
  clientId: string
  tses: readonly { serial: string; since: string }[]
  /** Date of decommissioning. */
  endedOn: string | undefined
  /** The TSE that was out of use then, so that its client could not be deregistered; undefined if it was. */
  lostTse: string | undefined
  /** The shop has no Steuernummer: the notice asks for one. */
  withoutTaxNumber?: boolean
}

const REPORT =
  'ELSTER: Mitteilung über elektronische Aufzeichnungssysteme (§ 146a Abs. 4 AO), one for all tills of the place of business.'
const NO_TAX_NUMBER =
  'Steuernummer: to be filled in. The merchant is recorded without one (`tax_number` is null), and the tax office asks for it.'

/** The reports about tills that are due to the tax office. */
export function reportsOf(view: View): Task[] {
  return allRegisters(view).flatMap((register) => {
    const till = tillFacts(view, register)
    return till === undefined ? [] : tillTasks(till)
  })
}

/** Undefined for a register that is not a German till. */
function tillFacts(view: View, register: Register): TillFacts | undefined {
  const { id, fiscalization, decommissionedAt: endedAt } = register
  const { regime: law, client_id: clientId } = fiscalization ?? {}
  if (law !== 'KassenSichV' || clientId === undefined || clientId === null) return undefined
  const tses: { serial: string; since: string }[] = []
  for (const event of view.eventsOf(id)) {
    if (!event.body.includes('"tse_serial"')) continue
    const { fiscalization } = (bodyOf(event).set ?? {}) as { fiscalization?: { tse_serial: string | null } }
    const serial = fiscalization?.tse_serial ?? undefined
    if (serial === undefined || serial === tses.at(-1)?.serial) continue
    tses.push({ serial, since: germanDate(event.at) })
  }
  return {
    id,
    clientId,
    tses: tses.filter(({ serial }) => isToBeReported(view, serial)),
    endedOn: endedAt == null ? undefined : germanDate(endedAt),
    lostTse: endedAt == null ? undefined : lostBefore(view, tses.at(-1)?.serial, endedAt),
    withoutTaxNumber: hasNoTaxNumber(view, register),
  }
}

function hasNoTaxNumber(view: View, { merchant_id: merchant }: Register): boolean {
  return view.merchant(merchant)?.shown.fiscal_identities.find(isOwnIdentity)?.tax_number === null
}

function lostBefore(view: View, serial: string | undefined, endedAt: string): string | undefined {
  const retiredAt = serial === undefined ? undefined : view.tse(serial)?.shown.retired_at
  return retiredAt !== undefined && retiredAt <= endedAt ? serial : undefined
}

/** A trial is not reported: a simulated unit is not a TSE in the sense of the law. */
export function isToBeReported(view: View, serial: string): boolean {
  return view.tse(serial) !== undefined && !isUncertifiedSerial(view, serial)
}

function germanDate(stamp: string): string {
  return localDate(parseRfc3339(stamp) ?? 0, FACTS.timeZone)
}

/** Each till with its TSE is reported to the tax office within a month, and so is its end. */
export function tillTasks({ id, clientId, tses, endedOn, lostTse, withoutTaxNumber = false }: TillFacts): Task[] {
  const till = `Seriennummer des elektronischen Aufzeichnungssystems: ${clientId}.`
  const report = [REPORT, ...(withoutTaxNumber ? [NO_TAX_NUMBER] : [])]
  const starts = tses.map(({ serial, since }, index): Task => {
    const before = tses[index - 1]
    return {
      // A till that continues with another TSE is reported again.
      id: index === 0 ? `elster-till-${id}` : `elster-till-${id}-tse-${index + 1}`,
      ...(before === undefined ? DUTY_KINDS.till : DUTY_KINDS.tse),
      title:
        before === undefined
          ? `Report till ${clientId} to the tax office`
          : `Report the new TSE of till ${clientId} to the tax office`,
      due: monthAfter(since),
      register_id: id,
      instructions: [
        ...report,
        `${till} In use since ${since}.`,
        `Seriennummer der TSE: ${serial}. Its Zertifizierungs-ID (BSI-K-TR-…) is in the manufacturer's documents.`,
        ...(before === undefined ? [] : [`It replaces the TSE ${before.serial}, in use until ${since}.`]),
      ],
    }
  })
  if (endedOn === undefined || tses.length === 0) return starts
  const end: Task = {
    id: `elster-till-end-${id}`,
    ...DUTY_KINDS.tillEnd,
    title: `Report the end of till ${clientId} to the tax office`,
    due: monthAfter(endedOn),
    register_id: id,
    instructions: [
      ...report,
      `${till} Außerbetriebnahme: ${endedOn}.`,
      ...(lostTse === undefined
        ? []
        : [`The TSE ${lostTse} was out of use before: this till could not be deregistered there, and need not be.`]),
    ],
  }
  return [...starts, end]
}

/** A TSE whose certificate is about to expire: it signs nothing after that. Undefined if there is time. */
export function endingTse(device: string, serial: string, endsAtMs: number, nowMs: number): Task | undefined {
  if (endsAtMs - nowMs >= CERTIFICATE_NOTICE_MS) return undefined
  const endsOn = localDate(endsAtMs, FACTS.timeZone)
  return {
    id: `tse-certificate-${device}-${endsOn}`,
    ...DUTY_KINDS.certificate,
    title: `Replace ${device} with a new TSE`,
    due: endsOn,
    device_id: device,
    instructions: [
      `The certificate of the TSE ${serial} ends on ${endsOn}: receipts say "${FACTS.outageText}" from then on.`,
      `After the new one has arrived: fiskal-edge device archive ${device}, then fiskal-edge device retire ${device} --reason TEXT.`,
    ],
  }
}

/** The same day of the next month, or its last (§ 188 Abs. 2 and 3 BGB). */
function monthAfter(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-')
  const next = month === '12' ? `${Number(year) + 1}-01` : `${year}-${String(Number(month) + 1).padStart(2, '0')}`
  const days = [day, '30', '29'].map((last) => `${next}-${last}`)
  return days.find(isCalendarDate) ?? `${next}-28`
}
