import { DeviceError } from './errors.ts'

/** What the act gives; undefined where the device has no log that answers. */
export const unlessAbsent = <T>(act: () => Promise<T>): Promise<T | undefined> =>
  unless(act, ({ code }) => code === 'no_data' || code === 'transaction_unknown')

/** What the act gives; undefined where the device did nothing: not every firmware knows every question. */
export const unlessRefused = <T>(act: () => Promise<T>): Promise<T | undefined> =>
  unless(act, ({ effect }) => effect === 'none')

/**
 * What the act gives; undefined where the device answered that it will not, be it by a code that nobody knows. For
 * questions that decide nothing.
 */
export const unlessDeclined = <T>(act: () => Promise<T>): Promise<T | undefined> =>
  unless(act, ({ effect, code }) => effect === 'none' || code === 'refused')

/** What the act gives; undefined where the device refused it with this code of its own. */
export const unlessToldThat = <T>(act: () => Promise<T>, deviceCode: string): Promise<T | undefined> =>
  unless(act, (error) => error.deviceCode === deviceCode && error.effect === 'none')

const unless = async <T>(act: () => Promise<T>, isNothing: (error: DeviceError) => boolean): Promise<T | undefined> => {
  try {
    return await act()
  } catch (error) {
    if (error instanceof DeviceError && isNothing(error)) return undefined
    throw error
  }
}
