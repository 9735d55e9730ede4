import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { syncNow } from '../base/durable-file.ts'
import { DeviceError } from './errors.ts'
import type { DeviceSecrets, Fingerprint } from './ports/secrets.ts'
import type { RefusedPin } from './ports/tse.ts'
import { classOf } from './refusal-class.ts'

/** The part of a device's secrets that handles refused ones. */
export type RefusableSecrets = Pick<DeviceSecrets, 'fingerprint' | 'refused'>
type Code = RefusedPin['code']
/**
 * `times`: how often the unit refused that PIN; if it does not report it, 1, or 0 with doubts. `doubts`: logins with it
 * that got an unknown answer, or none (yet); the unit may have counted them.
 */
type Refusal = {
  code: Code
  message: string
  salt: string
  print: string
  times?: number | undefined
  doubts?: number | undefined
}

/** The outcome of a login, before it is assigned to a PIN. */
type Outcome = Omit<Refusal, 'salt' | 'print'>

/** Digits of the unkeyed print of earlier versions: of 100,000 PINs hardly two have the same. */
const BARE_DIGITS = 4
const FILE = 'pin-refused.json'
/** Units allow three tries: one is kept for the right PIN. */
const TIMES_MAX = 2
/** Limit for tries that may be lost to unknown answers. */
const UNKNOWN_MAX = 2
/** Earliest time of a second login after a doubtful one, also in the next process. */
const UNKNOWN_PAUSE_NS = 60_000_000_000n
/** The message of a login that got no answer. */
const UNANSWERED = 'the agent ended before the answer to the login'

/**
 * PINs that a unit refused: the same one is not tried again, even after a restart, until it is changed. Units count
 * tries, and a few lock them permanently.
 */
export class RefusedPins {
  readonly #directory: string | undefined
  readonly #fingerprint: Fingerprint
  readonly #clock: Pick<Clock, 'mono'>
  /** Time of the last doubtful login by name; for those of the previous process, the start of this one. */
  readonly #doubtedNs = new Map<string, bigint>()
  readonly #sinceNs: bigint
  readonly #secretOf: (name: string) => string | undefined
  /** Names whose PIN a technician permits again, although it is doubtful or was refused once. */
  readonly #admitted = new Set<string>()
  #loaded: Promise<Map<string, Refusal>> | undefined

  /**
   * Stored in the device's own folder; without one, or without a fingerprint, refusals are forgotten with the process.
   * `secretOf`: maps a name here to a secret.
   */
  constructor(
    directory: string | undefined,
    { fingerprint, refused }: RefusableSecrets,
    clock: Pick<Clock, 'mono'>,
    secretOf: (name: string) => string = (name) => name,
  ) {
    this.#clock = clock
    this.#sinceNs = clock.mono()
    this.#directory = fingerprint === undefined ? undefined : directory
    this.#fingerprint = fingerprint ?? bareDigest
    this.#secretOf = (name) => refused?.(secretOf(name))
  }

  /**
   * One login with the PIN of that name. Throws its error, and `pin_wrong`, `pin_locked` or `not_authorised` again
   * without a login. A login with an unknown or lost answer may have cost a try: one more follows, a minute later, and
   * then none until the PIN is changed. This is written to the file before the PIN is sent, so that it survives a kill.
   */
  async logIn<T>(name: string, pin: string, attempt: () => Promise<T>): Promise<T> {
    await this.#demand(name, pin)
    const before = (await this.#allRefusals()).get(name)
    const same = await this.#ofThis(name, pin)
    const counts = { times: timesOf(same), doubts: (same?.doubts ?? 0) + 1 }
    this.#admitted.delete(name)
    await this.#note(name, pin, { code: 'pin_wrong', message: UNANSWERED, ...counts })
    try {
      return await this.#shown(name, pin, attempt)
    } catch (error) {
      if (error instanceof DeviceError && mayHaveCounted(error)) {
        this.#doubtedNs.set(name, this.#clock.mono())
        await this.#note(name, pin, { code: 'pin_wrong', message: error.message, ...counts })
      } else if (error instanceof DeviceError && !isRefusedPin(error)) await this.#restore(name, before)
      throw error
    }
  }

  /**
   * As {@link logIn}, after a step that reveals no PIN: it is not taken for a PIN that must not be tried, and costs no try
   * if it fails.
   */
  async prepareAndLogIn<Prepared, T>(
    name: string,
    pin: string,
    prepare: () => Promise<Prepared>,
    attempt: (prepared: Prepared) => Promise<T>,
  ): Promise<T> {
    await this.#demand(name, pin)
    const prepared = await prepare()
    return this.logIn(name, pin, () => attempt(prepared))
  }

  /** As {@link logIn}, for a PIN that may be sent again after a lost answer. */
  async show<T>(name: string, pin: string, attempt: () => Promise<T>): Promise<T> {
    await this.#demand(name, pin)
    return this.#shown(name, pin, attempt)
  }

  /**
   * The error that blocks a login until a person corrects a PIN, while the unit still answers everything without one.
   * `pins`: reads the PIN of each name.
   */
  async standing(pins: Readonly<Record<string, () => Promise<string>>>): Promise<RefusedPin | undefined> {
    const refusals = await this.#allRefusals()
    for (const [name, read] of Object.entries(pins)) {
      const pin = refusals.has(name) ? await read().catch(() => undefined) : undefined
      const refusal = pin === undefined ? undefined : await this.refusal(name, pin)
      if (refusal?.code === 'pin_wrong' || refusal?.code === 'pin_locked')
        return { code: refusal.code, message: refusal.message }
    }
    return undefined
  }

  /** Throws the error of a PIN that must not be tried. */
  async #demand(name: string, pin: string): Promise<void> {
    const refused = await this.refusal(name, pin)
    if (refused !== undefined) throw refused
  }

