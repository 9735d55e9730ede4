// @module-tag heavy
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { FinanzOnlineSimulator, SIMULATED_ACCOUNT, SIMULATED_MAKER } from '../../drivers/finanzonline/simulator.ts'
import { openSqliteStore } from '../../receiver/sqlite/store.ts'
import { SmtpServer } from '../alerts/smtp-server.ts'
import { rewriteEvents, withoutOperation } from '../attacks/insider.ts'
import { Bench } from '../e2e/bench.ts'
import { printerOf } from '../e2e/italy/printer-beside.ts'
import { italianTill, sell } from '../e2e/italy/shop.ts'
import { freePort } from '../free-port.ts'
import { appendNote, openJournal } from '../journal/temporary-journal.ts'
import { BUILD_LIMIT_MS, once } from '../waits.ts'
import { sellAndClose } from './audited.ts'
import { BIN, ownConfig, removedLater } from './command.ts'

const SHA256_DIGITS = 64

/** A service that takes a connection and never says anything, as long as the test runs. */
async function silentService(): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** The exit code of a command whose process also has an open connection to that service. */
async function codeOf(args: readonly string[], port: number): Promise<unknown> {
  const neighbour = `data:text/javascript,import{connect}from'node:net';connect(${port},'127.0.0.1').on('error',()=>{})`
  const child = spawn(process.execPath, ['--import', neighbour, BIN, ...args], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [code] = await once(child, 'exit', BUILD_LIMIT_MS)
  return code
}

function mailTo(port: number): object {
  const addresses = { from: 'till@shop.example', to: ['owner@shop.example'] }
  return { alerts: { mail: { host: '127.0.0.1', port, security: 'none', ...addresses } } }
}

test('each command with a failing finding ends with 1, though a connection stays open', async () => {
  const port = await silentService()
  const config = ownConfig([], mailTo(await freePort()))
  const folder = dirname(config)
  const written = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const state = join(folder, 'broken')
  mkdirSync(state, { mode: 0o700 })
  const journal = await openJournal(state)
  await appendNote(journal, 'a bun and a tea')
  await journal.close()
  const bytes = readFileSync(join(state, 'journal.db'))
  bytes[bytes.indexOf('a bun')] = 0x41
  writeFileSync(join(state, 'journal.db'), bytes)
  const broken = written('broken.json', JSON.stringify({ version: 1, state, listen: { port: 0 }, devices: [] }))
  const dep7 = {
    'Belege-Gruppe': [{ Signaturzertifikat: '', Zertifizierungsstellen: [], 'Belege-kompakt': ['a.b.c'] }],
  }
  const commands = [
    ['config', 'check', written('no.json', '{}')],
    ['verify', written('dep7.json', JSON.stringify(dep7))],
    ['service', 'status', '--root', folder],
    ['diag', '--config', config],
    ['doctor', '--config', config],
    ['alert', 'test', '--config', config],
    ['journal', 'verify', '--config', broken],
  ]
  const codes: unknown[] = []
  for (const args of commands) codes.push([args[0], await codeOf(args, port)])
  expect(codes).toEqual(commands.map(([name]) => [name, 1]))
  expect(await codeOf(['config', 'example', 'kassensichv'], port)).toBe(0)
})

test('an audit with an objection and a notice without some data end with 1 too', async () => {
  const port = await silentService()
  await using bench = await Bench.open()
  await sellAndClose(await bench.till('50.00'))
  await bench.fault('unplugged@*#*')
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'exit-codes-')))
  const config = join(folder, 'agent.json')
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  writeFileSync(config, JSON.stringify({ version: 1, state: bench.config.state, listen: { port: 0 }, devices }))
  expect(await codeOf(['audit', '--config', config, '--out', join(folder, 'audit')], port)).toBe(1)
  expect(await codeOf(['export', 'elster', '--trial', '--config', config, '--out', join(folder, 'elster')], port)).toBe(
    1,
  )
})

test('checks of the office, of the last document and of a receiver end with 1 too', async () => {
  const port = await silentService()
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'exit-codes-')))
  const written = (name: string, content: unknown): string => {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 })
    return join(folder, name)
  }
  const simulator = new FinanzOnlineSimulator({ directory: folder, clock: systemClock })
  onTestFinished(() => simulator.close())
  const url = `http://127.0.0.1:${await simulator.serve(0)}`
  const { participant, user } = SIMULATED_ACCOUNT
  const [participantFile, userFile] = [written('participant', participant), written('user', user)]
  const account = { participantFile, userFile, pinFile: written('pin', 'wrong-pin') }
  const finanzonline = { mode: 'T', url, makerVatId: SIMULATED_MAKER, accounts: [account] }
  const own = { version: 1, listen: { port: 0 }, devices: [] }
  const office = written('office.json', { ...own, state: join(folder, 'state'), authorities: { finanzonline } })
  expect(await codeOf(['finanzonline', 'check', '--config', office], port)).toBe(1)

  await using printer = await printerOf('rch')
  await using bench = await printer.agent()
  const register = await italianTill(bench, '0.00')
  const bar = written('bar.json', { ...own, state: bench.config.state, devices: [printer.device()] })
  const lastDocument = ['device', 'last-document', 'rt-1', '--config', bar]
  expect(await codeOf(lastDocument, port)).toBe(0)
  const { id } = await sell(register, '4.50')
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => withoutOperation(lines, id)))
  expect(await codeOf(lastDocument, port)).toBe(1)

  const file = join(folder, 'receiver.db')
  const receiver = written('receiver.json', { version: 1, store: { kind: 'sqlite', file } })
  const audit = ['receiver', 'audit', '--config', receiver]
  expect(await codeOf(audit, port)).toBe(0)
  const store = openSqliteStore(file, Date)
  await store.blobs.put({ tenantId: randomUUID(), agentId: randomUUID() }, '0'.repeat(SHA256_DIGITS), Buffer.from('x'))
  await store.close()
  expect(await codeOf(audit, port)).toBe(1)
})

test('a mail server that leaves the end of the doctor without an answer does not hold it', async () => {
  await using smtp = await SmtpServer.open({ isPlain: true })
  smtp.fault = { at: 'quit', does: 'hang' }
  const config = ownConfig([], mailTo(smtp.port))
  const child = spawn(process.execPath, [BIN, 'doctor', '--config', config], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  await once(child, 'exit')
  expect(out).toContain('✔ alerts')
  expect(smtp.commands.at(-1)).toBe('QUIT')
})
