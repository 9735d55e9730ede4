import type { Clock } from '../../base/clock.ts'
import { named } from '../../base/lifetime.ts'
import type { Log } from '../../base/log.ts'
import { errorFields } from '../../base/log.ts'
import type { PlaceState, Places } from './places.ts'
import type { Volatility } from './volatility.ts'

export type PlaceWatchOptions = {
  stateDirectory: string
  /** Outside the state directory. */
  folders: readonly string[]
  places: Places
  /** Undefined if the state is disposable, as a demo's. */
  volatilityOf: ((folder: string) => Promise<Volatility | undefined>) | undefined
  clock: Clock
  log: Log
}

const LOOK_EVERY_MS = 3_600_000

/**
 * Checks at the start and each hour whether the disks are what they seem, and remembers which folders are on another
 * one.
 */
export class PlaceWatch {
  readonly places: Places
  readonly #options: PlaceWatchOptions
  #cancel: () => void = () => undefined
  #stopped = false
  #volatility: Volatility | undefined
  #states: ReadonlyMap<string, PlaceState> = new Map()

  constructor(options: PlaceWatchOptions) {
    this.places = options.places
    this.#options = options
  }

  /** Does not wait for a disk: a share whose server is unreachable may never answer. */
  start(): void {
    void this.#checkPlaces().finally(() => {
      if (!this.#stopped)
        this.#cancel = named(this.#options.clock, 'look at the disks').after(LOOK_EVERY_MS, () => this.start())
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** Why the next power cut or stop destroys the journal; undefined if it does not, or if that cannot be determined. */
  get volatile(): string | undefined {
    return this.#volatility?.kind === 'unseen' ? undefined : this.#volatility?.why
  }

  folders(state: PlaceState): string[] {
    return [...this.#states].flatMap(([folder, placeState]) => (placeState === state ? [folder] : []))
  }

  async #checkPlaces(): Promise<void> {
    const { stateDirectory, folders, places, volatilityOf, log } = this.#options
    try {
      const volatility = await volatilityOf?.(stateDirectory)
      if (this.#stopped) return
      this.#volatility = volatility
      const states = new Map<string, PlaceState>()
      for (const folder of folders) {
        const state = await places.stateOf(folder)
        if (this.#stopped) return
        states.set(folder, state)
        if (state === 'apart') await places.remember(folder)
      }
      this.#states = states
    } catch (error) {
      log.error(errorFields(error), 'the disks of the state and its copies could not be looked at')
    }
  }
}
