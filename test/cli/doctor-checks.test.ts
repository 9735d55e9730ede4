import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../agent/agent-config.ts'
import { lastBackup } from '../../agent/backup/last.ts'
import { checkBackup, checkWritable } from '../../agent/cli/checks/backup.ts'
import { deviceFindings } from '../../agent/cli/checks/devices.ts'
import { checkJournal } from '../../agent/cli/checks/journal.ts'
import { checkJournalLock } from '../../agent/cli/checks/journal-lock.ts'
import { checkService } from '../../agent/cli/checks/service.ts'
import { checkState } from '../../agent/cli/checks/state.ts'
import { taskFindings } from '../../agent/cli/checks/tasks.ts'
import { checkTimeSource } from '../../agent/cli/checks/time-source.ts'
import type { Technician } from '../../agent/cli/daemon/admin-client.ts'
import { SCHEMA } from '../../agent/journal/migrations.ts'
import type { ListedDuty } from '../../agent/till/reading/listed-duties.ts'
import { writingProgram } from '../journal/other-program.ts'
import { appendNote, openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge, ownConfig, ownTill, removedLater, runDaemon } from './command.ts'

describe('the time source of the clock', () => {
  /** A machine on which these programs answer so. */
  function machine(programs: { [name: string]: string }): NodeJS.ProcessEnv {
    const folder = removedLater(mkdtempSync(join(tmpdir(), 'remedies-')))
    for (const [name, answer] of Object.entries(programs))
      writeFileSync(join(folder, name), `#!/bin/sh\n${answer}\n`, { mode: 0o755 })
    return { PATH: folder }
  }

  test.each([
    ['the kernel says that it is right', { timedatectl: 'echo NTP=yes; echo NTPSynchronized=yes' }, 'ok', ''],
    ['nobody sets it', { timedatectl: 'echo NTP=no; echo NTPSynchronized=no' }, 'warning', 'timedatectl set-ntp true'],
    ['no server answers', { timedatectl: 'echo NTP=yes; echo NTPSynchronized=no' }, 'warning', 'let UDP 123 out'],
    ['chrony has a server', { chronyc: 'echo A1B2C3D4,10.0.0.1,3,0.1,0.1,Normal' }, 'ok', ''],
    ['chrony has none', { chronyc: 'echo 7F7F0101,,0,0.0,0.0,Not synchronised' }, 'warning', 'let UDP 123 out'],
    ['no program can tell', { timedatectl: 'echo "no bus" >&2; exit 1' }, 'warning', 'in a container check the clock'],
    ['no program is installed', {}, 'warning', 'install systemd-timesyncd or chrony'],
  ])('%s', async (_name, programs, state, remedy) => {
    const finding = await checkTimeSource(machine(programs))
    expect([finding.state, finding.remedy ?? '']).toEqual([state, expect.stringContaining(remedy)])
  })
})

test('a journal without a shop is cautioned about: that of a shop may be on an unmounted disk', async () => {
  const state = await temporaryDirectory()
  const journal = await openJournal(state)
  const journalFinding = async () => (await checkJournal(state, Date.now())).find(({ check }) => check === 'journal')
  expect(await journalFinding()).toMatchObject({
    state: 'warning',
    remedy: expect.stringContaining('its disk is not mounted'),
  })
  await appendNote(journal, 'a shop')
  await journal.commit('intent', () => ({
    events: [{ kind: 'merchant.created', op: 'merchant_1', body: {} }],
    result: undefined,
  }))
  expect(await journalFinding()).toEqual({ check: 'journal', state: 'ok', message: 'chain holds from seq 1 to 3' })
  await journal.close()
})

test('a journal that a later version wrote asks for that version, and not who changed it', async () => {
  const state = await temporaryDirectory()
  const journal = await openJournal(state)
  const facts = { version: '90.0.0', schema: SCHEMA, oldest_safe_version: '0.1.0' }
  await journal.commit('intent', () => ({
    events: [{ kind: 'program.changed', op: 'program', body: { facts } }],
    result: undefined,
  }))
  await journal.close()
  const finding = (await checkJournal(state, Date.now())).find(({ check }) => check === 'journal')
  expect(finding).toMatchObject({ state: 'failure', message: expect.stringContaining('by fiskal-edge 90.0.0') })
  expect(finding?.remedy).toMatch(/^Install that version again and verify with it\. If it was never here, /)
})

