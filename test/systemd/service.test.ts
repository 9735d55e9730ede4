// @module-tag heavy
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
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
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkConfig, namedFiles } from '../../agent/agent-config.ts'
import { exampleConfig } from '../../agent/cli/config/example.ts'
import { dropIn } from '../../agent/cli/service/drop-in.ts'
import { handedUnits, wayIn } from '../../agent/cli/service/handed-files.ts'
import { closedOnTheWay } from '../../agent/cli/service/place.ts'
import { secretReader } from '../../agent/config/credentials.ts'
import { escapedPath } from '../../agent/config/unit-name.ts'
import { LAW_WORDS } from '../../agent/laws/laws.ts'
import { BIN, fiskalEdge, ROOT, removedLater } from '../cli/command.ts'
import { spawnSync } from '../waits.ts'

function folder(): string {
  return removedLater(mkdtempSync(join(tmpdir(), 'service-')))
}

function lines(
  more: object,
  isHanded: (path: string) => boolean = () => true,
  mountPoints: readonly string[] = [],
): string[] {
  const config = checkConfig(
    'agent.json',
    { version: 1, state: '/var/lib/fiskal-edge', listen: {}, devices: [], ...more },
    '/',
  )
  const wayTo = (path: string) => ({ folders: [], ...(isHanded(path) ? {} : { opened: '/' }) })
  return dropIn(config, '/etc/fiskal-edge/agent.json', handedUnits(config, wayTo), mountPoints)
    .trim()
    .split('\n')
    .slice(2)
}

function fileTargets(...folders: string[]) {
  return folders.map((folder, at) => ({ id: `d${at}`, kind: 'file', folder }))
}

function template(name: string): Buffer {
  return readFileSync(join(ROOT, 'systemd', name))
}

/** The unit's lines for each file that is handed over. */
function handing(...names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const service = `fiskal-edge-secret@${name}.service`
    return [`Wants=fiskal-edge-secret@${name}.path ${service}`, `After=${service}`]
  })
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

