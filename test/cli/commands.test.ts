// @module-tag heavy
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tarEnd, tarEntry } from '../../drivers/tr03151/tar.ts'
import { unsortedArchive } from '../drivers/tr03151/unsorted-archive.ts'
import { execFileSync } from '../waits.ts'
import type { Daemon } from './command.ts'
import { flipByte, forkedEdge, ownConfig, ownTill, runDaemon } from './command.ts'

type Key = { id: string; kind: string; key: string }

async function createKey(config: string): Promise<Key> {
  const { code, out } = await forkedEdge('key', 'create', 'platform', '--json', '--config', config)
  expect(code).toBe(0)
  return JSON.parse(out) as Key
}

/** The same work, with a daemon and without. */
function commandsWork(config: () => string): void {
  test('a key is printed once, listed without its secret, and revoked', async () => {
    const key = await createKey(config())
    expect(Object.keys(key).sort()).toEqual(['id', 'key', 'kind'])
    expect(key).toMatchObject({ kind: 'platform', key: expect.stringMatching(/^ofk_platform_/) })
    const listed = await forkedEdge('key', 'list', '--config', config())
    expect(listed.out).toContain(key.id)
    expect(listed.out).not.toContain(key.key)
    expect((await forkedEdge('key', 'revoke', key.id, '--config', config())).code).toBe(0)
    const { out } = await forkedEdge('key', 'list', '--json', '--config', config())
    expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ id: key.id, revoked_at: expect.any(String) }))
  })

  test('a key for an unknown register is refused', async () => {
    const { code, err } = await forkedEdge('key', 'create', 'register', 'reg_none', '--config', config())
    expect(code).toBe(1)
    expect(err).toMatch(/^fiskal-edge: not_found: /)
  })

  test('devices are listed, asked and tested', async () => {
    const listed = await forkedEdge('device', 'list', '--json', '--config', config())
    expect(JSON.parse(listed.out)).toMatchObject([{ id: 'tse-1', driver: 'tse-simulator', state: 'ready' }])
    for (const act of ['init', 'status', 'self-test', 'set-time']) {
      const { code, out, err } = await forkedEdge('device', act, 'tse-1', '--json', '--config', config())
      expect({ act, code, err }).toEqual({ act, code: 0, err: '' })
      expect(JSON.parse(out)).toMatchObject({ state: 'ready' })
    }
    expect((await forkedEdge('device', 'register-client', 'tse-1', 'till-9', '--config', config())).code).toBe(0)
    const archived = await forkedEdge('device', 'archive', 'tse-1', '--config', config())
    expect([archived.code, archived.err]).toEqual([0, ''])
    expect((await forkedEdge('device', 'status', 'tse-7', '--config', config())).code).toBe(1)
  })

  test('a journal is exported and verifies; with one changed byte it does not', async () => {
    const file = join(dirname(config()), 'journal.ndjson')
    const written = await forkedEdge('export', 'journal', '--out', file, '--config', config())
    expect({ code: written.code, err: written.err }).toEqual({ code: 0, err: '' })
    const good = await forkedEdge('verify', file, '--json')
    expect(JSON.parse(good.out)).toMatchObject([{ kind: 'journal', valid: true, findings: [] }])
    expect(good.code).toBe(0)
    flipByte(file)
    const bad = await forkedEdge('verify', file)
    expect(bad.code).toBe(1)
    expect(bad.out).toMatch(/^✖/)
  })

  test('a part of a journal verifies with --partial as a part of its chain', async () => {
    for (let made = 0; made < 2; made++) await createKey(config())
    const [whole, part] = ['whole.ndjson', 'part.ndjson'].map((name) => join(dirname(config()), name)) as [
      string,
      string,
    ]
    expect((await forkedEdge('export', 'journal', '--out', whole, '--config', config())).code).toBe(0)
    const lines = readFileSync(whole, 'utf8').trimEnd().split('\n')
    const { at } = JSON.parse(String(lines.at(-2))) as { at: string }
    const written = await forkedEdge('export', 'journal', '--from', at, '--out', part, '--config', config())
    expect({ code: written.code, err: written.err }).toEqual({ code: 0, err: '' })
    const refused = await forkedEdge('verify', part)
    expect(refused.code).toBe(1)
    expect(refused.out).toMatch(/\(public_key\): .*--partial/)
    const good = await forkedEdge('verify', '--partial', part, whole, '--json')
    expect(good.code).toBe(0)
    expect(JSON.parse(good.out)).toMatchObject([
      { valid: true, summary: expect.stringContaining('signature is not checked') },
      { valid: true, summary: expect.not.stringContaining('signature is not checked') },
    ])
    flipByte(part)
    expect((await forkedEdge('verify', '--partial', part)).code).toBe(1)
  })

  test('an impossible request is reported with a code and with the remedy, never as an internal error', async () => {
    const folder = dirname(config())
    const refusals: [string[], RegExp][] = [
      [['device', 'resolve', 'tse-1'], /^fiskal-edge: usage: .*--printed NUMBER, or --not-printed/],
      [['device', 'last-document', 'tse-1'], /^fiskal-edge: unprocessable_entity: tse-1 is not a printer/],
      [['audit', '--out', folder], /^fiskal-edge: usage: .* is not empty: name a new folder/],
      [['restore', folder], /^fiskal-edge: path_unusable: .* It is a folder/],
      [['tls', 'init'], /^fiskal-edge: usage: List the names and addresses that tills call in "tls\.names"/],
      [
        ['tls', 'issue', 'reg_0', '--out', folder],
        /^fiskal-edge: usage: List the names and addresses that tills call in "tls\.names"/,
      ],
      [['tls', 'renew'], /^fiskal-edge: usage: List the names and addresses that tills call in "tls\.names"/],
      [
        ['export', 'journal', '--from', '2099-01-01', '--to', '2099-01-02', '--out', join(folder, 'none')],
        /^fiskal-edge: journal_range_empty: /,
      ],
      [
        ['export', 'journal', '--register', 'reg_0', '--out', join(folder, 'none')],
        /^error: unknown option '--register'/,
      ],
    ]
    for (const [args, sentence] of refusals) {
      const { code, err } = await forkedEdge(...args, '--config', config())
      expect([code, err]).toEqual([1, expect.stringMatching(sentence)])
    }
  })

  test('an empty reason, or one too long to be journalled, is asked for again before anything is done', async () => {
    const asked = [
      [' ', 'device', 'retire', 'tse-1', '--yes'],
      ['x'.repeat(81), 'device', 'retire', 'tse-1', '--yes'],
      ['', 'sync', 'dismiss', 'cloud'],
    ]
    for (const [reason = '', ...act] of asked) {
      const { code, err } = await forkedEdge(...act, '--reason', reason, '--config', config())
      expect([code, err]).toEqual([1, expect.stringMatching(/'--reason <text>' .* 1 to \d+ characters are wanted\./)])
    }
  })

  test('the journal verifies and shows its end', async () => {
    for (let made = 0; made < 2; made++) await createKey(config())
    const verified = await forkedEdge('journal', 'verify', '--json', '--config', config())
    expect(JSON.parse(verified.out)).toMatchObject({ valid: true, findings: [] })
    const tail = await forkedEdge('journal', 'tail', '-n', '2', '--config', config())
    const lines = tail.out.trimEnd().split('\n')
    expect(lines).toHaveLength(2)
    const [first, second] = lines.map((line) => (JSON.parse(line) as { seq: number }).seq)
    expect(second).toBe(Number(first) + 1)
  })

  test('the doctor finds nothing wrong', async () => {
    const { code, out } = await forkedEdge('doctor', '--config', config())
    expect(out).not.toContain('✖')
    expect(out).toContain('! tse-1')
    expect(code).toBe(0)
  })
}

