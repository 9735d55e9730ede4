import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { LawEntry } from '../../agent/laws/law-entry.ts'
import { LAW_KEYS, LAWS } from '../../agent/laws/laws.ts'
import { keysOf } from '../../base/settings/law-settings.ts'
import { BUILT_IN_LAWS } from '../built-in-laws.ts'

const FOLDER = join(import.meta.dirname, '../../agent/laws')

test('each folder of a law is in the list of laws', async () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const entries = await Promise.all(
    folders.map(async ({ name }) => {
      const exported = (await import(join(FOLDER, name, 'entry.ts'))) as Record<string, LawEntry<never>>
      return Object.values(exported)
    }),
  )
  expect(new Set(LAWS)).toEqual(new Set(entries.flat()))
})

test('commands read the facts and settings of the law that the daemon opens', () => {
  const common = ({
    name,
    country,
    timeZone,
    deviceKinds,
    settings,
  }: (typeof LAWS)[number] | (typeof BUILT_IN_LAWS)[number]) => ({ name, country, timeZone, deviceKinds, settings })
  expect(LAWS.map(common)).toEqual(BUILT_IN_LAWS.map(common))
  expect(LAW_KEYS).toEqual(keysOf(BUILT_IN_LAWS))
})
