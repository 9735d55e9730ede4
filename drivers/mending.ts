import { DeviceError } from './errors.ts'

/**
 * Repeats an act as long as what the device refused can be mended, at most `limit` times; `mend` says whether it was. Only
 * for refusals: whoever mends looks at the error's effect.
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
      if (mended >= limit || !(error instanceof DeviceError) || !(await mend(error))) throw error
    }
  }
}
