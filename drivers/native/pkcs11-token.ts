import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { Mutex } from '../../base/mutex.ts'
import { SecretInvalidError } from '../../base/secret-file.ts'
import { beingClosed, DeviceError, errorCode, OtherUnitError } from '../errors.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { RefusableSecrets } from '../refused-pins.ts'
import type { Curve } from '../tr03151/algorithms.ts'
import { NativeProcess } from './native-process.ts'
import type { Pkcs11Calls, TokenCertificate, TokenFacts } from './pkcs11-calls.ts'
import { curveOfParams, hashOfCurve, paramsOfCurve, plainSignature, unwrapPoint, verifies } from './pkcs11-codec.ts'
import { asDeviceError, sessionIsLost } from './pkcs11-faults.ts'
import type { Asker } from './pkcs11-pin.ts'
import { PinGuard } from './pkcs11-pin.ts'
import { serialsIn } from './unit-serials.ts'

const GOODBYE_MS = 1000

export type Pkcs11Timeouts = {
  /** From no process to a login. */
  openMs: number
  /** One signature, including a re-opening and its repetition. */
  signMs: number
  /** Key generation, writing certificates. */
  longMs: number
}

const TIMEOUTS: Pkcs11Timeouts = { openMs: 10_000, signMs: 5000, longMs: 120_000 }

export type Pkcs11TokenOptions = {
  /** Path of the PKCS#11 library. */
  module: string
  /** Label or serial number of the token. */
  token: string
  /** Reads the PIN again at each login. */
  pin: () => Promise<string>
  /** Folder of the record of a refused PIN; 0700. */
  directory: string
  /** Recognises a refused PIN; without it the refusal is forgotten with the process. */
  secrets?: RefusableSecrets | undefined
  clock: Clock
  timeouts?: Partial<Pkcs11Timeouts>
  owners?: TokenOwners | undefined
  recorder?: Recorder | undefined
}

/** The owner of a unit by its serial number; asked before a login, which costs a try in the token of another id. */
export type TokenOwners = {
  isOwn: (serial: string) => boolean
  /** Another id of the configuration under which the unit is enrolled. */
  otherIdOf: (serial: string) => string | undefined
}

/** `id` is CKA_ID in hex; `point` is 04‖X‖Y, undefined without a public key next to the private one. */
export type SigningKey = { ref: string; id: string; label: string; curve: Curve; point: Uint8Array | undefined }

/**
 * One token with its PKCS#11 module, in a child process. Open between calls, logged in once. A call that finds the
 * session lost re-opens it once within its own time, unless it creates something. After that every call fails at once
 * with `unavailable` until `open` succeeds again, which also finds a replugged token.
 */
export class Pkcs11Token {
  readonly #options: Pkcs11TokenOptions
  readonly timeouts: Pkcs11Timeouts
  readonly #process: NativeProcess<Pkcs11Calls>
  readonly #guard: PinGuard
  #facts: TokenFacts | undefined
  #isOpen = false
  #isCut = false
  /** Runs one call at a time; the device queue bounds its length. */
  readonly #mutex = new Mutex()

  constructor(options: Pkcs11TokenOptions) {
    this.#options = options
    this.timeouts = { ...TIMEOUTS, ...options.timeouts }
    const entry = new URL('./pkcs11-child.ts', import.meta.url)
    const { module: name, clock, recorder } = options
    this.#process = new NativeProcess({ entry, name, clock, recorder })
    this.#guard = new PinGuard(options.directory, options.secrets ?? {}, clock)
  }

  get isOpen(): boolean {
    return this.#isOpen && this.#process.running
  }

