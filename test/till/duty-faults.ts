import { claimedFacts } from '../../agent/journal/events.ts'
import { registerDuties, UnitActs } from '../../agent/laws/austria/duties.ts'
import type { Duty, Task } from '../../agent/laws/duty.ts'
import { dutyId, isFulfilled, progressOf, waitsForPerson } from '../../agent/till/duty-records.ts'
import { sendDuty } from '../../agent/till/technician/duty-sending.ts'
import { AES_KEY, REGISTER, START_CODE, UNIT } from '../drivers/finanzonline/subjects.ts'
import type { KillPoint } from './duty-site.ts'
import { DutySite } from './duty-site.ts'

export const FAULTS = [
  ...['lost-answer', 'lost-request', 'silence=60000', 'http500', 'html', 'truncated', 'reset', 'session-gone'],
  ...['maintenance=5', 'technical=5', 'no-effect', 'late=300000', 'b38', 'other-prefix', 'locked', 'wrong-state'],
  ...['other-packet', 'redirect', 'doctype', 'too-large'],
] as const

/** Answers that no one can read: the client takes all of them for lost. */
export const UNREADABLE: readonly string[] = [
  'http500',
  'html',
  'truncated',
  'other-packet',
  'redirect',
  'doctype',
  'too-large',
]

/** Each call of the course, by operation and occurrence. */
export const OPERATIONS = [
  ...['login', 'logout', 'status_see#1', 'status_see#2', 'status_kasse#1', 'status_kasse#2', 'registrierung_se'],
  ...['registrierung_kasse', 'belegpruefung', 'ausfall_se#1', 'wiederinbetriebnahme_se', 'ausfall_kasse'],
  ...['ausfall_se#2', '*#1-4'],
] as const

export const KILLS: readonly { point: KillPoint; hits: number }[] = [
  ...(['before-question', 'after-question'] as const).flatMap((point) => hitsOf(point, 14)),
  ...(['duty.sent', 'duty.answering'] as const).flatMap((point) => hitsOf(point, 7)),
]

function hitsOf(point: KillPoint, most: number) {
  return Array.from({ length: most }, (_, at) => ({ point, hits: at + 1 }))
}

export type FaultCase = { readonly fault?: string; readonly kill?: { point: KillPoint; hits: number } }

/** A person decides then: the service says another state, refuses the login, or checks a receipt without a result. */
const NEEDS_PERSON = /^((locked|wrong-state)@|no-effect@belegpruefung)/
const UNIT_TASK = `finanzonline-unit-AT1-${UNIT.serial}`
const REGISTER_END = 'finanzonline-register-end-reg_1'
const CHECK_TASK = 'startbeleg-check-reg_1'
const END_TASK = `finanzonline-unit-end-${UNIT.serial}`
const HOUR_MS = 3_600_000
const HOURS_MAX = 60
const LOGOUT_MS = 60_000
/** A lost one is sent again: it changes nothing. */
const CHECKS_MAX = 2
/** The acts of the course, each of which takes effect once. */
const ACTS = [
  ...[
    'registrierung_se',
    'registrierung_kasse',
    'ausfall_se',
    'ausfall_se',
    'wiederinbetriebnahme_se',
    'ausfall_kasse',
  ],
]

/** A unit with its registration, outage and end, and a register with its Startbeleg and its end. */
function courseOf(site: DutySite, times: Map<string, number>): Duty[] {
  const { view } = site.journal
  const unit = { serial: UNIT.serial, vda: 'AT1', certificates: [], enrolledAt: '2026-11-01T00:00:00Z' }
  const acts = new UnitActs(view, unit, ['merchant_1'], UNIT_TASK)
  const task = (id: string) => ({ id, title: id, due: '2026-12-27', instructions: [] }) as unknown as Task
  const isDone = (id: string) => isFulfilled(view, id, 'P')
  /** The time of a fact that follows another duty. */
  const since = (id: string): number => {
    const ms = times.get(id) ?? site.clock.now()
    times.set(id, ms)
    return ms
  }
  const duties: Duty[] = [{ task: task(UNIT_TASK), act: acts.registered() }]
  if (isDone(UNIT_TASK)) duties.push({ task: task('outage-1'), act: acts.outage(since('outage-1')) })
  if (isDone('outage-1'))
    duties.push({ task: task('outage-end-1'), act: acts.outageEnd(since('outage-end-1'), 'outage-1') })
  // An ended unit takes no register, and no receipt of it passes.
  if (isDone('outage-end-1') && (isDone(CHECK_TASK) || isDone(REGISTER_END)))
    duties.push({ task: task(END_TASK), act: acts.ended() })
  const facts = {
    ...{ id: 'reg_1', cashBoxId: REGISTER.cashBoxId, startedOn: '2026-01-02', startCode: START_CODE },
    ...{
      keyCheckValue: 'abc',
      years: [],
      openYears: [],
      startClosing: 'clo_1',
      outages: [],
      end: { on: '2026-11-20', code: START_CODE },
    },
  }
  const source = {
    merchant: ['merchant_1'],
    aesKey: () => AES_KEY,
    unitTask: UNIT_TASK,
    hasOtherProvider: () => false,
    outageEnds: () => (isDone(UNIT_TASK) ? ['outage-end-1'] : []),
  }
  const ofRegister = registerDuties(facts, '2026-11-27', source).filter(({ act }) => act !== undefined)
  // A receipt that was refused for good is withdrawn with the end of its register.
  const isPast = isDone(REGISTER_END) && !isDone(CHECK_TASK)
  return [...duties, ...ofRegister.filter(({ task: { id } }) => !isPast || id !== CHECK_TASK)]
}

