import { existsSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Technician } from '../../agent/cli/daemon/admin-client.ts'
import { findDaemon } from '../../agent/cli/daemon/admin-client.ts'
import type { AdminSocket } from '../../agent/http/admin.ts'
import { openAdminSocket } from '../../agent/http/admin.ts'
import { HAND_OVER } from '../../agent/state/state-directory.ts'
import type { Administration } from '../../agent/till/administration.ts'
import { openLog } from '../../base/log.ts'
import { deferred } from '../http/harness.ts'
import { ManualClock } from '../manual-clock.ts'
import { heavy } from '../tags.ts'
import { once } from '../waits.ts'
import { fiskalEdge } from './command.ts'
import { smallAdministration } from './small-administration.ts'

let path: string
let socket: AdminSocket
let written: string[]
let clock: ManualClock
let administration: Administration

beforeEach(async () => {
  path = join(mkdtempSync(join(tmpdir(), 'admin-')), 'admin.sock')
  written = []
  const log = openLog('info', { write: (line) => written.push(line) })
  // The rest of a killed daemon.
  writeFileSync(path, '')
  mkdirSync(join(dirname(path), 'exports'))
  clock = new ManualClock()
  administration = smallAdministration()
  socket = await openAdminSocket({
    path,
    administration,
    diagnose: async () => ({}),
    describe: () => ({ pid: 7 }),
    handOver: HAND_OVER,
    clock,
    log,
  })
})
afterEach(() => socket.close())

test('a PIN that a set-up made is shown by the command until one has printed it', heavy(), async () => {
  const config = join(dirname(path), 'agent.json')
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  writeFileSync(config, JSON.stringify({ version: 1, state: '.', listen: { port: 0 }, devices }))
  // One whose command was killed before it could print.
  expect(await (await technician()).deviceAct('tse-1', 'init')).toHaveProperty('new_secrets')
  const shown = await fiskalEdge('device', 'init', 'tse-1', '--json', '--config', config)
  expect(shown.err).toBe('')
  expect(JSON.parse(shown.out)).toMatchObject({ new_secrets: { adminPin: '12345678' } })
  const again = await fiskalEdge('device', 'init', 'tse-1', '--json', '--config', config)
  expect([again.code, JSON.parse(again.out)]).toEqual([0, { deviceId: 'tse-1', act: 'init' }])
})

async function technician(): Promise<Technician> {
  const daemon = await findDaemon(path)
  if (daemon === undefined) throw new Error('nobody listens')
  return daemon.technician
}

describe('a stop in the middle of a command', () => {
  /** An act that runs until `ended`. */
  const underWay = async (): Promise<{ told: Promise<unknown>; ended: () => void }> => {
    const [begun, finished] = [deferred(), deferred()]
    administration.deviceAct = async (deviceId) => {
      begun.resolve()
      await finished.promise
      return { deviceId }
    }
    const told = (await technician()).deviceAct('tse-1', 'self-test').catch((error: unknown) => error)
    await begun.promise
    return { told, ended: finished.resolve }
  }

  test('waits for its act', async () => {
    const { told, ended } = await underWay()
    const closed = socket.close()
    expect(await findDaemon(path)).toBe(undefined)
    ended()
    expect(await told).toEqual({ deviceId: 'tse-1' })
    await closed
  })

  test('does not wait long, and the command says what to do; the outcome of the act is not an error', async () => {
    const { told, ended } = await underWay()
    const closed = socket.close()
    await clock.advance(2000)
    expect(await told).toMatchObject({
      code: 'shutting_down',
      message: expect.stringMatching(/may be done or not.*after the restart/),
    })
    await closed
    ended()
    expect(written).toEqual([])
  })

  test('is not an error of an act that is cancelled for it', async () => {
    administration.exportTo = async () => {
      throw Object.assign(new Error('This operation was aborted'), { name: 'AbortError' })
    }
    const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }
    const given = (await technician()).exportTo('journal', range, `${path}.ndjson`)
    await expect(given).rejects.toMatchObject({ code: 'shutting_down' })
    expect(written).toEqual([])
  })

  test('does not wait for a command that does not read its answer', async () => {
    const long = {
      id: 'key_1',
      kind: 'platform',
      register_id: null,
      created_at: 'x'.repeat(4e6),
      revoked_at: null,
      certificate: null,
    } as const
    administration.listKeys = () => [long]
    const stalled = connect(path)
    stalled.write('POST /listKeys HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n')
    await once(stalled, 'readable')
    const closed = socket.close()
    await clock.advance(2000)
    await clock.advance(2000)
    await closed
    stalled.destroy()
  })

  test('to a daemon that is killed is reported in words', async () => {
    const server = createServer((connection) => connection.destroy())
    const work = await technician()
    await socket.close()
    await expect(work.deviceAct('tse-1', 'self-test')).rejects.toMatchObject({
      code: 'shutting_down',
      message: expect.stringContaining('nothing was done'),
    })
    await new Promise<void>((listening) => server.listen(path, listening))
    await expect(work.deviceAct('tse-1', 'self-test')).rejects.toMatchObject({
      code: 'shutting_down',
      message: expect.stringMatching(/may be done or not/),
    })
    expect(await findDaemon(path)).toBe(undefined)
    server.close()
  })
})

