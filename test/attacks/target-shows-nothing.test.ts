// @module-tag heavy
import { rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fiskalEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import { Cloud } from '../e2e/sync/cloud.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { once } from '../waits.ts'
import { configOf, tillOf } from './insider.ts'

/** A shop that opened a few minutes ago: no event is older than 15 minutes. */
async function youngShop() {
  const cloud = await Cloud.open()
  const bench = await Bench.open({ config: { sync: { targets: cloud.targets } } })
  await cloud.enrol(bench.journal())
  await (await tillOf(bench))('1.00')
  await bench.untilSynced()
  await bench.stop()
  return {
    cloud,
    bench,
    async [Symbol.asyncDispose]() {
      await bench[Symbol.asyncDispose]()
      await cloud[Symbol.asyncDispose]()
    },
  }
}

async function verify(bench: Bench, targets: readonly object[]) {
  const config = await configOf(bench, { sync: { targets } })
  const { code, out } = await fiskalEdge('journal', 'verify', '--require-witness', '--json', '--config', config)
  return { code, report: JSON.parse(out) as { valid: boolean; witnesses: { check: string; state: string }[] } }
}

/** A server that answers each request with that. */
async function answering(status: number, type: string, body: string): Promise<string> {
  const server = createServer((_, response) => void response.writeHead(status, { 'content-type': type }).end(body))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const UNWITNESSED = {
  valid: false,
  witnesses: expect.arrayContaining([expect.objectContaining({ check: 'witness', state: 'failure' })]),
}

test('the only target of a young shop shows nothing, and it is taken for a witness', async () => {
  await using shop = await youngShop()
  const { cloud, bench } = shop
  // The honest twin: the same shop, whose target vouches for its events.
  expect(await verify(bench, cloud.targets)).toMatchObject({ code: 0, report: { valid: true } })

  const [target] = cloud.targets
  const problem = JSON.stringify({ type: 'about:blank', title: 'x', status: 404, code: 'unknown_chain' })
  const shown = [
    await answering(404, 'application/problem+json', problem),
    await answering(404, 'text/html', '<h1>Not Found</h1>'),
    await answering(200, 'application/json', '{}'),
    await answering(200, 'application/json', ''),
    await answering(503, 'application/problem+json', '{}'),
  ]
  for (const url of shown) {
    const { code, report } = await verify(bench, [{ ...target, url }])
    expect([url, code]).toEqual([url, 1])
    expect(report).toMatchObject(UNWITNESSED)
  }
  await cloud.leave()
  expect(await verify(bench, cloud.targets)).toMatchObject({ code: 1, report: UNWITNESSED })
})

test('a target that has another chain alone, or a wrong token, vouches for nothing', async () => {
  await using shop = await youngShop()
  await using other = await youngShop()
  const tokenFile = join(await temporaryDirectory(), 'token')
  await writeFile(tokenFile, 'ofa_wrong\n', { mode: 0o600 })
  const [target] = other.cloud.targets
  expect(await verify(shop.bench, [{ ...target }])).toMatchObject({ code: 1, report: UNWITNESSED })
  expect(await verify(shop.bench, [{ ...target, tokenFile }])).toMatchObject({ code: 1, report: UNWITNESSED })
  await rm(tokenFile)
  expect(await verify(shop.bench, [{ ...target, tokenFile }])).toMatchObject({ code: 1, report: UNWITNESSED })
  // Beside it one that vouches is enough.
  const both = [{ ...target, id: 'other' }, ...shop.cloud.targets]
  expect(await verify(shop.bench, both)).toMatchObject({ code: 0 })
})
