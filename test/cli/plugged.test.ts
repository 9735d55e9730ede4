import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkConfig, parseConfig } from '../../agent/agent-config.ts'
import { checkPlugged } from '../../agent/cli/checks/plugged.ts'
import { checkNativeModules } from '../../agent/cli/checks/program.ts'
import { configurationLine, findUnconfigured } from '../../agent/cli/checks/unconfigured.ts'
import { exampleConfig } from '../../agent/cli/config/example.ts'
import { LAWS } from '../../agent/laws/laws.ts'
import { listUsbDevices } from '../../drivers/links/usb-devices.ts'
import type { DeviceKind } from '../../drivers/ports/device.ts'
import { MAKERS, TSES } from '../../drivers/tse-catalog.ts'
import { ROOT, removedLater } from './command.ts'

type Plugged = {
  at: string
  ids: [string, string]
  serial?: string
  name?: string
  tty?: string
  hub?: boolean
  address?: [string, string]
}

/** A tree as the kernel shows it under /sys. */
function sysfs(devices: readonly Plugged[]): string {
  const root = removedLater(mkdtempSync(join(tmpdir(), 'sysfs-')))
  const bus = join(root, 'bus/usb/devices')
  for (const folder of [bus, join(root, 'class/tty')]) mkdirSync(folder, { recursive: true })
  for (const { at, ids, serial, name, tty, hub, address } of devices) {
    const device = join(root, 'devices/pci/usb1', at)
    mkdirSync(device, { recursive: true })
    const put = (file: string, text: string | undefined): void => {
      if (text !== undefined) writeFileSync(join(device, file), `${text}\n`)
    }
    put('idVendor', ids[0])
    put('idProduct', ids[1])
    put('serial', serial)
    put('product', name)
    put('busnum', address?.[0])
    put('devnum', address?.[1])
    put('bDeviceClass', hub === true ? '09' : '00')
    symlinkSync(device, join(bus, at))
    if (tty === undefined) continue
    const port = join(device, `${at}:1.0`, tty)
    mkdirSync(join(port, 'tty', tty), { recursive: true })
    symlinkSync(port, join(port, 'tty', tty, 'device'))
    symlinkSync(join(port, 'tty', tty), join(root, 'class/tty', tty))
  }
  return root
}

const printer: Plugged = { at: '1-2', ids: ['0dd4', '015d'], serial: 'K3', name: 'Kube', tty: 'ttyACM7' }
const adapter: Plugged = { at: '1-1.4', ids: ['0403', '6001'], serial: 'A50285BI', name: 'FT232R', tty: 'ttyUSB8' }

type Mounts = Readonly<Record<string, readonly string[]>>

async function findings(devices: readonly object[], plugged: readonly Plugged[], state = '/s', mounts: Mounts = {}) {
  const config = checkConfig('agent.json', { version: 1, state, listen: {}, devices }, '/')
  return checkPlugged(config, await listUsbDevices(MAKERS, sysfs(plugged)), async (file) => mounts[file] ?? [])
}

test('plugged-in devices are listed with maker, serial number and line; hubs are not', async () => {
  const hub: Plugged = { at: '1-1', ids: ['05e3', '0610'], hub: true }
  expect(await listUsbDevices(MAKERS, sysfs([hub, adapter, printer]))).toEqual([
    {
      vendorId: '0x0403',
      productId: '0x6001',
      serialNumber: 'A50285BI',
      name: 'FT232R',
      tty: '/dev/ttyUSB8',
      maker: MAKERS.get('0403'),
    },
    {
      vendorId: '0x0dd4',
      productId: '0x015d',
      serialNumber: 'K3',
      name: 'Kube',
      tty: '/dev/ttyACM7',
      maker: MAKERS.get('0dd4'),
    },
  ])
})

test('without USB, nothing is found and nothing fails', async () => {
  expect(await listUsbDevices(MAKERS, '/nowhere')).toEqual([])
})