describe('the admin socket', () => {
  test('is the owner’s alone', () => {
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('carries every act and its result', async () => {
    const work = await technician()
    expect(await work.createKey('register', 'reg_1')).toEqual({
      id: 'key_1',
      kind: 'register',
      key: 'ofk_register_secret',
    })
    expect(await work.listKeys()).toMatchObject([{ id: 'key_1', register_id: 'reg_1', certificate: null }])
    await work.revokeKey('key_1')
    await work.createKey('register', 'reg_1', 'ab'.repeat(32))
    expect(await work.listKeys()).toMatchObject([{ register_id: 'reg_1', certificate: 'ab'.repeat(32) }])
    await work.revokeKey('key_1')
    expect(await work.listKeys()).toEqual([])
    expect(await work.devices()).toEqual([{ id: 'tse-1', state: 'down' }])
    expect(await work.deviceAct('tse-1', { act: 'register-client', client: 'till-9' })).toEqual({
      deviceId: 'tse-1',
      act: { act: 'register-client', client: 'till-9' },
    })
    expect(await work.fault('tse-1', 'busy@start')).toEqual({ deviceId: 'tse-1', fault: 'busy@start' })
    const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', registerId: 'reg_1' }
    const file = `${path}.tar`
    expect(await work.exportTo('tse_tar', range, file)).toEqual({ type: 'tse_tar', range, file })
    expect(existsSync(file)).toBe(true)
  })

  test('gives a refusal back with its code', async () => {
    const work = await technician()
    await expect(work.createKey('register', 'reg_none')).rejects.toMatchObject({ code: 'not_found' })
    await expect(work.deviceAct('tse-1', 'status')).rejects.toMatchObject({
      code: 'unavailable',
      message: 'tse-1 does not answer',
    })
  })

  test('keeps an unexpected error in the log, not in the answer', async () => {
    const work = await technician()
    await expect(work.seal()).rejects.toMatchObject({
      code: 'internal_error',
      message: expect.not.stringContaining('SQLITE'),
    })
    expect(written.join('')).toContain('SQLITE_IOERR')
  })

  test('names errors that the technician can fix', async () => {
    const work = await technician()
    await expect(work.confirmTask('t')).rejects.toMatchObject({
      code: 'ENOSPC',
      message: expect.stringContaining('no space'),
    })
  })

  test('removes a file whose requester does not wait for it any longer', async () => {
    const [begun, finished, written] = [deferred(), deferred(), deferred()]
    administration.exportTo = async (type, _range, file) => {
      begun.resolve()
      await finished.promise
      writeFileSync(file, 'AES key')
      written.resolve()
      return { type, file }
    }
    const [file, stalled] = [`${path}.zip`, connect(path)]
    const body = JSON.stringify({ type: 'rksv_crypto', range: { from: 'a', to: 'b' }, path: file })
    stalled.write(`POST /exportTo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`)
    stalled.write(`Content-Length: ${body.length}\r\n\r\n${body}`)
    await begun.promise
    stalled.destroy()
    // The next call to the socket comes after the end of that connection.
    await (await technician()).listKeys()
    finished.resolve()
    await written.promise
    const work = await technician()
    while (existsSync(file)) await work.listKeys()
  })

  test('answers a client that shut its sending side while the act ran', async () => {
    const [begun, finished] = [deferred(), deferred()]
    administration.seal = async () => {
      begun.resolve()
      await finished.promise
      return { sealed: 1 }
    }
    const client = connect(path)
    let heard = ''
    client.on('data', (bytes) => {
      heard += String(bytes)
    })
    client.end('POST /seal HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await begun.promise
    // The next call to the socket comes after that end.
    await (await technician()).listKeys()
    finished.resolve()
    await once(client, 'close')
    expect(heard).toMatch(/HTTP\/1\.1 200 OK[\s\S]*\{"sealed":1\}$/)
  })

  test('removes a file that a command was given and has not taken an hour later, and nothing elsewhere', async () => {
    const exports = join(dirname(path), 'exports')
    const [left, kept] = [join(exports, `${HAND_OVER}1`), join(exports, 'books.zip')]
    for (const file of [left, kept])
      expect(await post('/exportTo', JSON.stringify({ type: 'dep7', range: { from: 'a', to: 'b' }, path: file }))).toBe(
        200,
      )
    await clock.advance(3_599_000)
    expect([left, kept].map((file) => existsSync(file))).toEqual([true, true])
    await clock.advance(1000)
    const work = await technician()
    while (existsSync(left)) await work.listKeys()
    expect(existsSync(kept)).toBe(true)
  })

  test('notifies the waiting client each minute that the act continues', async () => {
    const [begun, finished] = [deferred(), deferred()]
    administration.seal = async () => {
      begun.resolve()
      await finished.promise
      return { sealed: 1 }
    }
    const call = request({ socketPath: path, method: 'POST', path: '/seal', agent: false })
    call.end()
    await begun.promise
    for (let minute = 1; minute <= 3; minute += 1) {
      const [heard] = await Promise.all([once(call, 'information'), clock.advance(60_000)])
      expect(heard).toMatchObject([{ statusCode: 102 }])
    }
    const answered = once(call, 'response')
    finished.resolve()
    expect(await answered).toMatchObject([{ statusCode: 200 }])
  })

  test('one that is silent is not waited for', async () => {
    const silent = createServer(() => undefined)
    const place = join(mkdtempSync(join(tmpdir(), 'silent-')), 'admin.sock')
    await new Promise<void>((listening) => silent.listen(place, listening))
    await expect(findDaemon(place, 20)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('restart it'),
    })
    silent.close()
  })

  test('refuses acts and arguments it does not know', async () => {
    expect(await post('/noSuchAct', '{}')).toBe(404)
    expect(await post('/revokeKey', '{"id":1}')).toBe(400)
    expect(await post('/revokeKey', '{"id":"a","more":1}')).toBe(400)
    expect(await post('/devices', 'not json')).toBe(400)
    expect(await post('/devices', `{"a":"${'x'.repeat(100_000)}"}`)).toBe(400)
  })

  test('no daemon is found if none listens', async () => {
    await socket.close()
    expect(await findDaemon(path)).toBeUndefined()
    expect(await findDaemon(join(tmpdir(), 'no-such-folder', 'admin.sock'))).toBeUndefined()
  })
})

function post(act: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const call = request({ socketPath: path, method: 'POST', path: act, headers }, (res) => {
      res.resume()
      res.on('end', () => resolve(res.statusCode))
    })
    call.on('error', reject)
    call.end(body)
  })
}
