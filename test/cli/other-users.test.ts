import { spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { handedOver } from '../../agent/cli/owner/hand-over.ts'
import { withStateTasks } from '../../agent/cli/owner/state-tasks.ts'
import { GERMAN_LOCATION, GERMAN_MERCHANT } from '../e2e/bench.ts'
import { Client } from '../e2e/client.ts'
import { otherDisk } from '../other-disk.ts'
import { heavy } from '../tags.ts'
import { execFileSync, looked, once, spawnSync } from '../waits.ts'
import { BIN, forkedEdge as fiskalEdge, ownConfig, removedLater, runDaemon } from './command.ts'
import { NOBODY, stateOfAnother } from './other-owner.ts'

const TLS = { names: ['till.shop.test'] }

/** A file of another user, for all to read and write, and held open: a second name shows what is written to it. */
function planted(file: string): string {
  writeFileSync(file, '')
  chmodSync(file, 0o666)
  linkSync(file, `${file}.held`)
  return `${file}.held`
}

test(
  'keys and bundles are written into new files, not through a link that another user prepared',
  heavy(),
  async () => {
    const config = ownConfig()
    const out = join(dirname(config), 'out')
    mkdirSync(out)
    const daemon = await runDaemon(config)
    const { key } = JSON.parse((await fiskalEdge('key', 'create', 'platform', '--json', '--config', config)).out)
    const office = new Client(() => daemon.url, { Authorization: `Bearer ${key}` })
    await office.post('/v1/merchants', GERMAN_MERCHANT)
    const { id: location_id } = await office.post('/v1/locations', GERMAN_LOCATION)
    const { id } = await office.post('/v1/registers', { location_id, name: 'till' })
    const [terminal, bundle] = [join(out, `${id}.key`), join(out, 'bundle.tar.gz')]
    const held = [planted(terminal), planted(bundle)]
    const victim = join(dirname(config), 'victim')
    for (const link of ['ca.crt', 'authority.crt']) symlinkSync(victim, join(out, link))
    writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), tls: TLS }))
    const ran = [
      await fiskalEdge('tls', 'issue', String(id), '--out', out, '--config', config),
      await fiskalEdge('tls', 'init', '--out', join(out, 'authority.crt'), '--config', config),
      await fiskalEdge('support', 'bundle', bundle, '--config', config),
    ]
    daemon.child.kill('SIGTERM')
    await daemon.ended
    expect(ran.map(({ code, err }) => [code, err])).toEqual(Array.from({ length: 3 }, () => [0, '']))
    expect(readFileSync(terminal, 'utf8')).toContain('PRIVATE KEY')
    for (const file of [terminal, bundle]) expect(statSync(file).mode & 0o777).toBe(0o600)
    for (const file of held) expect(readFileSync(file, 'utf8')).toBe('')
    expect(existsSync(victim)).toBe(false)
  },
)

test('a file that the daemon writes to another disk is a new file', async () => {
  const state = removedLater(mkdtempSync(join(dirname(ownConfig()), 'state-')))
  mkdirSync(join(state, 'exports'))
  const out = removedLater(mkdtempSync(join(otherDisk(), 'out-')))
  const [file, victim] = [join(out, 'material.zip'), join(out, 'victim')]
  const write = async (path: string): Promise<void> => writeFileSync(path, 'AES key', { mode: 0o600 })
  const next = (made: number): string => `${file}.${process.pid}-${made}.tmp`
  for (let index = 1; index < 20; index += 1) symlinkSync(victim, next(index))
  await handedOver(state, file, write)
  expect([readFileSync(file, 'utf8'), existsSync(victim)]).toEqual(['AES key', false])
  for (let index = 1; index < 20; index += 1) rmSync(next(index), { force: true })
  const held = Array.from({ length: 20 }, (_, made) => planted(next(made)))
  await handedOver(state, file, write)
  for (const one of held) expect(readFileSync(one, 'utf8')).toBe('')
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('an export is written to a stick that is mounted for the user of the desktop', heavy(), async () => {
  const config = ownConfig()
  const out = removedLater(mkdtempSync(join(otherDisk(), 'out-')))
  const library = join(out, 'foreign-files.so')
  const source = join(import.meta.dirname, '../backup/foreign-files.c')
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, source])
  const daemon = await runDaemon(config)
  const file = join(out, 'journal.ndjson')
  const args = [BIN, 'export', 'journal', '--out', file, '--config', config]
  const stick = { ...process.env, LD_PRELOAD: library }
  const { status, stderr } = spawnSync(process.execPath, args, { env: stick, encoding: 'utf8' })
  daemon.child.kill('SIGTERM')
  await daemon.ended
  expect([status, stderr]).toEqual([0, ''])
  expect(statSync(file).size).toBeGreaterThan(0)
})

