import { createHash, randomBytes } from 'node:crypto'
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeviceError, errorCode } from './errors.ts'
import type { Fingerprint } from './ports/secrets.ts'

type Code = 'pin_wrong' | 'pin_locked'
type Refusal = { code: Code; message: string; salt: string; print: string }

/** Of the print that earlier versions kept, made without a key: of 100,000 PINs hardly two have the same. */
const BARE_DIGITS = 4
const FILE = 'pin-refused.json'

/**
 * PINs that a unit refused: the same one is not tried again, also not after a restart, until the PIN is another. Units
 * count, and a few tries lock them for good.
 */
export class RefusedPins {
  readonly #directory: string | undefined
  readonly #fingerprint: Fingerprint
  #loaded: Promise<Map<string, Refusal>> | undefined
  /** What is remembered stands in the file: whoever deletes that has it forgotten. */
  #isKept = true

  /** In the device's own folder; without one, or without a fingerprint, what was refused is forgotten with the process. */
  constructor(directory: string | undefined, fingerprint: Fingerprint | undefined) {
    this.#directory = fingerprint === undefined ? undefined : directory
    this.#fingerprint = fingerprint ?? bareDigest
  }

  /** One attempt with the PIN of that name. Throws what it throws, and `pin_wrong` or `pin_locked` again without one. */
  async logIn<T>(name: string, pin: string, attempt: () => Promise<T>): Promise<T> {
    const refused = await this.refusal(name, pin)
    if (refused !== undefined) throw refused
    try {
      const result = await attempt()
      await this.accepted(name)
      return result
    } catch (error) {
      if (error instanceof DeviceError && (error.code === 'pin_wrong' || error.code === 'pin_locked'))
        await this.refused(name, pin, error.code, error.message)
      throw error
    }
  }

  /** The error of a PIN that must not be tried. */
  async refusal(name: string, pin: string): Promise<DeviceError | undefined> {
    const known = (await this.#known()).get(name)
    if (known === undefined) return undefined
    const isBare = known.print.length === BARE_DIGITS
    const print = isBare ? bareDigest(known.salt + pin).slice(0, BARE_DIGITS) : this.#fingerprint(known.salt + pin)
    if (print !== known.print) return undefined
    if (isBare) await this.refused(name, pin, known.code, known.message)
    const mend = this.#directory === undefined ? '' : `; where it is right again, delete ${join(this.#directory, FILE)}`
    return new DeviceError(known.code, 'none', `${known.message}: the same PIN is not tried again${mend}`)
  }

  /** True where another PIN of that name was refused. */
  async hasRefused(name: string): Promise<boolean> {
    return (await this.#known()).has(name)
  }

  async refused(name: string, pin: string, code: Code, message: string): Promise<void> {
    const salt = randomBytes(16).toString('hex')
    const known = await this.#known()
    known.set(name, { code, message, salt, print: this.#fingerprint(salt + pin) })
    await this.#keep(known)
  }

  /** Those PINs were taken, or given to the unit just now: what another one refused before says nothing any more. */
  async accepted(...names: readonly string[]): Promise<void> {
    const known = await this.#known()
    if (names.filter((name) => known.delete(name)).length > 0) await this.#keep(known)
  }

  async #known(): Promise<Map<string, Refusal>> {
    this.#loaded ??= readRefusals(this.#directory)
    const known = await this.#loaded
    const path = this.#directory && join(this.#directory, FILE)
    if (path !== undefined && known.size > 0 && this.#isKept && (await isGone(path))) known.clear()
    return known
  }

  async #keep(known: ReadonlyMap<string, Refusal>): Promise<void> {
    if (this.#directory === undefined) return
    this.#isKept = false
    const path = join(this.#directory, FILE)
    try {
      if (known.size === 0) return await rm(path, { force: true })
      await mkdir(this.#directory, { recursive: true, mode: 0o700 })
      await writeFile(path, JSON.stringify(Object.fromEntries(known)), { mode: 0o600, flush: true })
      this.#isKept = true
    } catch {
      // A full disk must not hide the wrong PIN; this process remembers it.
    }
  }
}

const isGone = async (path: string): Promise<boolean> => {
  try {
    await access(path)
    return false
  } catch (error) {
    return errorCode(error) === 'ENOENT'
  }
}

function bareDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** Nothing where there is no file, or one that was half written at a power cut. */
async function readRefusals(directory: string | undefined): Promise<Map<string, Refusal>> {
  if (directory === undefined) return new Map()
  try {
    const read = JSON.parse(await readFile(join(directory, FILE), 'utf8')) as Record<string, Partial<Refusal>>
    const entries = Object.entries(read).flatMap(([name, { code, message, salt, print }]): [string, Refusal][] =>
      code && message && salt && print ? [[name, { code, message, salt, print }]] : [],
    )
    return new Map(entries)
  } catch {
    return new Map()
  }
}
