import type { Authority, AuthorityMode } from '../../../drivers/ports/authority.ts'
import type { DutyGround } from '../../contract/duty-ground.ts'
import { FiskalError } from '../../errors.ts'
import type { Journal } from '../../journal/journal.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Duty, DutyAct } from '../../laws/duty.ts'
import { DutyOrder, subjectOf } from '../duty-order.ts'
import {
  closingEvents,
  credentialsDutyOf,
  isCredentialsDuty,
  isFulfilled,
  keptOf,
  noSuchDuty,
  progressOf,
  progressSet,
} from '../duty-records.ts'
import { isServedBy, merchantsIn } from '../served-accounts.ts'
import type { Duties } from '../shared-list.ts'
import { NOT_CONFIGURED } from './authority-check.ts'

export type SendingParts = {
  readonly journal: Journal
  readonly authority: Authority | undefined
  readonly duties: Duties
}

/**
 * A person lets a client do a duty now: one that was refused or is unclear, or that waits for a person's word. Of refused
 * credentials: permits one more login. Throws `not_found`, `unprocessable_entity`.
 */
export async function sendDuty(parts: SendingParts, id: string, ground?: DutyGround): Promise<void> {
  const { journal, authority } = parts
  const duties = await parts.duties.read()
  if (isCredentialsDuty(id)) return admit(authority, duties, id)
  const duty = duties.find(({ task }) => task.id === id)
  if (duty === undefined) throw noSuchDuty(id)
  const mode = authority?.mode ?? 'P'
  if (isFulfilled(journal.view, id, mode)) throw nothingToSend('it is confirmed')
  if (authority === undefined) throw new FiskalError('unprocessable_entity', NOT_CONFIGURED)
  const { act } = duty
  if (act === undefined) throw nothingToSend('a person does it, then: fiskal-edge duty confirm')
  checkGround(act, ground)
  const account = accountOf(authority, duties, act)
  if (account === undefined) throw nothingToSend('no account of FinanzOnline is known for its merchant')
  const refused = await account.refused()
  if (refused !== undefined) {
    const first =
      refused.reason === 'not_entitled'
        ? 'Give the user its right, then'
        : 'Correct the files, or permit one more login'
    const remedy = `${first}: fiskal-edge duty send ${credentialsDutyOf(act.merchant)}`
    throw new FiskalError('unprocessable_entity', `${refused.message}. ${remedy}`)
  }
  const print = await account.print()
  const subject = subjectOf(act)
  const ofSubject = duties.filter((each) => each.act !== undefined && subjectOf(each.act) === subject)
  await journal.record((view) => {
    if (isFulfilled(view, id, mode)) throw nothingToSend('it is confirmed')
    checkOrder(view, mode, ofSubject, id, print)
    const before = progressOf(view, id, mode)
    if (before?.state === 'sent') throw nothingToSend('it is sent, and the agent asks what became of it')
    const said = ground === undefined ? {} : { ground }
    // An earlier ground is kept until a person gives another one.
    const { op, body } = progressSet(view, duty.task, mode, { ...keptOf(before), state: 'queued', ...said })
    const facts = { mode, by: 'person' as const, ...said }
    const following = mode === 'P' ? closingEvents(view, duty.task, 'queued') : []
    return [{ kind: 'duty.changed', op, body: { ...body, facts } }, ...following]
  })
}

/** A person's word changes nothing of what comes first. */
function checkOrder(view: View, mode: AuthorityMode, duties: readonly Duty[], id: string, print?: string): void {
  const order = new DutyOrder(view, mode)
  for (const { task, act } of duties) {
    if (act === undefined || isFulfilled(view, task.id, mode)) continue
    const block = order.blockOf({ task, act }, print)
    if (task.id !== id) continue
    if (block?.kind === 'duty') throw nothingToSend(`${block.id} comes before it`)
    if (block?.kind === 'certified_unit') throw nothingToSend(uncertifiedWords(block.id ?? 'its unit', act))
    return
  }
}

function uncertifiedWords(unit: string, { needsCertified }: DutyAct): string {
  return needsCertified === true
    ? `${unit} is not certified, and its code names another provider than a trial registers (AT9)`
    : `${unit} is not certified, and only a trial takes it`
}

/** The end of a unit cannot be taken back: a person says why it ends. */
function checkGround({ grounds, needsWord }: DutyAct, ground: DutyGround | undefined): void {
  const offered = `--reason ${grounds.join('|')}`
  if (ground === undefined) {
    if (needsWord === true)
      throw new FiskalError('unprocessable_entity', `This cannot be taken back: say why. ${offered}`)
  } else if (!grounds.includes(ground))
    throw new FiskalError(
      'unprocessable_entity',
      grounds.length === 0 ? 'This duty has no --reason.' : `This duty has another --reason: ${offered}`,
    )
}

async function admit(authority: Authority | undefined, duties: readonly Duty[], id: string): Promise<void> {
  const act = duties.find((duty) => duty.act !== undefined && credentialsDutyOf(duty.act.merchant) === id)?.act
  const account = act && authority && accountOf(authority, duties, act)
  if (account === undefined) throw noSuchDuty(id)
  if ((await account.refused()) === undefined) throw nothingToSend('the credentials are not refused')
  await account.admit()
}

function accountOf({ accounts }: Authority, duties: readonly Duty[], { merchant }: DutyAct) {
  const merchants = merchantsIn(duties)
  return accounts.find((account) => isServedBy(account, merchant, merchants))
}

function nothingToSend(why: string): FiskalError {
  return new FiskalError('unprocessable_entity', `There is nothing to send: ${why}.`)
}
