import { z } from 'zod'
import { strict } from '../base/settings/strict.ts'
import { milliseconds } from '../base/settings/values.ts'

/** The files of the PINs that each unit with PINs has. */
export function pinFiles(secret: z.ZodType<string>) {
  return { adminPinFile: secret.optional(), timeAdminPinFile: secret.optional() }
}

/** The files that `doctor` proposes for them. */
export const PIN_FILES = {
  adminPinFile: '/etc/fiskal-edge/admin.pin',
  timeAdminPinFile: '/etc/fiskal-edge/time.pin',
}

/** The members that each TSE has, after the examples of all. */
export const SHARED_EXAMPLE = `    // How long the agent waits for each of them, Diebold's "replyMs" 1500: "timeouts": { "replyMs": 5000, "longMs": 120000 }
    // For the notice to the tax office, "kind" sd, usb, cloud or other: "inventory": { "bsiId": "0412-2020", "kind": "usb", "kindCode": "2" }
    // The day on which its certification by the BSI ends, of each TSE that has one: "certifiedUntil": "2031-07-08"`

/** The limits for a reply and for a long work. */
export function timeouts(replyMs: number) {
  return strict({ replyMs: milliseconds.default(replyMs), longMs: milliseconds.default(120_000) }).prefault({})
}

/** The kinds of a TSE in the notice of § 146a Abs. 4 AO. */
const TSE_KINDS = ['sd', 'usb', 'cloud', 'other'] as const

/** Facts for the notice. `bsiId` without its prefix; it may be left out if the unit reports it. */
export const inventory = strict({
  bsiId: z
    .string()
    .regex(/^(BSI-K-TR-)?\d{4}-\d{4}$/, 'the number of the certificate, such as "0412-2020"')
    .transform((id) => id.replace('BSI-K-TR-', ''))
    .optional(),
  kind: z.enum(TSE_KINDS),
  kindCode: z
    .string()
    .regex(/^[1-5]$/, 'the number that the form shows, 1 to 5')
    .optional(),
}).optional()

/** The facts about a unit that the BSI certified. The last day of its certification is null until somebody enters it. */
export const certified = { inventory, certifiedUntil: z.iso.date().nullable().default(null) }
