import type { DeviceKind } from '../../../drivers/ports/device.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import { registerIds } from '../../journal/documents/registers.ts'
import type { LawRules } from '../../laws/law.ts'
import { lawOfRegister } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import { CLOSING_PLAN, closingRequest } from '../selling/closings.ts'

export type DueReceiptsOptions = Pick<TillParts, 'journal' | 'recorder' | 'workflow' | 'laws' | 'clock' | 'newId'>

/** Receipts due at once: one that ends an outage, months and years gone by. */
const DUE_LIMIT = 24

/** Makes the receipts that the law requires automatically, e.g. after an outage, without a request. */
export class DueReceipts {
  readonly #options: DueReceiptsOptions

  constructor(options: DueReceiptsOptions) {
    this.#options = options
  }

  /** Makes all that are due at registers with a device of that kind. If it is down again, they wait for its return. */
  make(deviceKind: DeviceKind): Promise<void> {
    // A law that chains the receipts of a register knows what is due only after those that were left open.
    return this.#makeAt(deviceKind, (register, law) => law.order === 'register' || this.#waits(register, law))
  }

  /** Only at registers of that device with receipts that wait for it: it was too busy, but never down. */
  endOutages({ id, device: { unit } }: DeviceSupervisor): Promise<void> {
    return this.#makeAt(unit.kind, (register, law) => register.shown.fiscal_device === id && this.#waits(register, law))
  }

  #waits(register: DocumentOf<'register'>, law: LawRules): boolean {
    const chain = this.#options.journal.view.chainState(register.id)
    return chain !== undefined && law.dueReceipts?.waits(register, chain) === true
  }

  async #makeAt(
    deviceKind: DeviceKind,
    isMeant: (register: DocumentOf<'register'>, law: LawRules) => boolean,
  ): Promise<void> {
    const { journal, recorder, laws } = this.#options
    const owing = laws.filter((law) => law.facts.deviceKinds.includes(deviceKind) && law.dueReceipts !== undefined)
    if (owing.length === 0) return
    for (const id of registerIds(journal.view)) {
      const register = journal.view.register(id)
      const law = register && lawOfRegister(owing, register.shown)
      if (register === undefined || law === undefined || !isMeant(register, law)) continue
      await recorder.order.inReceiptOrder(register.id, () => this.#makeAll(register.id, law)).catch(ignoreAway)
    }
  }

  async #makeAll(register: string, law: LawRules): Promise<void> {
    for (let count = 0; count < DUE_LIMIT; count++) if (!(await this.#makeNext(register, law))) return
  }

  async #makeNext(register: string, law: LawRules): Promise<boolean> {
    const { journal, recorder, workflow } = this.#options
    const request = await journal.commit('intent', (view, seq) => {
      const [owner, chain] = [view.register(register), view.chainState(register)]
      const due = owner && chain && law.dueReceipts?.due(owner, chain)
      if (owner === undefined || due === undefined) return { events: [], result: undefined }
      const { event, document } = closingRequest(this.#options, owner.shown, {
        ...due,
        law: { name: law.facts.name, ...due.law },
      })
      const step = workflow.begin(view, seq, event, document, CLOSING_PLAN)
      return { events: step.events, result: { step, root: seq } }
    })
    if (request !== undefined) await recorder.finish(request.step, request.root)
    return request !== undefined
  }
}

/** Nothing was numbered: it is due again when the device is back. */
function ignoreAway(error: unknown): void {
  if (error instanceof FiskalError && error.fiscalEffect === 'none') return
  throw error
}
