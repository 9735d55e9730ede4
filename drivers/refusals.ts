import { DeviceError } from './errors.ts'

/** What the act gives; undefined where the device has no log that answers. */
export function unlessAbsent<T>(act: () => Promise<T>): Promise<T | undefined> {
  return unless(act, ({ code }) => code === 'no_data' || code === 'transaction_unknown')
}

/** What the act gives; undefined where the device did nothing: not every firmware knows every question. */
export function unlessRefused<T>(act: () => Promise<T>): Promise<T | undefined> {
  return unless(act, ({ effect }) => effect === 'none')
}

/**
 * What the act gives; undefined where the device answered that it will not, be it by a code that nobody knows. For
 * questions that decide nothing.
 */
export function unlessDeclined<T>(act: () => Promise<T>): Promise<T | undefined> {
  return unless(act, ({ effect, code }) => effect === 'none' || code === 'refused')
}

/** What the act gives; undefined where the device refused it with this code of its own. */
export function unlessToldThat<T>(act: () => Promise<T>, deviceCode: string): Promise<T | undefined> {
  return unless(act, (error) => error.deviceCode === deviceCode && error.effect === 'none')
}

async function unless<T>(act: () => Promise<T>, isNothing: (error: DeviceError) => boolean): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof DeviceError && isNothing(error)) return undefined
    throw error
  }
}
