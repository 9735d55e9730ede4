import { expect, test } from 'vitest'
import { numbersOf } from './machine-root.ts'

const ID = '0123456789abcdef0123456789abcde0'
const DISK = { 'device/vpd_pg80': '\x00\x80\x00\x0fS4EVNF0M912345 \n' }

test('a machine is read by its machine-id, its board, the disk under the state and its own ports', async () => {
  const numbers = await numbersOf({
    id: `${ID}\n`,
    board: '10000000abcdef01\0',
    disk: { ...DISK, 'device/wwid': 'naa.5002538E40A1B2C3\n' },
    ports: [{ mac: '00:1b:21:3a:4b:5c' }, { mac: 'd8:3a:dd:00:00:01' }],
  })
  expect(numbers).toEqual({
    id: ID,
    parts: [
      'board 10000000abcdef01',
      'disk naa.5002538e40a1b2c3',
      'disk s4evnf0m912345',
      'mac 001b213a4b5c',
      'mac d83add000001',
    ],
  })
})

test.each([
  { name: 'missing', id: undefined },
  { name: 'empty, as in an image', id: '' },
  { name: 'uninitialized, during the first boot', id: 'uninitialized\n' },
  { name: 'of zeros', id: `${'0'.repeat(32)}\n` },
  { name: 'no machine-id', id: 'shop-1\n' },
])('a machine-id that is $name is left out, and nothing else is', async ({ id }) => {
  const numbers = await numbersOf({ ...(id !== undefined && { id }), disk: DISK })
  expect(numbers).toEqual({ id: undefined, parts: ['disk s4evnf0m912345'] })
})

test('a machine-id that a person has set counts, however it looks', async () => {
  for (const id of ['a'.repeat(32), `${'0'.repeat(31)}1`]) expect((await numbersOf({ id })).id).toBe(id)
})

test('a machine-id that systemd makes in memory at each boot is left out; one that a container mounts counts', async () => {
  const mounted = (type: string, inside: string) => ({
    id: ID,
    mountinfo: `22 1 8:2 / / rw - ext4 /dev/sda2 rw\n30 22 0:25 ${inside} /etc/machine-id ro - ${type} source rw\n`,
  })
  expect((await numbersOf(mounted('tmpfs', '/machine-id'))).id).toBeUndefined()
  expect((await numbersOf(mounted('ext4', '/etc/machine-id'))).id).toBe(ID)
  expect((await numbersOf(mounted('tmpfs', '/host/machine-id'))).id).toBe(ID)
})

test('a machine-id in a folder in memory is left out, also in the upper layer of an overlay', async () => {
  const mounted = (...more: readonly string[]) => ({
    id: ID,
    mountinfo: ['22 1 8:2 / / rw - ext4 /dev/sda2 rw', ...more, ''].join('\n'),
  })
  const tmpfs = '30 22 0:25 / /etc rw - tmpfs tmpfs rw'
  expect((await numbersOf(mounted(tmpfs))).id).toBeUndefined()
  const inMemory = 'lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work'
  const run = '29 22 0:24 / /run rw - tmpfs tmpfs rw'
  expect((await numbersOf(mounted(run, `30 22 0:26 / /etc rw - overlay overlay rw,${inMemory}`))).id).toBeUndefined()
  const onDisk = 'lowerdir=/etc,upperdir=/data/upper,workdir=/data/work'
  expect((await numbersOf(mounted(run, `30 22 0:26 / /etc rw - overlay overlay rw,${onDisk}`))).id).toBe(ID)
  const kept = '31 30 8:3 /machine-id /etc/machine-id rw - ext4 /dev/sda3 rw'
  expect((await numbersOf(mounted(tmpfs, kept))).id).toBe(ID)
  expect((await numbersOf(mounted('30 22 0:25 / /etc/ssl rw - tmpfs tmpfs rw'))).id).toBe(ID)
})

test.each([
  { name: 'an address that an administrator or a hypervisor made', mac: '52:54:00:12:34:56' },
  { name: 'an address that was set, as of a bond or a private address', mac: '00:1b:21:3a:4b:5c', assigned: '3' },
  { name: 'an adapter on USB', mac: '00:e0:4c:36:00:01', usb: true },
  { name: 'a bridge or a port of a container', mac: '00:1b:21:3a:4b:5c', virtual: true },
  { name: 'a port that is no Ethernet', mac: '00:1b:21:3a:4b:5c', type: '280' },
  { name: 'an address that nobody has programmed', mac: '00:00:00:00:00:00' },
])('$name is no number of the machine', async ({ name: _name, ...port }) => {
  expect(await numbersOf({ ports: [port] })).toEqual({ id: undefined, parts: [] })
})

test.each([
  { name: 'an NVMe disk', disk: { 'device/serial': 'S6B0NL0T912345A\n', wwid: 'eui.0025385912345678\n' }, count: 2 },
  { name: 'an SD card', disk: { 'device/cid': '035344534c3332478012345678014c00\n' }, count: 1 },
  { name: 'a virtio disk with a serial number', disk: { serial: 'vol-0a1b2c3d' }, count: 1 },
  { name: 'a virtio disk without one', disk: { serial: '' }, count: 0 },
  { name: 'a disk whose maker has left a placeholder', disk: { 'device/serial': '0123456789ABCDEF' }, count: 0 },
])('$name has its number', async ({ disk, count }) => {
  expect((await numbersOf({ disk })).parts).toHaveLength(count)
})

test('the disk is found below an encrypted volume, and by its source where the number is not that of a disk', async () => {
  const disk = DISK
  const parts = ['disk s4evnf0m912345']
  expect((await numbersOf({ disk, mount: { disk: '253:0', source: '/dev/mapper/shop' } })).parts).toEqual(parts)
  expect((await numbersOf({ disk, mount: { disk: '0:31', type: 'btrfs' } })).parts).toEqual(parts)
  expect((await numbersOf({ disk, mount: { disk: '0:40', type: 'nfs', source: 'nas:/shop' } })).parts).toEqual([])
})