test('a device in another port: its new line is shown, and the setting that finds it in every port', async () => {
  const device = { id: 'rt-1', driver: 'rt-rch', serial: { path: '/dev/ttyUSB99' } }
  expect(await findings([device], [adapter])).toMatchObject([
    {
      check: 'line of rt-1',
      state: 'failure',
      message: '/dev/ttyUSB99 is not connected, but FT232R (0403:6001, serial A50285BI, /dev/ttyUSB8) is',
      remedy: expect.stringContaining('"usb": {"vendorId":"0x0403","productId":"0x6001","serialNumber":"A50285BI"}'),
    },
    { check: 'plugged in', state: 'ok' },
  ])
})

test('two adapters that differ only in their socket are a warning, and no entry by their ids is proposed', async () => {
  const twin: Plugged = { ...adapter, at: '1-1.5', tty: 'ttyUSB9' }
  const usb = { vendorId: '0x0403', productId: '0x6001', serialNumber: 'A50285BI' }
  const [line, ...others] = await findings(
    [{ id: 'rt-1', driver: 'rt-rch', serial: { path: '/dev/ttyUSB99' } }],
    [adapter, twin],
  )
  expect(line).toMatchObject({ state: 'failure', remedy: expect.stringContaining('"path": "/dev/serial/by-path/') })
  expect(others.every(({ state }) => state === 'ok')).toBe(true)
  const config = checkConfig(
    'agent.json',
    { version: 1, state: '/s', listen: {}, devices: [{ id: 'rt-1', driver: 'rt-custom', usb }] },
    '/',
  )
  const bareTwins = [adapter, twin].map(({ tty: _tty, ...each }) => each)
  const [bareLine] = await checkPlugged(config, await listUsbDevices(MAKERS, sysfs(bareTwins)), async () => [])
  expect(bareLine).toMatchObject({
    check: 'line of rt-1',
    state: 'warning',
    message: expect.stringContaining('2 connected'),
  })
})

test('two adapters of one kind with different numbers cause no warning', async () => {
  const second: Plugged = { ...adapter, at: '1-1.5', serial: 'A50285BJ', tty: 'ttyUSB9' }
  const devices = ['A50285BI', 'A50285BJ'].map((serialNumber, at) => ({
    id: `rt-${at + 1}`,
    driver: 'rt-rch',
    usb: { vendorId: '0x0403', productId: '0x6001', serialNumber },
  }))
  const bare = [adapter, second].map(({ tty: _tty, ...each }) => each)
  expect((await findings(devices, bare)).map(({ state }) => state)).toEqual(['ok', 'ok'])
})

test('nothing plugged in: cable and power', async () => {
  const device = { id: 'rt-1', driver: 'rt-rch', serial: { usb: { vendorId: '0x0403', productId: '0x6001' } } }
  expect(await findings([device], [])).toMatchObject([
    { state: 'failure', remedy: expect.stringContaining('cable and power') },
  ])
})

test('a fiscal device that is plugged in and not configured is reported with what to write', async () => {
  expect(await findings([], [printer])).toMatchObject([
    {
      check: 'plugged in',
      state: 'warning',
      message: expect.stringContaining('Custom printer'),
      remedy: expect.stringContaining('"0x0dd4"'),
    },
  ])
})

/** A line that its owner alone may use, as a pseudo-terminal is made. */
function ownLine(): { device: object; state: string } {
  const state = removedLater(mkdtempSync(join(tmpdir(), 'line-')))
  const path = join(state, 'line')
  writeFileSync(path, '')
  chmodSync(path, 0o600)
  return { device: { id: 'rt-1', driver: 'rt-rch', serial: { path } }, state }
}

