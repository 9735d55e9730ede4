import { DeviceError } from './errors.ts'

/** The result of the act; undefined if the device has no matching log. */
export function unlessAbsent<T>(act: () => Promise<T>): Promise<T | undefined> {
  return unless(act, ({ code }) => code === 'no_data' || code === 'transaction_unknown')
}

/** The result of the act; undefined if the device did nothing: some firmwares do not support every question. */
export function unlessRefused<T>(act: () => Promise<T>): Promise<T | undefined> {
  return unless(act, ({ effect }) => effect === 'none')
}

/**
 * The result of the act; undefined if the device refused, even by an unknown code. For questions on which nothing
 * depends.
 */
export function unlessDeclined<T>(act: () => Promise<T>): Promise<T | undefined> {
  return unless(act, ({ effect, code }) => effect === 'none' || code === 'refused')
}

/** The result of the act; undefined if the device refused it with that device code. */
export function unlessRefusedWith<T>(act: () => Promise<T>, deviceCode: string): Promise<T | undefined> {
  return unless(act, (error) => error.deviceCode === deviceCode && error.effect === 'none')
}

/**
 * The result of the act; undefined if the unit did it and reported that its certificate has ended. For logins, the time
 * and the beginning of an export.
 */
export function unlessEnded<T>(act: () => Promise<T>): Promise<T | undefined> {
  return unless(act, ({ code }) => code === 'certificate_expired')
}

async function unless<T>(act: () => Promise<T>, isNothing: (error: DeviceError) => boolean): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof DeviceError && isNothing(error)) return undefined
    throw error
  }
}
