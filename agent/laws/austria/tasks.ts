import type { Duty, DutyAct, Task } from '../duty.ts'
import type { DutyKind } from '../duty-kind.ts'
import type { Instruction } from '../instruction.ts'
import { instruction, verbatim } from '../instruction.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { cashBox, codeCheck, menu } from './finanzonline-words.ts'
import type { OutageActs, RegisterOutage, TimedDuty } from './outage-tasks.ts'
import { outageTasks } from './outage-tasks.ts'
import { yearlyCheckUntil } from './special-receipts.ts'
import { weekAfter } from './stamp.ts'

/** `name`: the begin of the id of its task; `formers`: the closings of earlier ones of that year. */
type LastReceipt = YearlyReceipt & { name: string; formers: readonly string[] }
type YearlyReceipt = { closing: string; year: string; number: string; code: string; madeOn: string }

export type RegisterFacts = {
  id: string
  cashBoxId: string
  /** Calendar date of the Startbeleg in Austria, and its machine-readable code. */
  startedOn: string
  startCode: string
  /** Id of the closing with that receipt. */
  startClosing: string
  /** Undefined if the AES key is lost. */
  keyCheckValue: string | undefined
  /**
   * The Jahresbelege in their order, with Belegnummer, code and calendar date: a year may have several if sales followed
   * one.
   */
  years: readonly YearlyReceipt[]
  /** Years with receipts and no Jahresbeleg after the last of them. */
  openYears: readonly string[]
  /** The outages that a person reported, in their order. */
  outages: readonly RegisterOutage[]
  /** Local time of its last receipt. */
  lastStamp?: string | undefined
  end: RegisterEnd | undefined
}

/**
 * The end of a register: the calendar date, and the code of its Schlussbeleg if it has one. `closedOn`: the date of a
 * Schlussbeleg that followed later.
 */
export type RegisterEnd = {
  on: string
  code: string | undefined
  closedOn?: string
  /** It ended in an outage since that local time: the receipts that follow, and those of the outage. */
  owed?: { since: string; outage: { first: number; last: number } | undefined }
}

/** Twenty years, three times the retention period. */
const QUARTERS_MAX = 80
/** The beginnings of the ids of two tasks of a register. */
const REGISTRATION = 'finanzonline-register'
const START_CHECK = 'startbeleg-check'

export function registrationTaskId(register: string): string {
  return `${REGISTRATION}-${register}`
}

/** The ids of the tasks to check receipts, that of the Startbeleg first. */
export function checkIds({ id, years }: RegisterFacts): [string, ...string[]] {
  return [`${START_CHECK}-${id}`, ...lastOfYears(years).map(({ name }) => `${name}-${id}`)]
}

/** How the client does the tasks of a register; a task of another one stays with a person. */
export type RegisterActs = {
  readonly registered: DutyAct
  readonly startChecked: DutyAct
  readonly yearChecked: (code: string) => DutyAct
  readonly outage: (outage: RegisterOutage) => OutageActs
  readonly ended: DutyAct
}

/** Registration, the checks of Start- and Jahresbeleg, and the copy of each quarter (§ 7 Abs. 3 RKSV). */
export function registerTasks(register: RegisterFacts, today: string, acts: RegisterActs): Duty[] {
  const { id, cashBoxId, startedOn, startCode, startClosing, keyCheckValue, end } = register
  const within = weekAfter(startedOn)
  const duty = (
    kind: DutyKind,
    name: string,
    title: string,
    due: string,
    instructions: readonly Instruction[],
    act?: DutyAct,
  ): Duty => ({ task: { ...kind, id: `${name}-${id}`, title, due, instructions, register_id: id }, act })
  const registrationSteps = [
    menu('Registrierung einer Registrierkasse'),
    instruction('Register the signature unit first.'),
    cashBox(cashBoxId),
    keyCheckValue === undefined
      ? instruction('The Benutzerschlüssel is lost: its check value is unknown.')
      : instruction('Benutzerschlüssel with check value {}.', keyCheckValue),
    // The key is secret: it is written to a file that only the technician can write.
    instruction(
      'fiskal-edge export rksv_crypto --register {} --out FILE writes the key (base64AESKey); delete the file afterwards.',
      id,
    ),
  ]
  const check = duty(
    DUTY_KINDS.startReceiptCheck,
    START_CHECK,
    `Check the Startbeleg of ${cashBoxId}`,
    within,
    codeCheck(startCode),
  )
  const title = `Register ${cashBoxId} in FinanzOnline`
  return [
    duty(DUTY_KINDS.registerRegistration, REGISTRATION, title, within, registrationSteps, acts.registered),
    ...(keyCheckValue === undefined && end === undefined
      ? [
          duty(DUTY_KINDS.aesKey, 'aes-key', `Bring back the AES key of ${cashBoxId}`, today, [
            instruction(
              'Stop the agent, then: fiskal-edge restore FILE --keys-only, with a backup that holds the keys.',
            ),
            instruction(
              'If no backup has the key, the register can record nothing more: decommission it, report its end in FinanzOnline, and create a new one.',
            ),
          ]),
        ]
      : []),
    { task: { ...check.task, closing_ids: [startClosing] }, act: acts.startChecked },
    ...timedTasks(register, acts),
    ...owedYears(register, today).map((task) => ({ task })),
    ...(end === undefined ? [] : [{ task: endTask(register, end), act: acts.ended }]),
    ...quarters(startedOn, end?.closedOn ?? end?.on ?? today).map(({ name, end }) =>
      duty(DUTY_KINDS.dataCopy, `data-copy-${name}`, `Copy the DEP of ${cashBoxId}, ${name}`, end, [
        instruction(
          'Export it to an external medium and keep it 7 years: fiskal-edge export dep7 --register {} --out FILE',
          id,
        ),
      ]),
    ),
  ]
}

