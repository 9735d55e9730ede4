import type { Clock } from '../../base/clock.ts'
import type { Lifetime } from '../../base/lifetime.ts'
import { beginLifetime } from '../../base/lifetime.ts'
import type { Log } from '../../base/log.ts'
import type { DeviceKind, OpenedDevice } from '../../drivers/ports/device.ts'
import type { TimeGate } from '../../drivers/ports/time-gate.ts'
import type { Config } from '../config/config.ts'
import { cardProbeMs } from '../devices/card-health.ts'
import type { DeviceChange } from '../devices/device.ts'
import { isRetiredTse, otherIdOf } from '../devices/enrolment.ts'
import { aheadOf } from '../devices/lost-transactions.ts'
import { hiddenOutage, outageSince } from '../devices/outages.ts'
import { pastUse } from '../devices/past-use.ts'
import { rollbackOf } from '../devices/rolled-back.ts'
import { DeviceSupervisor } from '../devices/supervisor.ts'
import type { SupervisorOptions } from '../devices/supervisor-options.ts'
import type { Warning } from '../devices/warning.ts'
import type { Journal } from '../journal/journal.ts'
import type { LawRules } from '../laws/law.ts'
import { lawOfKind } from '../till/laws.ts'
import type { Reconciliation } from '../till/recording/reconciliation.ts'
import type { UnresolvedOutcomes } from '../till/recording/unresolved-outcomes.ts'
import type { AfterRestore } from '../till/technician/after-restore.ts'
import { journalWarnings } from './journal-warnings.ts'
import type { DeviceMemories } from './laws.ts'

export type SupervisionParts = {
  clock: Clock
  log: Log
  journal: Journal
  laws: readonly LawRules[]
  reconciliation: Reconciliation
  afterRestore: Pick<AfterRestore, 'noteAhead'>
  unresolved: UnresolvedOutcomes
  deviceMemory: Pick<DeviceMemories, 'warnAtPercent'>
  /** The laws look at a device after each healthy probe. */
  look: (device: DeviceSupervisor) => void
  /** Warnings about a device that the laws add. */
  lawConcernsOf: (device: string) => readonly Warning[]
  /** Called for a change of state that is not journalled: a silence that may pass, or one that has passed. */
  onPassing: (device: string, change: DeviceChange) => void
  /** The gate that gives a TSE the time. */
  timeOf: (device: string) => TimeGate
  /** Every device of the configuration. */
  devices: ReadonlyMap<string, DeviceSupervisor>
}

/** The pause before a device that is down is probed again. */
const PROBES: Readonly<Record<DeviceKind, Pick<SupervisorOptions, 'probeDelayMs'>>> = {
  tse: {},
  signature_card: { probeDelayMs: cardProbeMs },
  fiscal_printer: {},
}

/** The supervisor of an opened device, with the facts that the journal has about it. */
export function supervised(
  opened: OpenedDevice,
  config: Pick<Config, 'deviceGraceMs' | 'deadlineMs'>,
  {
    clock,
    log,
    journal,
    laws,
    reconciliation,
    afterRestore,
    unresolved,
    timeOf,
    onPassing,
    devices,
    ...parts
  }: SupervisionParts,
): DeviceSupervisor {
  const { id } = opened
  const { kind } = opened.unit
  const law = lawOfKind(laws, kind)
  const device: DeviceSupervisor = new DeviceSupervisor({
    device: opened,
    clock,
    ...(kind === 'tse' && { time: timeOf(id) }),
    outageSince: () => outageSince(journal.view, id),
    ...PROBES[kind],
    windowMs: Math.min(config.deviceGraceMs, config.deadlineMs / 2),
    enrolledSerial: () => journal.view.enrolledSerial(id),
    otherIdOf: (serial) => otherIdOf(journal.view, (other) => devices.has(other), id, serial),
    isRetired: (serial) => isRetiredTse(journal.view, serial),
    strangeness: async (unit, health) => {
      const strange = (await rollbackOf(journal, id, unit, health)) ?? (await aheadOf(journal, id, unit, health))
      if (strange?.code === 'tse_ahead' && unit.kind === 'tse') await afterRestore.noteAhead(id, unit)
      return strange
    },
    onChange: (change) => {
      log[change.state === 'ready' || change.isPassing ? 'info' : 'warn'](
        { device_id: id, state: change.state, code: change.code },
        change.message ?? `device ${id} is ${change.state}`,
      )
      if (change.isPassing) onPassing(id, change)
      void reconciliation.onChange(device, change)
    },
    memoryWarningPercent: parts.deviceMemory.warnAtPercent(kind),
    pastUse: () => pastUse(journal.view, id, clock.now()),
    concerns: () => [...journalWarnings(journal, laws, { id, kind }, unresolved), ...parts.lawConcernsOf(id)],
    outageNotice: law?.outage.notice,
    ownerIn: law?.ownerIn,
    onHealthy: () => {
      void reconciliation.reconcileOpen(device)
      parts.look(device)
    },
  })
  return device
}

/** Journals the outage that a kill or a stop hid: to be called before the device is supervised. */
export async function journalHiddenOutage(
  { id, unit }: Pick<OpenedDevice, 'id' | 'unit'>,
  { journal, laws, clock }: Pick<SupervisionParts, 'journal' | 'laws' | 'clock'>,
): Promise<void> {
  const receipts = lawOfKind(laws, unit.kind)?.unsignedReceipts?.(journal.view, id) ?? []
  const facts = receipts.length === 0 ? undefined : hiddenOutage(journal.view, id, receipts, clock.now())
  if (facts !== undefined) await journal.record(() => [{ kind: 'device.changed', op: id, body: { facts } }])
}

/** A unit that was just enrolled is used under no other id, also if another entry reaches it. Returns the end of it. */
export function judgeEnrolments(journal: Journal, devices: ReadonlyMap<string, DeviceSupervisor>): () => void {
  return journal.onAppend((_seq, events) => {
    if (events.every(({ body }) => body.enrolled === undefined)) return
    for (const device of devices.values()) if (device.usable) device.judge()
  })
}

/** A device lives as long as the agent. */
export function livingDevice(device: DeviceSupervisor): Lifetime {
  return beginLifetime('device', () => {
    const { id, state, trouble } = device
    const { waiting } = device.device.load()
    const queue = waiting === 0 ? [] : [`${waiting} waiting`]
    const why = trouble === undefined ? [] : [trouble.code]
    return { name: id, state: [state, ...why, ...queue].join(', ') }
  })
}
