import { DeviceError } from '../errors.ts'
import { demandNamed } from '../named-unit.ts'
import type { TokenFacts } from '../native/pkcs11-calls.ts'
import type { Pkcs11TokenOptions } from '../native/pkcs11-token.ts'
import { Pkcs11Token } from '../native/pkcs11-token.ts'
import { leavesStateUnknown, stillHolds } from '../native/token-keys.ts'
import type { QueueLoad } from '../ports/queue-load.ts'
import type {
  SignatureCard,
  SignatureCardHealth,
  SignatureCardIdentity,
  SignatureWish,
} from '../ports/signature-card.ts'
import type { Command } from '../queue.ts'
import { CommandQueue } from '../queue.ts'
import type { Unit, UnitOptions } from './unit.ts'
import { findUnit, makeUnit } from './unit.ts'

export type Pkcs11CardOptions = UnitOptions &
  Omit<Pkcs11TokenOptions, 'timeouts'> & {
    id: string
    /** Trust provider of the certificate, e.g. `AT1`. */
    vda: string
  }

/**
 * A signature card or HSM with a PKCS#11 module, which runs in a child process. The key is found by its label or its
 * certificate, never by a slot number. Every signature is verified, and a refused PIN is not tried again automatically.
 */
export class Pkcs11Card implements SignatureCard {
  readonly kind = 'signature_card'
  readonly #options: Pkcs11CardOptions
  readonly #token: Pkcs11Token
  readonly #queue: CommandQueue
  #unit: Unit | undefined

  constructor(options: Pkcs11CardOptions) {
    const { module, token, pin, directory, secrets, owners, clock, recorder } = options
    this.#options = options
    this.#token = new Pkcs11Token({ module, token, pin, directory, secrets, clock, owners, recorder })
    this.#queue = new CommandQueue(clock)
  }

  open(): Promise<void> {
    const { openMs, signMs } = this.#token.timeouts
    return this.#queue.run({ deadlineMs: openMs + 2 * signMs }, () =>
      this.#certain(async () => {
        if (this.#unit && this.#token.isOpen) return
        await this.#token.open('probe')
        this.#unit = await findUnit(this.#token, this.#options)
      }),
    )
  }

  initialise(): Promise<void> {
    const { clock } = this.#options
    return this.#queue.run({ deadlineMs: 2 * this.#token.timeouts.longMs }, () =>
      this.#certain(async () => {
        await this.#token.open('technician')
        this.#unit = await makeUnit(this.#token, this.#options, clock.now())
      }),
    )
  }

  async close(): Promise<void> {
    await this.#queue.close(() => this.#token.cut())
    this.#unit = undefined
    await this.#token.close()
  }

  load(): QueueLoad {
    return this.#queue.load()
  }

  inspect(): Promise<{ description: string; certificates: readonly Uint8Array[] }> {
    return this.#queue.run({ deadlineMs: 2 * this.#token.timeouts.openMs }, async () => {
      this.#unit = undefined
      const { facts, certificates } = await this.#token.inspect()
      return { description: describe(facts), certificates }
    })
  }

  /** Searches the card for the key: a different card in the reader is `foreign`. */
  identity(): Promise<SignatureCardIdentity> {
    return this.#perform(async ({ key, serial, certificates }) => {
      if (!(await stillHolds(this.#token, key)))
        throw new DeviceError('foreign', 'none', 'the card no longer holds the same key')
      const { manufacturer, model } = await this.#token.facts()
      return { serial, vda: this.#options.vda, certificates, token: { manufacturer, model } }
    })
  }

  health(): Promise<SignatureCardHealth> {
    return this.#perform(async ({ certificateExpiresAtMs }) => {
      const description = describe(await this.#token.facts())
      return { certificateExpiresAtMs, initialised: true, description }
    })
  }

  sign(message: Uint8Array, { serial: named, client = '', withinMs }: SignatureWish = {}): Promise<Uint8Array> {
    const act = ({ key, serial }: Unit): Promise<Uint8Array> => {
      demandNamed(serial, named)
      return this.#token.sign(key, message)
    }
    return this.#perform(act, { client, withinMs })
  }

  #perform<T>(act: (unit: Unit) => Promise<T>, turn: Pick<Command, 'client' | 'withinMs'> = {}): Promise<T> {
    return this.#queue.run({ ...turn, deadlineMs: this.#token.timeouts.signMs }, () =>
      this.#certain(async () => {
        if (!this.#unit) throw new DeviceError('unavailable', 'none', `${this.#options.id} is not open`)
        return await act(this.#unit)
      }),
    )
  }

  /** Forgets key and certificate after an error, because the reader may hold a different card. */
  async #certain<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      if (error instanceof DeviceError && leavesStateUnknown(error)) this.#unit = undefined
      throw error
    }
  }
}

function describe({ label, manufacturer, model, firmware }: TokenFacts): string {
  return `token ${label}, ${manufacturer} ${model} ${firmware}`
}