/** In the order of their facts, because FinanzOnline takes them in that order. */
function timedTasks(register: RegisterFacts, acts: RegisterActs): Duty[] {
  const outages = register.outages.flatMap((outage) => outageTasks(register, outage, acts.outage(outage)))
  const all = [...yearChecks(register, acts), ...outages]
  return all.sort((left, right) => (left.at < right.at ? -1 : 1)).map(({ task, act }) => ({ task, act }))
}

function yearChecks({ id, cashBoxId, years }: RegisterFacts, { yearChecked }: RegisterActs): TimedDuty[] {
  return lastOfYears(years).map(({ name, year, code, madeOn, closing, formers }) => ({
    at: madeOn,
    act: yearChecked(code),
    task: {
      id: `${name}-${id}`,
      ...DUTY_KINDS.annualReceiptCheck,
      title: `Check the Jahresbeleg ${year} of ${cashBoxId}`,
      due: yearlyCheckUntil(year, madeOn),
      register_id: id,
      closing_ids: [...formers, closing],
      instructions: codeCheck(code),
    },
  }))
}

/**
 * An idle register makes no Jahresbeleg automatically: a person has to, because it must be checked with FinanzOnline
 * until 15 February.
 */
function owedYears({ id, cashBoxId, openYears, end }: RegisterFacts, today: string): Task[] {
  const owed = end === undefined ? openYears.filter((year) => year < today.slice(0, 4)) : []
  return owed.map((year) => ({
    id: `annual-receipt-${year}-${id}`,
    ...DUTY_KINDS.annualReceipt,
    title: `Make the Jahresbeleg ${year} of ${cashBoxId}, to be checked then`,
    due: yearlyCheckUntil(year),
    register_id: id,
    instructions: [
      instruction('The next receipt of the register makes it, too.'),
      instruction(
        'Without one: restart the agent while the signature unit is connected, or ask for an annual closing at the till (POST /v1/registers/{id}/closings).',
      ),
    ],
  }))
}

/** The Jahresbeleg that closes a year is the last one: the check of an earlier one does not count. */
function lastOfYears(years: RegisterFacts['years']): LastReceipt[] {
  const last = new Map<string, LastReceipt>()
  for (const receipt of years) {
    const { year, number } = receipt
    const former = last.get(year)
    const name = former === undefined ? `yearly-check-${year}` : `yearly-check-${year}-${number}`
    last.set(year, { ...receipt, name, formers: former === undefined ? [] : [...former.formers, former.closing] })
  }
  return [...last.values()]
}

export function registerEndId(register: string): string {
  return `finanzonline-register-end-${register}`
}

/** The end of a register (§ 17 RKSV): planned, in an outage, or one whose last receipts or key are lost. */
function endTask({ id, cashBoxId }: RegisterFacts, end: RegisterEnd): Task {
  return {
    id: registerEndId(id),
    title: `Report the end of ${cashBoxId} in FinanzOnline`,
    ...DUTY_KINDS.registerEnd,
    due: weekAfter(end.on),
    register_id: id,
    instructions: endInstructions(cashBox(cashBoxId), end),
  }
}

function endInstructions(name: Instruction, { code, owed }: RegisterEnd): Instruction[] {
  const where = 'Außerbetriebnahme einer Registrierkasse:'
  const print = instruction('Print the Schlussbeleg and keep it 7 years.')
  if (code !== undefined) return [menu(`${where} planmäßige Außerbetriebnahme`), name, print, verbatim(code)]
  const failed = menu(`${where} nicht behebbarer Ausfall`)
  if (owed === undefined)
    return [failed, name, instruction('Its last receipts or its AES key are lost: there is no Schlussbeleg.')]
  const { since, outage } = owed
  return [
    failed,
    name,
    instruction('Beginn: {}.', since),
    instruction(
      'No signature unit signed: the Schlussbeleg could not be made. The agent makes it when a unit signs again.',
    ),
    ...(outage === undefined
      ? []
      : [
          instruction(
            'The Sammelbeleg of the receipts {} to {} is missing, too: the agent makes it before.',
            outage.first,
            outage.last,
          ),
        ]),
    print,
  ]
}

/** Each quarter that has begun; the latest ones if there are many. */
function quarters(from: string, to: string): { name: string; end: string }[] {
  const [first, last] = [quartersBefore(from), quartersBefore(to)]
  const begin = Math.max(first, last - QUARTERS_MAX + 1)
  return Array.from({ length: Math.max(0, last - begin + 1) }, (_, index) => {
    const [year, quarter] = [Math.floor((begin + index) / 4), ((begin + index) % 4) + 1]
    const month = String(quarter * 3).padStart(2, '0')
    return { name: `${year}-Q${quarter}`, end: `${year}-${month}-${quarter === 1 || quarter === 4 ? 31 : 30}` }
  })
}

/** Number of quarters before that of a date, since the year 0. */
function quartersBefore(date: string): number {
  return Number(date.slice(0, 4)) * 4 + Math.ceil(Number(date.slice(5, 7)) / 3) - 1
}
