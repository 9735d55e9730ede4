import { z } from 'zod'
import type { LawKey, LawSettings, NamedDevice, Problem } from '../../../base/settings/law-settings.ts'
import type { Paths } from '../../../base/settings/paths.ts'
import { strict } from '../../../base/settings/strict.ts'
import { deviceId } from '../../../base/settings/values.ts'

/** Seven years, including two leap days. */
const DEP131_DAYS = 2557

function rksv({ file }: Paths) {
  const dep131 = strict({ folder: file, keepDays: z.int().min(31).max(36_525).default(DEP131_DAYS) })
  return strict({
    fallbacks: z.record(deviceId, z.array(deviceId).max(16)).default({}),
    dep131: dep131.optional(),
  }).prefault({})
}

function wrongFallbacks(
  fallbacks: Readonly<Record<string, readonly string[]>>,
  devices: readonly NamedDevice[],
): Problem[] {
  return Object.entries(fallbacks).flatMap(([first, others]) => {
    const words = [first, ...others].flatMap((name) => {
      const device = devices.find(({ id }) => id === name)
      if (device === undefined) return [`there is no device "${name}"`]
      return device.driver.startsWith('card-') ? [] : [`"${name}" is not a signature card`]
    })
    if (others.includes(first)) words.push('a card cannot stand in for itself')
    return words.map((message) => ({ path: ['rksv', 'fallbacks', first], message }))
  })
}

export const SETTINGS = {
  word: 'rksv',
  keys: {
    rksv: {
      schema: rksv,
      contradictions: ({ fallbacks }, devices) => wrongFallbacks(fallbacks, devices),
      folders: ({ dep131 }) => (dep131 === undefined ? [] : [{ name: '"rksv.dep131"', folder: dep131.folder }]),
    } satisfies LawKey<ReturnType<typeof rksv>>,
  },
  example: `
  // Used in order while the first card is down:
  // "rksv": { "fallbacks": { "card-1": ["card-0"] },
  //   // The Datenerfassungsprotokoll of § 131b BAO, each day a file for each register, kept 7 years:
  //   "dep131": { "folder": "/mnt/office/dep131", "keepDays": 2557 } },
`,
} as const satisfies LawSettings
