import type { Json } from '../../../base/canonical.ts'
import { deviceReport } from '../../devices/report.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import { openTasks } from '../../journal/confirmed-tasks.ts'
import type { Exported, ExportTask } from '../../journal/export.ts'
import { notFound } from '../../journal/not-found.ts'
import type { View } from '../../journal/projections/view.ts'
import { sealJournal } from '../../journal/seal.ts'
import type { Task } from '../../laws/duty.ts'
import type { InParts } from '../../laws/law.ts'
import type { LawNotices } from '../../laws/notices.ts'
import type { ReceiptLaw } from '../../receipts/receipt-law.ts'
import type { Administration, DeviceAct } from '../administration.ts'
import { noSuchDuty } from '../duty-records.ts'
import type { Exports } from '../exports/exports.ts'
import type { DutyList } from '../reading/duty-list.ts'
import { withSteps } from '../reading/duty-steps.ts'
import type { DutyListing } from '../reading/listed-duties.ts'
import { Places } from '../reading/listed-duties.ts'
import { Mutexes } from '../recording/mutexes.ts'
import type { Reconciliation } from '../recording/reconciliation.ts'
import type { Workflow } from '../recording/workflow.ts'
import { issueKey } from '../set-up/keys.ts'
import { readInSlices, Slice } from '../slices.ts'
import { auditNotes } from './audit-notes.ts'
import type { DeviceActParts } from './device-acts.ts'
import { actOn } from './device-acts.ts'
import { endOperation, halfPrinted } from './ended-operation.ts'
import { installationOf } from './installation.ts'
import { retirable, retireTse } from './retirement.ts'
import { confirmTask } from './tasks.ts'

export type TechnicianOptions = DeviceActParts & {
  random: (length: number) => Uint8Array
  exports: Exports
  receiptLaws: readonly ReceiptLaw[]
  stateDirectory: string
  fault: (point: string) => void
  /** All legal tasks for a person, confirmed or not. */
  tasks: () => readonly Task[]
  notices: (location: string | undefined, isTrial: boolean) => InParts<LawNotices>
  reconciliation: Reconciliation
  workflow: Workflow
  /** The acts of sync, alerts, displays and authorities. */
  desks: Pick<
    Administration,
    | ('syncStatus' | 'resumeSync' | 'dismissSync' | 'listAlerts' | 'testAlert' | 'display')
    | ('checkAuthority' | 'sendDuty' | 'reportOutage')
  >
  dutyList: DutyList
} & Pick<DutyListing, 'unitsOf'>

/** Acts that first look for something and then record it: two at once would both find it. */
const ONE_AFTER_THE_OTHER: ReadonlySet<DeviceAct> = new Set(['adopt', 'abort-foreign', 'init'])

