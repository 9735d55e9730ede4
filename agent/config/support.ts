import { z } from 'zod'
import { strict } from '../../base/settings/strict.ts'
import { mailAddress } from './alerts.ts'

const name = z
  .string()
  .max(80)
  // Neither line ends nor marks of the writing direction.
  .regex(/^(?=.*\S)[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u, 'a name on one line')
const telephone = z.string().regex(/^[+\d][\d ()/.-]{2,31}$/, 'a number such as "+49 30 123456"')

/** Whom a shop calls if it needs help. */
export const supportSettings = strict({
  name: name.optional(),
  telephone: telephone.optional(),
  mail: mailAddress.optional(),
}).refine((given) => Object.keys(given).length > 0, 'at least one of "name", "telephone" and "mail"')

/** On one line, for people; undefined without the key. */
export function supportLine(support: z.output<typeof supportSettings> | undefined): string | undefined {
  return support && [support.name, support.telephone, support.mail].filter(Boolean).join(', ')
}
