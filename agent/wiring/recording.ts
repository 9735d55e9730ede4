import type { Log } from '../../base/log.ts'
import type { Explanation } from '../contract/explanation.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import type { Trouble } from '../devices/usable.ts'
import type { Document, RecordedDocument } from '../journal/documents/document.ts'
import { isRecorded } from '../journal/documents/document.ts'
import type { LawRules, Unknown } from '../laws/law.ts'
import { lawOf } from '../till/laws.ts'
import type { TillParts } from '../till/parts.ts'
import { DueReceipts } from '../till/recording/due-receipts.ts'
import { Mutations } from '../till/recording/mutations.ts'
import type { ReconciliationOptions } from '../till/recording/reconciliation.ts'
import { Reconciliation } from '../till/recording/reconciliation.ts'
import type { RecorderOptions } from '../till/recording/recorder.ts'
import { Recorder } from '../till/recording/recorder.ts'
import { UnresolvedOutcomes } from '../till/recording/unresolved-outcomes.ts'
import { Workflow } from '../till/recording/workflow.ts'
import type { AfterRestoreParts } from '../till/technician/after-restore.ts'
import { AfterRestore } from '../till/technician/after-restore.ts'
import type { Closers } from './stop-order.ts'

export type RecordingOptions = Pick<TillParts, 'journal' | 'clock' | 'newId' | 'laws'> &
  Pick<RecorderOptions, 'deadlineMs' | 'fault' | 'onAct' | 'turn'> &
  Pick<ReconciliationOptions, 'onError'> &
  Pick<AfterRestoreParts, 'onProgress' | 'stopping' | 'askTargets'> & {
    log: Log
    /** Filled later: a device reports its changes to the reconciliation. */
    devices: ReadonlyMap<string, DeviceSupervisor>
  }

/** The parts that run the acts of documents and reconcile acts after a crash or an outage. */
export type Recording = Pick<TillParts, 'workflow' | 'recorder' | 'mutations' | 'reconcileOpen' | 'handOver'> & {
  reconciliation: Reconciliation
  afterRestore: AfterRestore
  unresolved: UnresolvedOutcomes
}

export function recordingOf(
  { devices, deadlineMs, onError, log, ...options }: RecordingOptions,
  closers: Closers,
): Recording {
  const { journal, clock, newId, laws, onProgress, stopping, askTargets, ...acting } = options
  const lawOfDocument = (document: RecordedDocument): LawRules | undefined => lawOf(laws, document)
  const workflow = new Workflow({ clock, newId, lawOfDocument, troubleOf: troubleIn(devices) })
  const reconcileOpen = (device: string | null): Promise<void> =>
    reconciliation.reconcileOpen(devices.get(device ?? ''))
  const handOver = async (ids: readonly (string | null | undefined)[]): Promise<void> => {
    const units = ids.flatMap((id) => devices.get(id ?? '') ?? [])
    await Promise.all(units.map((device) => reconciliation.handOver(device)))
  }
  const unresolved = new UnresolvedOutcomes({ journal, clock })
  const onUnknown = (intent: number, device: string, outcome: Unknown): void => {
    unresolved.note(intent, outcome)
    reconciliation.askLater(devices.get(device))
  }
  const recorder = new Recorder({
    journal,
    workflow,
    clock,
    deadlineMs,
    lawOfDocument,
    onBlocked: reconcileOpen,
    onUnknown,
    ...acting,
  })
  const dueReceipts = new DueReceipts({ journal, recorder, workflow, laws, clock, newId })
  const afterRestore = new AfterRestore({ journal, clock, newId, laws, log, onProgress, stopping, askTargets })
  const isNumberPending = afterRestore.isPending.bind(afterRestore)
  const reconciliation = new Reconciliation({
    journal,
    recorder,
    laws,
    dueReceipts,
    unresolved,
    clock,
    onError,
    isNumberPending,
  })
  closers.add('reconciliation', () => reconciliation.stop())
  const explain = (document: Document): Explanation | undefined =>
    isRecorded(document) ? lawOfDocument(document)?.closingBooks?.explain(document) : undefined
  const mutations = new Mutations(journal, recorder, explain)
  return { workflow, recorder, mutations, reconcileOpen, handOver, reconciliation, afterRestore, unresolved }
}

/** Why a device may not be used now. */
function troubleIn(devices: ReadonlyMap<string, DeviceSupervisor>): (id: string) => Trouble | undefined {
  return (id) => {
    const device = devices.get(id)
    if (device === undefined) return { code: 'unavailable', message: `No device ${id} in the configuration.` }
    // With a suspect clock it is not ready after this.
    void device.judgeClock()
    // A device that has just fallen silent is waited for: only after its window is it an outage.
    return device.state === 'ready' || device.isAwaited
      ? undefined
      : (device.obstacle ?? { code: 'unavailable', message: 'The fiscal device is down.' })
  }
}