test('doctor names the program that holds the journal, and no program that is done within a second', async () => {
  const state = await temporaryDirectory()
  const journal = await openJournal(state)
  expect(await checkJournalLock(state, 10)).toEqual([])
  const program = await writingProgram(state)
  expect(await checkJournalLock(state, 10)).toMatchObject([
    { check: 'journal lock', state: 'failure', message: expect.stringContaining(`process ${program.pid} (node`) },
  ])
  const looking = checkJournalLock(state)
  await program.says('ROLLBACK')
  expect(await looking).toEqual([])
  await program.says('BEGIN', 'SELECT max(seq) FROM event')
  expect(await checkJournalLock(state, 10)).toEqual([])
  await program.kill()
  await journal.close()
})

test('the command doctor of a held journal says who holds it, with and without an agent', heavy(), async () => {
  const config = ownTill()
  const held = async () => {
    const { out, code } = await fiskalEdge('doctor', '--json', '--config', config)
    const { findings } = JSON.parse(out) as { findings: { check: string; message: string }[] }
    return { code, findings }
  }
  const daemon = await runDaemon(config)
  const program = await writingProgram(join(dirname(config), 'state'))
  const named = expect.objectContaining({
    check: 'journal lock',
    message: expect.stringContaining(`process ${program.pid} (`),
  })
  expect(await held()).toMatchObject({ code: 1, findings: expect.arrayContaining([named]) })
  daemon.child.kill('SIGTERM')
  await daemon.ended
  expect(await held()).toMatchObject({ code: 1, findings: expect.arrayContaining([named]) })
  await program.kill()
})

test('a damaged journal is reported with its remedy, not only with the command that names the damage', async () => {
  const state = await temporaryDirectory()
  const journal = await openJournal(state)
  await appendNote(journal, 'a bun and a tea')
  await journal.close()
  const file = join(state, 'journal.db')
  const bytes = readFileSync(file)
  bytes[bytes.indexOf('a bun')] = 0x41
  writeFileSync(file, bytes)
  const finding = (await checkJournal(state, Date.now())).find(({ check }) => check === 'journal')
  expect(finding).toMatchObject({ state: 'failure', message: expect.stringContaining('broken at seq 2') })
  expect(finding?.remedy).toMatch(/journal verify .*keep the disk .*fiskal-edge restore FILE/)
})

test('so is one that is not a database any longer; an empty one is lost, not new', async () => {
  const state = await temporaryDirectory()
  await (await openJournal(state)).close()
  const journalFinding = async () => (await checkJournal(state, Date.now())).find(({ check }) => check === 'journal')
  writeFileSync(join(state, 'journal.db'), Buffer.alloc(65_536, 0x5a))
  expect(await journalFinding()).toMatchObject({
    state: 'failure',
    message: expect.stringContaining('SQLITE_NOTADB'),
    remedy: expect.stringContaining('fiskal-edge restore FILE'),
  })
  writeFileSync(join(state, 'journal.db'), '')
  expect(await journalFinding()).toMatchObject({
    state: 'failure',
    message: 'is missing or empty, or its log (journal.db-wal) is, and this shop has sold',
  })
})

