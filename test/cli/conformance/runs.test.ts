// @module-tag heavy
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { FaultName } from '../../../agent/cli/conformance/faults.ts'
import { FAULTS, faultsOf, shuffledFaults } from '../../../agent/cli/conformance/faults.ts'
import type { Report } from '../../../agent/cli/conformance/report.ts'
import { exitCodeOf } from '../../../agent/cli/conformance/report.ts'
import type { RunOptions } from '../../../agent/cli/conformance/run.ts'
import { runConformance } from '../../../agent/cli/conformance/run.ts'
import type { Screen } from '../../../agent/cli/conformance/screen.ts'
import { Stage } from '../../../agent/cli/conformance/stage.ts'
import { findDaemon } from '../../../agent/cli/daemon/admin-client.ts'
import { openSeparate } from '../../../agent/cli/demo/agent.ts'
import { adminSocketPath } from '../../../agent/config/admin-socket.ts'
import { TILL_RULES } from '../../../agent/contract/till-rules.ts'
import { LAWS } from '../../../agent/laws/laws.ts'
import { untilAborted } from '../../../base/stop-signals.ts'
import { once } from '../../waits.ts'
import { fiskalEdge } from '../command.ts'

const TILLS = join(import.meta.dirname, 'tills')
const RATES: Readonly<Record<string, string>> = { kassensichv: '0.07', rksv: '0.1', rt: '0.1' }
const NOBODY: Screen = { hasPerson: false, say: () => undefined, isTrue: async () => false }

async function demoOf(law: string): Promise<Pick<RunOptions, 'demo' | 'timeZone'>> {
  const entry = LAWS.find(({ settings }) => settings.word === law)
  const demo = await entry?.demos?.[0]?.load()
  if (entry === undefined || demo === undefined) throw new Error(law)
  return { demo, timeZone: entry.timeZone }
}

async function conform(law: string, more: Partial<RunOptions>): Promise<Report> {
  const faults = shuffledFaults(faultsOf(law), 1)
  const stop = new AbortController().signal
  const common = { ...(await demoOf(law)), law, port: 0, seed: 1, command: undefined, attested: [] }
  return await runConformance({ ...common, screen: NOBODY, stop, faults, ...more })
}

function tillCommand(file: string, ...args: readonly string[]): string {
  return [process.execPath, join(TILLS, file), ...args, '2>/dev/null'].join(' ')
}

function newFolder(): string {
  return join(mkdtempSync(join(tmpdir(), 'conformance-')), 'pending')
}

function rulesThatAre(verdict: string, { rules }: Report): readonly string[] {
  return rules.filter((rule) => rule.verdict === verdict).map(({ id }) => id)
}

describe.concurrent('runs', () => {
  test.each(['kassensichv', 'rksv', 'rt'])('the client keeps every rule that is seen under %s', async (law) => {
    const report = await conform(law, { command: tillCommand('client-till.ts', newFolder(), String(RATES[law])) })
    expect(report.rules.filter(({ verdict }) => verdict !== 'kept')).toEqual([])
    expect(report).toMatchObject({ passed: true, till: 'client-till/1.0', law, seed: 1 })
    expect(exitCodeOf(report)).toBe(0)
    expect(JSON.stringify(report)).not.toMatch(/ofk_/)
  })

  test('a naive till breaks six rules by name', async () => {
    const report = await conform('kassensichv', { command: tillCommand('naive-till.ts') })
    expect(rulesThatAre('broken', report)).toEqual(['T-2', 'T-3', 'T-4', 'T-5', 'T-8', 'T-10'])
    expect(rulesThatAre('asked', report)).toEqual(['T-11'])
    expect(exitCodeOf(report)).toBe(1)
  })

  test.each(TILL_RULES.map(({ id }) => id))('a till that breaks %s alone is found', async (rule) => {
    const law = rule === 'T-16' ? 'rt' : 'kassensichv'
    const faults = faultsOf(law).filter(
      (name) => FAULTS[name].rule === rule && name !== 'print-lost' && name !== 'create-lost',
    )
    const sales = String(faults.length + 1)
    const command = tillCommand('broken-till.ts', rule, newFolder(), sales, String(RATES[law]))
    const said: string[] = []
    const screen = { ...NOBODY, hasPerson: true, isTrue: async (question: string) => said.push(question) < 0 }
    const report = await conform(law, { command, faults, screen })
    expect(rulesThatAre('broken', report)).toEqual([rule])
    expect(said.map((question) => question.split(':', 1)[0])).toEqual(rule === 'T-9' ? ['T-9'] : [])
  })

  test('a person follows the screen, ends the till for T-11, and starts it again', async () => {
    const stop = new AbortController()
    const lines: string[] = []
    const gone = new AbortController()
    let url = ''
    let key = ''
    const begun = new AbortController()
    const screen: Screen = {
      hasPerson: true,
      isTrue: async () => true,
      say: (line) => {
        lines.push(line)
        url ||= /http:\S+/.exec(line)?.[0] ?? ''
        key ||= /ofk_reg_\S+/.exec(line)?.[0] ?? ''
        if (line.startsWith('next: Open')) begun.abort()
        if (line.includes('End the till')) gone.abort()
      },
    }
    const running = conform('kassensichv', { screen, stop: stop.signal, faults: ['till-killed'] })
    await untilAborted(begun.signal)
    const post = (path: string, body: object, name: string, signal?: AbortSignal) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: {
          'X-Register-Api-Key': key,
          'Content-Type': 'application/json',
          'Idempotency-Key': name,
          'If-Match': '"1"',
        },
        body: JSON.stringify(body),
        ...(signal && { signal }),
      })
    const { data } = (await (
      await fetch(`${url}/v1/registers`, { headers: { 'X-Register-Api-Key': key } })
    ).json()) as {
      data: readonly { id: string }[]
    }
    const common = { register_id: data[0]?.id, currency: 'EUR' }
    await post('/v1/operations', { ...common, type: 'session_open', opening_balance_amount: '50.00' }, 'open')
    const sale = {
      ...common,
      type: 'sale',
      source: 'POS',
      pretax_amount: '0.00',
      tax_amount: '0.00',
      tip_amount: '0.00',
      total_amount: '0.00',
      line_items: [],
    }
    await expect(post('/v1/operations', sale, 'a', gone.signal)).rejects.toThrow()
    expect((await post('/v1/operations', sale, 'a')).headers.get('Idempotent-Replayed')).toBe('true')
    expect((await post('/v1/operations/key:a/void', { reason: 'operator_cancelled' }, 'a:void')).status).toBe(200)
    stop.abort()
    expect(rulesThatAre('kept', await running)).toContain('T-11')
    expect(lines.filter((line) => line.startsWith('next: '))).toEqual([
      'next: Open a shift with 50.00 in the drawer.',
      'next: Sell something, and take the money in cash.',
      'next: End the till now, as a power cut would, and start it again.',
      expect.stringContaining('next: '),
    ])
  })
})

