import { claimedFacts } from '../../agent/journal/events.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import type { Duty } from '../../agent/laws/duty.ts'
import { DutyOrder } from '../../agent/till/duty-order.ts'
import { dutyId, isFulfilled, progressOf } from '../../agent/till/duty-records.ts'
import type { AutomaticDuty } from '../../agent/till/duty-try.ts'
import type { Recorded } from '../../drivers/finanzonline/simulator-books.ts'
import type { AuthorityMode } from '../../drivers/ports/authority.ts'
import type { RkdbSubject } from '../../drivers/ports/finanzonline.ts'

type Accepted = Extract<Recorded, { what: 'accepted' }>
type Listed = { readonly journal: Journal; readonly duties: () => readonly Duty[] }
/** `isBlind`: a login got no answer, so that its client cannot know that it was refused. */
type Proof = Listed & { readonly mode: AuthorityMode; readonly record: readonly Recorded[]; readonly isBlind: boolean }

/** The broken rules, in words: the service's own record decides what took effect. */
export function brokenDuties(proof: Proof): string[] {
  const { record, isBlind, mode } = proof
  const accepted = record.flatMap((line) => (line.what === 'accepted' ? [line] : []))
  const forbidden = record.flatMap((line) => {
    if (line.what !== 'forbidden' || (isBlind && line.rule === 'refused_secrets_again')) return []
    return [`${line.rule} at ${line.operation} of ${line.subject}`]
  })
  const broken = [...forbidden, ...brokenEffects(proof, accepted), ...unexplained(proof), ...unproven(proof, accepted)]
  return broken.map((text) => `FinanzOnline ${mode}: ${text}`)
}

/** The duties of a client that are not fulfilled, with what holds each up. */
export function openDuties({ journal: { view }, duties }: Listed, mode: AuthorityMode) {
  const order = new DutyOrder(view, mode)
  return automatic(duties()).flatMap((duty) =>
    isFulfilled(view, duty.task.id, mode) ? [] : [{ task: duty.task, block: order.blockOf(duty)?.kind }],
  )
}

/** Each effect is that of one request in the journal, and each act but a check has one. */
function brokenEffects({ journal, mode: own }: Proof, accepted: readonly Accepted[]): string[] {
  const sent = sentIn(journal)
  const effects = new Set<string>()
  return accepted.flatMap(({ packet, requestId, operation, subject, mode }) => {
    const duty = sent.get(`${mode} ${operation} ${packet} ${requestId}`)
    if (duty === undefined || mode !== own) return [`${operation} of ${subject} has a packet that no event has`]
    const effect = operation.startsWith('registrierung') ? `${operation} of ${subject}` : duty
    if (effects.has(effect) && operation !== 'belegpruefung') return [`${effect} took effect twice`]
    effects.add(effect)
    return []
  })
}

function sentIn({ view }: Journal): Map<string, string> {
  const events = view.firstOf(dutyId('')).flatMap(({ op }) => view.eventsOf(op))
  return new Map(
    events.flatMap((event) => {
      if (event.kind !== 'duty.sent') return []
      const { mode, operation, packet, request_id: id } = claimedFacts<'duty.sent'>(event)
      return [[`${mode} ${operation} ${packet} ${id}`, event.op] as const]
    }),
  )
}

/** A duty that is open waits for another one, or says why a person must look at it. */
function unexplained(proof: Proof): string[] {
  return openDuties(proof, proof.mode).flatMap(({ task, block }) => {
    const reason = progressOf(proof.journal.view, task.id, proof.mode)?.reason
    return block === 'duty' || (block === 'person' && reason) ? [] : [`${task.id} is open and does not say why`]
  })
}

/** What the journal has as confirmed is in the record, and the units are registered before anything else. */
function unproven({ journal: { view }, duties, mode }: Proof, accepted: readonly Accepted[]): string[] {
  const confirmed = automatic(duties()).filter(({ task }) => isFulfilled(view, task.id, mode))
  if (confirmed.length === 0) return ['no duty is fulfilled']
  return confirmed.flatMap(({ task, act: { about, operation } }) => {
    const unit = about as RkdbSubject
    const subject = unit.kind === 'unit' ? unit.serial : unit.cashBoxId
    const isRecorded = accepted.some((line) => line.operation === operation && line.subject === subject)
    return isRecorded ? [] : [`${task.id} is confirmed, and not in the record`]
  })
}

function automatic(duties: readonly Duty[]): AutomaticDuty[] {
  return duties.flatMap(({ task, act }) => (act === undefined ? [] : [{ task, act }]))
}
