import type { Inventory } from '../../../contract/inventory.ts'
import type { Location } from '../../../contract/location.ts'
import type { Merchant } from '../../../contract/merchant.ts'
import type { Register } from '../../../contract/register.ts'
import { isUncertifiedSerial } from '../../../devices/uncertified.ts'
import type { TseInventoryRecord, TseRecord } from '../../../journal/documents/records.ts'
import type { StoredEvent } from '../../../journal/events.ts'
import type { View } from '../../../journal/projections/view.ts'
import type { Instruction } from '../../instruction.ts'
import { instruction, verbatim } from '../../instruction.ts'
import { FACTS } from '../facts.ts'
import { germanDate } from './days.ts'
import type { FormRecord } from './form.ts'
import { FORM_CODE, formDate, formText } from './form.ts'
import type { History, Step, UsedTse } from './history.ts'
import { historyOf } from './history.ts'

/** The documents up to a seq, so that a list of the past is made again from the journal alone. */
export type DocumentsAt = {
  /** Undefined: now. */
  readonly seq: number | undefined
  merchant(id: string): Merchant | undefined
  location(id: string): Location | undefined
  register(id: string): Register | undefined
  tse(serial: string): TseRecord | undefined
  eventsOf(id: string): readonly StoredEvent[]
  /** True for a unit that no authority has certified, or that the journal does not know. */
  isUncertified(serial: string): boolean
}

type Reads = Pick<View, 'merchant' | 'location' | 'register' | 'tse' | 'unit' | 'eventsOf'>

export function documentsAt(view: Reads, seq?: number): DocumentsAt {
  const tse = (serial: string) => view.tse(serial, seq)
  return {
    seq,
    merchant: (id) => view.merchant(id, seq)?.shown,
    location: (id) => view.location(id, seq)?.shown,
    register: (id) => view.register(id, seq)?.shown,
    tse: (serial) => tse(serial)?.shown,
    eventsOf: (id) => view.eventsOf(id).filter((event) => seq === undefined || event.seq <= seq),
    isUncertified: (serial) => tse(serial) === undefined || isUncertifiedSerial({ tse, unit: view.unit }, serial),
  }
}

/** A fact that the notice needs and no one has given. */
export type MissingFact = { readonly field: string; readonly how: Instruction; readonly device_id?: string }

/** A till as the notice of its place has it. */
export type Till = Pick<History, 'decommissioned' | 'arrived'> & {
  readonly registerId: string
  readonly clientId: string
  readonly record: FormRecord
  /** It left the business or this place; undefined while it is kept here. */
  readonly end: Step | undefined
  readonly missing: readonly MissingFact[]
  /** Its units in order of use, the present one last; `since`: the first day. */
  readonly tses: readonly UsedTse[]
  readonly inventory: Inventory
  /** Calendar date; of a till that never signed undefined. */
  readonly firstUse: string | undefined
}

/** The till, if it is or was at the place at the time of the documents. */
export function tillOf(documents: DocumentsAt, location: string, id: string, isTrial = false): Till | undefined {
  const register = documents.register(id)
  if (register === undefined) return undefined
  const history = historyOf(documents.eventsOf(id), location)
  if (register.location_id !== location && history.left === undefined) return undefined
  return tillAt(documents, register, history, isTrial)
}