describe('without a daemon', () => {
  const config = ownTill()
  commandsWork(() => config)

  test('a fault is refused: it would end with the command', async () => {
    const { code, err } = await forkedEdge('fault', 'tse-1', 'busy@start', '--config', config)
    expect([code, err]).toEqual([1, expect.stringMatching(/^fiskal-edge: usage: .* running agent/)])
  })

  test('only the agent reports waiting events: without it no command claims that there is no target', async () => {
    const target = { id: 'cloud', kind: 'file', folder: dirname(config) }
    const configured = ownConfig(undefined, { sync: { targets: [target] } })
    const { code, err } = await forkedEdge('sync', 'status', '--json', '--config', configured)
    expect([code, err]).toEqual([1, expect.stringMatching(/^fiskal-edge: usage: .* agent has to run/)])
    expect((await forkedEdge('sync', 'status', '--config', config)).code).toBe(0)
  })

  test('the state directory is the owner’s alone', () => {
    expect(statSync(join(dirname(config), 'state')).mode & 0o077).toBe(0)
  })
})

describe('with the daemon', () => {
  let config: string
  let daemon: Daemon
  beforeAll(async () => {
    config = ownTill()
    daemon = await runDaemon(config)
  })
  afterAll(async () => {
    daemon.child.kill('SIGTERM')
    await daemon.ended
  })
  commandsWork(() => config)

  test('a new key is valid at once, a revoked one no longer', async () => {
    const { id, key } = await createKey(config)
    const call = async () =>
      (await fetch(`${daemon.url}/v1/devices`, { headers: { authorization: `Bearer ${key}` } })).status
    expect(await call()).toBe(200)
    await forkedEdge('key', 'revoke', id, '--config', config)
    expect(await call()).toBe(401)
  })

  test('a fault reaches the simulator, bad grammar is reported', async () => {
    expect((await forkedEdge('fault', 'tse-1', 'busy@start', '--config', config)).code).toBe(0)
    const bad = await forkedEdge('fault', 'tse-1', 'nonsense@start', '--config', config)
    expect(bad.code).toBe(1)
    expect(bad.err).toMatch(/^fiskal-edge: \w+: /)
    expect((await forkedEdge('fault', 'tse-1', 'clear', '--config', config)).code).toBe(0)
  })
})

