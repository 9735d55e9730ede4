import type { Json } from '../../base/canonical.ts'
import { openPart } from './open-part.ts'

/** What the device of a law made of a document: the law alone knows more than its own name in it. */
export type FiscalInformation = { readonly regime: string; readonly [member: string]: Json | undefined }

export const fiscalInformation = openPart<FiscalInformation>()
