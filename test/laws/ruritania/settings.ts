import { z } from 'zod'
import type { LawSettings } from '../../../base/settings/law-settings.ts'
import { strict } from '../../../base/settings/strict.ts'

const ruritania = strict({
  /** On a receipt that nothing signed. */
  unsigned: z.string().min(1).default('Signature missing: key away'),
}).prefault({})

export const SETTINGS = {
  word: 'ruritania',
  keys: {
    ruritania: {
      schema: () => ruritania,
      contradictions: (_value, devices) =>
        devices.map((_device, at) => ({ path: ['devices', at], message: 'Ruritania has no devices' })),
    },
  },
  example: '\n  "ruritania": { "unsigned": "Signature missing: key away" },\n',
} as const satisfies LawSettings