describe('a backup', () => {
  const nowMs = Date.parse('2026-11-20T20:00:00Z')

  test('that was never made, is too old or whose file was removed, is missed', () => {
    const state = removedLater(mkdtempSync(join(tmpdir(), 'remedies-')))
    const config = { state, backup: readConfig(ownConfig()).config.backup }
    const checked = (atMs: number) => checkBackup(config, lastBackup(state), atMs)
    expect(checked(nowMs).state).toBe('ok')
    writeFileSync(join(state, 'journal.db'), '')
    expect(checked(nowMs)).toMatchObject({ state: 'warning', message: 'none yet' })
    const last = {
      file: join(removedLater(mkdtempSync(join(tmpdir(), 'backup-'))), 'a.backup'),
      created_at: '2026-11-20T10:00:00.000Z',
      events: 5,
      secrets: true,
      moved: false,
    }
    writeFileSync(join(state, 'backup.json'), JSON.stringify(last))
    expect(checked(nowMs).message).toContain('not here now')
    writeFileSync(last.file, '')
    expect(checked(nowMs).state).toBe('ok')
    expect(checked(nowMs + 72 * 3_600_000).remedy).toContain('fiskal-edge backup FILE')
    expect(checked(nowMs - 72 * 3_600_000).message).toContain('has not come yet')
  })

  test('without a folder to go to is reported before the next one is missed', () => {
    const folder = removedLater(mkdtempSync(join(tmpdir(), 'stick-')))
    const file = ownConfig(undefined, { backup: { folder } })
    const { state, backup } = readConfig(file).config
    mkdirSync(state)
    writeFileSync(join(state, 'journal.db'), '')
    const created_at = '2026-11-20T10:00:00.000Z'
    const made = { agent: '1', bytes: 9, sha256: '00' }
    const last = { ...made, file: join(folder, 'a.backup'), created_at, events: 5, secrets: true, moved: false }
    writeFileSync(last.file, '')
    expect(checkBackup({ state, backup }, last, nowMs).state).toBe('ok')
    rmSync(folder, { recursive: true })
    for (const known of [last, undefined])
      expect(checkBackup({ state, backup }, known, nowMs)).toMatchObject({
        state: 'warning',
        message: expect.stringContaining(`${folder} does not exist`),
        remedy: expect.stringContaining('"folder" of "backup"'),
      })
    const none = { ...backup, keep: { ...backup.keep, daily: 0 } }
    expect(checkBackup({ state, backup: none }, undefined, nowMs).message).toBe('none yet')
  })
})

test('a folder of backups in which the agent may not write is a failure; one that is missing has its own line', () => {
  const { backup } = readConfig(ownConfig(undefined, { backup: { folder: '/media/stick' } })).config
  expect(checkWritable({ backup }, undefined, 'EACCES')).toMatchObject([
    { check: 'backup', state: 'failure', message: 'the agent may not write in /media/stick (EACCES)' },
  ])
  expect(checkWritable({ backup }, undefined, 'EROFS')).toHaveLength(1)
  const none = { backup: { ...backup, keep: { ...backup.keep, daily: 0 } } }
  for (const fine of [
    checkWritable({ backup }, undefined, undefined),
    checkWritable({ backup }, undefined, 'ENOENT'),
    checkWritable(none, undefined, 'EACCES'),
  ])
    expect(fine).toEqual([])
})

test('the folder that a file system makes in its root is not a file of a wrong owner', () => {
  const state = removedLater(mkdtempSync(join(tmpdir(), 'own-disk-')))
  mkdirSync(join(state, 'lost+found'))
  const isRoot = process.getuid?.() === 0
  if (isRoot) {
    chownSync(state, 12_345, 12_345)
  } else chmodSync(join(state, 'lost+found'), 0)
  expect(checkState(state)).toMatchObject([{ state: 'ok' }])
  if (!isRoot) return
  mkdirSync(join(state, 'archives'))
  expect(checkState(state)).toMatchObject([
    { state: 'failure', message: expect.stringContaining('archives belongs to') },
  ])
})

test('the line of the tasks counts what the list shows', async () => {
  const duty = { open: true, way: 'manual', state: 'due', waits_for: null, due: '2026-12-01' }
  const listed = (...members: readonly object[]) =>
    taskFindings(
      {
        listDuties: async () =>
          members.map(
            (one, index) => ({ ...duty, id: `d${index}`, title: `T${index}`, ...one }) as unknown as ListedDuty,
          ),
        installation: async () => ({}),
      },
      Date.parse('2026-11-25T10:00:00Z'),
    )
  const automatic = { way: 'automatic', waits_for: { kind: 'date', id: null } }
  expect(await listed(automatic, { open: false })).toMatchObject([{ check: 'duties', state: 'ok' }])
  expect(await listed(automatic, {}, { due: '2026-11-24' })).toMatchObject([
    { check: 'duty', message: 'T2: was due 2026-11-24' },
    { check: 'duties', message: '1 open, the next until 2026-12-01: T1' },
  ])
})

