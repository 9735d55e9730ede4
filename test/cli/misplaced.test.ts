import { expect, test } from 'vitest'
import { checkConfig } from '../../agent/agent-config.ts'
import { misplacedRemedy } from '../../agent/cli/checks/misplaced.ts'
import type { UsbDevice } from '../../drivers/links/usb-devices.ts'
import { confusionOf, serialName } from '../../drivers/links/usb-names.ts'
import { untilStates, withTwoTses } from '../attacks/two-lines.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge, ownConfig } from './command.ts'

const ENROLLED = [
  { device: 'tse-1', serial: 'aa' },
  { device: 'tse-2', serial: 'bb' },
]
const PINS = { adminPinFile: '/p/admin', timeAdminPinFile: '/p/time' }

function adapter(tty: string, serialNumber: string | undefined, ids = ['0403', '6001']): UsbDevice {
  const [vendorId, productId] = ids.map((id) => `0x${id}`) as [string, string]
  return { vendorId, productId, serialNumber, name: 'FT232R', tty: `/dev/${tty}`, node: undefined, maker: undefined }
}

/** The remedy of each device when the unit of the other one answers at its line. */
function remedies(devices: readonly object[], plugged: readonly UsbDevice[] = []): (string | undefined)[] {
  const { devices: configured } = checkConfig('a', { version: 1, state: '/s', listen: {}, devices }, '/')
  const foreign = (id: string, serial: string) =>
    misplacedRemedy({ id, serial, state: 'foreign' }, ENROLLED, configured, plugged)
  return [foreign('tse-1', 'bb'), foreign('tse-2', 'aa')]
}

function serialTse(id: string, path: string, more: object = {}): object {
  return { id, driver: 'tse-diebold', serial: { path }, ...PINS, ...more }
}

test('a unit on the line of another id is found again by the ids of its adapter, if its number is unique', () => {
  const devices = [serialTse('tse-1', '/dev/ttyUSB98'), serialTse('tse-2', '/dev/ttyUSB99')]
  const plugged = [adapter('ttyUSB98', 'FT1'), adapter('ttyUSB99', 'FT2')]
  const [first, second] = remedies(devices, plugged)
  expect(first).toBe(
    'That is the unit of tse-2: write in the entry of tse-2: "serial": {"usb": {"vendorId": "0x0403", "productId": "0x6001", "serialNumber": "FT1"}, "baudRate": 115200}. Then restart the agent.',
  )
  expect(second).toContain('write in the entry of tse-1: "serial": {"usb": {')
  expect(second).toContain('"serialNumber": "FT2"')
})

test.each([
  ['the same number', 'FT1'],
  ['no number', undefined],
])('adapters with %s differ by their socket', (_words, number) => {
  const devices = [serialTse('tse-1', '/dev/ttyUSB98'), serialTse('tse-2', '/dev/ttyUSB99')]
  const plugged = [adapter('ttyUSB98', number), adapter('ttyUSB99', number)]
  for (const remedy of remedies(devices, plugged)) expect(remedy).toContain('"path": "/dev/serial/by-path/')
})

test('a unit on the network, in a slot or on a drive is found at the place of the other entry', () => {
  const boxed = (id: string, host: string, slot: number) => ({
    id,
    driver: 'tse-diebold',
    tcp: { host, port: 1 },
    slot,
    ...PINS,
  })
  expect(remedies([boxed('tse-1', '10.0.0.1', 1), boxed('tse-2', '10.0.0.2', 1)])[0]).toContain(
    'in the entry of tse-2: "tcp": {"host": "10.0.0.1", "port": 1}.',
  )
  expect(remedies([boxed('tse-1', '10.0.0.1', 1), boxed('tse-2', '10.0.0.1', 2)])[0]).toContain(
    'in the entry of tse-2: "slot": 1.',
  )
  const drive = (id: string, path: string) => ({ id, driver: 'tse-cryptovision', path })
  expect(remedies([drive('tse-1', '/m/a'), drive('tse-2', '/m/b')])[0]).toContain(
    'in the entry of tse-2: "path": "/m/a".',
  )
  const soft = (id: string) => ({ id, driver: 'tse-simulator' })
  expect(remedies([soft('tse-1'), soft('tse-2')])[0]).toContain('connect it at the line of tse-2')
})

test('the speed of a unit stays with it, whatever line it is on', () => {
  const fast = serialTse('tse-2', '/tmp/b', { serial: { path: '/tmp/b', baudRate: 230_400 } })
  expect(remedies([serialTse('tse-1', '/tmp/a'), fast])[0]).toContain(
    '"serial": {"path": "/tmp/a", "baudRate": 230400}',
  )
})

