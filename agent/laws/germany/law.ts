import { setImmediate } from 'node:timers/promises'
import { rfc3339 } from '../../../base/clock.ts'
import type { ValuesOf } from '../../../base/settings/law-settings.ts'
import { certificationEndMs } from '../../devices/certificate.ts'
import { isRetiredTse } from '../../devices/enrolment.ts'
import type { Warning } from '../../devices/warning.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Duty, Task } from '../duty.ts'
import type { InParts, Law, LawParts, OpenLaw } from '../law.ts'
import { TseActs } from './acts.ts'
import { GermanClosingBooks } from './closing-books.ts'
import { noticeFiles } from './elster/files.ts'
import { Notices } from './elster/notices.ts'
import { germanExports } from './exports.ts'
import { FACTS } from './facts.ts'
import { LOSS_INSTRUCTIONS } from './loss-instructions.ts'
import { memoryFacts } from './memory/kept-archives.ts'
import { ReadBack } from './memory/read-back.ts'
import type { ReadFacts } from './memory/read-facts.ts'
import { readFacts } from './memory/read-facts.ts'
import { TseMemory } from './memory/tse-memory.ts'
import { RECEIPT } from './receipt.ts'
import { GermanRules } from './rules.ts'
import { SETTINGS } from './settings.ts'
import { SHAPES } from './shapes.ts'
import { STATE } from './state.ts'
import { endingTse, isToBeReported, noticeTasks, unarchivedTse } from './tasks.ts'
import { ACTS } from './tse-act.ts'
import { ratesOf } from './vat-settings.ts'

/** Settings from agent.json. */
export type GermanSettings = { state: string; deadlineMs: number } & ValuesOf<typeof SETTINGS.keys>

/** Manufacturer and product in cashregister.csv of the DSFinV-K. */
const PRODUCT = 'fiskal-edge'

export const GERMAN_LAW = {
  ...FACTS,
  settings: SETTINGS,
  shapes: SHAPES,
  words: { acts: ACTS, state: STATE },
  receipt: RECEIPT,
  lossInstructions: LOSS_INSTRUCTIONS,
  open: openGermany,
} satisfies Law<GermanSettings>

/** The law of Germany over this agent's TSEs and journal. */
function openGermany(options: LawParts<GermanSettings>): OpenLaw {
  const { config, devices, journal, clock, softwareVersion } = options
  const { taxonomyVersion, defaultOperator } = config.dsfinvk
  const product = { brand: PRODUCT, model: PRODUCT, softwareBrand: PRODUCT, softwareVersion }
  const rates = ratesOf(config.kassensichv)
  const books = new GermanClosingBooks({
    rates,
    view: journal.view,
    chains: () => journal.chains,
    directory: config.state,
    settings: { taxonomyVersion, defaultOperator, ...product },
    recordsDrawerOpenings: config.dsfinvk.exportDrawerOpenings,
    tses: () => [...devices.values()].flatMap((device) => device.asTse?.identity ?? []),
    now: () => clock.now(),
    pause: () => setImmediate(),
  })
  const acts = new TseActs({
    tseOf: (id) => devices.get(id)?.asTse,
    journalledOpen: (device) => journal.view.deviceTransactions(device).map((row) => row.number),
    clock,
    deadlineMs: config.deadlineMs,
  })
  const { space, onError, fault } = options
  const archiving = {
    journal,
    clock,
    onError,
    fault,
    directory: options.archiveDirectory,
    hasRoom: () => space.state().level === 'ok',
  }
  const tseMemory = new TseMemory({ ...archiving, policy: config.tseMemory })
  const readBack = new ReadBack({ ...archiving, devices, memory: tseMemory })
  const notices = new Notices(journal.view)
  const rules = new GermanRules(acts, books, rates, (serial) => isRetiredTse(journal.view, serial))
  return {
    rules,
    exports: germanExports({ view: journal.view, now: () => clock.now(), devices, books, memory: tseMemory }),
    memory: {
      warnAtPercent: config.tseMemory.warnAtPercent,
      archive: (device, deletes) => tseMemory.archive(device, deletes),
    },
    duties: () => dutiesOf(options, notices),
    notices: (location, isTrial) => noticeFiles(journal.view, notices, location, isTrial),
    look: (device) => tseMemory.look(device),
    concernsOf: (device) => [...unreadableWarnings(journal.view, device), ...undeletedWarnings(journal.view, device)],
    start: () => readBack.start(),
    stop: () => readBack.stop(),
  }
}

function* dutiesOf(options: LawParts<unknown>, notices: Notices): InParts<Duty> {
  for (const task of noticeTasks(options.journal.view, notices)) yield task && { task }
  for (const task of [...endingTses(options), ...unarchivedTses(options)]) yield { task }
}

function endingTses({ devices, journal, clock }: Pick<LawParts<unknown>, 'devices' | 'journal' | 'clock'>): Task[] {
  return [...devices.values()].flatMap((device) => {
    const endsAtMs = device.tseHealth?.certificateExpiresAtMs
    const serial = journal.view.enrolledSerial(device.id)
    if (endsAtMs === undefined || serial === undefined || !isToBeReported(journal.view, serial)) return []
    const certifiedToMs = certificationEndMs(device.device) ?? Number.POSITIVE_INFINITY
    return [
      endingTse(device.id, serial, endsAtMs, clock.now()) ?? [],
      endingTse(device.id, serial, certifiedToMs, clock.now(), 'certification') ?? [],
    ].flat()
  })
}

function unarchivedTses({ devices, journal }: Pick<LawParts<unknown>, 'devices' | 'journal'>): Task[] {
  return [...devices.values()].flatMap((device) => {
    const serial = device.trouble?.code === 'retired' ? device.asTse?.identity?.serial : undefined
    return serial === undefined ? [] : (unarchivedTse(journal.view, device.id, serial) ?? [])
  })
}

/** The unit of a device signs but could not be read: from the first failure until a read succeeds. */
function unreadableWarnings(view: Pick<View, 'tse' | 'enrolledSerial'>, device: string): Warning[] {
  const serial = view.enrolledSerial(device)
  const { unreadable, readTo } = serial === undefined ? NOT_READ : readFacts(view, serial)
  if (unreadable === undefined) return []
  const last =
    readTo === undefined
      ? 'No log was read yet'
      : `The last log that was read is ${readTo.counter}, of ${rfc3339(readTo.time_ms)}`
  const { code, message, since } = unreadable
  return [{ code: 'tse_unreadable', message: `Since ${since} (${code}): ${message} ${last}.` }]
}

/** The unit of a device was to be emptied and did not delete its logs: until it does. */
function undeletedWarnings(view: View, device: string): Warning[] {
  const serial = view.enrolledSerial(device)
  const { refused } = serial === undefined ? { refused: undefined } : memoryFacts(view, serial)
  if (refused === undefined) return []
  const { at, open } = refused
  const message = `The unit refused to delete its logs at ${at}: ${open} transactions were open. The archive is kept. Complete or void the open sales: the agent tries again each hour.`
  return [{ code: 'device_memory_low', message }]
}

const NOT_READ: ReadFacts = { readTo: undefined, unreadable: undefined }
