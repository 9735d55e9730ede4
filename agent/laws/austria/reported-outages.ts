import { parseRfc3339 } from '../../../base/clock.ts'
import type { OutageGround } from '../../contract/duty-ground.ts'
import { enrolledUnit } from '../../devices/enrolment.ts'
import type { MatteringOutages, Outage } from '../../devices/outages.ts'
import { FiskalError } from '../../errors.ts'
import type { OutageReport } from '../../journal/event-facts.ts'
import type { NewEvent } from '../../journal/events.ts'
import { factsOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { AskedOutage, ReportedOutage } from '../duty.ts'
import { chainOfRegister } from './chain-state.ts'
import { FACTS } from './facts.ts'
import { mustBeReported } from './outage.ts'
import type { RegisterOutage } from './outage-tasks.ts'
import { registerOutageId } from './outage-tasks.ts'
import { dateOf, localStamp, wholeSeconds } from './stamp.ts'
import { outageTask } from './unit-tasks.ts'

/** The outages of a register that a person reported, or the grounds of those of a unit, by their begin. */
export function outageReports(view: Pick<View, 'eventsOf'>, id: string): readonly OutageReport[] {
  const reports = new Map<string, OutageReport>()
  for (const event of view.eventsOf(reportsOf(id))) {
    const { since, until, reason } = factsOf(event, 'outage.reported') ?? {}
    if (since !== undefined && reason !== undefined)
      reports.set(since, { reason, since, ...(until !== undefined && { until }) })
  }
  return [...reports.values()]
}

export function registerOutages(view: Pick<View, 'eventsOf'>, register: string): RegisterOutage[] {
  return outageReports(view, register).map(({ reason, since, until }) => ({
    ...{ reason, fromMs: parseRfc3339(since) ?? 0 },
    toMs: until === undefined ? undefined : parseRfc3339(until),
  }))
}

/** The ground that a person gave for the outage of a unit that began then. */
export function groundOf(reports: readonly OutageReport[], fromMs: number): OutageGround | undefined {
  return reports.find(({ since }) => since === wholeSeconds(fromMs))?.reason
}

/**
 * An outage of a register, which the agent cannot know, or the ground of that of a unit. Undefined for those of another
 * law. Throws `unprocessable_entity`.
 */
export function reportOutage(
  view: View,
  outages: MatteringOutages,
  id: string,
  asked: AskedOutage,
  nowMs: number,
): ReportedOutage | undefined {
  return isUnit(view, id) ? unitOutage(view, outages.of(id), id, asked) : registerOutage(view, id, asked, nowMs)
}

function registerOutage(view: View, id: string, asked: AskedOutage, nowMs: number): ReportedOutage | undefined {
  const register = view.register(id)?.shown
  if (register?.fiscalization?.regime !== FACTS.name) return undefined
  if (register.fiscalization_status === 'decommissioned')
    throw refusal(`Register ${id} is decommissioned: it has no outage.`)
  if (chainOfRegister(view.chainState(id)) === undefined)
    throw refusal(`Register ${id} has no Startbeleg: it is not registered, and has no outage to report.`)
  const report = timed(asked, nowMs)
  const { since, until, reason } = report
  const started = startOf(register.fiscalization)
  if (started !== undefined && since < started)
    throw refusal(`${since} is before the Startbeleg of register ${id} (${started}): check the date.`)
  const last = outageReports(view, id).at(-1)
  if (last?.since === since) return again(id, last, report)
  if (last !== undefined && last.until === undefined)
    throw refusal(
      `Register ${id} has an open outage. End it first: repeat the command with --reason ${last.reason} --since ${last.since} and --until TIME.`,
    )
  if (last?.until !== undefined && since < last.until)
    throw refusal(`Register ${id} had an outage until ${last.until}: another one cannot begin before that.`)
  const names = until === undefined ? (['outage'] as const) : (['outage', 'outage-end'] as const)
  const duties = names.map((name) => registerOutageId(name, id, since))
  return { events: [reported(id, { reason, since, ...(until !== undefined && { until }) })], duties }
}

function startOf({ fiscalized_at: at }: { readonly fiscalized_at: string | null }): string | undefined {
  return at === null ? undefined : wholeSeconds(msOf(at))
}

/** The same begin again: its end, or nothing new. */
function again(id: string, before: OutageReport, { since, until, reason }: OutageReport): ReportedOutage {
  if (reason !== before.reason)
    throw refusal(`This outage was reported with --reason ${before.reason}: correct that in FinanzOnline.`)
  const isSame = until === undefined || until === before.until
  if (!isSame && before.until !== undefined)
    throw refusal(`This outage ended at ${before.until}: correct that in FinanzOnline.`)
  const name = before.until === undefined && until === undefined ? 'outage' : 'outage-end'
  const duties = [registerOutageId(name, id, since)]
  return { duties, events: isSame ? [] : [reported(id, { ...before, until })] }
}

/** Times in whole seconds. Throws `unprocessable_entity` for impossible ones. */
function timed({ reason, since, until }: AskedOutage, nowMs: number): OutageReport {
  if (since === undefined) throw refusal('Name the begin of the outage: --since TIME.')
  const [fromMs, toMs] = [msOf(since), until === undefined ? undefined : msOf(until)]
  const latestMs = Math.max(fromMs, toMs ?? fromMs)
  if (latestMs > nowMs)
    throw refusal(`${wholeSeconds(latestMs)} is in the future: the clock here says ${wholeSeconds(nowMs)}.`)
  const report = { reason, since: wholeSeconds(fromMs) }
  if (toMs === undefined) return report
  if (wholeSeconds(toMs) <= report.since)
    throw refusal('The outage ends before it begins: --until is not after --since.')
  return { ...report, until: wholeSeconds(toMs) }
}

/** The ground of the outage of a unit: its begin and end are in the journal. */
function unitOutage(
  view: View,
  outages: readonly Outage[],
  device: string,
  { reason, since, until }: AskedOutage,
): ReportedOutage {
  if (until !== undefined)
    throw refusal(`The agent journals when ${device} works again: repeat the command without --until.`)
  const date = since === undefined ? undefined : dateOf(msOf(since))
  const outage = outages
    .filter(({ fromMs, toMs }) => toMs === undefined || mustBeReported(toMs - fromMs))
    .findLast(({ fromMs }) => date === undefined || dateOf(fromMs) === date)
  const serial = outage?.serial ?? view.enrolledSerial(device)
  if (outage === undefined || serial === undefined) {
    const when = date === undefined ? '' : ` that began on ${date}`
    throw refusal(`Signature unit ${device} has no outage${when} that is to be reported.`)
  }
  const { fromMs } = outage
  const isSaid = groundOf(outageReports(view, device), fromMs) === reason
  return {
    duties: [outageTask(device, serial, localStamp(fromMs)).id],
    events: isSaid ? [] : [reported(device, { reason, since: wholeSeconds(fromMs) })],
  }
}

function isUnit(view: View, device: string): boolean {
  const serial = view.enrolledSerial(device)
  return serial !== undefined && enrolledUnit(view, serial) !== undefined
}

function reported(id: string, facts: OutageReport): NewEvent {
  return { kind: 'outage.reported', op: reportsOf(id), body: { facts } }
}

function reportsOf(id: string): string {
  return `outage_${id}`
}

function msOf(time: string): number {
  const ms = parseRfc3339(time)
  if (ms === undefined) throw refusal(`${time} is not an RFC 3339 time.`)
  return ms
}

function refusal(message: string): FiskalError {
  return new FiskalError('unprocessable_entity', message)
}
