import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keysOf } from '../../agent/config/law-settings.ts'
import { LAWS } from '../../agent/laws/laws.ts'
import { COMMAND_LAWS, LAW_KEYS } from '../../agent/laws/laws-for-commands.ts'
import { LAW_NAMES } from '../../agent/laws/names.ts'

const FOLDER = join(import.meta.dirname, '../../agent/laws')

test('each folder of a law is in the list of names', () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(folders.map(({ name }) => name)).toEqual([...LAW_NAMES].sort())
})

test('commands read the facts and settings of the law that the daemon opens', () => {
  const common = ({
    name,
    country,
    timeZone,
    deviceKinds,
    settings,
  }: (typeof LAWS)[number] | (typeof COMMAND_LAWS)[number]) => ({ name, country, timeZone, deviceKinds, settings })
  expect(COMMAND_LAWS.map(common)).toEqual(LAWS.map(common))
  expect(LAW_KEYS).toEqual(keysOf(LAWS))
})