/** The technician's commands on an agent, with or without a running daemon. */
export function administrationOf(options: TechnicianOptions): Administration {
  const { journal, clock, devices, exports, laws, receiptLaws } = options
  const mutexes = new Mutexes()
  const deviceOf = (id: string): DeviceSupervisor => {
    const device = devices.get(id)
    if (device === undefined) throw notFound('device', id)
    return device
  }
  return {
    ...keyActs(options),
    installation: () => installationOf(journal, devices),
    auditNotes: (range, isIssuedSaid) =>
      auditNotes({ view: journal.view, exports, laws, receiptLaws }, range, isIssuedSaid),
    devices: () => [...devices.values()].map((device) => deviceReport(device, clock.now())),
    deviceAct: async (id, act) => {
      const work = () => actOn(deviceOf(id), act, options)
      return ONE_AFTER_THE_OTHER.has(act) ? mutexes.run(`device ${id}`, work) : work()
    },
    secretsSeen: (id, names) => options.secrets.seen(deviceOf(id).id, names),
    retirable: (id, successor) => retirable(options, id, successor),
    retireTse: (id, reason, successor) => retireTse(options, id, { reason, successor }),
    halfPrinted: (id) => halfPrinted(options, id),
    endOperation: (id, reason) => endOperation(options, id, reason),
    fault: async (id, fault) => {
      const { device } = deviceOf(id)
      if (device.inject === undefined || device.clearFaults === undefined) {
        throw new FiskalError('unprocessable_entity', `Device ${id} is not a simulator: faults cannot be set.`, {
          device_id: id,
        })
      }
      if (fault === 'clear') device.clearFaults()
      else device.inject(fault)
      return { device: id, fault }
    },
    seal: async () => {
      const write = (task: ExportTask): Promise<Exported> => exports.writeJournal(task)
      const sealing = { directory: options.stateDirectory, journal, write, clock, fault: options.fault }
      return { seals: await mutexes.run('seals', () => sealJournal(sealing)) }
    },
    beginEpoch: (above) =>
      mutexes.run('epochs', async () => {
        // Repeated because its answer was lost: it is done already, and each needless epoch would stay in the journal.
        const isNeeded = above === 0 || journal.epoch <= above
        if (isNeeded) await journal.beginEpoch({ reason: 'operator' }, above)
        return { epoch: journal.epoch, chain: journal.chain, begun: isNeeded }
      }),
    ...options.desks,
    notices: async (location, isTrial) => {
      if (location !== undefined && journal.view.location(location) === undefined) throw notFound('location', location)
      const each = await readInSlices(options.notices(location, isTrial), new Slice(clock))
      return {
        notices: each.flatMap(({ notices }) => notices),
        missing: each.flatMap(({ missing }) => missing),
      }
    },
    listTasks: () => {
      const places = new Places(journal.view, options.unitsOf)
      const shown = ({ facts: _facts, closing_ids: _closings, unfinished: _unfinished, ...task }: Task): Json => {
        return { ...task, merchant_id: places.of(task).merchant_id }
      }
      return openTasks(journal.view, options.tasks()).map(shown)
    },
    listDuties: () => options.dutyList.read(),
    showDuty: async (id) => {
      const duty = (await options.dutyList.read()).find((each) => each.id === id)
      if (duty === undefined) throw noSuchDuty(id)
      return withSteps(journal.view, duty)
    },
    confirmTask: async (id, reason) => {
      await confirmTask(options, options.tasks, id, reason)
      // It may have been the task of the clock: TSEs sign again.
      await Promise.all([...devices.values()].map((device) => device.judgeClock()))
    },
    exportTo: (type, range, path) => exports.write(type, range, path),
  }
}

function onlyMerchant(view: View): string {
  const [first, second] = view.firstMerchants()
  if (first !== undefined && second === undefined) return first
  throw new FiskalError(
    'invalid_request',
    `A reader key is of one merchant, and this agent has ${first === undefined ? 'none yet' : 'several: name its id'}.`,
  )
}

/** The keys of the API. */
function keyActs({ journal, random }: TechnicianOptions): Pick<Administration, 'createKey' | 'listKeys' | 'revokeKey'> {
  return {
    createKey: async (kind, named, certificate) => {
      const owner = kind === 'reader' ? (named ?? onlyMerchant(journal.view)) : named
      const key = issueKey(kind, owner, random, certificate)
      const type = kind === 'reader' ? 'merchant' : 'register'
      await journal.record((view) => {
        if (owner !== undefined && view.resource(owner)?.type !== type) throw notFound(type, owner)
        return [key.event]
      })
      const bound = certificate === undefined ? {} : { certificate }
      return { id: key.id, kind, key: key.token, ...(owner !== undefined && { [`${type}_id`]: owner }), ...bound }
    },
    listKeys: () =>
      journal.view.keys().map(({ id, kind, register, created_at, revoked_at, certificate }) => ({
        id,
        kind,
        register_id: kind === 'reader' ? null : register,
        ...(kind === 'reader' && register !== null && { merchant_id: register }),
        created_at,
        revoked_at,
        certificate,
      })),
    revokeKey: (id) =>
      journal.record((view) => {
        const key = view.key(id)
        if (key === undefined) throw notFound('key', id)
        return key.revoked_at === null ? [{ kind: 'key.revoked', op: '', body: { revoked: id } }] : []
      }),
  }
}