describe('the drop-in of the unit for a configuration', () => {
  test('nothing, if everything is in its usual place', () => {
    expect(lines({ devices: [{ id: 'tse-1', driver: 'tse-simulator' }] })).toEqual([])
  })

  test('each file whose content it uses, once, whether it exists or not, if only root decides what it is', () => {
    const devices = [
      { id: 'tse-1', ...token, certFile: '/etc/fiskal-edge/tse.crt' },
      { id: 'tse-2', ...token, token: 'other' },
    ]
    expect(lines({ devices })).toEqual([
      '[Unit]',
      ...handing('etc-fiskal\\x2dedge-tse.pin', 'etc-fiskal\\x2dedge-tse.crt'),
    ])
    expect(lines({ devices }, (path) => path.endsWith('.crt'))).toEqual([
      '[Unit]',
      ...handing('etc-fiskal\\x2dedge-tse.crt'),
    ])
    expect(lines({ devices }, () => false)).toEqual([])
    // Longer than a unit may be named.
    const long = { id: 'tse-1', ...token, pinFile: `/etc/${'p'.repeat(230)}` }
    expect(lines({ devices: [long] })).toEqual([])
  })

  test('addresses by number; a name opens the network, because the filter supports only numbers', () => {
    const disk = { id: 'chain', kind: 'nats', servers: ['tls://10.1.2.3:4222', 'localhost:4222'], stream: 'F' }
    const cloud = { id: 'cloud', kind: 'https', url: 'https://cloud.example', tokenFile: '/t' }
    const none = (): boolean => false
    expect(lines({ sync: { targets: [disk] } }, none)).toEqual(['IPAddressAllow=10.1.2.3'])
    expect(lines({ sync: { targets: [disk, cloud] } }, none)).toEqual(['IPAddressAllow=any'])
  })

  test('folders outside the state directory, which may be unmounted', () => {
    const devices = [{ id: 'tse-1', driver: 'tse-cryptovision', path: '/media/tse' }]
    const targets = [{ id: 'disk', kind: 'file', folder: '/media/backup' }]
    expect(lines({ devices, sync: { targets }, state: '/data/edge' })).toEqual([
      'ReadWritePaths=-/data/edge',
      'ReadWritePaths=-/media/tse',
      'ReadWritePaths=-/media/backup',
      // Not before its disk is mounted: in the folder below another journal would begin.
      '[Unit]',
      'RequiresMountsFor=/data/edge',
    ])
  })

  test('the mount point of a folder below one, so that a stick is seen when it comes and goes; none of the system', () => {
    const targets = fileTargets('/media/stick/shop/journal', '/srv/journal', '/var/backups/edge', '/media/other/x')
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

  test('folders and files of any name are what they are, for systemd too', () => {
    const pinFile = `/etc/50 %S/"it's" a\\b/ü`
    const devices = [{ id: 'tse-1', driver: 'tse-cryptovision', path: '/media/My Stick', adminPinFile: pinFile }]
    const targets = fileTargets('/media/100%', `/media/"it's" a\\b`)
    const told = lines({ devices, sync: { targets }, state: '/data/my shop' })
    const name = spawnSync('/usr/bin/systemd-escape', ['--path', pinFile], { encoding: 'utf8' }).stdout.trim()
    expect(told).toEqual([
      'ReadWritePaths="-/data/my shop"',
      'ReadWritePaths="-/media/My Stick"',
      'ReadWritePaths=-/media/100%%',
      String.raw`ReadWritePaths="-/media/\"it's\" a\\b"`,
      '[Unit]',
      'RequiresMountsFor="/data/my shop"',
      ...handing(name),
    ])
    const root = folder()
    const unit = join(root, 'told.service')
    writeFileSync(unit, ['[Service]', 'ExecStart=/bin/true', ...told, ''].join('\n'))
    for (const kind of ['path', 'service'])
      writeFileSync(join(root, `fiskal-edge-secret@.${kind}`), template(`fiskal-edge-secret@.${kind}`))
    expect(spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' }).stderr).toBe('')
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

describe('a file that the unit hands over', () => {
  test('is read from its copy, else itself; the agent asks for a copy of a newer file', async () => {
    const root = folder()
    const file = join(root, 'tse.pin')
    writeFileSync(file, 'own\n')
    expect(await secretReader(undefined)(file)).toBe('own')
    let asked = 0
    const handed = {
      folder: join(root, 'copies'),
      renew: () => {
        asked++
      },
    }
    expect(await secretReader(handed)(file)).toBe('own')
    mkdirSync(handed.folder)
    const copy = join(handed.folder, escapedPath(file))
    writeFileSync(copy, 'handed\n')
    // Both may come into one tick of the file system's clock: then the file counts as newer.
    const later = new Date(statSync(file).ctimeMs + 1000)
    utimesSync(copy, later, later)
    expect([await secretReader(handed)(file), asked]).toEqual(['handed', 0])
    writeFileSync(file, 'newer\n')
    const stats = statSync(file).ctime
    utimesSync(copy, stats, new Date(stats.getTime() - 1))
    expect([await secretReader(handed)(file), asked]).toEqual(['handed', 1])
    // The last copy stays in use if the file is removed.
    rmSync(file)
    expect([await secretReader(handed)(file), asked]).toEqual(['handed', 1])
    // Root, which works as the user of the agent, has read it before.
    expect(await secretReader(new Map([[file, Buffer.from('read\n')]]))(file)).toBe('read')
    writeFileSync(file, 'own\n')
    expect(await secretReader(new Map())(file)).toBe('own')
  })

  test('is not a pipe: to open one would block endlessly', async () => {
    const pipe = join(folder(), 'pipe')
    spawnSync('mkfifo', [pipe])
    await expect(secretReader(undefined)(pipe)).rejects.toMatchObject({ code: 'no_file' })
  })

  test('is in a place where only root may change a folder or a link on the way', () => {
    const root = folder()
    const etc = join(root, 'etc/fiskal-edge')
    mkdirSync(etc, { recursive: true })
    mkdirSync(join(root, 'var/lib/others'), { recursive: true })
    const system = { root }
    const wayTo = wayIn(system)
    const isHanded = (path: string): boolean => wayTo(path).opened === undefined
    writeFileSync(join(etc, 'tse.pin'), '')
    symlinkSync('/etc/fiskal-edge/tse.pin', join(etc, 'link.pin'))
    symlinkSync('../../var/lib/others/tse.pin', join(etc, 'astray.pin'))
    symlinkSync('/etc/fiskal-edge', join(root, 'var/lib/others/etc'))
    expect(
      ['tse.pin', 'link.pin', 'astray.pin', 'to/come.pin'].map((name) => isHanded(`/etc/fiskal-edge/${name}`)),
    ).toEqual([...[true, true, true, true]])
    // A switched link shows in its own folder, wherever it leads.
    expect(wayTo('/etc/fiskal-edge/astray.pin').folders).toEqual(['/etc/fiskal-edge'])
    expect(wayTo('/var/lib/others/etc/tse.pin').folders).toEqual(['/var/lib/others/etc', '/var/lib/others'])
    symlinkSync('loop.pin', join(etc, 'loop.pin'))
    expect(isHanded('/etc/fiskal-edge/loop.pin')).toBe(false)
    chmodSync(join(root, 'var/lib/others'), 0o777)
    expect(['/var/lib/others/tse.pin', '/etc/fiskal-edge/astray.pin'].map(isHanded)).toEqual([false, false])
    // By a link that others may turn elsewhere.
    expect(wayTo('/var/lib/others/etc/tse.pin').opened).toBe('/var/lib/others')
    chmodSync(join(root, 'var/lib/others'), 0o755)
    chownSync(join(root, 'var/lib/others'), 65_534, 65_534)
    expect(wayTo('/etc/fiskal-edge/astray.pin').opened).toBe('/var/lib/others')
  })
})

test('every key of the examples that names a file to read is one of the schema, and no folder, device or library is', () => {
  const keys = LAW_WORDS.flatMap((law) => {
    const text = exampleConfig(law).replaceAll(/^\s*\/\/ ?/gm, '')
    return [...text.matchAll(/"(\w*File)":/g)].map(([, key]) => key)
  })
  const pins = { adminPinFile: '/a', timeAdminPinFile: '/b' }
  const tls = { caFile: '/c', certFile: '/d', keyFile: '/e' }
  const login = { participantFile: '/w', userFile: '/x' }
  const smtp = { host: 'smtp.example', port: 587, security: 'starttls', user: 'shop', passwordFile: '/t' }
  const config = checkConfig(
    'agent.json',
    {
      version: 1,
      state: '/var/lib/fiskal-edge',
      listen: {},
      tls: { certFile: '/f', keyFile: '/g', clientCaFile: '/h' },
      devices: [
        { id: 'a', driver: 'tse-cryptovision', path: '/p1', ...pins, adminPukFile: '/i', timeAdminPukFile: '/j' },
        { id: 'b', driver: 'tse-swissbit', path: '/p2', library: '/l', ...pins, pukFile: '/k' },
        { id: 'c', driver: 'tse-epson', tcp: { host: 'tse', port: 1 }, secretFile: '/m' },
        { id: 'd', ...token, certFile: '/n' },
        { id: 'e', driver: 'card-pkcs11', module: '/m', token: 't', pinFile: '/o' },
        { id: 'f', driver: 'rt-rch', serial: { path: '/dev/ttyUSB0' } },
        { id: 'g', driver: 'rt-epson', http: { host: 'rt' }, duplicatePasswordFile: '/y' },
      ],
      sync: {
        targets: [
          { id: 'a', kind: 'https', url: 'https://c.example', tokenFile: '/q', tls },
          { id: 'b', kind: 'nats', servers: ['tls://n.example'], stream: 'F', credsFile: '/r' },
          { id: 'c', kind: 'file', folder: '/p3' },
        ],
      },
      backup: { folder: '/p4', passphraseFile: '/s' },
      authorities: {
        ...{ caFile: '/v', proxy: { url: 'http://proxy.example:3128', credentialsFile: '/u' } },
        finanzonline: { mode: 'T', makerVatId: 'ATU12345678', accounts: [{ ...login, pinFile: '/y' }] },
      },
      alerts: { mail: { ...smtp, from: 'a@shop.example', to: ['b@shop.example'] } },
    },
    '/',
  )
  const found = namedFiles(config)
  const named = new Set(found.map(({ key }) => /\w+$/.exec(key)?.[0]))
  expect(named).toEqual(new Set([...keys, 'clientCaFile']))
  expect(
    found
      .filter(({ content }) => content === 'certificate')
      .map(({ path }) => path)
      .sort(),
  ).toEqual(['/c', '/d', '/f', '/h', '/n', '/v'])
  expect(found.map(({ path }) => path).filter((path) => /^\/(p\d|l|dev.*|libsofthsm2.so)$/.test(path))).toEqual([])
})

test('a service is installed under another root, and removed without its state', async () => {
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
  // The link that enables it points to the later place of the unit on that system.
  const enabled = await fiskalEdge('service', 'status', '--root', root, '--json')
  expect(JSON.parse(enabled.out)).toMatchObject({ installed: true, enabled: true })
  expect(readFileSync(config, 'utf8')).toBe(own)

  const keptPath = join(root, 'var/lib/fiskal-edge/journal.db')
  writeFileSync(keptPath, 'records')
  chmodSync(keptPath, 0o600)
  const removed = await fiskalEdge('service', 'uninstall', '--root', root)
  expect(removed.code, removed.err).toBe(0)
  expect(existsSync(join(root, 'etc/systemd/system/fiskal-edge.service'))).toBe(false)
  expect([readFileSync(keptPath, 'utf8'), readFileSync(config, 'utf8')]).toEqual(['records', own])
  const status = await fiskalEdge('service', 'status', '--root', root, '--json')
  expect([status.code, JSON.parse(status.out)]).toMatchObject([1, { installed: false }])
})

test('a device on USB without a serial line gets a udev rule by its ids, and both go', async () => {
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

test('files installed by a root with a private umask are found by the service, also in a new folder', () => {
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

test('a new installation replaces the former one as a whole', async () => {
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
