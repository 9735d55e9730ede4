import { enrolledUnit } from '../../devices/enrolment.ts'
import type { MatteringOutages } from '../../devices/outages.ts'
import { confirmationOf } from '../../journal/confirmed-tasks.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Duty, Task } from '../duty.ts'
import type { RegisterKeys } from '../register-keys.ts'
import type { RegisterSource } from './duties.ts'
import { hasOtherProvider, numbersOf, registerDuties } from './duties.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { unitOf } from './machine-code.ts'
import { mustBeReported } from './outage.ts'
import { localStamp } from './stamp.ts'
import type { RegisterFacts } from './tasks.ts'
import { registerEndId } from './tasks.ts'
import { aesKeyText } from './turnover.ts'
import { unitOutageEndId, unitTaskId } from './unit-tasks.ts'

type Sources = { readonly view: View; readonly keys: RegisterKeys; readonly outages: MatteringOutages }

/** The duties of a register that can still be done; `nowMs`: for outages that last. */
export function openRegisterDuties(sources: Sources, facts: RegisterFacts, today: string, nowMs: number): Duty[] {
  const duties = registerDuties(facts, today, registerSource(sources, facts, nowMs))
  return duties.filter(({ task }) => !isPast(sources.view, facts.id, task))
}

const NEEDS_REGISTER: ReadonlySet<string> = new Set(
  [
    DUTY_KINDS.startReceiptCheck,
    DUTY_KINDS.annualReceiptCheck,
    DUTY_KINDS.registerOutage,
    DUTY_KINDS.registerOutageEnd,
  ].map(({ kind }) => kind),
)

/** The office takes nothing about a register after its end: what was not done then is withdrawn. */
function isPast(view: View, register: string, { id, kind }: Task): boolean {
  const isConfirmed = (task: string) => view.confirmedTask(confirmationOf(task)) !== undefined
  return NEEDS_REGISTER.has(kind) && isConfirmed(registerEndId(register)) && !isConfirmed(id)
}

/** The duties to report that a unit works again, one for each outage that is or will be reported. */
function outageEndsOf(view: View, outages: MatteringOutages, unit: string, nowMs: number): string[] {
  return view.enrolments().flatMap(({ device, serial: enrolled }) =>
    outages.of(device).flatMap(({ fromMs, toMs, serial = enrolled, nextSerial = serial }) => {
      const isOurs = serial === unit && nextSerial === unit && mustBeReported((toMs ?? nowMs) - fromMs)
      return isOurs ? [unitOutageEndId(device, localStamp(fromMs))] : []
    }),
  )
}

function registerSource(
  { view, keys, outages }: Sources,
  { id, startCode }: RegisterFacts,
  nowMs: number,
): RegisterSource {
  const signer = enrolledUnit(view, unitOf(startCode).serial)
  return {
    merchant: numbersOf(view, view.register(id)?.shown.merchant_id ?? ''),
    aesKey: () => {
      const { key } = keys.keyOrReason(id)
      return key && aesKeyText(key)
    },
    unitTask: signer && unitTaskId(signer),
    hasOtherProvider: (code) => hasOtherProvider(view, code),
    outageEnds: (code) => outageEndsOf(view, outages, unitOf(code).serial, nowMs),
  }
}