/** Undefined for a register of another law, or whose unit is not to be reported. `isTrial`: with any unit. */
function tillAt(documents: DocumentsAt, register: Register, history: History, isTrial: boolean): Till | undefined {
  const { id } = register
  const { regime, client_id: clientId } = register.fiscalization ?? {}
  if (regime !== FACTS.name || clientId === null || clientId === undefined) return undefined
  const { tses, decommissioned, ended, left, arrived } = history
  const present = tses.at(-1)
  if (present === undefined || (!isTrial && documents.isUncertified(present.serial))) return undefined
  const { inventory = {}, fiscalizedAt } = register
  const tse = documents.tse(present.serial)
  const facts = { ...systemFacts(inventory), ...tseFacts(tse) }
  const end = left ?? ended
  const record: FormRecord = {
    ...facts,
    SeriennummerAS: formText(clientId),
    SeriennummerTSE: present.serial,
    InbetriebnahmeTSE: formDate(present.since),
    InbetriebnahmeAS: formDate(inventory.first_used_on ?? fiscalizedAt),
    ...(end !== undefined && {
      AusserbetriebnahmeAS: formDate(end.day),
      GrundAusserbetriebnahme: left === undefined ? formText(inventory.end_reason) : MOVED,
    }),
  }
  const firstUse = inventory.first_used_on ?? (fiscalizedAt === null ? undefined : germanDate(fiscalizedAt))
  const units = tses.filter(({ serial }) => isTrial || !documents.isUncertified(serial))
  const missing = missingIn(id, record, inventory, tse)
  return { registerId: id, clientId, record, end, missing, tses: units, inventory, decommissioned, arrived, firstUse }
}

/** Reason of the end of a till that is used at another place from then on. */
const MOVED = 'Wechsel der Betriebsstätte'

/** The numbers of the form; '' for a kind that it does not have: then a person chooses one. */
const SYSTEM_CODES: Readonly<Record<NonNullable<Inventory['kind']>, string>> = {
  pc: '1',
  tablet: '2',
  cash_register: '3',
  taximeter: '4',
  odometer: '5',
  scale: '',
  other: '',
}
const TSE_CODES: Readonly<Record<NonNullable<TseInventoryRecord['kind']>, string>> = {
  sd: '1',
  usb: '2',
  cloud: '3',
  other: '',
}

function systemFacts(inventory: Inventory): FormRecord {
  const { kind, kind_code, maker, model, software, software_version, acquired_on } = inventory
  return {
    Art: codeOf(SYSTEM_CODES, kind, kind_code),
    Software: formText(software),
    SoftwareVersion: formText(software_version),
    Hersteller: formText(maker),
    Modell: formText(model),
    AnschaffungAS: formDate(acquired_on),
  }
}

function tseFacts(tse: TseRecord | undefined): FormRecord {
  const { bsi_id, kind, kind_code } = tse?.inventory ?? {}
  return { BSIID: formText(bsi_id), ArtTSE: codeOf(TSE_CODES, kind, kind_code) }
}

/** The given number if the form has it, else that of the kind. */
function codeOf<Kind extends string>(
  codes: Readonly<Record<Kind, string>>,
  kind: Kind | undefined,
  given: string | undefined,
): string {
  if (given !== undefined && FORM_CODE.test(given)) return given
  return kind === undefined ? '' : codes[kind]
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

function missingIn(
  register: string,
  record: FormRecord,
  { kind }: Inventory,
  tse: TseRecord | undefined,
): MissingFact[] {
  const missing: MissingFact[] = []
  const code = instruction('PATCH /v1/registers/{}: inventory.kind_code, 1 to 5, in doubt 1', register)
  const ofTill = (field: string, how = verbatim(`PATCH /v1/registers/${register}: inventory.${field}`)) =>
    missing.push({ field, how })
  if (record.Art === '') kind === undefined ? ofTill('kind') : ofTill('kind_code', code)
  for (const [field, member] of Object.entries(SOURCES))
    if (record[field as keyof typeof SOURCES] === '') ofTill(member)
  const device = tse?.device
  const ofTse = (field: string) =>
    missing.push({
      field,
      how: instruction(
        'agent.json: inventory.{} of the device {}, then restart while it is connected',
        field,
        device ?? record.SeriennummerTSE ?? '',
      ),
      ...(device !== undefined && { device_id: device }),
    })
  if (record.BSIID === '') ofTse('bsiId')
  if (record.ArtTSE === '') ofTse(tse?.inventory?.kind === undefined ? 'kind' : 'kindCode')
  return missing
}

/** The facts that a notice needs and no one has given, of each till. */
export function missingFacts(tills: readonly Till[]) {
  return tills.flatMap(({ registerId, clientId, missing }) =>
    missing.map((fact) => ({ ...fact, registerId, clientId })),
  )
}
