import { z } from 'zod'
import type { LawSettings } from '../../../base/settings/law-settings.ts'
import { strict } from '../../../base/settings/strict.ts'
import { KEY } from './facts.ts'

const ruritania = strict({
  /** On a receipt that nothing signed. */
  unsigned: z.string().min(1).default('Signature missing: key away'),
}).prefault({})

export const SETTINGS = {
  word: 'ruritania',
  keys: {
    ruritania: {
      schema: () => ruritania,
      // Acts name the key instead of a device.
      contradictions: (_value, devices) =>
        devices.flatMap(({ id }, at) =>
          id === KEY ? [{ path: ['devices', at, 'id'], message: 'the name of the key of Ruritania' }] : [],
        ),
    },
  },
  example: '\n  "ruritania": { "unsigned": "Signature missing: key away" },\n',
} as const satisfies LawSettings
