import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dropIn } from '../../agent/cli/service/drop-in.ts'
import { closedOnTheWay } from '../../agent/cli/service/place.ts'
import { checkConfig } from '../../agent/config/config.ts'
import { credentialNames, secretReader } from '../../agent/config/credentials.ts'
import { BIN, fiskalEdge, ROOT, removedLater } from '../cli/command.ts'

function folder(): string {
  return removedLater(mkdtempSync(join(tmpdir(), 'service-')))
}

function lines(
  more: object,
  exists: (path: string) => boolean = () => true,
  mountPoints: readonly string[] = [],
): string[] {
  const config = checkConfig(
    'agent.json',
    { version: 1, state: '/var/lib/fiskal-edge', listen: {}, devices: [], ...more },
    '/',
  )
  return dropIn(config, '/etc/fiskal-edge/agent.json', { exists, mountPoints }).trim().split('\n').slice(2)
}

const token = { driver: 'tse-pkcs11', module: 'libsofthsm2.so', token: 'edge', pinFile: '/etc/fiskal-edge/tse.pin' }

test('a program that its owner alone may read is found out before a service is made of it', () => {
  const program = join(folder(), 'fiskal-edge')
  const file = join(program, 'agent', 'main.ts')
  mkdirSync(join(program, 'agent'), { recursive: true })
  writeFileSync(file, '')
  for (const path of [file, join(program, 'agent'), program]) chmodSync(path, path === file ? 0o600 : 0o700)
  const closed: unknown[] = []
  for (const path of [file, join(program, 'agent'), program, join(program, '..')]) {
    closed.push(closedOnTheWay(file) === path)
    chmodSync(path, path === file ? 0o644 : 0o755)
  }
  expect([closed, closedOnTheWay(file)]).toEqual([[true, true, true, true], undefined])
})

