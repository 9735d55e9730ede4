import type { Inventory } from '../../../contract/inventory.ts'
import type { Register } from '../../../contract/register.ts'
import { isUncertifiedSerial } from '../../../devices/uncertified.ts'
import { membersIn } from '../../../journal/checked.ts'
import type { TseInventoryRecord, TseRecord } from '../../../journal/documents/records.ts'
import type { StoredEvent } from '../../../journal/events.ts'
import { bodyOf } from '../../../journal/events.ts'
import type { View } from '../../../journal/projections/view.ts'
import { FACTS } from '../facts.ts'
import { germanDate } from './days.ts'
import type { FormRecord } from './form.ts'
import { formDate, formText } from './form.ts'

/** The documents up to a seq, so that a list of the past is made again from the journal alone. */
export type DocumentsAt = {
  /** Undefined: now. */
  readonly seq: number | undefined
  register(id: string): Register | undefined
  tse(serial: string): TseRecord | undefined
  eventsOf(id: string): readonly StoredEvent[]
  /** True for a unit that no authority has certified, or that the journal does not know. */
  isUncertified(serial: string): boolean
}

type Reads = Pick<View, 'register' | 'tse' | 'unit' | 'eventsOf'>

export function documentsAt(view: Reads, seq?: number): DocumentsAt {
  const tse = (serial: string) => view.tse(serial, seq)
  return {
    seq,
    register: (id) => view.register(id, seq)?.shown,
    tse: (serial) => tse(serial)?.shown,
    eventsOf: (id) => view.eventsOf(id).filter((event) => seq === undefined || event.seq <= seq),
    isUncertified: (serial) => tse(serial) === undefined || isUncertifiedSerial({ tse, unit: view.unit }, serial),
  }
}

/** A fact that the notice needs and no one has given. */
export type MissingFact = { readonly field: string; readonly how: string; readonly device_id?: string }

/** A till as the notice of its place has it. */
export type Till = {
  readonly registerId: string
  readonly clientId: string
  readonly record: FormRecord
  /** The event that ended it; undefined while it is in use. */
  readonly endedSeq: number | undefined
  readonly missing: readonly MissingFact[]
  /** Its units in order of use, the present one last; `since`: the first day. */
  readonly tses: readonly UsedTse[]
  readonly inventory: Inventory
}

export type UsedTse = { readonly serial: string; readonly since: string; readonly seq: number }

/** The till if it is at that place then. */
export function tillOf(documents: DocumentsAt, location: string, id: string, isTrial = false): Till | undefined {
  return documents.register(id)?.location_id === location ? tillAt(documents, id, isTrial) : undefined
}

/** Undefined for a register of another law, or whose unit is not to be reported. `isTrial`: with any unit. */
function tillAt(documents: DocumentsAt, id: string, isTrial: boolean): Till | undefined {
  const register = documents.register(id)
  const { regime, client_id: clientId } = register?.fiscalization ?? {}
  if (register === undefined || regime !== FACTS.name || clientId === null || clientId === undefined) return undefined
  const { tses, endedSeq } = historyOf(documents, id)
  const present = tses.at(-1)
  if (present === undefined || (!isTrial && documents.isUncertified(present.serial))) return undefined
  const { inventory = {}, decommissionedAt, fiscalizedAt } = register
  const tse = documents.tse(present.serial)
  const facts = { ...systemFacts(inventory), ...tseFacts(tse) }
  const end = {
    AusserbetriebnahmeAS: formDate(inventory.ended_on ?? decommissionedAt),
    GrundAusserbetriebnahme: formText(inventory.end_reason),
  }
  const record: FormRecord = {
    ...facts,
    SeriennummerAS: formText(clientId),
    SeriennummerTSE: present.serial,
    InbetriebnahmeTSE: formDate(present.since),
    InbetriebnahmeAS: formDate(inventory.first_used_on ?? fiscalizedAt),
    ...(endedSeq !== undefined && end),
  }
  const units = tses.filter(({ serial }) => isTrial || !documents.isUncertified(serial))
  const missing = missingIn(record, inventory, tse)
  return { registerId: id, clientId, record, endedSeq, missing, tses: units, inventory }
}

/** Each unit that the register signed with, with the day of its first use; one that came back has two entries. */
function historyOf(documents: DocumentsAt, id: string): { tses: UsedTse[]; endedSeq: number | undefined } {
  const tses: UsedTse[] = []
  let endedSeq: number | undefined
  for (const event of documents.eventsOf(id)) {
    if (!/"(?:tse_serial|decommissionedAt)"/.test(event.body)) continue
    const { fiscalization, decommissionedAt } = bodyOf(event).set ?? {}
    if (typeof decommissionedAt === 'string') endedSeq = event.seq
    const { tse_serial: serial } = membersIn(fiscalization) ?? {}
    if (typeof serial !== 'string' || serial === tses.at(-1)?.serial) continue
    tses.push({ serial, since: germanDate(event.at), seq: event.seq })
  }
  return { tses, endedSeq }
}

/** Only the number of the kind "PC" is known. */
const PC_CODE = '1'
const TSE_CODES: Readonly<Record<NonNullable<TseInventoryRecord['kind']>, string>> = {
  sd: '1',
  usb: '2',
  cloud: '3',
  other: '',
}

function systemFacts(inventory: Inventory): FormRecord {
  const { kind, kind_code, maker, model, software, software_version, acquired_on } = inventory
  return {
    Art: kind_code ?? (kind === 'pc' ? PC_CODE : ''),
    Software: formText(software),
    SoftwareVersion: formText(software_version),
    Hersteller: formText(maker),
    Modell: formText(model),
    AnschaffungAS: formDate(acquired_on),
  }
}

function tseFacts(tse: TseRecord | undefined): FormRecord {
  const { bsi_id, kind, kind_code } = tse?.inventory ?? {}
  return { BSIID: formText(bsi_id), ArtTSE: kind_code ?? (kind === undefined ? '' : TSE_CODES[kind]) }
}

/** The member of the inventory that fills each field. */
const SOURCES = {
  Software: 'software',
  SoftwareVersion: 'software_version',
  Hersteller: 'maker',
  Modell: 'model',
  AnschaffungAS: 'acquired_on',
  GrundAusserbetriebnahme: 'end_reason',
} as const satisfies { readonly [Name in keyof FormRecord]?: keyof Inventory }

function missingIn(record: FormRecord, { kind }: Inventory, tse: TseRecord | undefined): MissingFact[] {
  const missing: MissingFact[] = []
  const ofTill = (field: string) => missing.push({ field, how: `PATCH /v1/registers/{id}: inventory.${field}` })
  if (record.Art === '') ofTill(kind === undefined ? 'kind' : 'kind_code')
  for (const [field, member] of Object.entries(SOURCES))
    if (record[field as keyof typeof SOURCES] === '') ofTill(member)
  const device = tse?.device
  const ofTse = (field: string) =>
    missing.push({
      field,
      how: `agent.json: inventory.${field} of the device ${device ?? 'with that TSE'}, then restart while it is connected`,
      ...(device !== undefined && { device_id: device }),
    })
  if (record.BSIID === '') ofTse('bsiId')
  if (record.ArtTSE === '') ofTse(tse?.inventory?.kind === undefined ? 'kind' : 'kindCode')
  return missing
}

/** The facts that a notice needs and no one has given, of each till. */
export function missingFacts(tills: readonly Till[]) {
  return tills.flatMap(({ registerId, clientId, missing }) =>
    missing.map((fact) => ({ ...fact, registerId, clientId, how: fact.how.replace('{id}', registerId) })),
  )
}
