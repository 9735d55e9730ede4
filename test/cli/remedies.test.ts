import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { readConfig } from '../../agent/agent-config.ts'
import { checkClock } from '../../agent/cli/checks/clock.ts'
import { checkPort } from '../../agent/cli/checks/port.ts'
import { openAgent } from '../../agent/cli/daemon/technician.ts'
import { examine } from '../../agent/cli/doctor.ts'
import { perform } from '../perform.ts'
import { heavy } from '../tags.ts'
import { execFileSync, once } from '../waits.ts'
import type { Ran } from './command.ts'
import { fiskalEdge, fiskalEdgeAt, ownConfig, ownTill, ROOT, removedLater, runDaemon } from './command.ts'

/** The mistakes of a tired person, and the one sentence that each of them ends in. */
function stateOf(config: string): string {
  return join(dirname(config), 'state')
}

async function started(): Promise<string> {
  const config = ownTill()
  const agent = await openAgent(readConfig(config).config)
  await agent.stop()
  return config
}

function refused({ code, err }: Ran): string {
  expect(code).toBe(1)
  // One sentence, with a stable code in front; no stack.
  const lines = err.split('\n').filter((line) => line.startsWith('fiskal-edge: '))
  expect(lines, err).toHaveLength(1)
  expect(err).not.toContain('    at ')
  return String(lines[0])
}

describe('a key that is lost', () => {
  test.each(['checkpoint.key'])(
    '%s: the agent does not start, creates no new one, and prints the remedy',
    heavy(),
    async (key) => {
      const config = await started()
      const state = stateOf(config)
      rmSync(join(state, key))
      expect(refused(await fiskalEdge('run', '--config', config))).toContain(
        `key_lost: ${join(state, key)} is lost: "fiskal-edge journal reopen"`,
      )
      expect(readdirSync(state)).not.toContain(key)
      const doctor = await fiskalEdge('doctor', '--config', config)
      expect([doctor.code, doctor.out]).toEqual([
        1,
        expect.stringMatching(/✖ keys .*checkpoint.key is lost.*fiskal-edge journal reopen/),
      ])
      // No backup was made to move: none is to be destroyed.
      expect(await fiskalEdge('journal', 'reopen', '--config', config)).toMatchObject({
        code: 0,
        out: 'The journal continues here, in a new epoch.\n',
      })
    },
  )

  test('seal.key: as long as something is sealed with it', heavy(), async () => {
    const config = await started()
    const state = stateOf(config)
    rmSync(join(state, 'seal.key'))
    expect((await fiskalEdge('key', 'list', '--config', config)).code).toBe(0)
    writeFileSync(join(state, 'sealed', 'register-1.sealed'), 'x')
    rmSync(join(state, 'seal.key'))
    expect(refused(await fiskalEdge('run', '--config', config))).toMatch(
      /seal.key is lost: bring it back from a backup \(fiskal-edge restore FILE --keys-only\)/,
    )
  })
})

if (process.getuid?.() === 0) {
  describe('a wrong owner of files', () => {
    const OTHER = 12_345

    test('root does not run the daemon on the state of another user', async () => {
      const config = await started()
      chownSync(stateOf(config), OTHER, OTHER)
      expect(refused(await fiskalEdge('run', '--config', config))).toMatch(
        /wrong_user: .* belongs to user 12345, and this is root: systemctl start/,
      )
    })

    test('a file that a command of root makes there belongs to the owner of the directory', heavy(), async () => {
      const config = ownConfig()
      const state = stateOf(config)
      mkdirSync(state, { mode: 0o700 })
      chownSync(state, OTHER, OTHER)
      expect(refused(await fiskalEdge('key', 'list', '--config', config))).toMatch(
        /state_unreachable: .*state belongs to user 12345, who cannot get there/,
      )
      chmodSync(dirname(config), 0o755)
      expect((await fiskalEdge('key', 'create', 'platform', '--config', config)).code).toBe(0)
      const owners = readdirSync(state, { recursive: true, encoding: 'utf8' }).map(
        (name) => statSync(join(state, name)).uid,
      )
      expect(owners.length).toBeGreaterThan(5)
      expect(new Set(owners)).toEqual(new Set([OTHER]))
    })

    test(
      'a file that is not the owner’s is named by the doctor, with the command that gives it back',
      heavy(),
      async () => {
        const config = await started()
        const state = stateOf(config)
        chownSync(state, OTHER, OTHER)
        const { code, out } = await fiskalEdge('doctor', '--json', '--config', config)
        expect(code).toBe(1)
        const { findings } = JSON.parse(out) as { findings: { check: string; remedy?: string }[] }
        expect(findings).toContainEqual(
          expect.objectContaining({ check: 'state', state: 'failure', remedy: `chown -R 12345: ${state}` }),
        )
      },
    )
  })
}

