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
    say(`  refused: ${refusalIn(error)}`)
    return undefined
  }
}

/** Throws the error of a lost line. Others are kept: an answer that no driver expects is what a recording is for. */
function refusalIn(error: unknown): string {
  if (!(error instanceof DeviceError)) return `failed ${error instanceof Error ? error.name : 'unknown'}`
  const { code, deviceCode } = error
  if (code === 'unavailable' || code === 'aborted') throw error
  return deviceCode === undefined ? code : `${code} ${deviceCode}`
}
