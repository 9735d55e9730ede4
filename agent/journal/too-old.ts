import { packageVersion } from '../../base/version.ts'
import type { FiscalEffect } from '../errors.ts'
import { FiskalError } from '../errors.ts'
import type { Later } from './later-work.ts'

/** The refusal of anything that only a later version of this program knows. */
export function tooOldFor({ op, what, version }: Later, fiscalEffect: FiscalEffect): FiskalError {
  return new FiskalError(
    'version_too_old',
    `${op} has ${what}: fiskal-edge ${version} knows it, and this is ${packageVersion()}.`,
    { id: op, what, version },
    { fiscalEffect },
  )
}
