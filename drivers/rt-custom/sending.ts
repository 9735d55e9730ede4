import { DeviceError } from '../errors.ts'
import type { RtSent } from '../rt/unit.ts'
import type { DocumentPlan, Expectation, Step } from './document-commands.ts'
import { customRefusal, hasVanished, isEnding, isInterruption, isOfForm } from './failures.ts'
import { parseRest, parseTotals } from './replies.ts'
import type { CustomReply, CustomSession } from './session.ts'

type Cause = (error: string, what: string, signal: AbortSignal) => Promise<DeviceError>
/** The plan continues, another document than ours is open, or a refusal. */
type Verdict = 'ok' | 'other' | DeviceError

/** Power may blink in a document and in its repetition. */
const OTHER_TOTALS_MAX = 3

/** Sends the commands of a document, each judged by its reply before the next one. */
export class Sending {
  readonly #session: CustomSession
  readonly #causeOf: Cause
  /** How often the printer has come to another total than a plan. */
  readonly #otherTotals = new WeakMap<DocumentPlan, number>()

  constructor(session: CustomSession, causeOf: Cause) {
    this.#session = session
    this.#causeOf = causeOf
  }

  /** `indexes`: of the VAT table of the printer, two digits for each rate that the plan names. */
  async send(plan: DocumentPlan, indexes: ReadonlyMap<string, string>, signal: AbortSignal): Promise<RtSent> {
    for (const [index, { vat = '', ...planned }] of plan.steps.entries()) {
      const step = { ...planned, command: `${planned.command}${indexes.get(vat) ?? ''}` }
      const isBegun = index > plan.opensAt
      try {
        const reply = await this.#run(step, signal)
        const sent = reply.done
          ? await this.#judged(plan, step, reply.data, { isBegun, signal })
          : await this.#refused(step, reply.error, { isBegun, signal })
        if (sent) return sent
      } catch (error) {
        if (!(error instanceof DeviceError) || (!isBegun && error.effect === 'none')) throw error
        return { end: 'unclear' }
      }
    }
    return { end: 'done' }
  }

  /** Another form of the command is tried if the printer refuses the first for its form. */
  async #run({ command, forms = [] }: Step, signal: AbortSignal): Promise<CustomReply> {
    let reply = await this.#session.run(command, signal)
    for (const form of forms) {
      if (reply.done || !isOfForm(customRefusal(reply.error, command))) break
      reply = await this.#session.run(form, signal)
    }
    return reply
  }

  async #judged(
    plan: DocumentPlan,
    { command, expects }: Step,
    data: string,
    { isBegun, signal }: { isBegun: boolean; signal: AbortSignal },
  ): Promise<RtSent | undefined> {
    if (expects?.of === 'end') return await this.#ended(data, signal)
    const verdict = expects === undefined ? 'ok' : judge(expects, data)
    if (verdict === 'ok') return undefined
    const opened = expects?.of === 'original' && expects.opens
    if (opened) await this.#session.run('71010', signal)
    if (verdict !== 'other') return { end: 'refused', error: verdict, isBegun: isBegun || opened }
    // A power blink loses the open document without a lost reply, and the next line opens another: the whole is sent
    // again. If its total differs time after time, the printer counts otherwise than we do.
    const others = (this.#otherTotals.get(plan) ?? 0) + 1
    if (expects?.of === 'total') this.#otherTotals.set(plan, others)
    if (expects?.of === 'rest' || others >= OTHER_TOTALS_MAX) return disagreement(command, data)
    return { end: 'unclear' }
  }

  /** No source says at which step a void is after it was printed. */
  async #ended(step: string, signal: AbortSignal): Promise<RtSent | undefined> {
    if (!/^[1-4]$/.test(step)) return undefined
    return (await this.#session.run('3011', signal)).done ? undefined : { end: 'unclear' }
  }

  /**
   * A wrong sequence in the middle of our list means that the open document was lost. No paper, an open cover and a
   * broken head are not a refusal of it: the printer prints what was in progress when they are in order.
   */
  async #refused(
    { command, expects }: Step,
    code: string,
    { isBegun, signal }: { isBegun: boolean; signal: AbortSignal },
  ): Promise<RtSent | undefined> {
    const error = await this.#causeOf(code, whatOf(command), signal)
    if (expects?.of === 'return' && error.code === 'refused') return undefined
    const mayHaveActed = isBegun || isEnding(command)
    if ((isBegun && hasVanished(error)) || (mayHaveActed && isInterruption(error))) return { end: 'unclear' }
    return { end: 'refused', error, isBegun: mayHaveActed }
  }
}

function judge(expects: Exclude<Expectation, { of: 'end' }>, data: string): Verdict {
  switch (expects.of) {
    case 'total':
      return parseTotals(data)?.totalCents === expects.cents ? 'ok' : 'other'
    case 'rest':
      return parseRest(data) === expects.cents ? 'ok' : 'other'
    case 'return':
      return data === '19' ? 'ok' : 'other'
    case 'original':
      return expects.flags.includes(data) && data !== '' ? 'ok' : byFlag(data)
  }
}

/** The manual gives no reasons; a recorded test had to close the period of the original first. */
const NOT_PERMITTED =
  'the printer does not permit it: perhaps after the daily closing, or the document was voided or returned, or is not a sale'

function byFlag(flag: string): DeviceError {
  return flag === '2'
    ? new DeviceError('document_reversed', 'none', NOT_PERMITTED, '2')
    : new DeviceError('document_unknown', 'none', 'the printer has no such document in its memory', flag)
}

function disagreement(command: string, data: string): RtSent {
  const words = `the printer comes to another amount than the sale (${command.slice(0, 4)}: ${data})`
  return { end: 'refused', error: new DeviceError('refused', 'none', words), isBegun: true }
}

/** The command in the message of a refusal. */
function whatOf(command: string): string {
  const name = command.slice(0, 4)
  if (name === '3019') return '3019 (lottery code)'
  return name === '3010' ? '3010 (tax code)' : name
}