  /**
   * Harmless when open. Throws `unavailable`, `timeout`, `pin_wrong`, `pin_locked`, `not_initialised` (no PIN set),
   * `foreign` (a different token with the same label), `refused` (several tokens with that label).
   */
  open(asker: Asker): Promise<TokenFacts> {
    return this.#mutex.run(async () => {
      if (this.isOpen && this.#facts) return this.#facts
      return await this.#enter(asker, this.timeouts.openMs)
    })
  }

  close(): Promise<void> {
    return this.#mutex.run(async () => {
      this.#isOpen = false
      if (!this.#process.running) return
      try {
        await this.#process.call('detach', undefined, { deadlineMs: GOODBYE_MS, effect: 'none' })
      } catch {
        // the process is ended either way
      }
      await this.#process.stop()
    })
  }

  /** The token and its certificates, without a login, in a read-only session that ends before it returns. */
  inspect(): Promise<{ facts: TokenFacts; certificates: Uint8Array[] }> {
    return this.#mutex.run(async () => {
      await this.#leave()
      const { module, token } = this.#options
      const limits = { deadlineMs: this.timeouts.openMs, effect: 'none' } as const
      try {
        await this.#process.start(limits.deadlineMs)
        const facts = await this.#process.call('attach', { module, token, readOnly: true }, limits)
        const certificates = await this.#process.call('certificates', undefined, limits)
        await this.#process.call('detach', undefined, { ...limits, deadlineMs: GOODBYE_MS })
        return { facts, certificates }
      } catch (error) {
        throw asDeviceError(error, module)
      } finally {
        await this.#leave()
      }
    })
  }

  /** Ends the process permanently and at once: the running call fails. */
  async cut(): Promise<void> {
    this.#isCut = true
    await this.#leave()
  }

  /** Queries the token itself, which proves that it is connected. */
  facts(): Promise<TokenFacts> {
    return this.#act('facts', undefined, this.timeouts.signMs)
  }

  /** Private EC keys that may sign, on a supported curve. */
  async keys(): Promise<SigningKey[]> {
    const keys = await this.#act('keys', undefined, this.timeouts.openMs)
    return keys.flatMap(({ ref, id, label, curveParams, point }) => {
      const curve = curveOfParams(curveParams)
      return curve ? [{ ref, id, label, curve, point: point && unwrapPoint(point, curve) }] : []
    })
  }

  /**
   * Plain r‖s over the curve's hash of `message`, verified against `point` before it is returned, because a module
   * signs any input. Repeating is harmless. Throws `garbled` for an invalid signature.
   */
  async sign(key: { ref: string; curve: Curve; point: Uint8Array }, message: Uint8Array): Promise<Uint8Array> {
    const digest = createHash(hashOfCurve(key.curve)).update(message).digest()
    const answer = await this.#act('sign', { ref: key.ref, digest }, this.timeouts.signMs)
    const signature = plainSignature(answer, key.curve)
    if (!signature || !(await verifies(key.curve, key.point, message, signature))) {
      throw new DeviceError('garbled', 'none', `${this.#options.module}: the token's signature does not verify`)
    }
    return signature
  }

  /** Never repeated automatically: after an `unavailable` or `timeout` unknown the key may exist. */
  async generateKey(key: { id: string; label: string; curve: Curve }): Promise<void> {
    const curveParams = paramsOfCurve(key.curve)
    await this.#make('generateKey', { id: key.id, label: key.label, curveParams })
  }

  /** DER of every X.509 certificate in the token. */
  certificates(): Promise<Uint8Array[]> {
    return this.#act('certificates', undefined, this.timeouts.openMs)
  }

  /** As {@link generateKey}. */
  async storeCertificate(certificate: TokenCertificate): Promise<void> {
    await this.#make('storeCertificate', certificate)
  }

  /** Values of our own data objects with that label: one, or two after a crash during a replacement. */
  readData(label: string): Promise<Uint8Array[]> {
    return this.#act('readData', { label }, this.timeouts.openMs)
  }

  async replaceData(label: string, value: Uint8Array): Promise<void> {
    await this.#act('replaceData', { label, value }, this.timeouts.signMs)
  }

  /** Runs once: a repetition would create a second object. */
  #make<Method extends 'generateKey' | 'storeCertificate'>(
    method: Method,
    args: Pkcs11Calls[Method]['args'],
  ): Promise<void> {
    return this.#mutex.run(async () => {
      this.#demandOpen()
      try {
        await this.#process.call(method, args, { deadlineMs: this.timeouts.longMs, effect: 'unknown' })
      } catch (error) {
        if (sessionIsLost(error)) await this.#leave()
        throw asDeviceError(error, this.#options.module)
      }
    })
  }

  #demandOpen(): void {
    if (!this.isOpen) throw new DeviceError('unavailable', 'none', `${this.#options.module}: token is not open`)
  }

  /** A repeatable call: repeated once after the session was lost. */
  #act<Method extends keyof Pkcs11Calls>(
    method: Method,
    args: Pkcs11Calls[Method]['args'],
    budgetMs: number,
  ): Promise<Pkcs11Calls[Method]['result']> {
    return this.#mutex.run(async () => {
      this.#demandOpen()
      const end = this.#options.clock.mono() + BigInt(Math.round(budgetMs)) * 1_000_000n
      try {
        return await this.#process.call(method, args, { deadlineMs: budgetMs, effect: 'unknown' })
      } catch (error) {
        if (!sessionIsLost(error) && !crashed(error)) throw await this.#refused(error)
      }
      try {
        await this.#enter('probe', this.#leftMs(end))
        return await this.#process.call(method, args, { deadlineMs: this.#leftMs(end), effect: 'unknown' })
      } catch (error) {
        const mapped = await this.#refused(error)
        if (mapped instanceof DeviceError && mapped.code === 'unavailable') await this.#leave()
        throw mapped
      }
    })
  }

  /** If a key requires the PIN for every signature, the session is closed: the next signature would cost a try too. */
  async #refused(error: unknown): Promise<unknown> {
    const mapped = asDeviceError(error, this.#options.module)
    const code = mapped instanceof DeviceError ? mapped.code : undefined
    if (this.#facts && (code === 'pin_wrong' || code === 'pin_locked')) {
      await this.#guard.refusedLater(code, this.#facts)
      await this.#leave()
    }
    return mapped
  }

  #leftMs(end: bigint): number {
    return Math.max(1, Number((end - this.#options.clock.mono()) / 1_000_000n))
  }

  /** A new process finds the token and logs in. A failure leaves nothing running. */
  async #enter(asker: Asker, budgetMs: number): Promise<TokenFacts> {
    await this.#leave()
    if (this.#isCut) throw beingClosed()
    const end = this.#options.clock.mono() + BigInt(Math.round(budgetMs)) * 1_000_000n
    try {
      await this.#process.start(budgetMs)
      const { module, token } = this.#options
      const limits = { deadlineMs: this.#leftMs(end), effect: 'none' } as const
      const facts = await this.#process.call('attach', { module, token, readOnly: false }, limits)
      this.#sameToken(facts, asker)
      await this.#demandOwn(facts, this.#leftMs(end))
      await this.#login(facts, asker, this.#leftMs(end))
      await this.#process.call('keys', undefined, { deadlineMs: this.#leftMs(end), effect: 'none' })
      this.#facts = facts
      this.#isOpen = true
      return facts
    } catch (error) {
      await this.#leave()
      throw asDeviceError(error, this.#options.module)
    }
  }

  async #leave(): Promise<void> {
    this.#isOpen = false
    await this.#process.stop()
  }

  /** Checked before the PIN is sent: a try on a different card is wasted. */
  #sameToken(facts: TokenFacts, asker: Asker): void {
    if (asker === 'technician' || !this.#facts || this.#facts.serial === facts.serial) return
    const text = `token ${facts.label} has serial number ${facts.serial}, not ${this.#facts.serial}`
    throw new DeviceError('foreign', 'none', text)
  }

  /** Certificates are readable without a login, unless the token keeps them private: then only the login shows it. */
  async #demandOwn({ label }: TokenFacts, deadlineMs: number): Promise<void> {
    const { owners } = this.#options
    if (owners === undefined) return
    const limits = { deadlineMs, effect: 'none' } as const
    const shown = await this.#process.call('certificates', undefined, limits).catch(() => [])
    const serials = serialsIn(shown)
    if (serials.some((serial) => owners.isOwn(serial))) return
    for (const serial of serials) {
      const other = owners.otherIdOf(serial)
      if (other === undefined) continue
      const message = `token ${label} has the certificate ${serial}, which is enrolled as ${other}: correct "token" in the two entries`
      throw new OtherUnitError(serial, message)
    }
  }

  /**
   * Logs in whatever the token reports: A-Trust's module reports that no login is needed, and without one asks for the
   * PIN in a window.
   */
  async #login(facts: TokenFacts, asker: Asker, deadlineMs: number): Promise<void> {
    if (facts.pinMissing) throw new DeviceError('not_initialised', 'none', `token ${facts.label} has no user PIN`)
    const pin = await this.#readPin()
    await this.#guard.check(pin, facts, asker)
    try {
      await this.#process.call('login', { pin }, { deadlineMs, effect: 'none' })
    } catch (error) {
      const mapped = asDeviceError(error, this.#options.module)
      const code = mapped instanceof DeviceError ? mapped.code : undefined
      if (code === 'pin_wrong' || code === 'pin_locked') await this.#guard.refused(pin, code, facts)
      throw mapped
    }
    await this.#guard.accepted(pin)
  }

  async #readPin(): Promise<string> {
    try {
      return await this.#options.pin()
    } catch (error) {
      const cause = errorCode(error) ?? 'unknown cause'
      const why = error instanceof SecretInvalidError ? `: ${error.message}` : ''
      throw new DeviceError(
        'unavailable',
        'none',
        `the PIN of token ${this.#options.token} cannot be read${why}`,
        cause,
      )
    }
  }
}

/** The child died before it answered; not a missed deadline, after which no time is left. */
function crashed(error: unknown): boolean {
  return error instanceof DeviceError && error.code === 'unavailable'
}
