import type { Clock } from '../../drivers/ports/clock.ts'
import type { FiscalPrinter } from '../../drivers/ports/fiscal-printer.ts'
import type { Json } from '../canonical.ts'
import { enrolPrinter, enrolUnit } from '../devices/enrolment.ts'
import { deviceReport } from '../devices/report.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import { FiskalError } from '../errors.ts'
import type { CheckpointSigner } from '../journal/checkpoint.ts'
import type { Journal } from '../journal/journal.ts'
import { sealJournal } from '../journal/seal.ts'
import type { Duty, Regime } from '../regimes/regime.ts'
import type { Administration, DeviceAct } from './administration.ts'
import { adoptTse } from './adoption.ts'
import type { Exports } from './exports.ts'
import { endForeignTransactions } from './foreign-transactions.ts'
import { notFound } from './guards.ts'
import { installationOf } from './installation.ts'
import { issueKey } from './keys.ts'
import type { Reconciliation } from './reconciliation.ts'
import type { Recorder } from './recorder.ts'
import { retireTse } from './retirement.ts'
import { confirmTask, openTasks } from './tasks.ts'
import { witnessAct } from './witness.ts'

export type TechnicianOptions = {
  journal: Journal
  clock: Clock
  random: (length: number) => Uint8Array
  devices: ReadonlyMap<string, DeviceSupervisor>
  exports: Exports
  signer: CheckpointSigner
  stateDirectory: string
  fault: (point: string) => void
  /** All that the laws ask of a human now, confirmed or not. */
  tasks: () => readonly Duty[]
  /** PINs and PUKs that a set-up made: those that nobody has seen yet come out with `init` until they are. */
  secrets: {
    unseen(device: string): Record<string, string>
    seen(device: string, names: readonly string[]): Promise<void>
  }
  recorder: Recorder
  reconciliation: Reconciliation
  regimes: readonly Regime[]
  /** What is done with the signed logs of TSEs. */
  tseMemory: { archive(device: DeviceSupervisor, deletes: boolean): Promise<Json> }
  /** What a printer printed last and what the journal thinks it was. */
  lastDocument: (device: DeviceSupervisor, unit: FiscalPrinter) => Promise<Json>
  replay: Pick<Administration, 'syncStatus' | 'resumeSync' | 'setSyncAside'>
}

/** The technician's work on a running or a resting agent. */
export function administrationOf(options: TechnicianOptions): Administration {
  const { journal, clock, devices, exports } = options
  const deviceOf = (id: string): DeviceSupervisor => {
    const device = devices.get(id)
    if (device === undefined) throw notFound('device', id)
    return device
  }
  return {
    createKey: async (kind, registerId) => {
      const key = issueKey(kind, registerId, options.random)
      await journal.commit('outcome', (view) => {
        if (registerId !== undefined && view.resource(registerId)?.type !== 'register')
          throw notFound('register', registerId)
        return { events: [key.event], result: undefined }
      })
      return { id: key.id, kind, key: key.token, ...(registerId !== undefined && { register_id: registerId }) }
    },
    listKeys: () =>
      journal.view.keys().map(({ id, kind, register, created_at, revoked_at }) => ({
        id,
        kind: kind === 'platform' ? 'platform' : 'register',
        register_id: register,
        created_at,
        revoked_at,
      })),
    revokeKey: (id) =>
      journal.commit('outcome', (view) => {
        const key = view.key(id)
        if (key === undefined) throw notFound('key', id)
        const events = key.revoked_at === null ? [{ kind: 'key.revoked', op: '', body: { revoked: id } }] : []
        return { events, result: undefined }
      }),
    installation: () => installationOf(journal, devices),
    devices: () => [...devices.values()].map((device) => deviceReport(device, clock.now())),
    deviceAct: async (id, act, argument) => actOn(deviceOf(id), act, argument, options),
    secretsSeen: (id, names) => options.secrets.seen(deviceOf(id).id, names),
    retireTse: (id, reason, successor) => retireTse(options, id, { reason, successor }),
    fault: async (id, fault) => {
      const { device } = deviceOf(id)
      if (device.inject === undefined || device.clearFaults === undefined) {
        throw new FiskalError(
          'unprocessable_entity',
          `Device ${id} is no simulator: it has only the faults of its own.`,
          { device_id: id },
        )
      }
      if (fault === 'clear') device.clearFaults()
      else device.inject(fault)
      return { device: id, fault }
    },
    seal: async () => ({
      seals: await sealJournal({
        directory: options.stateDirectory,
        journal,
        signer: options.signer,
        clock,
        fault: options.fault,
      }),
    }),
    beginEpoch: async (above) => {
      // Asked again, because its answer was lost: that is done, and each needless epoch stays in the journal for ever.
      const begun = above === 0 || journal.epoch <= above
      if (begun) await journal.beginEpoch({ reason: 'operator' }, above)
      return { epoch: journal.epoch, chain: journal.chain, begun }
    },
    ...options.replay,
    listTasks: () => openTasks(journal.view, options.tasks()).map(toJson),
    confirmTask: (id) => confirmTask(journal, options.tasks(), id),
    exportTo: async (type, range, path) => toJson(await exports.write(type, undefined, range, path)),
  }
}

