import type { ReceiptCheck, SubjectStatus } from '../../../drivers/ports/authority.ts'
import type { RkdbRequest, RkdbSubject } from '../../../drivers/ports/finanzonline.ts'
import type { DutyGround, OutageGround } from '../../contract/duty-ground.ts'
import { DUTY_GROUNDS } from '../../contract/duty-ground.ts'
import type { EnrolledUnit } from '../../devices/enrolment.ts'
import { isUncertifiedSerial } from '../../devices/uncertified.ts'
import { merchantIds } from '../../journal/documents/merchants.ts'
import type { View } from '../../journal/projections/view.ts'
import type { DutyAct as AnyAct, Duty, DutyMerchant, Judgement, RequestRecord } from '../duty.ts'
import { FACTS } from './facts.ts'
import { unitOf } from './machine-code.ts'
import type { OutageActs, RegisterOutage } from './outage-tasks.ts'
import { registerOutageId } from './outage-tasks.ts'
import { wholeSeconds } from './stamp.ts'
import type { RegisterFacts } from './tasks.ts'
import { checkIds, registerTasks, registrationTaskId } from './tasks.ts'

type DutyAct = AnyAct<RkdbRequest>

/** Why an outage or an end of use is reported: codes of FinanzOnline (begruendung). */
const UNIT_GROUNDS = { theft: 1, defective: 2, other: 99 } as const
const REGISTER_GROUNDS = { theft: 1, defective: 5, other: 99 } as const
const END_GROUNDS = { planned: 6, broken: 7 } as const

/** The code of what a person said, else of `otherwise`. */
function codeOf<Ground extends DutyGround>(
  codes: Readonly<Record<Ground, number>>,
  ground: DutyGround | undefined,
  otherwise: Ground,
): number {
  return codes[groundsOf(codes).find((one) => one === ground) ?? otherwise]
}

function groundsOf<Ground extends DutyGround>(codes: Readonly<Record<Ground, number>>): readonly Ground[] {
  return DUTY_GROUNDS.filter((one): one is Ground => one in codes)
}

/**
 * The office names the failed parts of a check in its own words. A registration that was found is not compared with the
 * key: the first receipt shows it.
 */
const CAUSES = [
  {
    named: /datum|uhrzeit|zeitpunkt|(?:^|[^a-z])date(?![a-z])/i,
    remedy: 'The date is named: correct the clock of this machine, then fiskal-edge duty send.',
  },
  {
    named: /benutzerschl|\baes|umsatzz|turnover/i,
    remedy: 'The register may have another AES key in FinanzOnline: correct it there, then fiskal-edge duty send.',
  },
] as const

function remedyFor(failed: ReceiptCheck['failed']): string | undefined {
  const remedies = CAUSES.filter(({ named }) => failed.some(({ id, message }) => named.test(`${id} ${message}`)))
  return remedies.map(({ remedy }) => remedy).join(' ') || undefined
}

/** A trial takes each unit under this provider, with its certificate. */
const TRIAL_VDA = 'AT9'
/** Field 1 of a code: the suite, and the provider (RKSV § 10). */
const SUITE = 'R1-'
const VDA = /^[A-Z]{2}[1-9][0-9]?$/

function isCertified(view: View, { serial, vda }: Pick<EnrolledUnit, 'serial' | 'vda'>): boolean {
  return !isUncertifiedSerial(view, serial) && VDA.test(vda) && vda !== TRIAL_VDA
}

/** True for a receipt that fails in a trial: the office compares the provider in its code with the registered one. */
export function hasOtherProvider(view: View, code: string): boolean {
  const { suite, serial } = unitOf(code)
  const vda = suite.replace(SUITE, '')
  return vda !== TRIAL_VDA && !isCertified(view, { serial, vda })
}

/** The acts of a unit: of its registration, its outages and their ends. */
export class UnitActs {
  readonly #unit: EnrolledUnit
  readonly #merchant: DutyMerchant
  readonly #isCertified: boolean
  readonly #registration: string

  constructor(view: View, unit: EnrolledUnit, merchant: DutyMerchant, registration: string) {
    this.#unit = unit
    this.#merchant = merchant
    this.#isCertified = isCertified(view, unit)
    this.#registration = registration
  }

