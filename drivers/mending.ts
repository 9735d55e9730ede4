import { DeviceError } from './errors.ts'

/**
 * Repeats an act as long as what the device refused can be mended, at most `limit` times; `mend` says whether it was. What
 * may have been done is not done again, whatever its code.
 */
export const mending = async <T>(
  act: () => Promise<T>,
  mend: (error: DeviceError) => Promise<boolean>,
  limit: number,
): Promise<T> => {
  for (let mended = 0; ; mended += 1) {
    try {
      return await act()
    } catch (error) {
      const isRefusal = error instanceof DeviceError && error.effect === 'none'
      if (mended >= limit || !isRefusal || !(await mend(error))) throw error
    }
  }
}