/** Plays the course with the fault and the kill, then lets a person send what waits; the broken rules, in words. */
export async function brokenBy({ fault, kill }: FaultCase): Promise<string[]> {
  const times = new Map<string, number>()
  const site = await DutySite.open((of) => courseOf(of, times))
  try {
    if (fault !== undefined) site.simulator.inject(fault)
    if (kill !== undefined) site.killAt(kill.point, kill.hits)
    const broken = [...(await play(site)), ...unexplained(site)]
    const isRefused = await isLoginRefused(site)
    // A first login that was lost twice is not tried again.
    const isExpected = NEEDS_PERSON.test(fault ?? '') || (isRefused && (kill !== undefined || fault?.includes('@*')))
    const waits = waiting(site)
    if ((waits.length > 0 || isRefused) && !isExpected) broken.push(`a person is needed for ${waits.join(', ')}`)
    site.simulator.clearFaults()
    site.simulator.inject('reset')
    await site.authority.accounts[0]?.admit()
    for (const id of waits) await send(site, id, id === END_TASK ? 'planned' : undefined)
    broken.push(...(await play(site)), ...brokenRules(site))
    return [...broken, ...site.errors.map(String)]
  } finally {
    await site.close()
  }
}

/** Until nothing moves on without a person, but for the end of the unit, which always needs one. */
async function play(site: DutySite): Promise<string[]> {
  for (let hour = 0; hour < HOURS_MAX; hour += 1) {
    const isResting = await site.until(() => !site.duties().some((duty) => isMoving(site, duty)), HOUR_MS)
    if (isResting && !isOpen(site, END_TASK)) break
    if (await isLoginRefused(site)) return []
    if (isResting) await send(site, END_TASK, 'planned')
    if (hour === HOURS_MAX - 1) return ['not through in time']
  }
  // The session ends when nothing is left.
  await site.until(() => false, LOGOUT_MS)
  return []
}

function send(site: DutySite, id: string, ground?: 'planned'): Promise<void> {
  const duties = { read: async () => site.duties() }
  return sendDuty({ journal: site.journal, authority: site.authority, duties }, id, ground)
}

async function isLoginRefused(site: DutySite): Promise<boolean> {
  return (await site.authority.accounts[0]?.refused())?.reason !== undefined
}

/** True for a duty that is listed, not fulfilled, and not sent by the word of a person yet. */
function isOpen(site: DutySite, id: string): boolean {
  const duty = site.duties().find(({ task }) => task.id === id)
  return duty?.act !== undefined && !isFulfilled(site.journal.view, id, 'P') && stateOf(site, id) === undefined
}

function stateOf(site: DutySite, id: string) {
  return progressOf(site.journal.view, id, 'P')?.state
}

function isMoving(site: DutySite, { task, act }: Duty): boolean {
  const { view } = site.journal
  if (act === undefined || isFulfilled(view, task.id, 'P')) return false
  if (waitsForPerson(progressOf(view, task.id, 'P'), act)) return false
  const [check = '', ...others] = act.afterUnlessRefused ?? []
  const checks = check === '' || stateOf(site, check) === 'refused' ? [] : [check, ...others]
  return [...act.after, ...checks].every((id) => isFulfilled(view, id, 'P'))
}

/** The duties that a person must look at. */
function waiting(site: DutySite): string[] {
  return site
    .duties()
    .flatMap(({ task }) => (/^(refused|unclear)$/.test(stateOf(site, task.id) ?? '') ? [task.id] : []))
}

/** A duty that waits for a person says why. */
function unexplained(site: DutySite): string[] {
  const { view } = site.journal
  return waiting(site).flatMap((id) => (progressOf(view, id, 'P')?.reason ? [] : [`${id} does not say why it waits`]))
}

/** Each act took effect once, under the packet that is in the journal, and nothing was done that no client may do. */
function brokenRules(site: DutySite): string[] {
  const { view } = site.journal
  const broken: string[] = []
  const unfulfilled = site.duties().filter(({ task }) => !isFulfilled(view, task.id, 'P'))
  const open = unfulfilled.map(({ task }) => task.id)
  if (open.length > 0) broken.push(`open: ${open.join(', ')}`)
  const record = site.simulator.record()
  for (const line of record) if (line.what === 'forbidden') broken.push(`${line.rule} at ${line.operation}`)
  const accepted = record.flatMap((line) => (line.what === 'accepted' ? [line] : []))
  const checks = accepted.filter(({ operation }) => operation === 'belegpruefung').length
  const isChecked = site.duties().some(({ task }) => task.id === CHECK_TASK)
  if (checks > CHECKS_MAX || (checks < 1 && isChecked && unfulfilled.length === 0))
    broken.push(`the receipt was checked ${checks} times`)
  const acts = accepted.map(({ operation }) => operation).filter((operation) => operation !== 'belegpruefung')
  if (acts.toSorted().join() !== ACTS.toSorted().join()) broken.push(`took effect: ${acts.join(', ')}`)
  const sent = new Set(sentOf(site))
  for (const { operation, packet, requestId } of accepted)
    if (!sent.has(`${operation} ${packet} ${requestId}`)) broken.push(`${operation} has a packet that no event has`)
  return broken
}

function sentOf(site: DutySite): string[] {
  const { view } = site.journal
  return site.duties().flatMap(({ task }) =>
    view.eventsOf(dutyId(task.id)).flatMap((event) => {
      if (event.kind !== 'duty.sent') return []
      const { operation, packet, request_id: requestId } = claimedFacts<'duty.sent'>(event)
      return [`${operation} ${packet} ${requestId}`]
    }),
  )
}
