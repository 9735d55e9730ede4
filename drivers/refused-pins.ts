import { hash } from 'node:crypto'
import { DeviceError } from './errors.ts'

/** PINs that a unit refused: the same one is not tried again while this process lives, since the unit counts. */
export class RefusedPins {
  readonly #refused = new Map<string, { print: string; error: DeviceError }>()

  /** One attempt with the PIN of that name. Throws what it throws, and `pin_wrong` or `pin_locked` again without one. */
  async logIn<T>(name: string, pin: string, attempt: () => Promise<T>): Promise<T> {
    const print = hash('sha256', pin)
    const refused = this.#refused.get(name)
    if (refused?.print === print) throw refused.error
    try {
      return await attempt()
    } catch (error) {
      if (error instanceof DeviceError && (error.code === 'pin_wrong' || error.code === 'pin_locked'))
        this.#refused.set(name, { print, error })
      throw error
    }
  }
}