  registered(): DutyAct {
    const { vda, serial, certificates } = this.#unit
    const [certificate = new Uint8Array()] = certificates
    const request: RkdbRequest = this.#isCertified
      ? { operation: 'registrierung_se', vdaId: vda, unit: { serial } }
      : {
          operation: 'registrierung_se',
          vdaId: TRIAL_VDA,
          unit: { certificate: Buffer.from(certificate).toString('base64') },
        }
    const facts = [vda, serial, this.#isCertified ? '' : Buffer.from(certificate).toString('base64')]
    const judge = ({ state }: SubjectStatus): Judgement => (state === 'none' ? 'send' : 'goal')
    return { ...this.#act('registrierung_se', [], judge), facts, request: () => request }
  }

  outage(fromMs: number, reason: OutageGround = 'defective'): DutyAct {
    return outageAct(this.#base, { operation: 'ausfall_se', codes: UNIT_GROUNDS }, { fromMs, reason })
  }

  outageEnd(endMs: number, outage: string): DutyAct {
    return outageEndAct(this.#base, 'wiederinbetriebnahme_se', endMs, outage)
  }

  /** An ended unit cannot come back, and the agent only infers its end. */
  ended(): DutyAct {
    const judge = ({ state }: SubjectStatus): Judgement => (state === 'none' ? 'goal' : 'send')
    return {
      ...this.#act('ausfall_se', [this.#registration], judge),
      ...{ needsWord: true, grounds: groundsOf(END_GROUNDS), facts: [] },
      request: (ground) => ({
        ...{ operation: 'ausfall_se', subject: this.#subject },
        ...{ reason: codeOf(END_GROUNDS, ground, 'planned'), since: undefined },
      }),
    }
  }

  get #subject(): RkdbSubject {
    return { kind: 'unit', serial: this.#unit.serial }
  }

  get #base(): ActBase {
    const common = { merchant: this.#merchant, subject: this.#subject, isCertified: this.#isCertified }
    return { ...common, registration: this.#registration }
  }

  #act(
    operation: DutyAct['operation'],
    after: readonly string[],
    judge: (status: SubjectStatus) => Judgement,
  ): Omit<DutyAct, 'facts' | 'request'> {
    return {
      ...{ merchant: this.#merchant, about: this.#subject, subject: this.#subject, operation, after },
      ...{
        isCertified: this.#isCertified,
        grounds: [],
        judge,
        ...ofOffice(this.#subject),
      },
    }
  }
}

/** Codes of FinanzOnline. The service does not say what a thing that was registered once is now. */
const CODES: DutyAct['codes'] = { B1: 'already_ended', B10: 'already_ended', B7: 'later', B22: 'contradicting' }

/** The members of each act about a unit or register. */
function ofOffice(about: RkdbSubject): Pick<DutyAct, 'codes' | 'recorded'> {
  return { codes: CODES, recorded: (request) => recordOf(about, request) }
}

/** By the number of the certificate or Kassen-ID; of a receipt check with the Belegnummer, and without the code. */
function recordOf(about: RkdbSubject, request: RkdbRequest): RequestRecord {
  const subject = about.kind === 'unit' ? about.serial : about.cashBoxId
  switch (request.operation) {
    case 'registrierung_se':
      return { subject, vda_id: request.vdaId }
    case 'ausfall_se':
    case 'ausfall_kasse':
      return { subject, reason: request.reason, ...(request.since !== undefined && { since: request.since }) }
    case 'wiederinbetriebnahme_se':
    case 'wiederinbetriebnahme_kasse':
      return { subject, end: request.end }
    case 'registrierung_kasse':
      return { subject }
    case 'belegpruefung':
      return { subject: request.code.split('_').slice(2, 4).join('_') }
  }
}

/** The members of an act of an outage that come from its unit or register. */
type ActBase = Pick<DutyAct, 'merchant' | 'isCertified'> & { subject: RkdbSubject; registration: string }

type Reporting = {
  operation: 'ausfall_se' | 'ausfall_kasse'
  codes: Readonly<Record<OutageGround, number>>
}

function outageAct(
  { registration, subject, ...base }: ActBase,
  { operation, codes }: Reporting,
  { fromMs, reason }: { fromMs: number; reason: OutageGround },
): DutyAct {
  const since = wholeSeconds(fromMs)
  return {
    ...{ ...base, about: subject, subject, operation, after: [registration] },
    ...{ grounds: groundsOf(codes), facts: [since, reason], ...ofOffice(subject) },
    request: (ground) => ({ operation, subject, since, reason: codeOf(codes, ground, reason) }),
    judge: (status) => judged(status, 'outage', 'known', fromMs),
    note: ({ changedAtMs }) => {
      const known = changedAtMs === undefined ? since : wholeSeconds(changedAtMs)
      return known === since ? undefined : `Begin in FinanzOnline: ${known}. Begin here: ${since}.`
    },
  }
}

function outageEndAct(
  { registration, subject, ...base }: ActBase,
  operation: 'wiederinbetriebnahme_se' | 'wiederinbetriebnahme_kasse',
  endMs: number,
  outage: string,
): DutyAct {
  const end = wholeSeconds(endMs)
  return {
    ...{ ...base, about: subject, subject, operation, after: [registration, outage], grounds: [], facts: [end] },
    request: () => ({ operation, subject, end }),
    ...ofOffice(subject),
    judge: (status) => judged(status, 'known', 'outage', endMs),
  }
}

/** The acts of an outage of a register; the office takes none before its Startbeleg passed. */
function registerOutageActs(
  base: ActBase,
  id: string,
  { reason, fromMs, toMs }: RegisterOutage,
  startCheck: string,
): OutageActs {
  const checkedBefore = (act: DutyAct): DutyAct => ({ ...act, after: [...act.after, startCheck] })
  const began = outageAct(base, { operation: 'ausfall_kasse', codes: REGISTER_GROUNDS }, { fromMs, reason })
  const outage = registerOutageId('outage', id, wholeSeconds(fromMs))
  const ended = toMs === undefined ? undefined : outageEndAct(base, 'wiederinbetriebnahme_kasse', toMs, outage)
  return { began: checkedBefore(began), ended: ended && checkedBefore(ended) }
}

/** The facts that only the acts of a register need. */
export type RegisterSource = {
  readonly merchant: DutyMerchant
  /** Base64; undefined if it is lost. */
  readonly aesKey: () => string | undefined
  /** The task to register the unit that signed its Startbeleg. */
  readonly unitTask: string | undefined
  readonly hasOtherProvider: (code: string) => boolean
  /** The duties to report the ends of the outages of the unit that signed it: a receipt passes after them alone. */
  readonly outageEnds: (code: string) => readonly string[]
}

/** Each task of a register with its act; one that stays manual is alone. */
export function registerDuties(register: RegisterFacts, today: string, source: RegisterSource): Duty[] {
  const { id, cashBoxId, startCode, keyCheckValue = '', end } = register
  const { merchant } = source
  const subject = { kind: 'register', cashBoxId } as const
  const registration = registrationTaskId(id)
  const common = { merchant, about: subject, isCertified: true, grounds: [], facts: [], ...ofOffice(subject) } as const
  const registered: DutyAct = {
    ...{ ...common, subject, operation: 'registrierung_kasse' },
    ...{ after: source.unitTask === undefined ? [] : [source.unitTask], facts: [keyCheckValue] },
    request: () => {
      const aesKey = source.aesKey()
      return aesKey === undefined ? undefined : { operation: 'registrierung_kasse', cashBoxId, aesKey }
    },
    judge: ({ state }) => (state === 'none' ? 'send' : 'goal'),
  }
  const inferred = end?.code === undefined ? 'broken' : 'planned'
  const [startCheck, ...yearChecks] = checkIds(register)
  // An ended register cannot come back: nothing of it is then checked or registered again.
  const ended: DutyAct = {
    ...{ ...common, subject, operation: 'ausfall_kasse', after: [registration] },
    afterUnlessRefused: [startCheck, ...yearChecks],
    grounds: groundsOf(END_GROUNDS),
    request: (ground) => ({
      ...{ operation: 'ausfall_kasse', subject, since: undefined },
      reason: codeOf(END_GROUNDS, ground, inferred),
    }),
    judge: ({ state }) => (state === 'none' ? 'goal' : 'send'),
  }
  const checked = (code: string, after: readonly string[]): DutyAct => ({
    ...{ ...common, subject: undefined, operation: 'belegpruefung', after, facts: [code] },
    request: () => ({ operation: 'belegpruefung', code }),
    judge: () => 'send',
    ...{ whenFaulty: remedyFor, isCheck: true },
    ...(source.hasOtherProvider(code) && { needsCertified: true }),
  })
  const ends = register.outages.map(({ fromMs }) => registerOutageId('outage-end', id, wholeSeconds(fromMs)))
  const base = { merchant, subject, isCertified: true, registration }
  return registerTasks(register, today, {
    registered,
    startChecked: {
      ...checked(startCode, [registration, ...source.outageEnds(startCode)]),
      ...{ subject, judge: judgedStart },
    },
    yearChecked: (code) => checked(code, [registration, startCheck, ...ends, ...source.outageEnds(code)]),
    outage: (outage) => registerOutageActs(base, id, outage, startCheck),
    ended,
  })
}

/** A register is in use since its Startbeleg passed. Of one that the office does not know the check itself says why. */
function judgedStart({ state, word }: SubjectStatus): Judgement {
  return state === 'outage' || word === 'IN_BETRIEB' ? 'goal' : 'send'
}

/** `goal` and `before`: the states after and before the change of that time; the service must know of no later one. */
function judged(
  { state, changedAtMs }: SubjectStatus,
  goal: SubjectStatus['state'],
  before: SubjectStatus['state'],
  atMs: number,
): Judgement {
  if (state === goal) return 'goal'
  return state === before && (changedAtMs ?? 0) <= atMs ? 'send' : 'other_state'
}

/** The merchant of a unit: the one of `users`, the merchants whose registers sign with it, or the only Austrian one. */
export function merchantOfUnit(view: View, users: ReadonlySet<string> | undefined): DutyMerchant {
  const [only, ...others] = users ?? austrianMerchants(view)
  if (only === undefined) return 'none'
  return others.length > 0 ? 'several' : numbersOf(view, only)
}

/** The id of a merchant, and its Austrian numbers. */
export function numbersOf(view: View, merchant: string): readonly string[] {
  const identities = view.merchant(merchant)?.shown.fiscal_identities ?? []
  const numbers = identities.flatMap((identity) =>
    identity['country_code'] === FACTS.country ? [identity['vat_id'], identity['tax_number']] : [],
  )
  return [merchant, ...numbers.filter((number) => typeof number === 'string')]
}

function austrianMerchants(view: View): string[] {
  return merchantIds(view).filter((id) => numbersOf(view, id).length > 1)
}