test('a unit that was edited, and one that does not know its configuration', heavy(), async () => {
  const root = removedLater(mkdtempSync(join(tmpdir(), 'remedies-')))
  expect((await fiskalEdge('service', 'install', '--root', root)).code).toBe(0)
  const file = join(root, 'etc/fiskal-edge/agent.json')
  const examine = () => checkService(readConfig(file).config, file, { root })
  expect(examine()).toMatchObject([{ check: 'service', state: 'ok' }])
  const unit = join(root, 'etc/systemd/system/fiskal-edge.service')
  writeFileSync(unit, readFileSync(unit, 'utf8').replace('User=fiskal-edge', 'User=root'))
  expect(examine()).toMatchObject([
    {
      state: 'warning',
      message: expect.stringContaining('User=root'),
      remedy: expect.stringContaining('systemctl edit'),
    },
  ])
  expect((await fiskalEdge('service', 'install', '--root', root)).code).toBe(0)
  writeFileSync(file, readFileSync(file, 'utf8').replace('/var/lib/fiskal-edge', '/data/edge'))
  expect(examine()).toMatchObject([{ state: 'warning', remedy: 'fiskal-edge service install' }])
})

const NOTHING_ELSE = { deviceAct: async () => null, installation: async () => ({ registers: [] }) }

test('the remedy of a device is printed once', async () => {
  const config = readConfig(ownConfig()).config
  const warnings = [{ code: 'device_pin_wrong', message: 'the PIN was refused' }]
  const devices = async () => [{ id: 'tse-1', driver: 'tse-simulator', state: 'down', warnings }]
  const technician = { devices, ...NOTHING_ELSE } as unknown as Technician
  expect((await deviceFindings(technician, config)).map(({ remedy }) => remedy)).toEqual([
    'Correct the PIN file; then fiskal-edge device status tse-1.',
  ])
})

test('the automatic retry of a device is printed once, whatever is wrong with it', async () => {
  const config = readConfig(ownConfig()).config
  const warnings = [
    { code: 'device_unavailable', message: 'no answer' },
    { code: 'card_outage', message: 'signatures are missing' },
  ]
  const devices = async () => [{ id: 'card-1', driver: 'card-simulator', state: 'down', warnings }]
  const technician = { devices, ...NOTHING_ELSE } as unknown as Technician
  const [finding] = await deviceFindings(technician, config)
  expect(finding?.remedy?.split('The agent retries automatically')).toHaveLength(2)
})

test("no line of the doctor refers to the doctor: a refusal in the device's own words has a remedy too", async () => {
  const config = readConfig(ownConfig()).config
  const warnings = [{ code: 'busy', message: 'the unit takes no command now' }]
  const devices = async () => [{ id: 'tse-1', driver: 'tse-simulator', state: 'down', warnings }]
  const technician = { devices, ...NOTHING_ELSE } as unknown as Technician
  const [finding] = await deviceFindings(technician, config)
  expect(finding?.remedy).not.toContain('doctor')
  expect(finding?.remedy).toMatch(/support bundle .*fiskal-edge device status tse-1$/)
})

test('a token that is not found may have another name: the doctor does not only ask for its cable', async () => {
  const config = readConfig(ownConfig()).config
  const warnings = [
    { code: 'device_unavailable', message: 'no token "edge" is plugged in; there are "kasse" (serial number 1)' },
  ]
  const devices = async () => [{ id: 'card-1', driver: 'card-pkcs11', state: 'down', warnings }]
  const technician = { devices, ...NOTHING_ELSE } as unknown as Technician
  const [finding] = await deviceFindings(technician, config)
  expect(finding?.message).toContain('"kasse"')
  expect(finding?.remedy).toMatch(/"token" .*in the configuration.*fiskal-edge device status card-1$/)
})

test('the remedy of a SoftHSM that is down names the group of its files, and that of another module does not', async () => {
  const { config } = readConfig(ownConfig())
  const warnings = [{ code: 'device_unavailable', message: 'no token "edge" is plugged in' }]
  const devices = async () => [{ id: 'card-1', driver: 'card-pkcs11', state: 'down', warnings }]
  const technician = { devices, ...NOTHING_ELSE } as unknown as Technician
  const remedyOf = async (module: string) => {
    const device = { id: 'card-1', driver: 'card-pkcs11', module } as (typeof config)['devices'][number]
    return (await deviceFindings(technician, { ...config, devices: [device] }))[0]?.remedy
  }
  expect(await remedyOf('/usr/lib/softhsm/libsofthsm2.so')).toContain('usermod -aG softhsm fiskal-edge')
  expect(await remedyOf('/usr/lib/libopensc.so')).not.toContain('softhsm')
})
