import { DeviceError } from '../../../drivers/errors.ts'
import type { Clock } from '../../../drivers/ports/clock.ts'
import type { SignatureCard } from '../../../drivers/ports/signature-card.ts'
import type { Outcome } from '../regime.ts'
import type { CardAct, Signed } from './card-act.ts'
import { signingInputOf } from './jws.ts'

/** A signature unit as this law uses it: the port, and whether it may be used now. */
export type UsableCard = {
  readonly unit: SignatureCard
  readonly usable: boolean
  readonly trouble: { code: string; message: string } | undefined
  report(error: DeviceError): void
  worked(): void
}

export type CardActsOptions = { cardOf: (device: string) => UsableCard | undefined; clock: Clock }

/** One try to sign, waiting for other registers included; then the receipt goes out with the marker. */
const signTryMs = 5000

/** Has planned receipts signed. Appends nothing. */
export class CardActs {
  readonly #options: CardActsOptions

  constructor(options: CardActsOptions) {
    this.#options = options
  }

  /**
   * `done` with the signature in BASE64, or `failed`: a signature that comes too late is thrown away. `unknown` where the
   * agent stops.
   */
  perform(act: CardAct): Promise<Outcome> {
    const card = this.#options.cardOf(act.device)
    if (card === undefined) return Promise.resolve(failed('unavailable', `There is no device ${act.device}.`))
    if (!card.usable) {
      const { code, message } = card.trouble ?? { code: 'unavailable', message: 'The signature unit does not answer.' }
      return Promise.resolve(failed(code, message))
    }
    return this.#inTime(sign(card, act))
  }

  #inTime(signing: Promise<Outcome>): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.after(signTryMs, () =>
        resolve(failed('timeout', 'The signature unit did not sign in time.')),
      )
      signing.then(resolve, reject).finally(cancel)
    })
  }
}

/** Errors are reported even when nobody waits any more: they tell that the unit is out. */
async function sign(card: UsableCard, act: CardAct): Promise<Outcome> {
  try {
    const message = Buffer.from(signingInputOf(act.payload), 'ascii')
    const signature = await card.unit.sign(message, act.client, signTryMs)
    card.worked()
    const result: Signed = { signature: Buffer.from(signature).toString('base64') }
    return { kind: 'done', result }
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    // Given up because the agent stops: that is no outage, and the next start has the receipt signed.
    if (error.code === 'aborted') return { kind: 'unknown', code: error.code, message: error.message }
    card.report(error)
    return failed(error.code, error.message)
  }
}

function failed(code: string, message: string): Outcome {
  return { kind: 'failed', code, message }
}
