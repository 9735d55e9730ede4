import { DeviceError } from './errors.ts'

/**
 * Repeats an act while its refusals can be fixed, at most `limit` times; `recover` returns whether one was. An act that
 * may have had an effect is not repeated, whatever its code.
 */
export async function recovering<T>(
  act: () => Promise<T>,
  recover: (error: DeviceError) => Promise<boolean>,
  limit: number,
): Promise<T> {
  for (let recovered = 0; ; recovered += 1) {
    try {
      return await act()
    } catch (error) {
      const isRefusal = error instanceof DeviceError && error.effect === 'none'
      if (recovered >= limit || !isRefusal || !(await recover(error))) throw error
    }
  }
}
