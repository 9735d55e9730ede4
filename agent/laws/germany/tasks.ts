import { localDate } from '../../../base/clock.ts'
import { CERTIFICATE_NOTICE_MS } from '../../devices/certificate.ts'
import { isUncertifiedSerial } from '../../devices/uncertified.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../duty.ts'
import type { Instruction } from '../instruction.ts'
import { instruction, verbatim } from '../instruction.ts'
import type { InParts } from '../law.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { germanDate } from './elster/days.ts'
import type { Notice, Notices } from './elster/notices.ts'
import { contradictions } from './elster/sheet.ts'
import type { Till } from './elster/tills.ts'
import { missingFacts } from './elster/tills.ts'
import { FACTS } from './facts.ts'
import { isOwnIdentity } from './identity.ts'
import { isArchivedWhole } from './retired-archive.ts'

const NO_TAX_NUMBER = instruction(
  'Steuernummer: to be filled in. The merchant is recorded without one (`tax_number` is null), and the tax office asks for it.',
)

const ALL_ENDED = instruction(
  'The place has no till of this agent any longer: the file has their ends, and the sheet the day of closing.',
)

const FORM = verbatim(
  'Mein ELSTER: Formulare & Leistungen, Alle Formulare, Mitteilung über elektronische Aufzeichnungssysteme (§ 146a Abs. 4 AO), Formulardaten hochladen.',
)

/** The notices of each place: those that were confirmed, and those that are due. */
export function* noticeTasks(view: View, notices: Notices): InParts<Task> {
  for (const notice of notices.all()) yield notice && noticeTask(view, notice)
}

function noticeTask(view: View, notice: Notice): Task {
  const { id, locationId, due, changes, tills } = notice
  const location = view.location(locationId)?.shown
  const place = location === undefined ? [] : [`--location ${locationId}`]
  return {
    id,
    ...DUTY_KINDS.notice,
    title: `Report the tills of ${notice.place.Betriebsstätte || locationId} to the tax office`,
    due,
    location_id: locationId,
    instructions: [
      ...changes.map(({ subject, what, since }) => instruction('{}: {}, since {}.', subject, what, since)),
      ...tills.flatMap((till) =>
        contradictions(till).map(({ acquired, firstUse }) =>
          instruction(
            'Contradictory facts of {}: acquired on {}, after its first use on {}.',
            till.clientId,
            acquired,
            firstUse,
          ),
        ),
      ),
      ...missingFacts(tills).map(({ clientId, field, how }) =>
        instruction('Missing of {}: {}. {}.', clientId, field, how),
      ),
      ...(tills.length > 0 && tills.every(({ end }) => end !== undefined) ? [ALL_ENDED] : []),
      ...tills.flatMap((till) => lostUnit(view, till)),
      ...(hasNoTaxNumber(view, location?.merchant_id) ? [NO_TAX_NUMBER] : []),
      instruction(
        'The file and all fields of the form: {}',
        ['fiskal-edge export elster --out FOLDER', ...place].join(' '),
      ),
      FORM,
      instruction('One notice has all tills of the place, spare ones too.'),
      instruction('When it is sent: fiskal-edge duty confirm {}', id),
    ],
  }
}

function hasNoTaxNumber(view: View, merchant: string | undefined): boolean {
  if (merchant === undefined) return false
  return view.merchant(merchant)?.shown.fiscal_identities.find(isOwnIdentity)?.tax_number === null
}

/** The client of an ended till stays at a unit that was retired before. */
function lostUnit(view: View, { clientId, decommissioned, tses }: Till): Instruction[] {
  const serial = tses.at(-1)?.serial
  if (decommissioned === undefined || serial === undefined) return []
  const { retired_at: retiredAt } = view.tse(serial, decommissioned.seq)?.shown ?? {}
  if (retiredAt === undefined) return []
  return [
    instruction(
      'The TSE {} was retired before {} ended: the till could not be deregistered there, and need not be.',
      serial,
      clientId,
    ),
  ]
}

/** A trial is not reported: a simulated unit is not a TSE in the sense of the law. */
export function isToBeReported(view: View, serial: string): boolean {
  return view.tse(serial) !== undefined && !isUncertifiedSerial(view, serial)
}

/**
 * A TSE whose certificate is about to expire: it signs nothing after that. Undefined if there is time. `of`: its
 * certification, after which it may not be used although it signs (§ 146a AO; AEAO 1.17).
 */
export function endingTse(
  device: string,
  serial: string,
  endsAtMs: number,
  nowMs: number,
  of: 'certificate' | 'certification' = 'certificate',
): Task | undefined {
  if (endsAtMs - nowMs >= CERTIFICATE_NOTICE_MS) return undefined
  const endsOn = localDate(endsAtMs, FACTS.timeZone)
  return {
    id: `tse-${of}-${device}-${endsOn}`,
    ...DUTY_KINDS.certificate,
    title: `Replace ${device} with a new TSE`,
    due: endsOn,
    device_id: device,
    instructions: [
      of === 'certificate'
        ? instruction(
            'The certificate of the TSE {} ends on {}: receipts say "{}" from then on.',
            serial,
            endsOn,
            FACTS.outageText,
          )
        : instruction(
            'The certification of the TSE {} by the BSI ends on {}: it may not be used from then on, although it signs (§ 146a AO, AEAO 1.17).',
            serial,
            endsOn,
          ),
      instruction(
        'After the new one has arrived: fiskal-edge device archive {}, then fiskal-edge device retire {} --reason TEXT.',
        device,
        device,
      ),
      instruction('Each step: docs/technician.md, "Exchange a TSE".'),
    ],
  }
}

/** A retired TSE without an archive of all its logs, while it is still connected. */
export function unarchivedTse(view: View, device: string, serial: string): Task | undefined {
  const { retired_at: retiredAt } = view.tse(serial)?.shown ?? {}
  if (retiredAt === undefined || !isToBeReported(view, serial) || isArchivedWhole(view, serial)) return undefined
  return {
    id: `tse-archive-${serial}`,
    ...DUTY_KINDS.archive,
    title: `Archive the retired TSE ${serial}`,
    due: germanDate(retiredAt),
    device_id: device,
    instructions: [
      instruction(
        'The unit is still connected as {}, and no archive has all of its logs: fiskal-edge device archive {}',
        device,
        device,
      ),
      instruction('Then check the file: fiskal-edge verify FILE'),
    ],
  }
}