test(
  'a pipe in the state directory is named by the doctor, who does not wait for who would write into it',
  heavy(),
  async () => {
    const config = await started()
    for (const name of ['journal.db', 'checkpoint.key', 'backup.json', 'reserve']) {
      const path = join(stateOf(config), name)
      rmSync(path, { force: true })
      execFileSync('mkfifo', [path])
      const { code, out } = await fiskalEdge('doctor', '--config', config)
      expect([code, out]).toEqual([1, expect.stringContaining(`${path} is a pipe or a device`)])
      expect(out).toContain(`rm ${path}`)
      const bundle = join(dirname(config), `${name}.tar.gz`)
      expect(await fiskalEdge('support', 'bundle', bundle, '--config', config)).toMatchObject({ code: 0, err: '' })
      rmSync(path)
    }
  },
)

describe('a path that is not a state directory', () => {
  test.each([
    ['journal', 'verify'],
    ['journal', 'tail'],
    ['journal', 'rebuild'],
    ['backup', '/nowhere', '--no-secrets'],
  ])('%s %s reports that there is no journal, and where it looked', async (...args) => {
    const config = ownConfig()
    expect(refused(await fiskalEdge(...args, '--config', config))).toContain(
      `journal_missing: There is no journal in ${stateOf(config)}`,
    )
  })

  test('a backup without checkpoint.key reports the lost key and the remedy', heavy(), async () => {
    const config = await started()
    rmSync(join(stateOf(config), 'checkpoint.key'))
    expect(refused(await fiskalEdge('backup', '/nowhere', '--no-secrets', '--config', config))).toContain('key_lost: ')
  })

  test('the doctor reports it and continues with the rest, also if nothing can be written there', heavy(), async () => {
    const config = ownConfig()
    writeFileSync(stateOf(config), 'a file')
    const { code, out, err } = await fiskalEdge('doctor', '--json', '--config', config)
    expect([code, err]).toEqual([1, ''])
    const { findings } = JSON.parse(out) as { findings: { check: string; state: string; remedy?: string }[] }
    expect(findings).toContainEqual(expect.objectContaining({ check: 'state', state: 'failure' }))
    expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['disk speed', 'journal', 'port']))
  })
})

test.each([true, false])(
  'an export that finds a folder at its path leaves nothing next to it, which may hold a key (running: %s)',
  heavy(),
  async (runs) => {
    const config = await started()
    const daemon = runs ? await runDaemon(config) : undefined
    const folder = removedLater(mkdtempSync(join(tmpdir(), 'export-')))
    mkdirSync(join(folder, 'out'))
    expect(refused(await fiskalEdge('export', 'journal', '--out', join(folder, 'out'), '--config', config))).toContain(
      'path_unusable: ',
    )
    expect(readdirSync(folder)).toEqual(['out'])
    daemon?.child.kill('SIGTERM')
    await daemon?.ended
  },
)

test('the doctor names the owner of the state to another user, and guesses nothing', async () => {
  const config = await started()
  const { uid } = statSync(stateOf(config))
  const other = vi.spyOn(process, 'getuid').mockReturnValue(uid + 1)
  const findings = await examine(config).finally(() => other.mockRestore())
  expect(findings.filter(({ state }) => state === 'failure')).toEqual([
    expect.objectContaining({ check: 'state', remedy: expect.stringContaining('fiskal-edge doctor') }),
  ])
  expect(findings.map(({ check }) => check)).not.toContain('port')
})

describe('two agents', () => {
  test('the second is refused with the process that holds the state', heavy(), async () => {
    const config = ownTill()
    const daemon = await runDaemon(config)
    expect(refused(await fiskalEdge('run', '--config', config))).toMatch(
      new RegExp(`state_locked: .* in use by process ${daemon.pid}: stop it`),
    )
    daemon.child.kill('SIGTERM')
    await daemon.ended
  })

  test('one that holds the state and does not answer is named by the doctor, at once', heavy(), async () => {
    const config = await started()
    const daemon = await runDaemon(config)
    rmSync(join(stateOf(config), 'admin.sock'))
    const { code, out } = await fiskalEdge('doctor', '--config', config)
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(new RegExp(`✖ daemon +process ${daemon.pid} .* does not answer → .*restart`)),
    ])
    daemon.child.kill('SIGTERM')
    await daemon.ended
  })
})

