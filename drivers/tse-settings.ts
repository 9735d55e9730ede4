import type { z } from 'zod'
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

/** The limits for a reply and for a long work. */
export function timeouts(replyMs: number) {
  return strict({ replyMs: milliseconds.default(replyMs), longMs: milliseconds.default(120_000) }).prefault({})
}
