// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { filesOf, inDirectory, packageOf, zipOf } from '../../laws/germany/dsfinvk/package.ts'
import { Random } from '../../laws/germany/dsfinvk/random.ts'
import { RandomTrade } from '../../laws/germany/dsfinvk/random-day.ts'
import { sourceOf } from '../../laws/germany/dsfinvk/signer.ts'
import { MUTATIONS } from './mutations.ts'

/** Each version of the taxonomy with each length of a session. */
const DAYS = 30
const DAYS_A_TEST = 10

async function day(seed: number, directory: string): Promise<string> {
  const trade = new RandomTrade(new Random(seed), ['2.2', '2.3', '2.4'][seed % 3])
  for (let sessions = 0; sessions < 1 + (seed % 3); sessions++) trade.session(6 + (seed % 10))
  return packageOf(sourceOf(...trade.closings), directory, `${seed}.zip`)
}

async function isFound(
  name: string,
  files: Map<string, string>,
  random: Random,
  path: string,
): Promise<boolean | undefined> {
  const spoiled = MUTATIONS[name]?.(files, random)
  if (spoiled === undefined) return undefined
  await zipOf(spoiled, path)
  return !(await verifyDsfinvk(path)).valid
}

for (let first = 0; first < DAYS; first += DAYS_A_TEST) {
  test(`random days ${first} to ${first + DAYS_A_TEST - 1} verify, and every spoiled value in them is found`, async () => {
    await inDirectory(async (directory) => {
      for (let seed = first; seed < first + DAYS_A_TEST; seed++) {
        const path = await day(seed, directory)
        const report = await verifyDsfinvk(path)
        expect(report.findings, `seed ${seed}`).toEqual([])
        expect(report.signatures + report.unsigned).toBe(report.bons)
        const files = await filesOf(path)
        const random = new Random(1000 + seed)
        const name = random.pick(Object.keys(MUTATIONS))
        expect(await isFound(name, files, random, `${directory}/spoiled.zip`), `seed ${seed}: ${name}`).not.toBe(false)
      }
    })
  })
}

test('every way of spoiling a package is found', async () => {
  await inDirectory(async (directory) => {
    const files = await busyDay(directory)
    const random = new Random(7)
    for (const name of Object.keys(MUTATIONS))
      expect(await isFound(name, files, random, `${directory}/spoiled.zip`), name).toBe(true)
  })
})

/** The first day that has something of everything. */
async function busyDay(directory: string): Promise<Map<string, string>> {
  for (let seed = 0; seed < DAYS; seed++) {
    const trade = new RandomTrade(new Random(seed))
    for (let sessions = 0; sessions < 3; sessions++) trade.session(20)
    const files = await filesOf(await packageOf(sourceOf(...trade.closings), directory, `busy-${seed}.zip`))
    const random = new Random(seed)
    if (Object.values(MUTATIONS).every((spoil) => spoil(files, random) !== undefined)) return files
  }
  throw new Error('no day has something of everything')
}