test('two exports into the same file at once each write it completely, and the rest of a killed one is removed', async () => {
  const state = removedLater(mkdtempSync(join(dirname(ownConfig()), 'state-')))
  mkdirSync(join(state, 'exports'))
  for (const out of [join(state, 'out'), removedLater(mkdtempSync(join(otherDisk(), 'out-')))]) {
    mkdirSync(out, { recursive: true })
    const file = join(out, 'books.zip')
    const dead = spawnSync(process.execPath, ['--version']).pid
    const others = [`${file}.1-1.tmp`, `${file}.old.tmp`, join(out, `other.zip.${dead}-1.tmp`)]
    for (const path of [...others, `${file}.${dead}-7.tmp`]) writeFileSync(path, 'half')
    const contents = ['a', 'b', 'c'].map((letter) => letter.repeat(3 << 20))
    await Promise.all(contents.map((text) => handedOver(state, file, async (made) => writeFileSync(made, text))))
    expect(contents.includes(readFileSync(file, 'utf8'))).toBe(true)
    expect(readdirSync(out).sort()).toEqual([file, ...others].map((path) => basename(path)).sort())
  }
})

test('a link at the path of a file that the daemon wrote is not taken as that file', async () => {
  const state = removedLater(mkdtempSync(join(dirname(ownConfig()), 'state-')))
  mkdirSync(join(state, 'exports'))
  const secret = join(state, 'secret')
  writeFileSync(secret, 'of another')
  for (const out of [join(state, 'out'), removedLater(mkdtempSync(join(otherDisk(), 'out-')))]) {
    mkdirSync(out, { recursive: true })
    for (const link of [symlinkSync, linkSync]) {
      const taken = handedOver(state, join(out, 'books'), async (made) => link(secret, made))
      await expect(taken).rejects.toMatchObject({ code: 'not_the_file' })
    }
    expect(readdirSync(out)).toEqual([])
  }
  expect([readFileSync(secret, 'utf8'), readdirSync(join(state, 'exports'))]).toEqual(['of another', []])
})

test('the SQLite store of a receiver is its owner’s alone, in a folder that all may read too', heavy(), async () => {
  const folder = dirname(ownConfig())
  chmodSync(folder, 0o755)
  const config = join(folder, 'receiver.json')
  writeFileSync(config, JSON.stringify({ version: 1, store: { kind: 'sqlite', file: 'receiver.db' } }))
  const issue = async (): Promise<number> => {
    expect((await fiskalEdge('receiver', 'token', 'office', '--config', config)).code).toBe(0)
    return statSync(join(folder, 'receiver.db')).mode & 0o777
  }
  expect(await issue()).toBe(0o600)
  // As an earlier version has made it.
  chmodSync(join(folder, 'receiver.db'), 0o644)
  expect(await issue()).toBe(0o640)
})

