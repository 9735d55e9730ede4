import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { rfc3339 } from '../../base/clock.ts'
import type { Config } from '../config/config.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import type { Warning } from '../devices/warning.ts'
import type { SpaceState } from '../journal/disk/space.ts'
import type { Journal } from '../journal/journal.ts'
import type { View } from '../journal/projections/view.ts'
import { TseActs } from '../regimes/kassensichv/acts.ts'
import { GermanBooks } from '../regimes/kassensichv/books.ts'
import { endingTse, isToBeReported, reportsOf } from '../regimes/kassensichv/duties.ts'
import { ReadBack } from '../regimes/kassensichv/memory/read-back.ts'
import type { ReadFacts } from '../regimes/kassensichv/memory/read-facts.ts'
import { readFacts } from '../regimes/kassensichv/memory/read-facts.ts'
import { TseMemory } from '../regimes/kassensichv/memory/tse-memory.ts'
import { KassenSichV } from '../regimes/kassensichv/regime.ts'
import type { Duty } from '../regimes/regime.ts'

export type GermanyOptions = {
  config: Config
  devices: ReadonlyMap<string, DeviceSupervisor>
  journal: Journal
  clock: Clock
  softwareVersion: string
  /** Of what is taken out of TSEs. */
  archiveDirectory: string
  space: { state(): Pick<SpaceState, 'level'> }
  onError: (error: unknown) => void
  fault: (point: string) => void
}

/** Maker and product, as cashregister.csv of the DSFinV-K names them. */
const PRODUCT = 'fiskal-edge'

export type Germany = {
  regime: KassenSichV
  books: GermanBooks
  tseMemory: TseMemory
  readBack: ReadBack
  tasks: () => Duty[]
}

/** The law of Germany over this agent's TSEs and journal. */
export function germanyOf(options: GermanyOptions): Germany {
  const { config, devices, journal, clock, softwareVersion } = options
  const { taxonomyVersion, defaultOperator } = config.dsfinvk
  const product = { brand: PRODUCT, model: PRODUCT, softwareBrand: PRODUCT, softwareVersion }
  const books = new GermanBooks({
    view: journal.view,
    chains: () => journal.chains,
    directory: config.state,
    settings: { taxonomyVersion, defaultOperator, ...product },
    recordsDrawerOpenings: config.dsfinvk.exportDrawerOpenings,
    tses: () => [...devices.values()].flatMap((device) => device.asTse?.identity ?? []),
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
    ...{ journal, clock, onError, fault },
    directory: options.archiveDirectory,
    hasRoom: () => space.state().level === 'ok',
  }
  const tseMemory = new TseMemory({ ...archiving, policy: config.tseMemory })
  const readBack = new ReadBack({ ...archiving, devices, memory: tseMemory })
  const regime = new KassenSichV(acts, books)
  return { regime, books, tseMemory, readBack, tasks: () => [...reportsOf(journal.view), ...endingTses(options)] }
}

function endingTses({ devices, journal, clock }: GermanyOptions): Duty[] {
  return [...devices.values()].flatMap((device) => {
    const endsAtMs = device.tseHealth?.certificateExpiresAtMs
    const serial = journal.view.enrolledSerial(device.id)
    if (endsAtMs === undefined || serial === undefined || !isToBeReported(journal.view, serial)) return []
    return endingTse(device.id, serial, endsAtMs, clock.now()) ?? []
  })
}

/** That the unit of a device signs and could not be read: from the first time on, until it could. */
export function unreadableWarnings(view: Pick<View, 'members' | 'enrolledSerial'>, device: string): Warning[] {
  const serial = view.enrolledSerial(device)
  const { unreadable, readTo } = serial === undefined ? NOT_READ : readFacts(view, serial)
  if (unreadable === undefined) return []
  const last =
    readTo === undefined
      ? 'No log was read yet'
      : `The last log that was read is ${readTo.counter}, of ${rfc3339(readTo.time_ms)}`
  const { code, message, since } = unreadable
  return [{ code: 'unreadable', message: `Since ${since} (${code}): ${message} ${last}.` }]
}

const NOT_READ: ReadFacts = { readTo: undefined, unreadable: undefined }
