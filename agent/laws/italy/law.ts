import { localDate, rfc3339 } from '../../../base/clock.ts'
import type { ValuesOf } from '../../../base/settings/law-settings.ts'
import { otherIdOf } from '../../devices/enrolment.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { Warning } from '../../devices/warning.ts'
import { openTasks } from '../../journal/confirmed-tasks.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Duty } from '../duty.ts'
import type { InParts, Law, LawParts, OpenLaw } from '../law.ts'
import { PrinterActs } from './acts.ts'
import { EmergencyActs } from './emergency-acts.ts'
import { withEntries } from './emergency-hints.ts'
import { emergencyReports } from './emergency-reports.ts'
import { emergencyTasks, emergencyWarnings } from './emergency-tasks.ts'
import { FACTS } from './facts.ts'
import { countedEvents, hasNewerZ, idleTasks, idleWarnings } from './idle.ts'
import { KnownPlaces } from './known-place.ts'
import { periodTasks } from './left-periods.ts'
import { LOSS_INSTRUCTIONS } from './loss-instructions.ts'
import { openPeriod } from './open-period.ts'
import { paperCheckTasks } from './paper-check.ts'
import { periodSums } from './period.ts'
import { posExports } from './pos-exports.ts'
import { ACTS } from './printer-act.ts'
import { printouts } from './printouts.ts'
import { printerReadings } from './readings.ts'
import { RECEIPT } from './receipt.ts'
import { endTasks } from './register-end.ts'
import { rejectedTask, rejectedWarnings } from './rejected-files.ts'
import { ItalianRules } from './rules.ts'
import { SETTINGS } from './settings.ts'
import { SHAPES } from './shapes.ts'
import { sourceOf } from './source.ts'
import { STATE } from './state.ts'
import { linkTasks } from './terminal-tasks.ts'
import { Transmissions } from './transmissions.ts'
import type { Departments } from './vat.ts'

/** Settings from agent.json. */
export type ItalianSettings = {
  state: string
  devices: readonly { id: string; departments?: Departments | undefined }[]
} & ValuesOf<typeof SETTINGS.keys>

export const ITALIAN_LAW = {
  ...FACTS,
  settings: SETTINGS,
  shapes: SHAPES,
  words: { acts: ACTS, state: STATE },
  receipt: RECEIPT,
  lossInstructions: LOSS_INSTRUCTIONS,
  open: openItaly,
} satisfies Law<ItalianSettings>

/** The law of Italy over this agent's printers and journal. */
function openItaly(parts: LawParts<ItalianSettings>): OpenLaw {
  const { config, devices, journal, clock, onError } = parts
  const { view } = journal
  const departments = new Map(
    config.devices.flatMap(({ id, departments: own }) => (own === undefined ? [] : [[id, own] as const])),
  )
  const places = new KnownPlaces(sourceOf(journal))
  const deviceOf = (register: string): string => view.register(register)?.shown.fiscal_device ?? ''
  const acts = new PrinterActs({
    printerOf: (id) => devices.get(id)?.asPrinter,
    enrolledSerial: (id) => view.enrolledSerial(id),
    otherIdOf: (id, serial) => otherIdOf(view, (other) => devices.has(other), id, serial),
    places,
    periodSums: async (span) => {
      const periods = await periodSums(sourceOf(journal), config.rt, span, { view, laws: [RECEIPT] })
      const place = { serial: span.serial, today: localDate(clock.now(), FACTS.timeZone) }
      return withEntries(sourceOf(journal), config.rt, place, periods)
    },
  })
  const emergencies = new EmergencyActs({ ...parts, acts, settings: config.rt })
  const rules = new ItalianRules({
    ...config.rt,
    acts,
    printouts: printouts({ acts, emergencies, source: sourceOf(journal), deviceOf: (id) => devices.get(id) }),
    operationOf: (id) => view.operation(id),
    departmentsOf: (register) => departments.get(deviceOf(register)),
    serialOf: (register) => view.enrolledSerial(deviceOf(register)),
    now: () => rfc3339(clock.now()),
    view,
    reports: (open) => emergencyReports(sourceOf(journal), config.rt, open),
    openPeriod: (serial, isMeant) => openPeriod({ ...sourceOf(journal), places }, config.rt, serial, isMeant),
  })
  const transmissions = new Transmissions(parts)
  const looked = async (device: DeviceSupervisor): Promise<void> => {
    await noteCount(journal, device, rfc3339(clock.now()))
    await transmissions.look(device)
  }
  return {
    rules,
    exports: posExports(parts),
    duties: () => dutiesOf(parts, transmissions),
    printerReadings: printerReadings(journal, config.rt),
    emergencies,
    concernsOf: (device) => [
      ...printerConcerns(journal, device),
      ...emergencyWarnings(view, device),
      ...idleWarnings(view, devices, device, clock.now()),
      ...rejectedWarnings(view, devices.get(device)),
    ],
    look: (device) => void looked(device).catch(onError),
    stop: () => transmissions.settled(),
  }
}

function* dutiesOf(
  { journal: { view }, devices, clock }: LawParts<ItalianSettings>,
  transmissions: Transmissions,
): InParts<Duty> {
  for (const task of [...paperCheckTasks(view), ...periodTasks(view)]) yield { task }
  yield undefined
  for (const task of [...endTasks(view), ...emergencyTasks(view, clock.now())]) yield { task }
  yield undefined
  for (const task of linkTasks(view)) yield task && { task }
  for (const task of idleTasks(view, devices, clock.now())) yield { task }
  for (const closing of transmissions.rejected()) {
    const task = closing && rejectedTask(view, closing)
    yield task && { task }
  }
}

/** Notes a Z that the agent has not seen. */
async function noteCount(journal: Journal, device: DeviceSupervisor, at: string): Promise<void> {
  const serial = journal.view.enrolledSerial(device.id)
  if (serial === undefined || !hasNewerZ(journal.view, device, serial)) return
  const { lastReport } = device
  if (lastReport?.kind !== 'fiscal_printer') return
  const { z } = lastReport.health
  await journal.record((view) => countedEvents(view, device.id, { serial, z }, at))
}

/** Documents that a person should check on the paper of a printer, until one has confirmed that. */
function printerConcerns({ view }: Pick<Journal, 'view'>, device: string): Warning[] {
  const own = paperCheckTasks(view).filter(({ device_id: id }) => id === device)
  return openTasks(view, own).map(({ code, title }) => ({ code, message: title }))
}
