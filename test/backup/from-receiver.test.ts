import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Ran } from '../cli/command.ts'
import { fiskalEdge, forkedEdge } from '../cli/command.ts'
import { Bench } from '../e2e/bench.ts'
import type { Members } from '../e2e/client.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { sell } from '../e2e/goods.ts'
import { Cloud } from '../e2e/sync/cloud.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { heavy } from '../tags.ts'
import { verifyArchive } from '../verified-archive.ts'
import { verifyJournal } from '../verified-journal.ts'
import { once } from '../waits.ts'
import { backUp, PASSPHRASE } from './parts.ts'

type Row = { unacked: number; backup: { state: string; created_at: string } | null }

test(
  'a lost machine is restored from the backup at the head office and the events after it, in a new epoch',
  heavy(),
  async () => {
    const folder = await temporaryDirectory()
    await using cloud = await Cloud.open()
    await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets: cloud.targets } } })
    const { agentId } = await cloud.enrol(bench.journal())
    const register = await bench.till()
    await sell(register, '1.00')
    // The logs that the TSE has deleted exist nowhere else.
    const keptArchive = await bench.agent.administration.deviceAct('tse-1', { act: 'archive', deletes: true })
    const { events } = await backUp(bench.config.state, folder)
    const rows = async (): Promise<Row[]> => (await bench.office.list('/v1/sync')) as unknown as Row[]
    await bench.until(async () => (await rows())[0]?.backup?.state === 'stored')
    await sell(register, '2.00')
    const last = await sell(register, '3.00')
    await bench.untilSynced()
    // The machine is lost with its disk and the backup on it; the head office remains.
    await bench.stop()

    const lost = await temporaryDirectory()
    const state = join(lost, 'state')
    const config = join(lost, 'agent.json')
    await writeFile(
      config,
      JSON.stringify({ version: 1, state, listen: { port: 0 }, devices: [{ id: 'tse-1', driver: 'tse-simulator' }] }),
    )
    await writeFile(join(lost, 'passphrase'), PASSPHRASE)
    await writeFile(join(lost, 'office'), cloud.rig.office)
    // The rest of an earlier attempt, cut in the middle of a part.
    await mkdir(join(state, 'restore.download'), { recursive: true })
    const [named] = (await cloud.rig.store.blobs.named(agentId, 'application/vnd.fiskal-edge.blob-parts+json', 1)) ?? []
    const manifest = JSON.parse(
      Buffer.from((await cloud.rig.store.blobs.read(agentId, named?.sha256 ?? '')) ?? []).toString(),
    )
    const part = Buffer.from((await cloud.rig.store.blobs.read(agentId, manifest.parts[0].sha256)) ?? [])
    const partial = join(state, 'restore.download', `${manifest.sha256.slice(0, 16)}.backup`)
    await writeFile(partial, Buffer.concat([part, part.subarray(0, 7)]))

    const from = ['restore', '--from-receiver', cloud.url, '--agent', agentId, '--token-file', join(lost, 'office')]
    const wrong = await fiskalEdge(...from, '--backup', 'ffff', '--config', config)
    expect(wrong.code).toBe(1)
    expect(wrong.err).toContain('receiver backup list')
    await writeFile(join(lost, 'typo'), `${cloud.rig.office}x`)
    const stranger = await fiskalEdge(...from.with(-1, join(lost, 'typo')), '--config', config)
    expect(stranger.err).toMatch(/receiver_refuses: .* 401 .*: it does not know the token/)
    const nowhere = await fiskalEdge(...from.with(2, 'cloud.example:7443'), '--config', config)
    expect(nowhere.err).toMatch(/receiver_insecure: Name an address as https:.*, not cloud.example:7443/)
    const ran = await fiskalEdge(...from, '--passphrase-file', join(lost, 'passphrase'), '--json', '--config', config)
    expect(ran).toMatchObject({ code: 0, err: '' })
    const restored = JSON.parse(ran.out) as { events: number; filled: number; epoch: number; secrets: boolean }
    expect(restored).toMatchObject({ epoch: 2, secrets: true, archives: 1, archives_missing: [] })
    expect(restored.filled).toBeGreaterThan(6)
    expect(restored.events).toBe(events + restored.filled + 1)
    expect(existsSync(join(state, 'restore.download'))).toBe(false)
    expect(await verifyJournal(state)).toMatchObject({ valid: true, epoch: 2 })
    await using other = await Bench.open({ config: { state } })
    // While an agent runs nothing is fetched first.
    const busy = await fiskalEdge(...from, '--passphrase-file', join(lost, 'passphrase'), '--config', config)
    expect([busy.code, busy.out, busy.err]).toEqual([1, '', expect.stringContaining('state_locked')])
    expect(existsSync(join(state, 'restore.download'))).toBe(false)
    // From the first log on: that archive, and the later logs of the TSE.
    const report = await verifyArchive(await other.exported('tse_tar'))
    expect(report).toMatchObject({ findings: [], firstCounter: 1, lastCounter: report.logs })
    expect(report.logs).toBeGreaterThan(Number((keptArchive as Members)['logs']))
    const till = other.client({ 'X-Register-Api-Key': register.key })
    expect((await till.get(`/v1/operations/${last.id}`))['fiscal_information']).toEqual(last.fiscal_information)
  },
)

test('while a backup is downloaded from the head office no other process restores there', heavy(), async () => {
  const lost = await temporaryDirectory()
  const [config, token] = [join(lost, 'agent.json'), join(lost, 'office')]
  await writeFile(config, JSON.stringify({ version: 1, state: join(lost, 'state'), listen: { port: 0 }, devices: [] }))
  await writeFile(token, 'anything')
  let other: Promise<Ran> | undefined
  await using server = createServer(async (_, response) => {
    const isFirst = other === undefined
    other ??= forkedEdge(...from)
    if (isFirst) await other
    response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const agent = '00000000-0000-8000-8000-000000000000'
  const from = ['restore', '--from-receiver', url, '--agent', agent, '--token-file', token, '--config', config]
  expect((await fiskalEdge(...from)).err).toContain('receiver_refuses')
  expect(await other).toMatchObject({ code: 1, err: expect.stringContaining('state_locked') })
})
