// @module-tag heavy
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SmtpServer } from '../alerts/smtp-server.ts'
import { Bench } from '../e2e/bench.ts'
import { freePort } from '../free-port.ts'
import { appendNote, openJournal } from '../journal/temporary-journal.ts'
import { once } from '../waits.ts'
import { sellAndClose } from './audited.ts'
import { BIN, ownConfig, removedLater } from './command.ts'

const LIMIT_MS = 120_000

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
  const [code] = await once(child, 'exit')
  return code
}

function mailTo(port: number): object {
  const addresses = { from: 'till@shop.example', to: ['owner@shop.example'] }
  return { alerts: { mail: { host: '127.0.0.1', port, security: 'none', ...addresses } } }
}

test('each command with a failing finding ends with 1, though a connection stays open', {
  timeout: LIMIT_MS,
}, async () => {
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
  expect(await codeOf(['config', 'example', 'tse'], port)).toBe(0)
})

test('an audit with an objection and a notice without some data end with 1 too', { timeout: LIMIT_MS }, async () => {
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

test('a mail server that leaves the end of the doctor without an answer does not hold it', {
  timeout: LIMIT_MS,
}, async () => {
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
