import { sign } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { Absence } from '../absence.ts'
import { delay, silence } from '../delay.ts'
import { DeviceError, errorCode } from '../errors.ts'
import { FaultPlan } from '../faults.ts'
import { demandNamed } from '../named-unit.ts'
import type { QueueLoad } from '../ports/queue-load.ts'
import type {
  SignatureCard,
  SignatureCardHealth,
  SignatureCardIdentity,
  SignatureWish,
} from '../ports/signature-card.ts'
import type { Command } from '../queue.ts'
import { CommandQueue } from '../queue.ts'
import { undocumented } from '../refusal-class.ts'
import { algorithmByName, curveByName } from '../tr03151/algorithms.ts'
import { derToPlain, verifyPlain } from '../tr03151/ecdsa.ts'
import type { FaultName } from './faults.ts'
import { faultNames } from './faults.ts'
import type { CardKey } from './key-file.ts'
import { openCardKey } from './key-file.ts'

export type CardSimulatorOptions = {
  /** Folder of key and certificates. */
  directory: string
  /** Device time of each command. */
  latencyMs?: number
  clock: Clock
  /** Deadline of each command; default 5000. */
  replyMs?: number
}

const DESCRIPTION = 'fiskal-edge signature card simulator, NOT CERTIFIED'
/** The provider under which a trial registers a unit: the office compares it with that of each code. */
const VDA = 'AT9'
const ACTS = ['open', 'identity', 'health', 'initialise', 'sign'] as const
const curve = curveByName('P-256')
const algorithm = algorithmByName(curve.algorithm)

/**
 * A signature card in software for development, training and tests: real signatures with a certificate and its issuers,
 * faults on request. Initialises itself at first use. NOT CERTIFIED: it is not a signature creation device of § 2 Z 20
 * RKSV.
 */
export class CardSimulator implements SignatureCard {
  readonly kind = 'signature_card'
  readonly uncertified = true
  readonly #options: CardSimulatorOptions
  readonly #queue: CommandQueue
  readonly #faults = new FaultPlan(faultNames, ACTS)
  #key: CardKey | undefined
  readonly #power = new AbortController()
  readonly #absence: Absence

  constructor(options: CardSimulatorOptions) {
    this.#options = options
    this.#absence = new Absence(options.clock)
    this.#queue = new CommandQueue(options.clock)
  }

  open(): Promise<void> {
    return this.#run('open', {}, async () => undefined)
  }

  async close(): Promise<void> {
    const settled = this.#queue.close()
    // A slow or silent act must not delay the stop of the agent.
    this.#power.abort()
    await settled
    this.#key = undefined
  }

  load(): QueueLoad {
    return this.#queue.load()
  }

  /** Grammar in drivers/faults.ts, e.g. `lost-answer@sign#2`. Throws `refused`. */
  inject(fault: string): void {
    this.#faults.inject(fault)
  }

  /** The replacement for the device node of a real unit. */
  async look(): Promise<string | undefined> {
    return this.#absence.lasts || this.#faults.isPending('unplugged') ? undefined : 'plugged in'
  }

  clearFaults(): void {
    this.#faults.clear()
    this.#absence.end()
  }

  /** Every command initialises; here it only shows whether the card is usable. */
  initialise(): Promise<void> {
    return this.#run('initialise', {}, async () => undefined)
  }

  identity(): Promise<SignatureCardIdentity> {
    return this.#run('identity', {}, async ({ serial, certificates }) => ({ serial, vda: VDA, certificates }))
  }