test('a port that is taken on either loopback address: the doctor names the process', heavy(), async () => {
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer().listen(0, host)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const config = ownConfig(undefined, { listen: { port } })
    const { code, out } = await fiskalEdge('doctor', '--config', config)
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(new RegExp(`✖ port +localhost:${port} is taken by process ${process.pid} \\(`)),
    ])
    expect(refused(await fiskalEdge('run', '--config', config))).toContain('address_in_use: ')
    // The port of an agent that hangs: advice to change the port would change the address that the tills know.
    expect(await checkPort('listen', { host: 'localhost', port }, { pid: process.pid })).toEqual({
      check: 'port',
      state: 'ok',
      message: `localhost:${port} is held by the agent (process ${process.pid})`,
    })
    server.close()
  }
})

/** Runs commands in a separate namespace, after that mount. */
function onDisk(mount: string): (...args: string[]) => Promise<Ran> {
  const program = [process.execPath, join(ROOT, 'bin/fiskal-edge.cjs')]
  return async (...args) => {
    const { code, out, err } = await perform('unshare', [
      ...['-rm', 'sh', '-c', `${mount} && exec "$@"`, 'sh'],
      ...program,
      ...args,
    ])
    return { code, out, err }
  }
}

test('a full disk: the doctor reports it, and a command that runs into it names the remedy', heavy(), async () => {
  const config = await started()
  // A disk of 256 KiB, over the state directory.
  const there = onDisk(`mount -t tmpfs -o size=256k small ${stateOf(config)}`)
  const { out } = await there('doctor', '--config', config)
  expect(out).toMatch(/✖ disk space +0 MiB free → free some/)
  // The end of the list has every failure again, and nothing else.
  const [list = '', end = ''] = out.split('\nTo fix:\n')
  expect(end).toMatch(/^(✖ .*\n)+$/)
  expect(end.split('\n').filter((line) => !list.includes(line))).toEqual([])
  expect(end).toContain('✖ disk space')
  expect(refused(await there('run', '--config', config))).toMatch(/storage_unavailable|state_unwritable/)
})

test('a disk that refuses writes: doctor and start say what to look at', heavy(), async () => {
  const config = await started()
  const there = onDisk(`mount -t tmpfs -o ro small ${stateOf(config)}`)
  expect((await there('doctor', '--config', config)).out).toMatch(/✖ disk speed +cannot be written .*fsck/)
  expect(refused(await there('run', '--config', config))).toMatch(
    /state_unwritable: .*read-only|storage_unavailable: EROFS.*restore the last backup/,
  )
})

test(
  'a journal on a disk that is mounted read-only is still proven and backed up, with the events in its log',
  heavy(),
  async () => {
    const config = ownTill()
    const daemon = await runDaemon(config)
    expect((await fiskalEdge('key', 'create', 'platform', '--config', config)).code).toBe(0)
    daemon.child.kill('SIGKILL')
    await daemon.ended
    const state = stateOf(config)
    const head = (await fiskalEdge('journal', 'tail', '-n', '1', '--config', config)).out
    const file = join(dirname(config), 'rescue.backup')
    const there = onDisk(`mount --bind ${state} ${state} && mount -o remount,bind,ro ${state}`)
    // Unless the index of the log is readable.
    rmSync(join(state, 'journal.db-shm'), { force: true })
    expect(await there('journal', 'tail', '-n', '1', '--config', config)).toEqual({ code: 0, out: head, err: '' })
    expect((await there('journal', 'verify', '--config', config)).out).toMatch(/^✔ \d+ events/)
    expect((await there('doctor', '--config', config)).out).toMatch(
      /✖ journal +storage_unavailable: The disk of .* is mounted read-only\. "fiskal-edge journal verify" and/,
    )
    expect(await there('backup', file, '--no-secrets', '--config', config)).toMatchObject({ code: 0, err: '' })
    expect((await fiskalEdge('verify', file)).code).toBe(0)
  },
)

describe('a wrong clock', () => {
  const nowMs = Date.parse('2026-11-20T20:00:00Z')

  test('is one before this program was written, or before the newest event', () => {
    expect(checkClock(0, undefined)).toMatchObject({
      state: 'failure',
      message: expect.stringContaining('has lost its time'),
    })
    expect(checkClock(nowMs, nowMs + 3_600_000)).toMatchObject({
      state: 'failure',
      remedy: expect.stringContaining('timedatectl'),
    })
    expect(checkClock(nowMs, nowMs + 1000).state).toBe('ok')
  })

  test('is reported with the remedy next to everything else', heavy(), async () => {
    const config = await started()
    const { out } = await fiskalEdgeAt('2001-01-01 00:00:00', 'doctor', '--config', config)
    expect(out).toMatch(/✖ clock +2001-01-01.* has lost its time → set it: timedatectl/)
  })
})
