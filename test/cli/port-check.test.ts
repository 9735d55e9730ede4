import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkPort } from '../../agent/cli/checks/port.ts'
import { once } from '../waits.ts'

const HOST = '127.0.0.1'

async function listening(host = HOST, wanted = 0): Promise<{ port: number; close: () => Promise<unknown> }> {
  const server = createServer().listen(wanted, host)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const close = (): Promise<unknown> => {
    server.close()
    return once(server, 'close')
  }
  return { port: (server.address() as AddressInfo).port, close }
}

async function freePort(): Promise<number> {
  const { port, close } = await listening()
  await close()
  return port
}

/** Another process that listens, with a file open as an agent has its journal. */
async function otherAgent(state: string): Promise<{ port: number; pid: number | undefined }> {
  const script = `
    require('node:fs').openSync(process.argv[1], 'w')
    const server = require('node:net').createServer().listen(0, '${HOST}', () => console.log(server.address().port))`
  const child = spawn(process.execPath, ['-e', script, join(state, 'journal.db')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  const [line] = await once(child.stdout, 'data')
  return { port: Number(String(line)), pid: child.pid }
}

test('the port of the running agent is good, given by number or chosen by the kernel', async () => {
  const { port } = await listening()
  const agent = { url: `http://${HOST}:${port}`, pid: process.pid }
  for (const wanted of [port, 0])
    expect(await checkPort('listen', { host: HOST, port: wanted }, agent)).toMatchObject({
      state: 'ok',
      message: `the agent is running at http://${HOST}:${port}`,
    })
})

test('an agent that runs and whose port accepts nothing is a failure, also on all addresses', async () => {
  const port = await freePort()
  for (const [host, url] of [
    [HOST, `http://${HOST}:${port}`],
    ['0.0.0.0', `https://kasse.local:${port}`],
  ] as const)
    expect(await checkPort('listen', { host, port }, { url, pid: process.pid })).toEqual({
      check: 'port',
      state: 'failure',
      message: `the agent runs, and ${url} accepts no connection`,
      remedy: 'systemctl restart fiskal-edge',
    })
})

test('a port that was changed in the file is judged, not the one at which the agent still is', async () => {
  const [{ port: old }, other] = [await listening(), await freePort()]
  const agent = { url: `http://${HOST}:${old}`, pid: process.pid }
  expect(await checkPort('listen', { host: HOST, port: other }, agent)).toMatchObject({
    state: 'ok',
    message: `${HOST}:${other} is free; until it is restarted the agent is at ${agent.url}`,
  })
  const state = mkdtempSync(join(tmpdir(), 'port-'))
  onTestFinished(() => rmSync(state, { recursive: true }))
  const { port, pid } = await otherAgent(state)
  expect(await checkPort('listen', { host: HOST, port }, agent)).toEqual({
    check: 'port',
    state: 'failure',
    message: `${HOST}:${port} is taken by the agent of ${state} (process ${pid})`,
    remedy: 'stop that agent, or change listen.port: each agent needs its own port',
  })
})

test('a hanging agent without the port is not named as its holder', async () => {
  const { port } = await listening()
  expect(await checkPort('listen', { host: HOST, port }, { pid: 1 })).toMatchObject({
    state: 'failure',
    message: expect.stringMatching(new RegExp(`^${HOST}:${port} is taken by process ${process.pid} `)),
  })
})

test('a listener on the same port of another address is not in the way, and one on all addresses is', async () => {
  const { port, close } = await listening('127.0.0.2')
  expect(await checkPort('listen', { host: HOST, port }, {})).toMatchObject({
    state: 'ok',
    message: `${HOST}:${port} is free`,
  })
  await close()
  await listening('::', port)
  expect(await checkPort('listen', { host: HOST, port }, {})).toMatchObject({
    state: 'failure',
    message: expect.stringContaining(`process ${process.pid} `),
  })
})
