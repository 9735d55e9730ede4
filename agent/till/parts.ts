import type { Clock } from '../../base/clock.ts'
import type { NewId } from '../../base/ids.ts'
import type { FiscalIdentity } from '../contract/merchant.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import type { Journal } from '../journal/journal.ts'
import type { LawRules } from '../laws/law.ts'
import type { ReceiptLaw } from '../receipts/receipt-law.ts'
import type { TaxPrecision } from '../register/tax-amount.ts'
import type { RegisterKeys } from '../state/register-keys.ts'
import type { Mutations } from './recording/mutations.ts'
import type { Recorder } from './recording/recorder.ts'
import type { Workflow } from './recording/workflow.ts'

/** The parts of the use cases; built once by compose. */
export type TillParts = {
  journal: Journal
  clock: Clock
  newId: NewId
  laws: readonly LawRules[]
  /** The receipt contents of each law. */
  receiptLaws: readonly ReceiptLaw[]
  /** The members of a country's fiscal identity that are encrypted and never answered. */
  secretMembers: (country: string) => readonly string[]
  /** The taxpayer of a fiscal identity, in a form that can be compared; undefined if no law of the agent reads it. */
  taxpayerOf: (identity: FiscalIdentity) => string | undefined
  devices: ReadonlyMap<string, DeviceSupervisor>
  workflow: Workflow
  recorder: Recorder
  mutations: Mutations
  registerKeys: RegisterKeys
  /** Reconciles what was left open on a usable device; errors are logged. */
  reconcileOpen: (device: string | null) => Promise<void>
  /** Lets units register and deregister the clients of registers that changed their device; errors are logged. */
  handOver: (devices: readonly (string | null | undefined)[]) => Promise<void>
  taxPrecision: TaxPrecision
  /** The longest time that a till waits. */
  deadlineMs: number
}