  health(): Promise<SignatureCardHealth> {
    return this.#run('health', {}, async ({ certificateExpiresAtMs }, struck) => ({
      certificateExpiresAtMs: struck.has('certificate-expired') ? 0 : certificateExpiresAtMs,
      initialised: true,
      description: DESCRIPTION,
    }))
  }

  sign(message: Uint8Array, { serial, client = '', withinMs }: SignatureWish = {}): Promise<Uint8Array> {
    return this.#run('sign', { client, withinMs }, async (key, struck) => {
      demandNamed(key.serial, serial)
      // P-256 signs in 0.03 ms, less than a switch to the thread pool costs. Node takes twice the time if the key is in
      // an object of options.
      const signature = derToPlain(sign(algorithm.hash, message, key.privateKey), curve.size)
      // A card's signature that does not verify is not used. This one was made in this process: only an injected fault
      // needs the check, which takes longer than all else that the card does.
      if (struck.has('wrong-signature')) demandRight(key, message, spoiled(signature))
      return signature
    })
  }

  #run<T>(
    act: (typeof ACTS)[number],
    turn: Pick<Command, 'client' | 'withinMs'>,
    perform: (key: CardKey, struck: ReadonlySet<FaultName>) => Promise<T>,
  ): Promise<T> {
    const deadlineMs = this.#options.replyMs ?? 5000
    return this.#queue.run({ ...turn, deadlineMs }, (expired) => this.#act(act, perform, expired))
  }

  /** One command as the card sees it, with the faults that apply. */
  async #act<T>(
    act: string,
    perform: (key: CardKey, struck: ReadonlySet<FaultName>) => Promise<T>,
    expired: AbortSignal,
  ): Promise<T> {
    this.#absence.refuse()
    const { names, slowMs, blipMs, code } = this.#faults.strike(act)
    if (names.has('unplugged') || blipMs > 0) this.#key = undefined
    if (blipMs > 0) this.#absence.begin(blipMs)
    const failed = () => undocumented(code || UNDOCUMENTED_CODE, 'unknown')
    if (names.has('error')) throw failed()
    refuseBefore(names)
    await this.#wait((this.#options.latencyMs ?? 0) + slowMs)
    if (names.has('lost-request')) return await silence(AbortSignal.any([expired, this.#power.signal]))
    if (names.has('blip-in')) throw broken()
    const answer = await perform(await this.#ready(), names)
    if (names.has('blip-after')) throw broken()
    if (names.has('power-cut')) {
      this.#key = undefined
      throw new DeviceError('unavailable', 'unknown', 'the power was cut after signing')
    }
    if (names.has('lost-answer')) return await silence(AbortSignal.any([expired, this.#power.signal]))
    if (names.has('error-done')) throw failed()
    if (names.has('garbled')) throw new DeviceError('garbled', 'unknown', 'the answer is not one')
    return answer
  }

  async #ready(): Promise<CardKey> {
    if (this.#key) return this.#key
    const { directory, clock } = this.#options
    try {
      this.#key = await openCardKey(directory, clock.now())
    } catch (error) {
      if (error instanceof DeviceError) throw error
      const reason = errorCode(error) ?? 'unexpected error'
      throw new DeviceError('unavailable', 'none', 'key or certificate of the card cannot be read', reason)
    }
    return this.#key
  }

  async #wait(delayMs: number): Promise<void> {
    if (delayMs <= 0) return
    const { signal } = this.#power
    await delay(this.#options.clock, delayMs, signal)
    if (signal.aborted) throw new DeviceError('unavailable', 'none', 'the card was switched off')
  }
}

/** Not a code of any card. */
const UNDOCUMENTED_CODE = '6F42'

function broken(): DeviceError {
  return new DeviceError('unavailable', 'unknown', 'the card was pulled out')
}

function spoiled(signature: Uint8Array): Uint8Array {
  return signature.map((byte, at) => (at === 0 ? byte ^ 1 : byte))
}

function demandRight({ publicKey }: CardKey, message: Uint8Array, signature: Uint8Array): void {
  if (!verifyPlain(publicKey, curve.algorithm, message, signature))
    throw new DeviceError('garbled', 'none', "the card's signature does not verify")
}

/** Throws the faults that refuse a command before it has an effect. */
function refuseBefore(names: ReadonlySet<FaultName>): void {
  if (names.has('unplugged') || names.has('blip-before'))
    throw new DeviceError('unavailable', 'none', 'the card was not found')
  if (names.has('busy')) throw new DeviceError('busy', 'none', 'the card takes no command now', 'busy')
  if (names.has('pin-wrong')) throw new DeviceError('pin_wrong', 'none', 'the card refused the PIN')
  if (names.has('pin-locked')) throw new DeviceError('pin_locked', 'none', 'the PIN of the card is locked')
}
