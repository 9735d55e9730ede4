import type { Json } from '../../base/canonical.ts'
import { openPart } from './open-part.ts'

/** The fiscal part of a recorded document: all code but its law reads only the name of the law. */
export type FiscalInformation = { readonly regime: string; readonly [member: string]: Json | undefined }

export const fiscalInformation = openPart<FiscalInformation>()
