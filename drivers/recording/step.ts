import { DeviceError } from '../errors.ts'

/** Writes words into the recording. */
export type Say = (words: string) => void

/**
 * One step of a recording: its words, then the results that `act` says, at least one. A refusal is written down, and
 * the next step follows: undefined. Throws if the line is lost, as every later step would fail.
 */
export async function step<T>(say: Say, words: string, act: (say: Say) => Promise<T>): Promise<T | undefined> {
  say(words)
  try {
    return await act((result) => say(`  ${result}`))
  } catch (error) {
    if (!(error instanceof DeviceError) || error.code === 'unavailable' || error.code === 'aborted') throw error
    const code = error.deviceCode === undefined ? error.code : `${error.code} ${error.deviceCode}`
    say(`  refused: ${code}`)
    return undefined
  }
}