describe('verify', () => {
  const example =
    'V0;AMA-2642;Kassenbeleg-V1;Beleg^4.05_3.00_0.00_0.00_0.00^7.05:Bar;13;44131;2019-11-22T11:29:48.000Z;2019-11-22T11:29:49.000Z;' +
    'ecdsa-plain-SHA384;unixTime;K8zsZ6NjsBzo/Yd3Hba84aH3oT+c4Og5VcfJ7s6Dxz7UmAwtcKmzW16OkS/lm8pDE/37JHoRlYofUTLNF+9bY5Jv7C2P4nuEaHwlVarbiJs3bYlgQmIXQDZnf+8FhfBm;' +
    'BBXNYQErM4d9sk9Iy+0T6A4sdTocijml5X78Gq/At2uXTcs/3bZNNpyuHd+dpmY59yLh0xZcr9osHhkDAxsQumgjmtb3d9GIVnTaPCslEki84P1iHPiHKHfcszeQajPk3A=='

  test('accepts the QR code of DSFinV-K Annex I, given as text and in a file, and no other amount', async () => {
    const file = join(dirname(ownConfig()), 'qr.txt')
    writeFileSync(file, `${example}\n`)
    expect((await forkedEdge('verify', example, file)).code).toBe(0)
    const forged = await forkedEdge('verify', example.replace('7.05:Bar', '7.04:Bar'), '--json')
    expect(forged.code).toBe(1)
    expect(JSON.parse(forged.out)).toMatchObject([{ kind: 'qr', valid: false }])
  })

  test('reports that the logs of a repacked TSE archive are still right', async () => {
    const folder = dirname(ownConfig())
    const file = join(folder, 'packed-anew.tar')
    mkdirSync(join(folder, 'logs'))
    for (const { name, content } of unsortedArchive) writeFileSync(join(folder, 'logs', name), content)
    execFileSync('tar', ['-cf', file, '-C', folder, 'logs'])
    const { code, out } = await forkedEdge('verify', '--filtered', file)
    expect(code).toBe(1)
    expect(out).toContain('only names and wrapping are against the rules')
    flipByte(join(folder, 'logs', 'Unixt_1630765451_Sig-681_Log-Sys_authenticateUser.log'))
    execFileSync('tar', ['-cf', file, '-C', folder, 'logs'])
    expect((await forkedEdge('verify', '--filtered', file)).out).not.toContain('only names and wrapping')
  })

  test('says of a TSE archive without the blocks that end one that it may be cut', async () => {
    const file = join(dirname(ownConfig()), 'cut.tar')
    const entries = unsortedArchive.map(({ name, content }) => tarEntry(name, content, 0))
    writeFileSync(file, Buffer.concat([...entries, tarEnd]))
    expect((await forkedEdge('verify', '--filtered', file)).out).not.toContain('may be cut')
    writeFileSync(file, Buffer.concat(entries.slice(0, -1)))
    expect((await forkedEdge('verify', '--filtered', file)).out).toContain('without an end mark: it may be cut')
  })

  test('says what it cannot read', async () => {
    const { code, out } = await forkedEdge('verify', '/nowhere.tar')
    expect(code).toBe(1)
    expect(out).toContain('ENOENT')
  })
})

describe('the doctor', () => {
  test('fails where the configuration does, and names the key', async () => {
    const { code, out } = await forkedEdge('doctor', '--config', ownConfig([{ id: 'tse-1', driver: 'tse-simulatr' }]))
    expect(code).toBe(1)
    expect(out).toMatch(/✖ configuration +.*agent\.json: devices\[0\]\.driver: .*"tse-simulator"/)
  })

  test('names the configuration that it cannot read, and sends to no other law than that of the shop', async () => {
    const { code, out } = await forkedEdge('doctor', '--config', '/none/agent.json')
    expect(code).toBe(1)
    expect(out).toMatch(/✖ configuration +\/none\/agent\.json: cannot be read \(ENOENT\) → .*kassensichv, rksv/)
  })

  test('names a library that does not exist', async () => {
    const device = { id: 'tse-2', driver: 'tse-swissbit', path: '/media/none', library: '/opt/none/libWormAPI.so' }
    const { code, out } = await forkedEdge('doctor', '--config', ownConfig([device]))
    expect(code).toBe(1)
    expect(out).toContain('/opt/none/libWormAPI.so does not exist')
  })
})