describe('what the unit is told of a configuration', () => {
  test('nothing, where everything is in its usual place', () => {
    expect(lines({ devices: [{ id: 'tse-1', driver: 'tse-simulator' }] })).toEqual([])
  })

  test('each secret that exists, once', () => {
    const devices = [
      { id: 'tse-1', ...token },
      { id: 'tse-2', ...token, token: 'other' },
    ]
    expect(lines({ devices })).toEqual(['LoadCredential=etc-fiskal-edge-tse.pin:/etc/fiskal-edge/tse.pin'])
    expect(lines({ devices }, () => false)).toEqual([])
  })

  test('addresses by number; a name opens the network, because the filter knows numbers only', () => {
    const disk = { id: 'chain', kind: 'nats', servers: ['tls://10.1.2.3:4222', 'localhost:4222'], stream: 'F' }
    const cloud = { id: 'cloud', kind: 'https', url: 'https://cloud.example', tokenFile: '/t' }
    const none = (): boolean => false
    expect(lines({ sync: { targets: [disk] } }, none)).toEqual(['IPAddressAllow=10.1.2.3'])
    expect(lines({ sync: { targets: [disk, cloud] } }, none)).toEqual(['IPAddressAllow=any'])
  })

  test('folders outside the state directory, which may be away', () => {
    const devices = [{ id: 'tse-1', driver: 'tse-cryptovision', path: '/media/tse' }]
    const targets = [{ id: 'disk', kind: 'file', path: '/media/backup' }]
    expect(lines({ devices, sync: { targets }, state: '/data/edge' })).toEqual([
      'ReadWritePaths=-/data/edge',
      'ReadWritePaths=-/media/tse',
      'ReadWritePaths=-/media/backup',
      // Not before its disk is mounted: in the folder below another journal would begin.
      '[Unit]',
      'RequiresMountsFor=/data/edge',
    ])
  })

  test('the mount point of a folder that lies below one, so that a stick is seen when it comes and goes; none of the system', () => {
    const targets = ['/media/stick/shop/journal', '/srv/journal', '/var/backups/edge', '/media/other/x'].map(
      (path, at) => ({
        ...{ id: `d${at}`, kind: 'file', path },
      }),
    )
    const mountPoints = ['/', '/media/stick', '/media/stick/shop-of-another', '/srv', '/var', '/media']
    expect(lines({ sync: { targets }, state: '/media/stick/state' }, () => true, mountPoints)).toEqual([
      'ReadWritePaths=-/media/stick/state',
      'ReadWritePaths=-/media/stick',
      'ReadWritePaths=-/srv/journal',
      'ReadWritePaths=-/var/backups/edge',
      'ReadWritePaths=-/media',
      '[Unit]',
      'RequiresMountsFor=/media/stick/state',
    ])
  })

  test('folders and secrets of any name are what they are, for systemd too', () => {
    const devices = [{ id: 'tse-1', driver: 'tse-cryptovision', path: '/media/My Stick', adminPinFile: '/etc/50 %S/p' }]
    const targets = ['/media/100%', `/media/"it's" a\\b`].map((path, at) => ({ id: `d${at}`, kind: 'file', path }))
    const told = lines({ devices, sync: { targets }, state: '/data/my shop' })
    expect(told).toEqual([
      'LoadCredential=etc-50-S-p:/etc/50 %%S/p',
      'ReadWritePaths="-/data/my shop"',
      'ReadWritePaths="-/media/My Stick"',
      'ReadWritePaths=-/media/100%%',
      String.raw`ReadWritePaths="-/media/\"it's\" a\\b"`,
      '[Unit]',
      'RequiresMountsFor="/data/my shop"',
    ])
    const unit = join(folder(), 'told.service')
    writeFileSync(unit, ['[Service]', 'ExecStart=/bin/true', ...told, ''].join('\n'))
    expect(spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' }).stderr).toBe('')
    expect(() => lines({ state: '/data/a\nb' })).toThrow('state: a file path')
  })

  test('the exposure stays at 2.0 at most with an open network and credentials', () => {
    const root = folder()
    const places = join(root, 'fiskal-edge.service.d')
    mkdirSync(places)
    writeFileSync(join(root, 'fiskal-edge.service'), readFileSync(join(ROOT, 'systemd', 'fiskal-edge.service')))
    writeFileSync(join(places, '10-configuration.conf'), '[Service]\nIPAddressAllow=any\nReadWritePaths=-/media/tse\n')
    const args = ['security', '--offline=yes', '--threshold=20', join(root, 'fiskal-edge.service')]
    expect(spawnSync('systemd-analyze', args).status).toBe(0)
  })
})

describe('a secret that the unit hands over', () => {
  test('is read from there, else from its own file', async () => {
    const root = folder()
    const file = join(root, 'tse.pin')
    writeFileSync(file, 'own\n')
    expect(await secretReader(undefined)(file)).toBe('own')
    const handed = { folder: join(root, 'credentials'), names: credentialNames([file]) }
    expect(await secretReader(handed)(file)).toBe('own')
    mkdirSync(handed.folder)
    writeFileSync(join(handed.folder, handed.names.get(file) ?? ''), 'handed\n')
    expect(await secretReader(handed)(file)).toBe('handed')
    // Root, which works as the user of the agent, has read it before.
    expect(await secretReader(new Map([[file, 'read\n']]))(file)).toBe('read')
    expect(await secretReader(new Map())(file)).toBe('own')
  })

  test('has a name that systemd takes, and no other has it', () => {
    const own = '/etc/fiskal-edge/tse.pin'
    const alike = ['/etc/fiskal-edge/tse-1.pin', '/etc/fiskal-edge/tse/1.pin', '/media/a b/ü:x', '/media/a b/ö:x']
    const names = credentialNames([own, own, ...alike])
    expect(names.get(own)).toBe('etc-fiskal-edge-tse.pin')
    expect(new Set(names.values()).size).toBe(5)
    for (const name of names.values()) expect(name).toMatch(/^[\w.-]+$/)
    const devices = alike.map((pinFile, at) => ({ id: `tse-${at}`, ...token, token: `t${at}`, pinFile }))
    expect(lines({ devices })).toEqual(alike.map((path) => `LoadCredential=${names.get(path)}:${path}`))
  })
})

test('a service is installed under another root with user, folders, rules and unit, and removed without its state', async () => {
  const root = folder()
  const installed = await fiskalEdge('service', 'install', '--root', root)
  expect(installed).toMatchObject({ code: 0, err: expect.not.stringContaining('fiskal-edge:') })
  const unit = readFileSync(join(root, 'etc/systemd/system/fiskal-edge.service'), 'utf8')
  expect(unit).toContain(`ExecStart=${ROOT}/node_modules/.bin/fiskal-edge run --config /etc/fiskal-edge/agent.json`)
  expect(existsSync(join(root, 'etc/systemd/system/multi-user.target.wants'))).toBe(true)
  expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).toContain('fiskal-edge:')
  expect(statSync(join(root, 'var/lib/fiskal-edge')).mode & 0o777).toBe(0o700)
  expect((await fiskalEdge('config', 'check', join(root, 'etc/fiskal-edge/agent.json'))).code).toBe(0)

  // A second time changes nothing that a technician wrote.
  const config = join(root, 'etc/fiskal-edge/agent.json')
  const own = readFileSync(config, 'utf8').replace('7070', '7171')
  writeFileSync(config, own)
  expect((await fiskalEdge('service', 'install', '--root', root)).code).toBe(0)
  // The link that enables it points to where the unit will lie on that system.
  const enabled = await fiskalEdge('service', 'status', '--root', root, '--json')
  expect(JSON.parse(enabled.out)).toMatchObject({ installed: true, enabled: true })
  expect(readFileSync(config, 'utf8')).toBe(own)

  const kept = join(root, 'var/lib/fiskal-edge/journal.db')
  writeFileSync(kept, 'records')
  chmodSync(kept, 0o600)
  const removed = await fiskalEdge('service', 'uninstall', '--root', root)
  expect(removed.code, removed.err).toBe(0)
  expect(existsSync(join(root, 'etc/systemd/system/fiskal-edge.service'))).toBe(false)
  expect([readFileSync(kept, 'utf8'), readFileSync(config, 'utf8')]).toEqual(['records', own])
  const status = await fiskalEdge('service', 'status', '--root', root, '--json')
  expect([status.code, JSON.parse(status.out)]).toMatchObject([1, { installed: false }])
})