test('a unit that no other id has is not misplaced, nor one that is ahead of the journal', () => {
  const { devices } = checkConfig(
    'a',
    { version: 1, state: '/s', listen: {}, devices: [serialTse('tse-1', '/dev/x')] },
    '/',
  )
  const remedyOf = (device: object) => misplacedRemedy({ id: 'tse-1', ...device }, ENROLLED, devices, [])
  expect(remedyOf({ serial: 'cc', state: 'foreign' })).toBeUndefined()
  expect(remedyOf({ serial: 'aa', state: 'foreign' })).toBeUndefined()
  expect(remedyOf({ serial: 'bb', state: 'down' })).toBeUndefined()
  // Enrolled under an id that is no longer in the file.
  expect(remedyOf({ serial: 'bb', state: 'foreign' })).toBeUndefined()
})

test('a line is confused with another one only if its name may lead to both', () => {
  const twins = [adapter('ttyUSB98', 'A'), adapter('ttyUSB99', 'A')]
  const sockets = new Map([
    ['/dev/ttyUSB98', '/dev/serial/by-path/p1'],
    ['/dev/ttyUSB99', '/dev/serial/by-path/p2'],
  ])
  const ids = { vendorId: '0x0403', productId: '0x6001' }
  const told = confusionOf({ serial: { usb: { ...ids, serialNumber: 'A' } } }, twins, sockets)
  expect(told?.message).toBe(
    '2 connected devices have the ids 0403:6001 and the serial number A: the line may be that of any.',
  )
  expect(told?.remedy).toBe(
    'Write the one that is meant for "usb": "path": "/dev/serial/by-path/p1" or "path": "/dev/serial/by-path/p2".',
  )
  expect(confusionOf({ serial: { path: '/dev/ttyUSB98' } }, twins, sockets)?.remedy).toContain('for "path"')
  expect(confusionOf({ serial: { path: '/dev/serial/by-path/p1' } }, twins, sockets)).toBeUndefined()
  expect(confusionOf({ serial: { usb: ids } }, [twins[0] as UsbDevice], sockets)).toBeUndefined()
  const others = [adapter('ttyUSB98', 'A'), adapter('ttyUSB99', 'B')]
  expect(confusionOf({ serial: { usb: { ...ids, serialNumber: 'A' } } }, others, sockets)).toBeUndefined()
  expect(confusionOf({ serial: { path: '/dev/ttyUSB98' } }, others, sockets)).toBeUndefined()
  // An entry that left the number out.
  expect(confusionOf({ serial: { usb: ids } }, others, sockets)?.remedy).toMatch(/"serialNumber":"A".* or .*"B"/)
  expect(serialName(others[0] as UsbDevice, others, sockets)).toEqual({ usb: { ...ids, serialNumber: 'A' } })
})

test('devices without a serial line and with one number differ in nothing: one must be connected in another way', () => {
  const twins = [1, 2].map(() => ({ ...adapter('', 'K3'), tty: undefined }))
  const usb = { vendorId: '0x0403', productId: '0x6001', serialNumber: 'K3' }
  expect(confusionOf({ usb }, twins)?.remedy).toBe(
    'Connect one of them in another way: by its serial line or the network.',
  )
})

test(
  'the commands refuse exchanged lines with 1, --yes too, and doctor shows the entries and neither command',
  heavy(),
  () =>
    withTwoTses(async ({ bench, lines }) => {
      await bench.restart(() => lines.plug({ 1: 'b', 2: 'a' }))
      await untilStates(bench, 'foreign', 'foreign')
      const devices = [lines.entry('tse-1', 'a', 1), lines.entry('tse-2', 'b', 2)]
      const config = ownConfig(devices, { state: bench.config.state })
      const init = await fiskalEdge('device', 'init', 'tse-1', '--config', config)
      expect([init.code, init.out]).toEqual([1, ''])
      expect(init.err).toContain('is enrolled as tse-2')
      const retire = ['device', 'retire', 'tse-1', '--reason', 'broken', '--config', config]
      for (const more of [[], ['--yes']]) {
        const { code, err } = await fiskalEdge(...retire, ...more)
        expect([code, err]).toEqual([1, expect.stringContaining('answers at the line of tse-2')])
      }
      const told = JSON.parse((await fiskalEdge('doctor', '--json', '--config', config)).out) as {
        findings: { check: string; state: string; message: string; remedy: string }[]
      }
      const [first, second] = ['tse-1', 'tse-2'].map((id) => told.findings.find(({ check }) => check === id))
      expect(first).toMatchObject({ state: 'failure', message: expect.stringContaining('enrolled as tse-2') })
      expect(first?.remedy).toContain(`write in the entry of tse-2: "serial": {"path": "${lines.path(1)}"`)
      expect(second?.remedy).toContain(`write in the entry of tse-1: "serial": {"path": "${lines.path(2)}"`)
      expect(`${first?.remedy}${second?.remedy}`).not.toMatch(/device (init|retire)/)
      expect([await lines.triesLeft('a'), await lines.triesLeft('b')].flat()).toEqual([3, 3, 3, 3])
    }),
)
