// @module-tag heavy
import { expect, test } from 'vitest'
import { withoutRandom } from '../../scripts/scenario/comparable.ts'
import { playScenario } from '../../scripts/scenario/played.ts'
import { EXAMPLES } from '../contract.ts'
import { Bench } from './bench.ts'
import type { ImportedDocument } from './document-importer.ts'
import { runDocument } from './document-importer.ts'
import type { Collection } from './postman-runner.ts'
import { runCollection } from './postman-runner.ts'

const STEPS = 79
const OPERATIONS = 67

test('an agent answers the scenario as its examples say; node scripts/examples.ts writes them', async () => {
  const played = withoutRandom(await playScenario())
  const examples = withoutRandom(EXAMPLES)
  expect(played.map(({ name }) => name)).toEqual(examples.map(({ name }) => name))
  for (const [at, step] of played.entries()) expect(step, step.name).toEqual(examples[at])
  expect(played).toHaveLength(STEPS)
})

test('the Postman collection runs twice with the platform key alone, and after it the document in its order', async () => {
  await using bench = await Bench.open()
  await bench.untilDevice('ready')
  const load = async (path: string): Promise<unknown> => (await fetch(new URL(path, bench.url))).json()
  const collection = (await load('/docs/postman.json')) as Collection
  const values = { baseUrl: bench.url, platformKey: bench.platformKey }

  const first = await runCollection(collection, values)
  expect(first.flatMap(({ name, failures }) => failures.map((failure) => `${name}: ${failure}`))).toEqual([])
  // All but the read of a duty, which this shop does not have, and a printout, which Germany does not have.
  expect(first).toHaveLength(STEPS - 2)
  expect(first.map(({ status }) => status).filter((status) => status >= 300)).toEqual([])
  expect(first.filter(({ isReplay }) => isReplay)).toEqual([])

  const again = await runCollection(collection, values)
  expect(again.flatMap(({ name, failures }) => failures.map((failure) => `${name}: ${failure}`))).toEqual([])
  const changes = collection.item.filter(({ request }) => request.method !== 'GET').map(({ name }) => name)
  expect(again.filter(({ isReplay }) => isReplay).map(({ name }) => name)).toEqual(changes)

  const document = (await load('/openapi-json')) as ImportedDocument
  expect(await runDocument(document, { url: bench.url, key: bench.platformKey })).toEqual({
    sent: OPERATIONS,
    failures: [
      expect.stringMatching(/^POST \/v1\/registers\/\S+\/printouts: 422 /),
      // A shop with simulators has no duty.
      expect.stringMatching(/^GET \/v1\/duties\/\S+: 404 /),
    ],
  })
})