test('a printer without a serial line gets an entry with "usb", a TSE is reported with what gives it one', async () => {
  const { tty: _tty, ...mute } = printer
  const diebold: Plugged = { at: '1-3', ids: ['0aa7', '0210'], serial: 'D1', name: 'SingleTSE' }
  const reports = await findings([], [mute, diebold])
  expect(reports.map(({ state, message }) => [state, message])).toEqual([
    ['warning', 'Custom printer: Kube (0dd4:015d, serial K3), not configured'],
    ['warning', 'Diebold Nixdorf tse: SingleTSE (0aa7:0210, serial D1), not configured'],
  ])
  const [custom, tse] = reports.map(({ remedy }) => remedy)
  expect(custom).toMatch(/^add to "devices": \{"id": "rt-1", "driver": "rt-custom", "usb": \{/)
  expect(tse).toMatch(/^load the kernel module .*"driver": "tse-diebold", "serial": /)
})

test('a configured device that is plugged in and is not a serial line is not reported as unplugged', async () => {
  const { tty: _tty, ...mute } = printer
  const usb = { vendorId: '0x0dd4', productId: '0x015d' }
  const reports = await findings([{ id: 'rt-1', driver: 'rt-custom', serial: { usb } }], [mute, adapter])
  expect(reports[0]).toMatchObject({
    state: 'failure',
    message: 'Kube (0dd4:015d, serial K3) is plugged in, but is not a serial line',
    remedy: expect.stringContaining('virtual COM'),
  })
  expect(reports).toHaveLength(2)
})

test('a printer that the agent reaches by network and that is plugged in as well is not reported', async () => {
  const { tty: _tty, ...mute } = printer
  const tcp = { host: '192.168.1.30', port: 9100 }
  const reports = await findings([{ id: 'rt-1', driver: 'rt-custom', tcp }], [mute])
  expect(reports.map(({ state }) => state)).toEqual(['ok'])
})

test('a line that the owner of the state may use is fit for the agent, of root too', async () => {
  const { device, state } = ownLine()
  expect(await findings([device], [], state)).toMatchObject([{ check: 'line of rt-1', state: 'ok' }])
})

// Only root asks for another user.
if (process.getuid?.() === 0) {
  test('a line that only root may use is not usable for the agent of another user', async () => {
    const { device, state } = ownLine()
    chownSync(state, 65_534, 65_534)
    expect(await findings([device], [], state)).toMatchObject([
      { check: 'line of rt-1', state: 'failure', remedy: expect.stringContaining('chgrp dialout') },
    ])
  })
}

test('an unmounted disk is reported with the line that mounts it', async () => {
  const device = { id: 'tse-1', driver: 'tse-cryptovision', path: '/media/none' }
  expect(await findings([device], [])).toMatchObject([
    { check: 'disk of tse-1', state: 'failure', remedy: expect.stringContaining('service install') },
  ])
})

test('the udev rules and the doctor know the same makers', () => {
  const rules = readFileSync(join(ROOT, 'systemd', '60-fiskal-edge.rules'), 'utf8')
  const named = [...rules.matchAll(/ATTRS?\{idVendor\}=="([0-9a-f|]+)"/g)].flatMap(([, ids]) => (ids ?? '').split('|'))
  expect(new Set(named)).toEqual(new Set(MAKERS.keys()))
  const [, blocks = ''] = rules.split('LABEL="fiskal_edge_block"')
  const drives = TSES.flatMap(({ disk, usb }) => (disk === undefined || usb === undefined ? [] : [usb.vendorId]))
  for (const vendorId of drives) expect(blocks).toMatch(new RegExp(`"[0-9a-f|]*${vendorId}[0-9a-f|]*".*ID_FISKAL_TSE`))
})

test('each TSE that is a drive, or that its USB id identifies, gets an entry that passes the check', async () => {
  const files = TSES.flatMap(({ disk }) => (disk === undefined ? [] : [disk.file]))
  const disks = Object.fromEntries(files.map((file, at) => [file, [`/media/${at}`]]))
  const vendors = TSES.flatMap(({ usb }) => (usb === undefined ? [] : [usb.vendorId]))
  const plugged = vendors.map((id, at): Plugged => ({ at: `1-${at + 1}`, ids: [id, '0001'], name: 'TSE' }))
  for (const proposals of [await unconfigured([], [], disks), await unconfigured([], plugged)]) {
    const devices = proposals.map(({ entry }) => entry)
    expect(checkConfig('agent.json', { version: 1, state: '/s', listen: {}, devices }, '/').devices).toEqual(
      devices.map(({ id, driver }) => expect.objectContaining({ id, driver })),
    )
    expect(proposals.length).toBeGreaterThan(0)
  }
})

const diebold: Plugged = { at: '1-3', ids: ['0aa7', '0123'], serial: 'D1', name: 'SingleTSE', tty: 'ttyACM1' }
const swissbit: Plugged = { at: '1-4', ids: ['1370', '0001'], serial: 'S1', name: 'TSE' }
const epson: Plugged = { at: '1-5', ids: ['04b8', '0e27'], serial: 'E1', name: 'FP-90' }
const reader: Plugged = { at: '1-6', ids: ['076b', '3031'], name: 'OMNIKEY 3x21' }
const ALL = [printer, adapter, diebold, swissbit, epson, reader]
const TSE_DISKS = { 'TSE-IO.bin': ['/media/cv'], 'TSE_INFO.DAT': ['/media/sb'] }

async function unconfigured(devices: readonly object[], plugged: readonly Plugged[], mounts: Mounts = {}) {
  const { devices: entries } = checkConfig('agent.json', { version: 1, state: '/s', listen: {}, devices }, '/')
  return findUnconfigured(entries, await listUsbDevices(MAKERS, sysfs(plugged)), async (file) => mounts[file] ?? [])
}

/** How commands name the law that devices of a kind serve. */
function lawOf(kind: DeviceKind): string | undefined {
  return LAWS.find(({ deviceKinds }) => deviceKinds.includes(kind))?.settings.word
}

test('each fiscal device that is plugged in gets an entry that passes the check of the configuration', async () => {
  const proposals = await unconfigured([], ALL, TSE_DISKS)
  expect(proposals.map(({ kind, entry }) => [lawOf(kind), entry.id, entry.driver])).toEqual([
    ['kassensichv', 'tse-1', 'tse-cryptovision'],
    ['kassensichv', 'tse-2', 'tse-swissbit'],
    ['rt', 'rt-1', 'rt-custom'],
    ['kassensichv', 'tse-3', 'tse-diebold'],
    ['rt', 'rt-2', 'rt-epson'],
    ['kassensichv', 'tse-4', 'tse-epson'],
    ['rksv', 'card-1', 'card-pkcs11'],
  ])
  const devices = proposals.map(({ entry }) => JSON.parse(configurationLine(entry)) as object)
  expect(checkConfig('agent.json', { version: 1, state: '/s', listen: {}, devices }, '/').devices).toHaveLength(7)
})

test('a device in the configuration is not reported as unconfigured, nor a disk that its driver finds elsewhere', async () => {
  const proposals = await unconfigured([], ALL, TSE_DISKS)
  const entries = proposals.map(({ entry }) => entry)
  expect(await unconfigured(entries, ALL, TSE_DISKS)).toEqual([])
  expect(await unconfigured(entries, ALL, { 'TSE-IO.bin': ['/media/moved'], 'TSE_INFO.DAT': ['/media/sb'] })).toEqual(
    [],
  )
  const second = { 'TSE-IO.bin': ['/media/cv', '/media/other'], 'TSE_INFO.DAT': ['/media/sb'] }
  expect(await unconfigured(entries, ALL, second)).toMatchObject([
    { entry: { id: 'tse-5', driver: 'tse-cryptovision', path: '/media/other' } },
  ])
})

test('a Swissbit that is not mounted is reported with its mount', async () => {
  expect(await unconfigured([], [swissbit])).toMatchObject([
    { entry: { driver: 'tse-swissbit', path: '/media/tse' }, first: 'mount it on /media/tse' },
  ])
})

test('the doctor shows the entry to paste', async () => {
  expect(await findings([], [], '/s', { 'TSE-IO.bin': ['/media/cv'] })).toMatchObject([
    {
      state: 'warning',
      message: 'CryptoVision TSE on /media/cv, not configured',
      remedy: expect.stringContaining('"driver": "tse-cryptovision", "path": "/media/cv"'),
    },
  ])
})

test('the example of a law begins with the plugged-in devices', async () => {
  const plugged = await unconfigured([], ALL, TSE_DISKS)
  const drivers = (law: string) =>
    parseConfig('/etc/agent.json', exampleConfig(law, plugged)).devices.map(({ driver }) => driver)
  expect(drivers('kassensichv')).toEqual(['tse-cryptovision', 'tse-swissbit', 'tse-diebold', 'tse-epson'])
  expect(drivers('rksv')).toEqual(['card-pkcs11'])
  expect(drivers('rt')).toEqual(['rt-custom', 'rt-epson'])
})

const bare: Plugged = { at: '1-3', ids: ['0dd4', '01a8'], serial: 'Q3', name: 'Q3X', address: ['1', '999'] }

test('a printer without a serial line gets an entry with "usb", and with that it is configured', async () => {
  const [proposal] = await unconfigured([], [bare])
  const usb = { vendorId: '0x0dd4', productId: '0x01a8', serialNumber: 'Q3' }
  expect(proposal?.entry).toEqual({ id: 'rt-1', driver: 'rt-custom', usb })
  expect(await unconfigured([proposal?.entry ?? {}], [bare])).toEqual([])
  const example = parseConfig('/etc/agent.json', exampleConfig('rt', await unconfigured([], [bare])))
  expect(example.devices).toMatchObject([{ driver: 'rt-custom', usb }])
})

test('the doctor finds a device without a serial line by its ids, of any maker, and checks the permission to use it', async () => {
  const entry = { id: 'rt-1', driver: 'rt-rch', usb: { vendorId: '0x9999', productId: '0x1' } }
  expect(await findings([entry], [bare])).toMatchObject([
    { check: 'line of rt-1', state: 'failure', message: '0x9999:0x1 is not plugged in' },
    { check: 'plugged in', state: 'warning' },
  ])
  // Its file does not exist here: the same words as for one that this user may not open.
  const unknown: Plugged = { ...bare, ids: ['9999', '0001'] }
  expect(await listUsbDevices(MAKERS, sysfs([unknown]))).toMatchObject([{ node: '/dev/bus/usb/001/999' }])
  const [access] = await findings([entry], [unknown])
  expect(access).toMatchObject({
    check: 'line of rt-1',
    state: 'failure',
    message: expect.stringContaining('9999:0001'),
  })
  // A printer that shows a serial line is configured with it.
  const [line] = await findings([{ ...entry, usb: { vendorId: '0x0dd4', productId: '0x015d' } }], [printer])
  expect(line).toMatchObject({ state: 'warning', remedy: expect.stringContaining('"serial": { "usb"') })
})

test('the doctor looks for the USB module if a device has no serial line, and for no other device', () => {
  const modules = (device: object) => {
    const config = checkConfig('agent.json', { version: 1, state: '/s', listen: {}, devices: [device] }, '/')
    return checkNativeModules(config).map(({ check, state }) => [check, state])
  }
  const usb = { vendorId: '0x0dd4', productId: '0x01a8' }
  const database = ['module better-sqlite3', 'ok']
  expect(modules({ id: 'rt-1', driver: 'rt-custom', usb })).toEqual([database, ['module usb', 'ok']])
  expect(modules({ id: 'rt-1', driver: 'rt-custom', serial: { usb } })).toEqual([database])
})