async function actOn(
  device: DeviceSupervisor,
  act: DeviceAct,
  argument: string | undefined,
  { journal, regimes, recorder, clock, secrets, tseMemory, lastDocument }: TechnicianOptions,
): Promise<Json> {
  if (act === 'init') {
    await initialise(device, journal, clock.now())
    await device.connect()
  } else if (act === 'status') await device.connect()
  else if (act === 'adopt') return adoptTse(device, journal)
  else if (act === 'end-foreign') return endForeignTransactions(device, { journal, regimes })
  else if (act === 'settle') return witnessAct(device, argument, { journal, recorder, regimes })
  else if (act === 'last-document') return lastDocument(device, printerOf(device, act))
  else if (act === 'archive') {
    await reach(device)
    return tseMemory.archive(device, argument === 'delete')
  } else if (act === 'open-drawer' || act === 'print-report' || act === 'transmit') {
    await device.look()
    await actOnPrinter(device, act)
  } else {
    await device.look()
    await actOnTse(device, act, argument)
    // It may be well by that.
    await reach(device)
  }
  const note = { device: device.id, act, ...(argument !== undefined && { argument }) }
  if (act !== 'status')
    await journal.commit('outcome', () => ({
      events: [{ kind: 'device.serviced', op: device.id, body: { note } }],
      result: undefined,
    }))
  const fresh = act === 'init' ? secrets.unseen(device.id) : {}
  return { ...deviceReport(device, clock.now()), ...(Object.keys(fresh).length > 0 && { new_secrets: fresh }) }
}

async function reach(device: DeviceSupervisor): Promise<void> {
  if (!device.usable) await device.connect()
}

/** A card or printer that takes the place of another one is taken over by this act alone. */
async function initialise({ id, device: { unit } }: DeviceSupervisor, journal: Journal, nowMs: number): Promise<void> {
  if (unit.kind === 'fiscal-printer') {
    await unit.open()
    return enrolPrinter(journal, id, (await unit.identity()).serial, nowMs)
  }
  await unit.initialise()
  if (unit.kind === 'signature-card') await enrolUnit(journal, id, await unit.identity(), nowMs, true)
}

async function actOnPrinter(device: DeviceSupervisor, act: 'open-drawer' | 'print-report' | 'transmit'): Promise<void> {
  const printer = printerOf(device, act)
  if (act === 'open-drawer') return printer.openDrawer()
  return act === 'print-report' ? printer.printReport() : printer.transmitPending()
}

function printerOf({ id, asPrinter }: DeviceSupervisor, act: DeviceAct): FiscalPrinter {
  if (asPrinter !== undefined) return asPrinter.unit
  throw new FiskalError('unprocessable_entity', `${id} is no printer: it has no ${act}.`, { device_id: id })
}

async function actOnTse(
  device: DeviceSupervisor,
  act: Exclude<DeviceAct, 'init' | 'status' | 'adopt' | 'end-foreign' | 'archive' | 'settle' | 'last-document'>,
  argument: string | undefined,
): Promise<void> {
  const tse = device.asTse?.unit
  if (tse === undefined) {
    throw new FiskalError('unprocessable_entity', `${device.id} is no TSE: it has no ${act}.`, { device_id: device.id })
  }
  if (act === 'self-test') return tse.selfTest()
  if (act === 'set-time') return tse.setTime()
  if (argument === undefined || !/^[A-Za-z0-9-]{1,30}$/.test(argument)) {
    throw new FiskalError('invalid_request', 'Name the client: 1 to 30 letters, digits and hyphens.', {
      reason: 'schema',
    })
  }
  return tse.registerClient(argument)
}

function toJson(members: { readonly [member: string]: Json | undefined }): Json {
  return members
}
