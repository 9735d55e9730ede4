import type { DeviceKind } from '../../../drivers/ports/device.ts'
import type { TillRuleId } from '../../contract/till-rules.ts'
import { TILL_RULES } from '../../contract/till-rules.ts'
import { lawCalled } from '../../laws/laws.ts'

/** Each is shown to one basket. */
export type FaultName =
  | 'create-lost'
  | 'completion-lost'
  | 'completion-lost-thrice'
  | 'answer-late'
  | 'device-busy'
  | 'amounts-refused'
  | 'amended'
  | 'finish-slow'
  | 'device-unplugged'
  | 'agent-killed'
  | 'till-killed'
  | 'paper-out'
  | 'print-lost'
  | 'members-unknown'
  | 'connection-closed'

type FaultRow = { readonly rule: TillRuleId; readonly devices?: readonly DeviceKind[] }

/** `devices`: a law with one of them shows it; each law if they are left out. */
export const FAULTS: Readonly<Record<FaultName, FaultRow>> = {
  'create-lost': { rule: 'T-2' },
  'completion-lost': { rule: 'T-2' },
  'completion-lost-thrice': { rule: 'T-3' },
  'answer-late': { rule: 'T-4' },
  'device-busy': { rule: 'T-5' },
  'amounts-refused': { rule: 'T-6' },
  amended: { rule: 'T-7' },
  // The receipts of other devices wait for them.
  'finish-slow': { rule: 'T-8', devices: ['tse'] },
  // There is no receipt without a printer that prints it.
  'device-unplugged': { rule: 'T-9', devices: ['tse', 'signature_card'] },
  'agent-killed': { rule: 'T-10' },
  'till-killed': { rule: 'T-11' },
  'paper-out': { rule: 'T-16', devices: ['fiscal_printer'] },
  'print-lost': { rule: 'T-16', devices: ['fiscal_printer'] },
  'members-unknown': { rule: 'T-17' },
  'connection-closed': { rule: 'T-18' },
}

const NAMES = Object.keys(FAULTS) as FaultName[]

/** The fault of a basket: `struck` once the till has met it, `isOver` once it has ended well or badly. */
export type Fault = { readonly name: FaultName; isStruck: boolean; isOver: boolean }

/** `law`: its word on the command line. */
export function faultsOf(law: string): readonly FaultName[] {
  const kinds = lawCalled(law).deviceKinds
  return NAMES.filter((name) => FAULTS[name].devices?.some((kind) => kinds.includes(kind)) ?? true)
}

/** The rules that a run can see under that law: those without a fault, and those of its faults. */
export function rulesOf(law: string) {
  const shown = faultsOf(law).map((name) => FAULTS[name].rule)
  return TILL_RULES.filter(({ id, fault }) => fault === undefined || shown.includes(id))
}

/** The faults in an order that a seed decides; a device is unplugged for two sales, one after the other. */
export function shuffledFaults(names: readonly FaultName[], seed: number): FaultName[] {
  const random = randomOf(seed)
  const order = names.map((name) => ({ name, place: random() }))
  order.sort((one, other) => one.place - other.place)
  return order.flatMap(({ name }) => (name === 'device-unplugged' ? [name, name] : [name]))
}

/** Mulberry32: small, and the same on each machine. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
