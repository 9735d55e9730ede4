import { DeviceError } from './errors.ts'

/**
 * Repeats an act as long as what the device refused can be fixed, at most `limit` times; `recover` says whether it was. What
 * may have been done is not done again, whatever its code.
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
