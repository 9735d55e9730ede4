import type { Clock } from '../../../base/clock.ts'
import { DeviceError, isSilence } from '../../../drivers/errors.ts'
import type { SignatureCard } from '../../../drivers/ports/signature-card.ts'
import { isUncertifiedUnit, refusalOfNumber } from '../../devices/uncertified.ts'
import type { Usable } from '../../devices/usable.ts'
import { SILENCES_MAX } from '../../devices/usable.ts'
import type { ActRequest } from '../law.ts'
import type { CardAct, CardOutcome } from './card-act.ts'
import { signingInputOf } from './jws.ts'
import { parsePayload } from './machine-code.ts'

export type CardActsOptions = { cardOf: (device: string) => Usable<SignatureCard> | undefined; clock: Clock }

/** All tries of one request together, including the wait for other registers; then the receipt gets the marker. */
const SIGN_MS = 5000
/** Minimum time of a try that begins in time: a shorter one could not succeed. */
const SIGN_TRY_LEAST_MS = 500

/** Lets signature units sign planned receipts. Appends nothing to the journal. */
export class CardActs {
  readonly #options: CardActsOptions
  /** Running tries by device; called when the device turns out to be down. */
  readonly #trying = new Map<string, Set<() => void>>()

  constructor(options: CardActsOptions) {
    this.#options = options
  }

  /**
   * `done` with the signature in BASE64, or `failed`: a signature that arrives too late is discarded. `unknown` if the
   * agent stops. `sinceNs` is the begin of its request: earlier tries have used part of the time. A card that has just
   * fallen silent is awaited unless another unit can sign; that wait is part of the same time.
   */
  async perform(act: CardAct, request?: Pick<ActRequest, 'sinceNs' | 'waitUntilNs'>): Promise<CardOutcome> {
    const { sinceNs = this.#options.clock.mono(), waitUntilNs = 0n } = request ?? {}
    const endNs = sinceNs + BigInt(SIGN_MS) * 1_000_000n
    const latestNs = waitUntilNs < endNs ? waitUntilNs : endNs
    for (let silences = 0; ; silences += 1) {
      const card = this.#options.cardOf(act.device)
      if (card === undefined) return failed('unavailable', `There is no device ${act.device}.`)
      const isThere = card.usable || (!act.more && (await isBack(card, latestNs)))
      if (isThere === 'stopping') return stopped()
      if (!isThere) return outOf(card)
      const outcome = await this.#tried(card, act, endNs)
      const isSilent = outcome.kind === 'failed' && isSilence(outcome.code)
      if (!isSilent || act.more || silences >= SILENCES_MAX) return outcome
    }
  }

  async #tried(card: Usable<SignatureCard>, act: CardAct, endNs: bigint): Promise<CardOutcome> {
    const refusal = card.identity && refusalOfNumber(act.client, isUncertifiedUnit(card.unit, card.identity))
    if (refusal !== undefined) return { kind: 'failed', ...refusal }
    const leftMs = Number((endNs - this.#options.clock.mono()) / 1_000_000n)
    if (leftMs <= 0) return late()
    // The next try, by another unit or for the document's own receipt, needs the other half.
    const isLast = act.is_own && !act.more
    return this.#inTime(card, act, Math.max(SIGN_TRY_LEAST_MS, isLast ? leftMs : leftMs / 2))
  }

  #inTime(card: Usable<SignatureCard>, act: CardAct, tryMs: number): Promise<CardOutcome> {
    const { clock, cardOf } = this.#options
    const trying = this.#trying.get(act.device) ?? new Set()
    this.#trying.set(act.device, trying)
    return new Promise((resolve, reject) => {
      const giveUp = () => resolve(outOf(cardOf(act.device) ?? card))
      const cancel = clock.after(tryMs, () => resolve(late()))
      trying.add(giveUp)
      sign(card, act, tryMs)
        .then(resolve, reject)
        .finally(() => {
          cancel()
          trying.delete(giveUp)
          // A request waiting for the end of this try would find the card just as silent.
          if (cardOf(act.device)?.usable === false) for (const waiting of [...trying]) waiting()
        })
    })
  }
}

/** Errors are reported even if no client waits any longer: they show that the unit is down. */
async function sign(card: Usable<SignatureCard>, act: CardAct, tryMs: number): Promise<CardOutcome> {
  try {
    const message = Buffer.from(signingInputOf(act.payload), 'ascii')
    const { serial } = parsePayload(act.payload)
    const signature = await card.unit.sign(message, { serial, client: act.client, withinMs: tryMs })
    card.worked()
    return { kind: 'done', act: 'sign', result: { signature: Buffer.from(signature).toString('base64') } }
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    // Aborted because the agent stops: not an outage; the receipt is signed after the next start.
    if (error.code === 'aborted') return { kind: 'unknown', code: error.code, message: error.message }
    // Planned for the previous card: not a fault of this one.
    if (error.code === 'not_named') return failed('foreign', `Device ${act.device}: ${error.message}`)
    card.report(error)
    return failed(error.code, error.message)
  }
}

function outOf({ trouble }: Usable<SignatureCard>): CardOutcome {
  const { code, message } = trouble ?? { code: 'unavailable', message: 'The signature unit does not answer.' }
  return failed(code, message)
}

async function isBack(card: Usable<SignatureCard>, latestNs: bigint): Promise<boolean | 'stopping'> {
  try {
    return (await card.isBack?.(latestNs)) === true
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    return 'stopping'
  }
}

/** The agent stops while a receipt waits for its unit: it is signed after the next start. */
function stopped(): CardOutcome {
  return { kind: 'unknown', code: 'aborted', message: 'The agent stops.' }
}

function late(): CardOutcome {
  return failed('timeout', 'The signature unit did not sign in time.')
}

function failed(code: string, message: string): CardOutcome {
  return { kind: 'failed', code, message }
}
