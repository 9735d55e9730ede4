// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { auditedBy } from '../cli/audited.ts'
import { fiskalEdge } from '../cli/command.ts'
import { tokensOfFile } from '../drivers/native/soft-token.ts'
import { certifiedCard } from '../e2e/austria/certified-card.ts'
import { finanzonline, progress } from '../e2e/austria/finanzonline.ts'
import { austrianTill } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'

// The insider runs an office himself, on this machine or on another one: it confirms each report of production.

const tokens = tokensOfFile()
test.each(['http://127.0.0.1:8080', 'http://localhost:8080', 'https://fon.shop.example', 'https://10.0.0.5:8443'])(
  'config check refuses production at %s, unless it is named a relay',
  (url) =>
    inDirectory(async (directory) => {
      const config = join(directory, 'agent.json')
      const account = { participantFile: 'a', userFile: 'b', pinFile: 'c' }
      const settings = { mode: 'P', url, makerVatId: 'ATU12345678', accounts: [account] }
      const check = async (more: object) => {
        const authorities = { finanzonline: { ...settings, ...more } }
        await writeFile(config, JSON.stringify({ version: 1, state: directory, listen: {}, devices: [], authorities }))
        return fiskalEdge('config', 'check', config)
      }
      const refused = await check({})
      expect([refused.code, refused.out + refused.err]).toEqual([
        1,
        expect.stringContaining('"P" with another host than FinanzOnline: only with "relay": true'),
      ])
      expect(await check({ relay: true })).toMatchObject({ code: 0 })
      expect(await check({ mode: 'T' })).toMatchObject({ code: 0 })
    }),
)

test('tasks, doctor, journal verify and report say which relay confirmed, and never the office', async () => {
  const service = await finanzonline('P')
  const { url } = service.authorities.finanzonline
  const { host } = new URL(url)
  const card = await certifiedCard(tokens, 'kassa')
  await using bench = await Bench.open({ config: { devices: [card], authorities: service.authorities } })
  await austrianTill(bench)
  await bench.until(() => progress(bench, 'P')['startbeleg-check']?.state === 'confirmed')
  await inDirectory(async (directory) => {
    const config = join(directory, 'agent.json')
    const { state } = bench.config
    const settings = { version: 1, state, listen: { port: 0 }, devices: [card], authorities: service.authorities }
    await writeFile(config, JSON.stringify(settings))
    const tasks = await fiskalEdge('duty', 'list', '--all', '--config', config)
    expect(tasks.out).toContain(`confirmed (by relay ${host})`)
    const doctor = await fiskalEdge('doctor', '--config', config)
    expect(doctor.out).toContain(`each confirmation is by relay ${host}, not by the office`)
    expect(doctor.out).toContain(`duties were confirmed by relay ${host}`)
    const verified = await fiskalEdge('journal', 'verify', '--config', config)
    expect(verified.out).toContain(`relay ${host} confirmed, and not the office: 3. (duty_confirmed_by_relay)`)
  })
  const { report } = await auditedBy(bench, { devices: [card], authorities: service.authorities })
  expect(report).toContain(
    `- Meldungen an das Amt, die nur das Relay ${host} bestätigt hat: 3. (duty_confirmed_by_relay)`,
  )
})