// Only root can give a file away.
if (process.getuid?.() === 0) {
  const notHis = (state: string): string[] =>
    readdirSync(state, { recursive: true, encoding: 'utf8' }).filter(
      (name) => lstatSync(join(state, name)).uid !== NOBODY,
    )

  test(
    'a command of root in a state of another user runs as that user, and its result belongs to root',
    heavy(),
    async () => {
      const { config, state, secret } = stateOfAnother()
      const out = join(dirname(secret), 'journal.ndjson')
      const created = await fiskalEdge('key', 'create', 'platform', '--json', '--config', config)
      const revoked = await fiskalEdge('key', 'revoke', JSON.parse(created.out).id, '--config', config)
      const range = ['--from', '2020-01-01', '--to', '2040-01-01']
      const ran = [
        created,
        revoked,
        await fiskalEdge('device', 'self-test', 'tse-1', '--config', config),
        await fiskalEdge('export', 'journal', ...range, '--out', out, '--config', config),
        await fiskalEdge('journal', 'rebuild', '--config', config),
        await fiskalEdge('journal', 'verify', '--config', config),
      ]
      expect(ran.map(({ code, err }) => [code, err])).toEqual(ran.map(() => [0, '']))
      expect(notHis(state)).toEqual([])
      expect([statSync(out).uid, statSync(out).mode & 0o777]).toEqual([0, 0o600])
      const failed = await fiskalEdge('key', 'revoke', 'none', '--config', config)
      expect([failed.code, failed.err]).toEqual([1, expect.stringContaining('fiskal-edge: not_found: ')])
    },
  )

  test('no link that the owner of a state has put there leads root anywhere', heavy(), async () => {
    const { config, state, secret } = stateOfAnother()
    symlinkSync(dirname(secret), join(state, 'devices'))
    const { code, err } = await fiskalEdge('key', 'list', '--config', config)
    expect([code, err]).toEqual([1, expect.stringContaining('permission_denied')])
    expect(readFileSync(secret, 'utf8')).toBe('of root')
    rmSync(state, { recursive: true })
    symlinkSync(dirname(secret), state)
    lchownSync(state, NOBODY, NOBODY)
    expect((await fiskalEdge('journal', 'tail', '--config', config)).code).toBe(1)
    expect((await fiskalEdge('key', 'list', '--config', config)).code).toBe(1)
    expect(readdirSync(dirname(secret))).toEqual(['secret'])
  })

  test(
    'the process of the owner ends with the command of root; if it would wait endlessly nothing is begun',
    heavy(),
    async () => {
      const { config, state } = stateOfAnother()
      const command = spawn(process.execPath, [BIN, 'key', 'list', '--config', config], { stdio: 'ignore' })
      const ended = once(command, 'close')
      const owned = await looked(() => {
        const children = readFileSync(`/proc/${command.pid}/task/${command.pid}/children`, 'utf8').split(' ')
        return children.find(
          (pid) => pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('owned-process'),
        )
      })
      expect(owned).toBeDefined()
      command.kill('SIGKILL')
      await ended
      await expect.poll(() => existsSync(`/proc/${owned}`)).toBe(false)
      const pipe = join(state, 'journal.version')
      rmSync(pipe, { force: true })
      execFileSync('mkfifo', [pipe])
      for (const args of [
        ['key', 'list'],
        ['journal', 'rebuild'],
      ]) {
        const { code, err } = await fiskalEdge(...args, '--config', config)
        expect([code, err]).toEqual([1, expect.stringContaining(`state_obstructed: ${pipe} is a pipe`)])
      }
    },
  )

  test(
    'root restores a private backup as the owner of the state, who creates nothing elsewhere for root',
    heavy(),
    async () => {
      const { config, state, secret } = stateOfAnother()
      const roots = dirname(secret)
      const [backup, pass, tail] = [join(roots, 'shop.backup'), join(roots, 'pass'), join(roots, 'tail.ndjson')]
      writeFileSync(pass, 'Brötchen um sieben\n', { mode: 0o600 })
      const secrets = ['--passphrase-file', pass]
      await fiskalEdge('key', 'create', 'platform', '--config', config)
      expect(await fiskalEdge('backup', backup, ...secrets, '--config', config)).toMatchObject({ code: 0, err: '' })
      await fiskalEdge('key', 'create', 'platform', '--config', config)
      const range = ['--from', '2020-01-01', '--to', '2040-01-01']
      await fiskalEdge('export', 'journal', ...range, '--out', tail, '--config', config)
      chmodSync(backup, 0o600)
      const emptied = (): void => {
        rmSync(state, { recursive: true })
        mkdirSync(state, { mode: 0o700 })
        chownSync(state, NOBODY, NOBODY)
      }
      emptied()
      const before = readdirSync(roots)
      symlinkSync(join(roots, 'made'), join(state, 'lock.db'))
      expect((await fiskalEdge('restore', backup, ...secrets, '--config', config)).code).toBe(1)
      // Root itself opens the list of restores next to the backup, before it becomes the owner.
      expect(readdirSync(roots)).toEqual([...before, 'shop.backup.restored'].sort())
      emptied()
      // The user's link is not followed for him; root's own link is.
      const [his, own] = [join(dirname(config), 'his'), join(dirname(config), 'own')]
      for (const link of [his, own]) symlinkSync(roots, link)
      lchownSync(his, NOBODY, NOBODY)
      const led = await fiskalEdge('restore', join(his, 'shop.backup'), ...secrets, '--config', config)
      expect([led.code, led.err]).toEqual([1, expect.stringContaining('permission_denied')])
      symlinkSync(backup, join(roots, 'newest'))
      const restored = await fiskalEdge(
        'restore',
        join(own, 'newest'),
        '--tail',
        tail,
        ...secrets,
        '--json',
        '--config',
        config,
      )
      expect([restored.code, restored.err]).toEqual([0, ''])
      expect(JSON.parse(restored.out)).toMatchObject({ secrets: true, filled: expect.any(Number) })
      expect(JSON.parse((await fiskalEdge('key', 'list', '--json', '--config', config)).out)).toHaveLength(2)
      expect(notHis(state)).toEqual([])
      expect(readdirSync(state).filter((name) => name.startsWith('restore'))).toEqual([])
    },
  )

  test(
    'a backup that root makes of a state of another user removes and leaves nothing for that user',
    heavy(),
    async () => {
      const { config, state, secret } = stateOfAnother()
      await fiskalEdge('key', 'create', 'platform', '--config', config)
      // A file of root's, named as one that a killed backup has left.
      utimesSync(secret, 0, 0)
      const { ino, birthtimeMs } = statSync(secret, { bigint: true })
      const record = { path: secret, inode: String(ino), bornMs: Number(birthtimeMs) }
      const note = join(state, 'backup-unfinished-0123456789abcdef.json')
      writeFileSync(note, JSON.stringify(record))
      chownSync(note, NOBODY, NOBODY)
      for (const more of [[], ['--final']]) {
        const file = join(dirname(secret), `shop.backup${more.join('')}`)
        const answer = await fiskalEdge('backup', file, '--no-secrets', ...more, '--config', config)
        expect([answer.code, answer.err, statSync(file).uid, statSync(file).mode & 0o777]).toEqual([0, '', 0, 0o600])
        expect(readFileSync(secret, 'utf8')).toBe('of root')
        expect(notHis(state)).toEqual([])
      }
    },
  )

  test('the owner of the state, and not root, has to be able to write in the folder of backups', heavy(), async () => {
    const { state, secret } = stateOfAnother()
    const faultOf = (folder: string | undefined) => withStateTasks(state, (tasks) => tasks.backupFolderFault(folder))
    expect(await faultOf(dirname(secret))).toBe('EACCES')
    expect(await faultOf(join(dirname(state), 'not-there'))).toBe('ENOENT')
    expect(await faultOf(state)).toBe(undefined)
    expect(await faultOf(undefined)).toBe(undefined)
  })

  test('the authority of a shop is made by the owner of the state', heavy(), async () => {
    const { config, state, secret } = stateOfAnother({ tls: TLS })
    const [tls, sealed] = [join(state, 'tls'), join(state, 'sealed')]
    for (const folder of [tls, sealed]) {
      mkdirSync(folder)
      chownSync(folder, NOBODY, NOBODY)
    }
    for (const link of [join(sealed, 'tls-authority.sealed.tmp'), join(tls, 'ca.crt.tmp')]) {
      symlinkSync(secret, link)
      expect((await fiskalEdge('tls', 'init', '--config', config)).code).toBe(1)
      expect(readFileSync(secret, 'utf8')).toBe('of root')
      rmSync(link)
    }
    const out = join(dirname(secret), 'ca.crt')
    expect(await fiskalEdge('tls', 'init', '--out', out, '--config', config)).toMatchObject({ code: 0, err: '' })
    expect([statSync(out).uid, readFileSync(out, 'utf8')]).toEqual([0, readFileSync(join(tls, 'ca.crt'), 'utf8')])
    expect(notHis(state)).toEqual([])
  })
}