  /**
   * Runs a technician's command. In it a doubtful PIN may be sent again, and one that was refused once if `mayShow`
   * names it: the manufacturer's tool may have set this very PIN.
   */
  async admit<T>(command: () => Promise<T>, mayShow: (name: string) => boolean = () => false): Promise<T> {
    for (const [name, refusal] of await this.#allRefusals())
      if (isUnknown(refusal) || (costOf(refusal) < TIMES_MAX && mayShow(name))) this.#admitted.add(name)
    try {
      return await command()
    } finally {
      this.#admitted.clear()
    }
  }

  /** The error of a PIN that must not be tried. */
  async refusal(name: string, pin: string): Promise<DeviceError | undefined> {
    const refusal = (await this.#allRefusals()).get(name)
    if (refusal === undefined) return undefined
    const isBare = refusal.print.length === BARE_DIGITS
    const print = isBare ? bareDigest(refusal.salt + pin).slice(0, BARE_DIGITS) : this.#fingerprint(refusal.salt + pin)
    if (print !== refusal.print) return undefined
    if (isBare) await this.#noteRefused(name, pin, { code: refusal.code, message: refusal.message, times: 1 })
    if (this.#admitted.has(name)) return undefined
    if (isUnknown(refusal)) return this.#afterUnknown(name, refusal)
    return new DeviceError(
      refusal.code,
      'none',
      `${refusal.message}: the same PIN is not tried again${this.#remedy(name, refusal)}`,
    )
  }

  /** A doubtful PIN may be sent again, one time and at once. */
  async replugged(): Promise<void> {
    const refusals = await this.#allRefusals()
    const doubtful = [...refusals].filter(([, refusal]) => isUnknown(refusal))
    for (const [name, refusal] of doubtful) {
      refusals.set(name, { ...refusal, doubts: Math.min(refusal.doubts ?? 0, UNKNOWN_MAX - 1) })
      this.#doubtedNs.set(name, this.#clock.mono() - UNKNOWN_PAUSE_NS)
    }
    if (doubtful.length > 0) await this.#keep(refusals)
  }

  /** True if another PIN of that name was refused. */
  async hasRefused(name: string): Promise<boolean> {
    return (await this.#allRefusals()).has(name)
  }

  async refused(name: string, pin: string, code: Code, message: string): Promise<void> {
    await this.#noteRefused(name, pin, { code, message, times: timesOf(await this.#ofThis(name, pin)) + 1 })
  }

  async #noteRefused(name: string, pin: string, refusal: Outcome): Promise<void> {
    this.#admitted.delete(name)
    await this.#note(name, pin, refusal)
  }

  async #note(name: string, pin: string, refusal: Outcome): Promise<void> {
    const refusals = await this.#allRefusals()
    const salt = randomBytes(16).toString('hex')
    refusals.set(name, { ...refusal, salt, print: this.#fingerprint(salt + pin) })
    await this.#keep(refusals)
  }

  /** The remedy for a person; empty for a PIN without a file. */
  #remedy(name: string, refusal: Refusal): string {
    const file = this.#secretOf(name)
    if (file === undefined) return ''
    const isShown = costOf(refusal) < TIMES_MAX
    const again = isShown ? '. If the unit has this very PIN by now, "device init" sends it again' : ''
    return `. It was read from ${file}: put another one there${again}`
  }

  /** Undefined if the PIN may be sent again by now. */
  #afterUnknown(name: string, { message: words, doubts = 0 }: Refusal): DeviceError | undefined {
    const barred = (until: string): DeviceError =>
      new DeviceError(
        'not_authorised',
        'none',
        `the login may have cost a try (${words}): ${until}`,
        undefined,
        [],
        'pin',
      )
    if (doubts >= UNKNOWN_MAX) {
      const file = this.#secretOf(name)
      const read = file === undefined ? '' : ` (${file})`
      return barred(`the same PIN is not tried again until its file holds another one${read}`)
    }
    const passedNs = this.#clock.mono() - (this.#doubtedNs.get(name) ?? this.#sinceNs)
    return passedNs < UNKNOWN_PAUSE_NS ? barred('it is tried again a minute later') : undefined
  }

  async #shown<T>(name: string, pin: string, attempt: () => Promise<T>): Promise<T> {
    try {
      const result = await attempt()
      await this.accepted(name)
      return result
    } catch (error) {
      if (error instanceof DeviceError && isRefusedPin(error)) await this.refused(name, pin, error.code, error.message)
      throw error
    }
  }

  /** The login cost nothing: the previous state holds. */
  async #restore(name: string, before: Refusal | undefined): Promise<void> {
    const refusals = await this.#allRefusals()
    if (before === undefined) refusals.delete(name)
    else refusals.set(name, before)
    await this.#keep(refusals)
  }

