import { setImmediate } from 'node:timers/promises'
import type { Json } from '../../base/canonical.ts'
import type { FiscalPrinter } from '../../drivers/ports/fiscal-printer.ts'
import type { Config } from '../config/config.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import type { Warning } from '../devices/warning.ts'
import { operationDocument } from '../journal/documents.ts'
import type { Journal } from '../journal/journal.ts'
import { PrinterActs } from '../regimes/rt/acts.ts'
import type { Doubt } from '../regimes/rt/doubt.ts'
import { doubtsOf } from '../regimes/rt/doubt.ts'
import { documentsOf, readWithin } from '../regimes/rt/found-documents.ts'
import { KnownPlaces } from '../regimes/rt/known-place.ts'
import { lastDocumentOf } from '../regimes/rt/last-document.ts'
import { periodSums } from '../regimes/rt/period.ts'
import { Rt } from '../regimes/rt/regime.ts'
import type { PrintedRange } from '../till/administration.ts'
import type { Recorder } from '../till/recording/recorder.ts'
import { openTasks } from '../till/technician/tasks.ts'

/** Of some documents, for a person who waits: a line of some memories is an exchange. */
const MEMORY_READING_MS = 120_000

export type ItalyOptions = {
  config: Config
  devices: ReadonlyMap<string, DeviceSupervisor>
  journal: Journal
}

/** The law of Italy over this agent's printers and journal. */
export function italyOf({ config, devices, journal }: ItalyOptions): Rt {
  const { view } = journal
  const departments = new Map(
    config.devices.flatMap((device) => ('departments' in device ? [[device.id, device.departments] as const] : [])),
  )
  const deviceOf = (register: string): string => String(view.register(register)?.shown.fiscal_device)
  return new Rt({
    ...config.rt,
    acts: new PrinterActs({
      printerOf: (id) => devices.get(id)?.asPrinter,
      enrolledSerial: (id) => view.enrolledSerial(id),
      places: new KnownPlaces(sourceOf(journal)),
      periodSums: (serial, z) => periodSums(sourceOf(journal), config.rt, { serial, z }),
    }),
    operationOf: (id) => operationDocument(view, id),
    departmentsOf: (register) => departments.get(deviceOf(register)),
    serialOf: (register) => view.enrolledSerial(deviceOf(register)),
  })
}

/**
 * Reads what a printer printed last, beside what the journal thinks it was, or some documents of its memory. Between two
 * documents of the shop: it waits for its turn as they do. At a printer that is out nothing is under way, and nobody waits for
 * it to answer.
 */
export function printerReadings({ journal, recorder }: { journal: Journal; recorder: Recorder }) {
  const { view } = journal
  const source = sourceOf(journal)
  const places = new KnownPlaces(source)
  const inTurn = ({ id, usable }: DeviceSupervisor, ask: () => Promise<Json>): Promise<Json> =>
    usable ? recorder.exclusively(id, ask) : ask()
  return {
    lastDocument: (device: DeviceSupervisor, unit: FiscalPrinter, isBrief = false): Promise<Json> =>
      inTurn(device, () =>
        lastDocumentOf(device.id, unit, view.enrolledSerial(device.id), { source, places, isBrief }),
      ),
    printedDocuments: (
      device: DeviceSupervisor,
      unit: FiscalPrinter,
      { z, from, to, day, until }: PrintedRange,
    ): Promise<Json> =>
      inTurn(device, async () => {
        const span = { from: { z, number: from }, to: { z, number: to }, day, until }
        const memory = await readWithin(unit, span, MEMORY_READING_MS)
        return memory === undefined ? null : documentsOf(z, memory)
      }),
  }
}

function sourceOf(journal: Journal) {
  return { view: journal.view, headSeq: () => journal.headSeq, pause: () => setImmediate() }
}

/** What somebody should look at on the paper of the printers, confirmed or not. */
export function printerDoubts({ view }: Pick<Journal, 'view'>): Doubt[] {
  return doubtsOf(view)
}

/** The same of one printer, as long as nobody has confirmed it. */
export function printerConcerns({ view }: Pick<Journal, 'view'>, device: string): Warning[] {
  const own = doubtsOf(view).filter(({ device_id: id }) => id === device)
  return openTasks(view, own).map(({ code, title }) => ({ code, message: title }))
}
