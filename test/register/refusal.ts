import { FiskalError } from '../../agent/errors.ts'

/** The refusal that an act ends with; an error of another kind is passed on. */
export function refusalOf(act: () => unknown): FiskalError {
  try {
    act()
  } catch (error) {
    if (error instanceof FiskalError) return error
    throw error
  }
  throw new Error('was not refused')
}