describe.concurrent('bad input', () => {
  test('a command that ends at once is started 21 times, and nothing is seen', async () => {
    const folder = newFolder()
    const report = await conform('kassensichv', { command: `echo started >> ${folder}` })
    expect(readFileSync(folder, 'utf8').split('\n')).toHaveLength(22)
    expect(rulesThatAre('not seen', report)).toHaveLength(report.rules.length)
    expect([exitCodeOf(report), report.till]).toEqual([2, null])
  })

  test('a command that fails is not started again', async () => {
    const folder = newFolder()
    const lines: string[] = []
    const screen: Screen = { ...NOBODY, say: (line) => void lines.push(line) }
    await conform('kassensichv', { command: `echo started >> ${folder}; exit 3`, screen })
    expect(lines.at(-1)).toBe('The till ended with 3.')
    expect(readFileSync(folder, 'utf8')).toBe('started\n')
  })

  test('a command that never ends, and its children, are ended after the silence', async () => {
    const folder = newFolder()
    const command = `(tail -f /dev/null & echo $! > ${folder}; wait)`
    await conform('kassensichv', { command, limits: { silenceMs: 500, runMs: 60_000 } })
    const pid = Number(readFileSync(folder, 'utf8'))
    expect(existsSync(`/proc/${pid}/stat`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z')).toBe(false)
  })

  test('a till of 1,000 connections, of huge bodies and of numbers for money is answered', async () => {
    const folder = newFolder()
    const report = await conform('kassensichv', { command: tillCommand('rough-till.ts', folder) })
    expect(JSON.parse(readFileSync(folder, 'utf8'))).toEqual({ connections: 1000, statuses: [413, 413, 400, 400, 200] })
    expect(rulesThatAre('broken', report)).toEqual(['T-14'])
  })
})

describe('the command', () => {
  test('a port that is taken is named', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const { code, err } = await fiskalEdge('conformance', '--run', 'true', '--port', String(port))
    expect([code, err]).toEqual([1, expect.stringContaining(`Another program has port ${port}`)])
  })

  test('the report is JSON on standard output, and in a file', async () => {
    const file = `${newFolder()}.json`
    const { code, out } = await fiskalEdge(
      'conformance',
      '--run',
      'exit 1',
      '--port',
      '0',
      '--seed',
      '7',
      '--json',
      '--report',
      file,
    )
    expect(code).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ till: null, law: 'kassensichv', seed: 7, passed: false })
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(out))
  })

  test('only rules that a person judges are attested', async () => {
    const { code, err } = await fiskalEdge('conformance', '--attest', 'T-1')
    expect([code, err]).toEqual([1, expect.stringContaining('T-9, T-11')])
  })
})

test('the order of the faults is that of the seed, and a device is unplugged for two sales in a row', () => {
  const names = faultsOf('kassensichv')
  const order = (seed: number): readonly FaultName[] => shuffledFaults(names, seed)
  expect(order(5)).toEqual(order(5))
  expect(order(5)).not.toEqual(order(6))
  const first = order(5).indexOf('device-unplugged')
  expect(order(5)[first + 1]).toBe('device-unplugged')
  expect(order(5)).toHaveLength(14)
})

test('a run that is broken off before its shop is open leaves no folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('TMPDIR', folder)
  await expect(conform('kassensichv', { stop: AbortSignal.abort() })).rejects.toThrow('aborted')
  expect(readdirSync(folder)).toEqual([])
})

test('a run that ends while its agent comes back ends that agent too', async () => {
  const tmp = mkdtempSync(join(tmpdir(), 'conformance-'))
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('TMPDIR', tmp)
  const { demo, timeZone } = await demoOf('kassensichv')
  const stage = await Stage.open(demo, timeZone, [], new AbortController().signal)
  const back = stage.killAgent()
  await stage.close()
  await back
  expect(readdirSync(tmp)).toEqual([])
  await expect(fetch(`http://127.0.0.1:${stage.port}/health`)).rejects.toThrow('fetch failed')
})

test('an agent whose technician is not reached is ended', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
  const { demo } = await demoOf('kassensichv')
  const state = join(folder, 'state')
  const members = { version: 1, state, devices: [demo.device] }
  await expect(openSeparate(members, join(folder, 'other'), folder)).rejects.toThrow('has no socket')
  expect(await findDaemon(adminSocketPath(state))).toBeUndefined()
})