  /** The refusal of that name, if it concerns this PIN. */
  async #ofThis(name: string, pin: string): Promise<Refusal | undefined> {
    const refusal = (await this.#allRefusals()).get(name)
    return refusal !== undefined && this.#fingerprint(refusal.salt + pin) === refusal.print ? refusal : undefined
  }

  /** Those PINs were accepted, or have just been set: earlier refusals no longer count. */
  async accepted(...names: readonly string[]): Promise<void> {
    const refusals = await this.#allRefusals()
    if (names.filter((name) => refusals.delete(name)).length > 0) await this.#keep(refusals)
  }

  #allRefusals(): Promise<Map<string, Refusal>> {
    this.#loaded ??= readRefusals(this.#directory)
    return this.#loaded
  }

  async #keep(refusals: ReadonlyMap<string, Refusal>): Promise<void> {
    if (this.#directory === undefined) return
    const path = join(this.#directory, FILE)
    try {
      if (refusals.size === 0) return await rm(path, { force: true })
      await mkdir(this.#directory, { recursive: true, mode: 0o700 })
      // A kill during the write must not lose earlier refusals.
      await writeFile(`${path}.tmp`, JSON.stringify(Object.fromEntries(refusals)), { mode: 0o600, flush: true })
      await rename(`${path}.tmp`, path)
      syncNow(this.#directory)
    } catch {
      // A full disk must not hide the wrong PIN, which this process remembers.
    }
  }
}

/**
 * The counter of a unit decreases before the PIN is compared. A login that was not sent, or was refused for a known
 * state, cost nothing.
 */
function mayHaveCounted(error: DeviceError): boolean {
  const of = classOf(error)
  const isGivenUp = error.effect === 'unknown' && (of === 'away' || error.code === 'aborted')
  return of === 'unknown' || of === 'authentication' || isGivenUp
}

function isRefusedPin(error: DeviceError): error is DeviceError & { code: Code } {
  return error.code === 'pin_wrong' || error.code === 'pin_locked'
}

function timesOf(refusal: Refusal | undefined): number {
  if (refusal === undefined) return 0
  return refusal.times ?? (refusal.doubts === undefined ? 1 : 0)
}

/** Tries that the unit may have counted. */
function costOf(refusal: Refusal): number {
  return timesOf(refusal) + (refusal.doubts ?? 0)
}

/** It is unknown whether the PIN is wrong; after one explicit refusal it is known. */
function isUnknown(refusal: Refusal): boolean {
  return refusal.doubts !== undefined && timesOf(refusal) === 0
}

function bareDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Empty without a file, or for one that is incomplete after a power cut. */
async function readRefusals(directory: string | undefined): Promise<Map<string, Refusal>> {
  if (directory === undefined) return new Map()
  try {
    const read = JSON.parse(await readFile(join(directory, FILE), 'utf8')) as Record<string, Partial<Refusal>>
    const entries = Object.entries(read).flatMap(
      ([name, { code, message, salt, print, times, doubts }]): [string, Refusal][] =>
        code && message && salt && print ? [[name, { code, message, salt, print, times, doubts }]] : [],
    )
    return new Map(entries)
  } catch {
    return new Map()
  }
}