test('a device on USB without a serial line gets a udev rule by its ids and nothing else; both go with the entry', async () => {
  const root = folder()
  const config = join(root, 'etc/fiskal-edge/agent.json')
  const rules = join(root, 'etc/udev/rules.d/61-fiskal-edge-usb.rules')
  const usb = { vendorId: '0xDD4', productId: '0x1a8', serialNumber: 'K3' }
  const devices = [{ id: 'rt-1', driver: 'rt-custom', usb }]
  // The package sees no plug by a netlink socket: AF_NETLINK stays closed.
  expect(lines({ devices })).toEqual([])
  mkdirSync(join(root, 'etc/fiskal-edge'), { recursive: true })
  writeFileSync(config, JSON.stringify({ version: 1, state: '/var/lib/fiskal-edge', listen: {}, devices }))
  expect((await fiskalEdge('service', 'install', '--root', root)).out).toContain('61-fiskal-edge-usb.rules')
  expect(readFileSync(rules, 'utf8')).toContain(
    'ATTR{idVendor}=="0dd4", ATTR{idProduct}=="01a8", GROUP="dialout", MODE="0660"',
  )
  writeFileSync(config, JSON.stringify({ version: 1, state: '/var/lib/fiskal-edge', listen: {}, devices: [] }))
  expect((await fiskalEdge('service', 'install', '--root', root)).code).toBe(0)
  expect(existsSync(rules)).toBe(false)
})

test('what is installed by a root who keeps his files to himself is found by the service, also a state in a folder that was not there', () => {
  const root = folder()
  const install = ['-c', 'umask 077; exec "$@"', 'sh', process.execPath, BIN, 'service', 'install', '--root', root]
  expect(spawnSync('sh', install).status).toBe(0)
  const config = join(root, 'etc/fiskal-edge/agent.json')
  writeFileSync(config, readFileSync(config, 'utf8').replace('/var/lib/fiskal-edge', '/srv/shop/till'))
  expect(spawnSync('sh', install).status).toBe(0)
  const mode = (place: string): string => (statSync(join(root, place)).mode & 0o777).toString(8)
  expect(['etc/fiskal-edge/agent.json', 'srv', 'srv/shop', 'srv/shop/till'].map(mode)).toEqual([
    '644',
    '755',
    '755',
    '700',
  ])
  expect(mode('etc/systemd/system/fiskal-edge.service.d/10-configuration.conf')).toBe('644')
})

test('a configuration that is wrong is named before the service is touched', async () => {
  const root = folder()
  mkdirSync(join(root, 'etc/fiskal-edge'), { recursive: true })
  writeFileSync(join(root, 'etc/fiskal-edge/agent.json'), '{ "version": 1, "stat": "/x", "listen": {}, "devices": [] }')
  const { code, err } = await fiskalEdge('service', 'install', '--root', root)
  expect(code).toBe(1)
  expect(err).toContain('stat: unknown key, the nearest known one is "state"')
  expect(existsSync(join(root, 'etc/systemd/system/multi-user.target.wants'))).toBe(false)
})

test('what is installed anew comes whole into the place of what was there', async () => {
  const root = folder()
  expect((await fiskalEdge('service', 'install', '--root', root)).code).toBe(0)
  const unit = join(root, 'etc/systemd/system/fiskal-edge.service')
  const before = join(root, 'before')
  writeFileSync(unit, 'an older one')
  linkSync(unit, before)
  expect((await fiskalEdge('service', 'install', '--root', root)).code).toBe(0)
  expect([readFileSync(before, 'utf8'), readFileSync(unit, 'utf8')]).toEqual([
    'an older one',
    expect.stringContaining('ExecStart='),
  ])
  expect(readdirSync(join(root, 'etc/systemd/system')).filter((name) => name.endsWith('.tmp'))).toEqual([])
})
